// A scenario file: text in, a scenario and diagnostics out. No I/O. The words are those of `Scenario`; docs/scenarios.md describes them.
import { type Diagnostic, error } from '../../documents/diagnostic.ts'
import { type DocumentLimits, readDocument } from '../../documents/document.ts'
import { fit } from '../../documents/misfits.ts'
import { placed } from '../../documents/placing.ts'
import type { ReadShape } from '../../documents/shape.ts'
import { allVisible } from '../../documents/visibility.ts'
import type { Scenario } from '../scenario.ts'
import type { Mishap } from '../weather.ts'
import { looseEnds } from './references.ts'
import { readScenarioShape, type ScenarioShape } from './shape.ts'

/** All that it takes to play a scenario again, octet for octet. */
export interface ScenarioFile {
  readonly scenario: Scenario
  /** Of all chance in its world. */
  readonly seed: number
  /** What befalls which datagram, and nothing else does; left out: the seed and the weather say. */
  readonly mishaps?: readonly Mishap[]
}

export interface ReadScenario {
  /** `undefined` when there is an error among the diagnostics. */
  readonly file: ScenarioFile | undefined
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Larger than for what is written by hand: hours in a storm may have been written down. */
export const scenarioLimits: DocumentLimits = { length: 1024 * 1024, depth: 16, aliases: 100, nodes: 150_000 }

/** Total: any text gives a scenario that can be played, or diagnostics. There are no secrets in one: diagnostics repeat its words. */
export function readScenario(text: string): ReadScenario {
  const see = allVisible(text)
  const { root, findings } = readDocument(text, scenarioLimits)
  if (findings.length > 0) return { file: undefined, diagnostics: placed(text, findings, see) }
  if (root === undefined) return { file: undefined, diagnostics: placed(text, [empty], see) }
  const { value, findings: misfits } = fit(root, see, { read })
  return { file: value === undefined ? undefined : scenarioFile(value), diagnostics: placed(text, misfits, see) }
}

const empty = error('missing', { start: 0, end: 0 }, '"hosts" is missing in the file', 'hosts')

/** References are looked at where there is nothing else. */
function read(value: unknown): ReadShape<ScenarioShape> {
  const shaped = readScenarioShape(value)
  if (shaped.value === undefined) return shaped
  const misfits = looseEnds(shaped.value)
  return { value: misfits.length === 0 ? shaped.value : undefined, misfits }
}

function scenarioFile({ seed = 1, mishaps, ...scenario }: ScenarioShape): ScenarioFile {
  return { scenario, seed, ...(mishaps === undefined ? {} : { mishaps }) }
}
