// Negotiations in fragments, in bad weather and on narrow paths: each ends, and both sides agree how. RFC 7383 §2.5, §2.6.
import { describe, expect, it } from 'vitest'
import { type Outcome, runScenario } from '../../src/lab/run.ts'
import type { Scenario, ScenarioHost } from '../../src/lab/scenario.ts'
import { longOffer } from './lives.ts'
import { storm, stormOf, worldOf } from './storm.ts'
import { reportFailure } from './failures.ts'

/** `IKEBANA_LAB_SEEDS` says how many, `IKEBANA_LAB_SEED` which one. */
const only = process.env['IKEBANA_LAB_SEED']
const count = Number(process.env['IKEBANA_LAB_SEEDS'] ?? '50')
const seeds = only === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(only)]

const sizes = [296, 320, 400, 576] as const

/** A storm in which IKE_AUTH is long, and both sides have a size of their own. */
function fragmentsOf(seed: number): Scenario {
  const scenario = stormOf(seed)
  const size = (host: ScenarioHost, i: number): ScenarioHost => ({
    ...host,
    esp: longOffer(4 + (seed % 60)),
    fragmentSize: sizes[(seed + 3 * i * (seed % 4)) % sizes.length] ?? 296,
  })
  return { ...scenario, name: `fragments in a ${scenario.name}`, hosts: scenario.hosts.map(size) }
}

/** The same where one side, or none, knows fragments; nothing is lost for its size. */
function unwillingOf(seed: number): Scenario {
  const scenario = fragmentsOf(seed)
  const wishes = ['yes', 'accept', 'no'] as const
  const wish = (host: ScenarioHost, i: number): ScenarioHost => ({
    ...host,
    fragmentation: wishes[(i === 0 ? seed : Math.floor(seed / 3)) % 3] ?? 'yes',
  })
  return { ...scenario, name: `unwilling: ${scenario.name}`, hosts: scenario.hosts.map(wish) }
}

/** A path on which neither what is said whole nor what is fragmented as RFC 7383 §2.5.1 recommends gets through: 320 octets. */
function narrowOf(seed: number): Scenario {
  const scenario = stormOf(seed)
  const hosts = scenario.hosts.map((host) => ({ ...host, esp: longOffer(30) }))
  return { ...scenario, name: `a narrow path in a ${scenario.name}`, hosts, weather: { ...storm, loss: 0.1, mtu: 320 } }
}

function explain(failed: readonly Outcome[]): string {
  const texts = failed.slice(0, 2).map((outcome) => {
    const again = `IKEBANA_LAB_SEED=${outcome.seed} npx vitest run --project lab test/lab/fragments.test.ts`
    return reportFailure(outcome, worldOf(outcome.seed), again)
  })
  return `${failed.length} failed, with seeds ${failed.map(({ seed }) => seed).join(', ')}\n\n${texts.join('\n\n')}`
}

interface Told {
  /** Seeds after which there was no Child SA. */
  readonly without: readonly number[]
  /** The most fragments that a message went in. */
  readonly most: number
  readonly failed: readonly Outcome[]
}

function run(scenarioOf: (seed: number) => Scenario, from: readonly number[]): Told {
  const outcomes = from.map((seed) => runScenario(scenarioOf(seed), worldOf(seed)))
  const alice = ({ stage }: Outcome) => stage.cast.get('alice')?.host
  return {
    without: outcomes.filter((outcome) => alice(outcome)?.named('child-sa-established').length === 0).map(({ seed }) => seed),
    most: Math.max(
      ...outcomes.flatMap(
        (outcome) =>
          alice(outcome)
            ?.named('message')
            .map(({ fragments }) => fragments) ?? [],
      ),
    ),
    failed: outcomes.filter(({ verdict }) => verdict === 'failed'),
  }
}

describe(`${seeds.length} seeds at 30 % loss, 20 % duplication and reordering`, () => {
  it('with IKE_AUTH in up to a dozen fragments: both agree, or both have no SA', () => {
    const { without, most, failed } = run(fragmentsOf, seeds)
    expect(failed.length, explain(failed)).toBe(0)
    expect(most).toBeGreaterThan(only === undefined ? 5 : 0)
    expect(without.length, `no SA with the seeds ${without.join(', ')}`).toBeLessThanOrEqual(Math.ceil(seeds.length / 50))
  })

  it('with sides that do not all want fragments', () => {
    const { failed } = run(unwillingOf, only === undefined ? seeds.slice(0, Math.ceil(seeds.length / 3)) : seeds)
    expect(failed.length, explain(failed)).toBe(0)
  })
})

it('a path of 320 octets, with 10 % loss, is found to be one (RFC 7383 §2.5.2)', () => {
  const some = only === undefined ? seeds.filter((seed) => seed % 3 !== 0).slice(0, Math.ceil(seeds.length / 3)) : seeds
  const { without, failed } = run(narrowOf, some)
  expect(failed.length, explain(failed)).toBe(0)
  expect(without.length, `no SA with the seeds ${without.join(', ')}`).toBeLessThanOrEqual(Math.ceil(some.length / 20))
})
