// What comes twice, or late, during the initial exchanges. RFC 7296 §2.1, §2.6, §2.7.
import { describe, expect, it } from 'vitest'
import { nodeProvider } from '../../src/crypto/providers/node.ts'
import { type Outcome, runScenario } from '../../src/lab/run.ts'
import type { Scenario, ScenarioHost, Step } from '../../src/lab/scenario.ts'
import { type Mishap, scriptedSky } from '../../src/lab/weather.ts'
import { address, bringUp, pair } from '../host/two-hosts.ts'

const lost = (link: string, ...numbers: readonly number[]): Mishap[] => numbers.map((number) => ({ kind: 'lost', link, number }))
const twice = (link: string, number: number): Mishap => ({ kind: 'duplicated', link, number, by: 3 })

function play(alice: Partial<ScenarioHost>, bob: Partial<ScenarioHost>, before: readonly Step[], mishaps: readonly Mishap[]): Outcome {
  const scenario: Scenario = {
    name: 'repeats',
    hosts: [
      { name: 'alice', address: '192.0.2.1', ...alice },
      { name: 'bob', address: '192.0.2.2', ...bob },
    ],
    steps: [...before, { at: 1, do: 'initiate', host: 'alice', peer: 'bob' }],
    expect: [{ that: 'agreed', between: ['alice', 'bob'] }],
  }
  return runScenario(scenario, { seed: 1, provider: nodeProvider }, scriptedSky(mishaps))
}

const eventsOf = (outcome: Outcome, host: string, name: string): number =>
  outcome.transcript.filter((entry) => entry.kind === 'event' && entry.host === host && entry.event.name === name).length

describe('an initiator', () => {
  it('puts a cookie that comes twice into one request, and changes nothing else in it (RFC 7296 §2.6)', () => {
    // With a pretended NAT, part of the request is random: it is the same in both.
    const outcome = play(
      { encapsulation: 'force' },
      { accepts: 'anyone' },
      [{ at: 0, do: 'crowd', host: 'bob' }],
      [twice('bob → alice', 0), ...lost('bob → alice', 1)],
    )
    expect(outcome.failures).toEqual([])
    expect(eventsOf(outcome, 'alice', 'cookie-demanded')).toBe(1)
    const [plain, withCookie] = outcome.stage.network.sent.filter(({ local }) => local.address === '192.0.2.1').map(({ bytes }) => bytes)
    const cookieLength = (withCookie?.length ?? 0) - (plain?.length ?? 0)
    expect(withCookie?.subarray(28 + cookieLength)).toEqual(plain?.subarray(28))
  })

  it('takes the group that the responder wants once, and waits for the answer to that (RFC 7296 §2.7)', () => {
    const outcome = play(
      { ike: 'aes128gcm16-prfsha256-x25519-ecp256' },
      { ike: 'aes128gcm16-prfsha256-ecp256' },
      [],
      // The refusal comes twice; what follows is lost for longer than an initiator has patience with refusals.
      [twice('bob → alice', 0), ...lost('alice → bob', 1, 2, 3, 4, 5)],
    )
    expect(outcome.failures).toEqual([])
    expect(outcome.decided).toBeGreaterThan(5_000)
  })

  it('leaves requests unanswered until it knows who asks: its peer may be up before it is (RFC 7296 §1.4)', () => {
    const outcome = play({}, { livenessDelay: 1_000 }, [], lost('bob → alice', 1, 2))
    expect(outcome.failures).toEqual([])
    expect(eventsOf(outcome, 'alice', 'message-dropped')).toBeGreaterThan(0)
  })
})

describe('a responder', () => {
  it('ignores an IKE_SA_INIT request that it has heard, once IKE_AUTH has come (RFC 7296 §2.1)', () => {
    const both = pair()
    bringUp(both)
    const [request] = both.network.sent
    if (request === undefined) throw new Error('no request')
    const before = both.network.sent.length
    both.network.transmit(request)
    both.network.transmit({ ...request, local: { ...request.local, port: 12_345 } })
    both.network.transmit({ ...request, local: { address: address('203.0.113.9'), port: 500 } })
    both.network.run(1_000)
    expect(both.network.sent.slice(before + 3)).toEqual([])
    expect(both.b.host.ikeSaCount).toBe(1)
    both.network.run(3_600_000)
    expect(both.b.host.ikeSaCount).toBe(1)
  })

  it('makes one half-open IKE SA of one request, from wherever it comes, and answers at a bounded rate', () => {
    const both = pair({}, {}, {}, (datagram) => (datagram.remote.address === '192.0.2.1' ? undefined : datagram))
    bringUp(both, 15)
    const [request] = both.network.sent
    if (request === undefined) throw new Error('no request')
    for (let i = 0; i < 100; i++) both.network.transmit({ ...request, local: { address: address('203.0.113.9'), port: 500 } })
    both.network.run(100)
    expect(both.b.host.ikeSaCount).toBe(1)
    const answers = both.network.sent.filter(({ remote }) => remote.address === '203.0.113.9')
    expect(answers).toHaveLength(32)
    expect(new Set(answers.map(({ bytes }) => bytes.join())).size).toBe(1)
  })
})
