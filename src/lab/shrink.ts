// A failure with less in it: mishaps and steps go one after the other, as long as it still fails in the same way.
import { runScenario, type Outcome } from './run.ts'
import type { Scenario } from './scenario.ts'
import type { World } from './stage.ts'
import { type Mishap, scriptedSky } from './weather.ts'

export interface Shrunk {
  readonly outcome: Outcome
  /** What was left out of how many. */
  readonly mishapsLeft: number
  readonly mishapsBefore: number
  readonly stepsBefore: number
  readonly runs: number
}

/** Runs that a shrinking may take. */
const patience = 400

/** The smallest failure that was found. The outcome given must be one that failed. */
export function shrink(failed: Outcome, world: World): Shrunk {
  let runs = 0
  const attempt = (scenario: Scenario, mishaps: readonly Mishap[]): Outcome => {
    runs++
    return runScenario(scenario, world, scriptedSky(mishaps))
  }
  const sameFailure = (outcome: Outcome): boolean => outcome.verdict === 'failed' && kindOf(outcome) === kindOf(failed)
  let best = attempt(failed.scenario, failed.mishaps)
  if (!sameFailure(best)) best = failed
  else {
    // Large pieces first: halves, quarters, and at last single ones.
    for (let size = Math.ceil(best.mishaps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < best.mishaps.length; ) {
        if (runs >= patience) break
        const smaller = attempt(best.scenario, [...best.mishaps.slice(0, from), ...best.mishaps.slice(from + size)])
        if (sameFailure(smaller) && smaller.mishaps.length < best.mishaps.length) best = smaller
        else from += size
      }
    }
    best = withoutSteps(best, attempt, sameFailure)
  }
  return {
    outcome: best,
    mishapsLeft: best.mishaps.length,
    mishapsBefore: failed.mishaps.length,
    stepsBefore: failed.scenario.steps.length,
    runs,
  }
}

/**
 * A step may go when the failure stays without it, and when what is left still holds in calm weather: else all that would be left is a
 * scenario in which nothing begins. Where it does not hold in calm weather as it is, a step may go when the failure stays.
 */
function withoutSteps(
  start: Outcome,
  attempt: (scenario: Scenario, mishaps: readonly Mishap[]) => Outcome,
  sameFailure: (outcome: Outcome) => boolean,
): Outcome {
  let best = start
  for (let size = Math.ceil(best.scenario.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let i = 0; i < best.scenario.steps.length; ) {
      const { steps } = best.scenario
      const scenario = { ...best.scenario, steps: [...steps.slice(0, i), ...steps.slice(i + size)] }
      const smaller = attempt(scenario, best.mishaps)
      const meaningful = best.mishaps.length === 0 || attempt(scenario, []).verdict === 'held'
      if (sameFailure(smaller) && meaningful && scenario.steps.length > 0) best = smaller
      else i += size
    }
  }
  return best
}

/** Numbers in it may change. */
const kindOf = (outcome: Outcome): string => outcome.failures.join('\n').replace(/[0-9.]+/g, '0')
