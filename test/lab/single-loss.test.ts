// Any single message lost, late, or come twice, at any point of an IKE SA's life: it comes to the same end. RFC 7296 §2.1.
import { describe, expect, it } from 'vitest'
import { type Outcome, runScenario } from '../../src/lab/run.ts'
import type { Scenario } from '../../src/lab/scenario.ts'
import { type Mishap, scriptedSky } from '../../src/lab/weather.ts'
import { taken } from './effort.ts'
import { reportFailure } from './failures.ts'
import { lives } from './lives.ts'
import { worldOf } from './storm.ts'

const world = worldOf(1)

/** Every datagram of a calm run, by link and number. */
function points(scenario: Scenario): readonly { readonly link: string; readonly number: number }[] {
  const calm = runScenario(scenario, world, scriptedSky([]))
  expect(calm.failures).toEqual([])
  return calm.transcript.flatMap((entry) => (entry.kind === 'sent' ? [{ link: entry.link, number: entry.number }] : []))
}

function failuresWith(scenario: Scenario, mishapAt: (point: { link: string; number: number }) => Mishap): readonly Outcome[] {
  const all = points(scenario)
  expect(all.length).toBeGreaterThan(1)
  return taken(all, 8)
    .map((point) => runScenario(scenario, world, scriptedSky([mishapAt(point)])))
    .filter(({ verdict }) => verdict === 'failed')
}

const explain = (failed: readonly Outcome[]): string =>
  failed.map((outcome) => reportFailure(outcome, world, 'npm run test:lab -- test/lab/single-loss.test.ts')).join('\n\n')

// Crowds cost many key exchanges: losses are enough there.
const quick = lives.filter(({ steps }) => !steps.some((step) => step.do === 'crowd'))

describe('any one message that is lost', () => {
  it.each(lives)('does not change the end: $name', (scenario) => {
    const failed = failuresWith(scenario, (point) => ({ kind: 'lost', ...point }))
    expect(failed.length, explain(failed)).toBe(0)
  })
})

describe('any one message that is late by 700 ms, behind its own retransmission and what follows', () => {
  it.each(quick)('does not change the end: $name', (scenario) => {
    const failed = failuresWith(scenario, (point) => ({ kind: 'delayed', by: 700, ...point }))
    expect(failed.length, explain(failed)).toBe(0)
  })
})

describe('any one message that comes again after a second', () => {
  it.each(quick)('does not change the end: $name', (scenario) => {
    const failed = failuresWith(scenario, (point) => ({ kind: 'duplicated', by: 1_000, ...point }))
    expect(failed.length, explain(failed)).toBe(0)
  })
})
