// Several versions of one request under way: whichever is answered, both sides come to the same keys. RFC 7296 §2.1, §2.6, §2.15.
import { describe, expect, it } from 'vitest'
import { timers } from '../../src/ike/timers.ts'
import type { MessageEvent } from '../../src/contract/events.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import type { Outcome } from '../../src/lab/run.ts'
import { formatTranscript } from '../../src/lab/transcript.ts'
import { calm } from '../../src/lab/weather.ts'
import { taken } from './effort.ts'
import { late, lost, play, rotation, secondCopy } from './rotation.ts'

const [toBob, toAlice] = ['alice → bob', 'bob → alice']

function messages({ transcript }: Outcome, host: string, direction: MessageEvent['direction']): readonly MessageEvent[] {
  return transcript.flatMap((entry) =>
    entry.kind === 'event' && entry.host === host && entry.event.name === 'message' && entry.event.direction === direction
      ? [entry.event]
      : [],
  )
}

/** What the host said in IKE_SA_INIT. */
const requests = (outcome: Outcome, host = 'alice'): readonly string[] =>
  messages(outcome, host, 'sent')
    .filter(({ exchangeType, role }) => exchangeType === exchange.IKE_SA_INIT && role === 'request')
    .map(({ payloads }) => payloads[0] ?? '')

const failures = ({ stage }: Outcome, host: string) => stage.cast.get(host)?.host.named('ike-sa-failed') ?? []

const expectAgreed = (outcome: Outcome): void => {
  expect(outcome.failures, formatTranscript(outcome.transcript)).toEqual([])
}

describe('a request that comes twice while the cookie secret changes', () => {
  it('is answered by two cookies, of which the initiator follows the first: the old secret is good for a while (RFC 7296 §2.6)', () => {
    const outcome = play([secondCopy(10)])
    expectAgreed(outcome)
    const cookies = messages(outcome, 'alice', 'received').filter(({ payloads }) => payloads[0] === 'N(COOKIE)')
    expect(cookies).toHaveLength(2)
    expect(requests(outcome)).toEqual(['SA', 'N(COOKIE)'])
    expect(failures(outcome, 'alice')).toEqual([])
  })

  it('and the second cookie is followed when no answer comes to the first: AUTH is over the latest version (RFC 7296 §2.15)', () => {
    // Bob has answered the version with the first cookie, and hears the other one then.
    const outcome = play([secondCopy(10), lost(toAlice, 2)])
    expectAgreed(outcome)
    expect(requests(outcome)).toEqual(['SA', 'N(COOKIE)', 'N(COOKIE)'])
    expect(failures(outcome, 'bob')).toEqual([])
  })

  it('and an answer that is late comes to the initiator when the second cookie has been followed', () => {
    const outcome = play([secondCopy(10), late(toAlice, 2, 495)])
    expectAgreed(outcome)
    expect(requests(outcome)).toHaveLength(3)
    expect(failures(outcome, 'bob')).toEqual([])
  })

  it('cannot be told apart when the latest version is lost, and an earlier one answered late: what fails then works the next time', () => {
    // Alice has sent a version that Bob never hears, before his answer to an earlier one comes: nothing in that says which one it is to.
    const again = { at: 80_000, do: 'initiate', host: 'alice', peer: 'bob' } as const
    const outcome = play([secondCopy(10), late(toAlice, 2, 495), lost(toBob, 2)], [again])
    expectAgreed(outcome)
    expect(failures(outcome, 'alice')).toMatchObject([{ fault: { code: 'PEER_REFUSED' } }])
    expect(failures(outcome, 'bob')).toMatchObject([{ fault: { code: 'PEER_AUTHENTICATION_FAILED' } }])
  })

  it('converges whenever the copy comes, whatever else is lost or late', { timeout: 60_000 }, () => {
    const again = { at: 400_000, do: 'initiate', host: 'alice', peer: 'bob' } as const
    const cases = [6, 20, 40, 300].flatMap((by) =>
      [toBob, toAlice].flatMap((link) =>
        [1, 2, 3].flatMap((number) =>
          [lost(link, number), late(link, number, 495), late(link, number, 700)].map((mishap) => [secondCopy(by), mishap]),
        ),
      ),
    )
    for (const mishaps of taken(cases, 11)) expectAgreed(play(mishaps, [again]))
  })
})

describe('a request that comes twice while the crowd goes', () => {
  // The crowd's half-open IKE SAs expire between the two copies: the first is answered by a cookie, the second is served.
  const at = timers.halfOpenLifetime - calm.latency - 5
  const crowdGoes = { ...rotation, steps: [...rotation.steps.slice(0, 1), { at, do: 'initiate', host: 'alice', peer: 'bob' } as const] }

  it('is served without a cookie and with one: AUTH is over the latest version (RFC 7296 §2.15)', () => {
    const outcome = play([secondCopy(10)], [], crowdGoes)
    expectAgreed(outcome)
    expect(requests(outcome)).toEqual(['SA', 'N(COOKIE)'])
    expect(failures(outcome, 'bob')).toEqual([])
    // Both versions are one request: RFC 7296 §2.1.
    expect(messages(outcome, 'bob', 'sent').filter(({ payloads }) => payloads[0] === 'SA')).toHaveLength(2)
    expect(outcome.stage.cast.get('bob')?.host.host.view.ikeSas).toHaveLength(1)
  })

  it('and comes once more when all is over: it makes no IKE SA (RFC 7296 §2.1)', () => {
    const outcome = play([secondCopy(10)], [], crowdGoes)
    const { network, cast } = outcome.stage
    const bob = cast.get('bob')?.host
    for (const datagram of network.sent.filter(({ local }) => local.address === '192.0.2.1').slice(0, 2)) network.transmit(datagram)
    network.run(1_000)
    expect(bob?.host.ikeSaCount).toBe(1)
  })
})
