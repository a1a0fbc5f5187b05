// SAs that are renewed by themselves: lifetimes, reauthentication, first contact, IKE SAs without Child SAs.
import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../src/bytes/bytes.ts'
import { later } from '../../src/contract/units.ts'
import { notify } from '../../src/iana/notify.ts'
import { timers } from '../../src/ike/timers.ts'
import { nonEspMarkerLength } from '../../src/ipsec/encapsulation.ts'
import type { LabHost } from '../../src/lab/host.ts'
import { unlimited, unlimitedIke } from '../../src/policy/defaults.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { alice, bob, bringUp, connectionOf, initiate, type Pair, pair, type Side, value } from '../host/two-hosts.ts'
import {
  exchangePackets,
  expectAgreement,
  inForce,
  packetTo,
  rekeyChild,
  rekeyIke,
  restart,
  tell,
  theChild,
  theIkeSa,
  up,
} from './two-ends.ts'

const minute = 60_000
const toBob = { kind: 'initiate', connection: 'peer', path: initiate.path } as const

/** So many packets in each direction, one at each interval. */
function chatter({ network, a, b }: Pair, packets: number, interval: number): void {
  for (let i = 1; i <= packets; i++) {
    network.plan(later(network.now, i * interval), () => {
      network.feed(a, { kind: 'packet', bytes: packetTo(bob.address, alice.address, utf8('there')) })
      network.feed(b, { kind: 'packet', bytes: packetTo(alice.address, bob.address, utf8('back')) })
    })
  }
}

describe('a Child SA whose lifetime is limited', () => {
  const brief: Partial<Side> = {
    child: {
      soft: { ...unlimited, time: 10 * minute },
      hard: { ...unlimited, time: 12 * minute },
      jitter: { ...unlimited, time: 2 * minute },
    },
  }

  it('is rekeyed in time, again and again, a little before its limit and not always at the same time (RFC 7296 §2.8.1)', () => {
    const both = up(brief)
    both.network.run(100 * minute)
    const births = both.a.events.flatMap((event) => (event.name === 'child-sa-established' ? [event.child] : []))
    expect(births.length).toBeGreaterThan(9)
    expect(births.length).toBeLessThan(14)
    expectAgreement(both)
  })

  it('is rekeyed by both ends in their own time, and nothing is left over', () => {
    const both = up(brief, brief)
    both.network.run(100 * minute)
    expectAgreement(both)
  })

  it('is rekeyed after so many packets, in time for none to be lost', () => {
    const both = up({ child: { soft: { ...unlimited, packets: 5 }, hard: { ...unlimited, packets: 50 } } })
    chatter(both, 40, 10)
    both.network.run(1_000)
    expect(both.b.delivered).toHaveLength(40)
    expect(both.a.named('child-sa-established').length).toBeGreaterThan(3)
    expectAgreement(both)
  })

  it('ends with its hard limit where nobody rekeys it', () => {
    const both = up({ child: { hard: { ...unlimited, time: 5 * minute } } })
    both.network.run(6 * minute)
    expect(theIkeSa(both.a).children).toEqual([])
    expect(theIkeSa(both.b).children).toEqual([])
  })

  it('is set up anew where the peer does not rekey it: a group that only one of them demands (RFC 7296 §2.8)', () => {
    const both = up(brief, { espWords: 'aes128gcm16-ecp256-noesn' })
    both.network.run(11 * minute)
    expect(both.a.named('rekey-failed')).toMatchObject([{ next: 'start-over', refusal: { type: notify.NO_PROPOSAL_CHOSEN } }])
    expectAgreement(both)
    expect(both.a.named('ike-sa-established')).toHaveLength(2)
  })
})

