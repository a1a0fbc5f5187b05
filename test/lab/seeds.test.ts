// Thousands of negotiations in a storm: each ends, and both sides agree how. RFC 7296 §2.1, §2.4.
import { describe, expect, it } from 'vitest'
import { type Outcome, runScenario } from '../../src/lab/run.ts'
import type { Scenario } from '../../src/lab/scenario.ts'
import { chaosOf } from './chaos.ts'
import { reportFailure } from './failures.ts'
import { mismatchOf, stormOf, worldOf } from './storm.ts'

/** `IKEBANA_LAB_SEEDS` says how many, `IKEBANA_LAB_SEED` which one. */
const only = process.env['IKEBANA_LAB_SEED']
const count = Number(process.env['IKEBANA_LAB_SEEDS'] ?? '50')
const seeds = only === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(only)]

/** Those that did not hold, explained; the first few only. */
function explain(failed: readonly Outcome[]): string {
  const texts = failed.slice(0, 2).map((outcome) => {
    const again = `IKEBANA_LAB_SEED=${outcome.seed} npx vitest run --project lab`
    return reportFailure(outcome, worldOf(outcome.seed), again)
  })
  return `${failed.length} failed, with seeds ${failed.map(({ seed }) => seed).join(', ')}\n\n${texts.join('\n\n')}`
}

function failuresOf(scenarioOf: (seed: number) => Scenario, from: readonly number[], each: (outcome: Outcome) => void): readonly Outcome[] {
  return from.flatMap((seed) => {
    const outcome = runScenario(scenarioOf(seed), worldOf(seed))
    each(outcome)
    return outcome.verdict === 'failed' ? [outcome] : []
  })
}

describe(`${seeds.length} seeds at 30 % loss, 20 % duplication and reordering`, () => {
  it('with matching configurations: both agree, in at least 99 of 100; the others end without an SA on both sides', () => {
    const without: number[] = []
    const failed = failuresOf(stormOf, seeds, ({ seed, stage }) => {
      if (stage.cast.get('alice')?.host.named('child-sa-established').length === 0) without.push(seed)
    })
    expect(failed.length, explain(failed)).toBe(0)
    expect(without.length, `no SA with the seeds ${without.join(', ')}`).toBeLessThanOrEqual(seeds.length / 100)
  })

  it('with configurations that do not match: both end without an SA', () => {
    const some = only === undefined ? seeds.slice(0, Math.ceil(seeds.length / 5)) : seeds
    const failed = failuresOf(mismatchOf, some, () => {})
    expect(failed.length, explain(failed)).toBe(0)
  })

  it('with anything else that can be done at any time: when it clears up, honest peers can go on', () => {
    const some = only === undefined ? seeds.slice(0, Math.ceil(seeds.length / 4)) : seeds
    const failed = failuresOf(chaosOf, some, () => {})
    expect(failed.length, explain(failed)).toBe(0)
  })
})
