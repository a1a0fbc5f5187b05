// What failed, shrunk, as a scenario file: written where git does not look, to be kept in `scenarios/` once it is understood.
import { mkdirSync, writeFileSync } from 'node:fs'
import { explainShrunk } from '../../src/lab/report.ts'
import type { Outcome } from '../../src/lab/run.ts'
import { formatScenario } from '../../src/lab/scenario-files/format.ts'
import { scenarioFileOf } from '../../src/lab/scenario-files/play.ts'
import { type Shrunk, shrink } from '../../src/lab/shrink.ts'
import type { World } from '../../src/lab/stage.ts'

/** All that helps to understand it, and where the file is. `again` is how to run just this one. */
export function reportFailure(failed: Outcome, world: World, again: string): string {
  const shrunk = shrink(failed, world)
  return [`as a scenario file: ${writeFailure(failed, shrunk, again)}`, explainShrunk(failed, shrunk, again)].join('\n')
}

/** Its path. */
export function writeFailure(failed: Outcome, { outcome }: Shrunk, again: string): string {
  const folder = new URL('../../.tmp/scenarios/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  const title = failed.scenario.name.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 60)
  const path = new URL(`${title}-${failed.seed}.yaml`, folder).pathname
  const notes = [
    `Failed with seed ${failed.seed}, and shrunk: ${again}`,
    ...outcome.failures.map((failure) => `  ${failure}`),
    `Play it: IKEBANA_SCENARIO=${path} npx vitest run --project unit test/lab/scenarios.test.ts`,
  ]
  writeFileSync(path, formatScenario(scenarioFileOf(outcome), notes))
  return path
}