describe('an IKE SA whose lifetime is limited', () => {
  const brief: Partial<Side> = { connection: { lifetime: { ...unlimitedIke, rekey: 30 * minute, hard: 40 * minute, jitter: 5 * minute } } }

  it('is rekeyed in time, by either end (RFC 7296 §2.8)', () => {
    for (const sides of [
      [brief, {}],
      [{}, brief],
      [brief, brief],
    ] as const) {
      const both = up(...sides)
      both.network.run(200 * minute)
      expect(both.a.named('ike-sa-established').length).toBeGreaterThan(5)
      expectAgreement(both)
    }
  })

  it('is closed at the end where nobody rekeys it', () => {
    const both = up({ connection: { lifetime: { ...unlimitedIke, hard: minute } } })
    both.network.run(10 * minute)
    expect([both.a.host.ikeSaCount, both.b.host.ikeSaCount]).toEqual([0, 0])
  })

  it('is authenticated anew before it ends, and loses nothing (RFC 7296 §2.8.3)', () => {
    const both = up({ connection: { lifetime: { ...unlimitedIke, reauthenticate: 10 * minute } } })
    chatter(both, 30 * 60, 1_000)
    both.network.run(31 * minute)
    expect(both.a.named('ike-sa-established')).toHaveLength(4)
    expect([both.a.delivered.length, both.b.delivered.length]).toEqual([1_800, 1_800])
    expectAgreement(both)
  })

  it('is authenticated anew when the responder asks for it: AUTH_LIFETIME (RFC 4478 §3)', () => {
    const both = up({}, { connection: { lifetime: { ...unlimitedIke, reauthenticate: 10 * minute } } })
    both.network.run(35 * minute)
    expect(both.a.named('ike-sa-established').length).toBeGreaterThanOrEqual(4)
    expectAgreement(both)
  })

  it('that was given up, with a Delete that never came, is not gone back to when a newer one ends (RFC 7296 §2.4, §2.8.3)', () => {
    let unheard: string | undefined
    const both = pair({}, {}, undefined, (datagram) => {
      const at = datagram.channel === 'nat-t' ? nonEspMarkerLength : 0
      const isCut = unheard !== undefined && toHex(datagram.bytes.subarray(at, at + 8)) === unheard
      return isCut ? undefined : datagram
    })
    bringUp(both)
    const { network, a, b } = both
    const newestOf = (host: LabHost) => inForce(host).at(-1) ?? expect.unreachable()
    unheard = theIkeSa(a).initiatorSpi
    tell(both, a, { kind: 'reauthenticate', ikeSa: theIkeSa(a).id })
    network.run(10 * minute)
    // Alice has given the first one up. Bob knows nothing of that.
    expect([inForce(a).length, inForce(b).length]).toEqual([1, 2])
    const leftover = inForce(b)[0] ?? expect.unreachable()
    tell(both, b, { kind: 'check-liveness', ikeSa: leftover.id })
    network.run(20_000)
    tell(both, a, { kind: 'reauthenticate', ikeSa: newestOf(a).id })
    network.run(1_000)
    expect(inForce(b).map(({ id }) => id)).toEqual([leftover.id, newestOf(b).id])
    network.feed(b, { kind: 'packet', bytes: packetTo(alice.address, bob.address, utf8('hello')) })
    network.run(1_000)
    expect([a.delivered.length, a.host.counters.dropped]).toEqual([1, {}])
  })

  it('is told to authenticate anew by command, by either end', () => {
    for (const end of ['a', 'b'] as const) {
      const both = up()
      tell(both, both[end], { kind: 'reauthenticate', ikeSa: theIkeSa(both[end]).id })
      expectAgreement(both)
      expect(both.a.named('ike-sa-established')).toHaveLength(2)
    }
  })
})

describe('a peer that starts again', () => {
  it('says so, and what it had before goes: INITIAL_CONTACT (RFC 7296 §2.4)', () => {
    const both = up()
    const [before] = inForce(both.b)
    both.network.run(1_000)
    const again = restart(both)
    bringUp(again)
    again.network.run(1_000)
    expect(both.b.named('ike-sa-closed')).toMatchObject([{ ikeSa: before?.id, by: 'peer' }])
    expectAgreement(again)
  })

  it('keeps its others where many share its name: nothing is said, nothing goes', () => {
    const shared: Partial<Side> = { connection: { uniqueness: 'never' } }
    const both = up(shared, shared)
    both.network.run(1_000)
    const again = restart(both, shared)
    bringUp(again)
    again.network.run(1_000)
    expect(both.b.host.ikeSaCount).toBe(2)
  })
})

