// Scenarios: the examples hold; what does not hold is shrunk and told.
import { describe, expect, it } from 'vitest'
import { cutAndHealed } from '../../examples/scenarios/cut-and-healed.ts'
import { firstContact } from '../../examples/scenarios/first-contact.ts'
import { stormBehindNat } from '../../examples/scenarios/storm-behind-nat.ts'
import { explainFailure, ladderOf, mermaidOf } from '../../src/lab/report.ts'
import { runScenario } from '../../src/lab/run.ts'
import type { Expectation, Scenario } from '../../src/lab/scenario.ts'
import { shrink } from '../../src/lab/shrink.ts'
import { storm, worldOf } from './storm.ts'

const hosts = [
  { name: 'alice', address: '192.0.2.1' },
  { name: 'bob', address: '192.0.2.2' },
] as const
const start = { at: 0, do: 'initiate', host: 'alice', peer: 'bob' } as const

/** Holds only where no message is lost on its way: so it fails, and there is something to shrink. */
const noRetransmission: Scenario = {
  name: 'no retransmission',
  weather: storm,
  hosts,
  steps: [start, { at: 30_000, do: 'cut', between: ['alice', 'bob'] }, { at: 31_000, do: 'heal' }],
  expect: [{ that: 'event', host: 'alice', name: 'retransmit', times: 0 }],
  within: 60_000,
}

describe.each([firstContact, stormBehindNat, cutAndHealed])('the example "$name"', (scenario) => {
  it.each([1, 2, 3])('holds, with seed %i', (seed) => {
    const world = worldOf(seed)
    const outcome = runScenario(scenario, world)
    expect(outcome.verdict, outcome.verdict === 'held' ? '' : explainFailure(outcome, world, 'this test')).toBe('held')
  })

  it('is plain data: the same when it was JSON', () => {
    const read: unknown = JSON.parse(JSON.stringify(scenario))
    expect(read).toEqual(scenario)
  })
})

describe('two that begin at the same moment', () => {
  it('get an IKE SA each; both can be used, and one Delete for each ends all', () => {
    const scenario: Scenario = {
      name: 'both at once',
      weather: storm,
      hosts: hosts.map((host) => ({ ...host, livenessDelay: 30_000 })),
      steps: [
        start,
        { at: 0, do: 'initiate', host: 'bob', peer: 'alice' },
        { at: 200_000, do: 'weather', weather: {} },
        { at: 201_000, do: 'send', host: 'alice', peer: 'bob', packets: 3 },
        { at: 201_000, do: 'send', host: 'bob', peer: 'alice', packets: 3 },
        { at: 300_000, do: 'close', host: 'alice' },
      ],
      expect: [
        { that: 'delivered', host: 'alice', times: 3 },
        { that: 'delivered', host: 'bob', times: 3 },
        { that: 'none', hosts: ['alice', 'bob'] },
      ],
    }
    for (let seed = 1; seed <= 10; seed++) expect(runScenario(scenario, worldOf(seed)).failures).toEqual([])
  })
})

describe('an expectation that does not come about', () => {
  const lackOf = (expectation: Expectation, more: Partial<Scenario> = {}): readonly string[] =>
    runScenario({ name: 'lacks', hosts, steps: [start], expect: [expectation], within: 10_000, ...more }, worldOf(1)).failures

  it.each([
    { expectation: { that: 'none', hosts: ['alice', 'bob'] }, lack: 'an IKE SA is left at alice and bob' },
    { expectation: { that: 'delivered', host: 'bob', times: 1 }, lack: 'bob delivered 0 packets, not 1' },
    { expectation: { that: 'event', host: 'bob', name: 'peer-moved' }, lack: 'bob told peer-moved 0 times, not at least once' },
  ] as const)('is told: $lack', ({ expectation, lack }) => {
    expect(lackOf(expectation)).toEqual([lack])
  })

  it('is told where two do not agree', () => {
    const agreed = { that: 'agreed', between: ['alice', 'bob'] } as const
    const wrongKey = [hosts[0], { ...hosts[1], key: 'another one' }]
    expect(lackOf(agreed, { hosts: wrongKey })).toEqual(['alice and bob do not agree: they have 0 and 0 Child SAs with each other'])
    expect(lackOf({ ...agreed, that: 'agreed-or-none' }, { hosts: wrongKey })).toEqual([])
  })
})

describe('a failure', () => {
  const world = worldOf(2)
  const failed = runScenario(noRetransmission, world)

  it('is shrunk to the one message that matters', () => {
    expect(failed.verdict).toBe('failed')
    const { outcome, mishapsBefore } = shrink(failed, world)
    expect(mishapsBefore).toBeGreaterThan(3)
    expect(outcome.mishaps).toHaveLength(1)
    expect(outcome.scenario.steps).toEqual([start])
    expect(outcome.verdict).toBe('failed')
  })

  it('is explained: the seed, how to run it again, what it takes, a ladder and a diagram', () => {
    const text = explainFailure(failed, world, 'SEED=2 npm test')
    expect(text).toContain('no retransmission failed with seed 2:')
    expect(text).toContain('once more: SEED=2 npm test')
    expect(text).toMatch(
      /it takes 1 of 3 steps and 1 of \d+ mishaps:\n {2}at 0 ms alice initiates to bob\n {2}(alice → bob|bob → alice), datagram/,
    )
    expect(text).toMatch(/│─ IKE_(SA_INIT|AUTH) request [01], \d+ octets, transmission 2 ─+▶│/)
    expect(text).toContain('sequenceDiagram\n  participant p0 as alice\n  participant p1 as bob\n')
  })

  it('of our own making, a Bug or a run without end, is a failure as well, with what went before', () => {
    const scenario: Scenario = { name: 'throws', hosts, steps: [start], expect: [] }
    const outcome = runScenario(scenario, world, () => {
      throw new Error('the sky falls')
    })
    expect(outcome.failures).toEqual(['something threw: Error: the sky falls'])
    expect(outcome.transcript.length).toBeGreaterThan(0)
  })

  it('with names that are hostile is drawn without harm', () => {
    const name = 'al\u001b[31mice;\nend'
    const outcome = runScenario(
      { name, hosts: [{ ...hosts[0], name, identity: 'a' }, hosts[1]], steps: [], expect: [{ that: 'delivered', host: name, times: 1 }] },
      world,
    )
    const text = [explainFailure(outcome, world, ''), ladderOf(outcome), mermaidOf(outcome)].join('\n')
    expect(text).not.toContain('\u001b')
    expect(text).toContain('participant p0 as al#92;x1b#91;31mice#59;#92;x0aend')
  })
})

describe('a scenario that makes no sense', () => {
  it.each([
    [{ steps: [{ ...start, peer: 'carol' }] }, /there is no connection carol|no host carol/],
    [{ steps: [{ at: 0, do: 'rebind', nat: 'home' }] }, /no NAT home/],
    [{ hosts: [{ name: 'alice', address: 'here' }] }, /here is no IP address/],
    [{ hosts: [{ ...hosts[0], ike: 'aes265-sha256-x25519' }, hosts[1]] }, /aes265.*did you mean/],
    [{ hosts: [{ ...hosts[0], behind: 'home' }, hosts[1]] }, /no NAT home/],
    [{ steps: [{ at: 0, do: 'crowd', host: 'bob' }] }, /accepts anyone/],
  ] as const)('throws: %j', (change, message) => {
    expect(() => runScenario({ name: 'nonsense', hosts, steps: [start], expect: [], ...change }, worldOf(1))).toThrow(message)
  })
})
