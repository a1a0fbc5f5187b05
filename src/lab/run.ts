// Plays a scenario to its end, and says whether it held.
import type { Instant } from '../contract/units.ts'
import { instant } from '../contract/units.ts'
import { blocked, missing } from './judge.ts'
import { EndlessRun, mishapsOf } from './network.ts'
import { perform } from './perform.ts'
import type { Expectation, Scenario } from './scenario.ts'
import { type Stage, setStage, type World } from './stage.ts'
import type { Entry } from './transcript.ts'
import type { Mishap, Sky } from './weather.ts'

export interface Outcome {
  readonly scenario: Scenario
  readonly seed: number
  readonly verdict: 'held' | 'failed'
  /** What did not come about, or what was thrown; empty when it held. */
  readonly failures: readonly string[]
  /** When all was decided. */
  readonly decided: Instant
  /** What the weather did: with `scriptedSky` the same again. */
  readonly mishaps: readonly Mishap[]
  readonly transcript: readonly Entry[]
  readonly stage: Stage
}

/** How long late copies are waited for when all is decided. */
const aftermath = 5_000
const hour = 3_600_000

/** `sky` is for a weather that was written down before. Throws ApiMisuse where the scenario makes no sense. */
export function runScenario(scenario: Scenario, world: World, sky?: Sky): Outcome {
  const stage = setStage(scenario, world, sky)
  const { network } = stage
  let waiting = scenario.steps.length
  for (const { at, ...action } of scenario.steps) {
    network.plan(instant(at), () => {
      waiting--
      perform(scenario, world, stage, action)
    })
  }
  const failures: string[] = []
  let decided = network.now
  let mishaps: readonly Mishap[] = []
  try {
    network.run(
      scenario.within ?? hour,
      () => waiting === 0 && scenario.expect.every((expectation) => missing(stage, expectation) === undefined),
    )
    decided = network.now
    network.run(aftermath)
    mishaps = mishapsOf(network.transcript)
    failures.push(...lacks(scenario.expect, (expectation) => missing(stage, expectation)))
    if (failures.length === 0) failures.push(...lacks(scenario.expect, (expectation) => blocked(scenario, stage, expectation)))
  } catch (thrown) {
    // A Bug of ours, or an endless run: the transcript until then is what helps. A scenario that makes no sense is the caller's.
    if (thrown instanceof Error && thrown.name === 'ApiMisuse') throw thrown
    failures.push(thrown instanceof EndlessRun ? thrown.message : `something threw: ${String(thrown)}`)
    mishaps = mishapsOf(network.transcript)
  }
  const verdict = failures.length === 0 ? 'held' : 'failed'
  return { scenario, seed: world.seed, verdict, failures, decided, mishaps, transcript: network.transcript, stage }
}

function lacks(expectations: readonly Expectation[], judge: (expectation: Expectation) => string | undefined): readonly string[] {
  return expectations.flatMap((expectation) => judge(expectation) ?? [])
}