describe('an IKE SA without a Child SA (RFC 6023)', () => {
  it('is all that is made where nothing more is wanted', () => {
    const both = pair()
    tell(both, both.a, { ...toBob, child: undefined })
    both.network.run(5_000)
    expect([theIkeSa(both.a).children, theIkeSa(both.b).children]).toEqual([[], []])
  })

  it.each(['prefer', 'force'] as const)('comes first with `%s`, and its Child SA after it', (childless) => {
    const both = up({ connection: { childless } })
    const request = both.a.named('message').find(({ direction, exchangeType }) => direction === 'sent' && exchangeType === 35)
    expect(request?.payloads).not.toContain('TSi')
    expectAgreement(both)
  })

  it('is not asked for where the responder has not said that it can (RFC 6023 §3)', () => {
    const both = up({ connection: { childless: 'prefer' } }, { connection: { childless: 'never' } })
    expectAgreement(both)
    const refused = pair({ connection: { childless: 'force' } }, { connection: { childless: 'never' } })
    bringUp(refused, 5_000)
    expect(refused.a.named('ike-sa-failed')).toMatchObject([{ fault: { rfc: 'RFC 6023 §3' } }])
  })
})

describe('a second Child SA', () => {
  const two = (side: Side, peer: Side): Partial<Side> => {
    const [child] = connectionOf(side, peer.address).children
    if (child === undefined) throw new Error('no child')
    const tcp = [value(parseSelector('dynamic[tcp]'))]
    return { connection: { children: [child, { ...child, name: 'tcp', localSelectors: tcp, remoteSelectors: tcp }] } }
  }

  it('is made inside the IKE SA that there is (RFC 7296 §1.3.1)', () => {
    const both = up(two(alice, bob), two(bob, alice))
    tell(both, both.a, { ...toBob, child: 'tcp' })
    both.network.run(1_000)
    expect(theIkeSa(both.a).children).toHaveLength(2)
    expect(theIkeSa(both.b).children).toHaveLength(2)
    rekeyIke(both, both.a)
    both.network.run(10_000)
    expect(theIkeSa(both.b).children).toHaveLength(2)
  })

  it('is made once, however often it is asked for before it is there', () => {
    const both = pair(two(alice, bob), two(bob, alice), { latency: 50 })
    const askTwice = (): void => {
      tell(both, both.a, { ...toBob, child: 'tcp' })
      tell(both, both.a, { ...toBob, child: 'tcp' })
    }
    tell(both, both.a, { ...toBob, child: 'child' })
    // While the IKE SA is on its way.
    askTwice()
    both.network.run(1_000)
    expect(theIkeSa(both.a).children).toHaveLength(2)
    const [, second] = theIkeSa(both.a).children
    if (second !== undefined) tell(both, both.a, { kind: 'close-child-sa', child: second.id })
    both.network.run(1_000)
    // While the request is out.
    askTwice()
    both.network.run(1_000)
    expect(theIkeSa(both.a).children).toHaveLength(2)
  })
})

describe('what waits', () => {
  it('for a peer that is busy is asked again (RFC 7296 §2.25)', () => {
    const both = up()
    // Bob rekeys the IKE SA, and never hears the answer: he is busy with it for as long as he repeats himself.
    both.network.cut(['alice.example', 'bob.example'])
    rekeyIke(both, both.b)
    both.network.run(100)
    both.network.heal()
    rekeyChild(both, both.a)
    both.network.run(100)
    expect(both.a.named('rekey-failed')[0]?.next).toBe('retry')
    both.network.run(2 * timers.temporaryFailureRetry)
    expectAgreement(both)
    expect(exchangePackets(both)).toEqual({ atAlice: 1, atBob: 1 })
    expect(theChild(both.a).life).toBe('alive')
  })
})
