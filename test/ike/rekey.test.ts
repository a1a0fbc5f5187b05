// New keys without a packet lost: rekeys of Child SAs and IKE SAs by either end, and by both at once. RFC 7296 §2.8, §2.25.
import { describe, expect, it } from 'vitest'
import type { Datagram } from '../../src/contract/machine.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { headerFlag } from '../../src/wire/flags.ts'
import { bob, bringUp, pair, type Side, type Sky } from '../host/two-hosts.ts'
import { byEffort } from '../lab/effort.ts'
import { expectAgreement, rekeyChild, rekeyIke, theChild, theIkeSa, up } from './two-ends.ts'

/** Seeds of the weather in which both do something at once. */
const times = byEffort({ short: 24, lab: 120, nightly: 1_200 })

const withPfs: Partial<Side> = { espWords: 'aes128gcm16-x25519-noesn' }

/** RFC 7296 §3.1: the exchange type and the flags, behind a Non-ESP Marker. */
const isAnswerOfBobs = ({ local, bytes }: Datagram): boolean =>
  local.address === bob.address && bytes[4 + 18] === exchange.CREATE_CHILD_SA && ((bytes[4 + 19] ?? 0) & headerFlag.RESPONSE) !== 0

describe('a Child SA', () => {
  it.each([
    ['Alice', 'a', {}],
    ['Bob', 'b', {}],
    ['Alice, with a key exchange of its own', 'a', withPfs],
    ['Bob, with a key exchange of its own', 'b', withPfs],
  ] as const)('is rekeyed by %s', (_, end, side) => {
    const both = up(side, side)
    const before = theChild(both.a)
    rekeyChild(both, both[end])
    expectAgreement(both)
    expect(theChild(both.a).id).not.toBe(before.id)
    expect(both.a.named('child-sa-established')[1]?.established.replaces).toBe(before.id)
    expect(both.a.named('child-sa-closed').map(({ child }) => child)).toEqual([before.id])
  })

  it('is rekeyed by both at once, and the redundant one goes though its answer comes after the Delete of the old one (RFC 7296 §2.8.1)', () => {
    for (let seed = 1; seed <= 20; seed++) {
      let lost = 0
      const both = pair({}, {}, { seed }, (datagram) => (isAnswerOfBobs(datagram) && lost++ === 0 ? undefined : datagram))
      bringUp(both)
      rekeyChild(both, both.a)
      rekeyChild(both, both.b)
      both.network.run(30_000)
      expect(lost).toBeGreaterThan(1)
      expect([theChild(both.a).inbound, theChild(both.a).outbound]).toEqual([theChild(both.b).outbound, theChild(both.b).inbound])
    }
  })

  it('can be received through at the responder before it answers; until the old one is deleted, that is sent through (RFC 7296 §2.8)', () => {
    const both = up()
    const before = both.b.inputs.length
    rekeyChild(both, both.a)
    both.network.run(30_000)
    const steps = both.b.inputs.slice(before)
    const kinds = steps.flatMap(({ outputs }, step) =>
      outputs.flatMap((output) => {
        if (output.kind === 'install') return [`${step} install ${output.sa.direction}`]
        if (output.kind === 'remove') return [`${step} remove ${output.direction}`]
        return output.kind === 'send' ? [`${step} send`] : []
      }),
    )
    expect(kinds.slice(0, 5)).toEqual(['0 install in', '0 send', '1 install out', '1 remove out', '1 send'])
    // What was on its way through the old one is received for a while.
    expect(kinds.at(-1)).toMatch(/^\d+ remove in$/)
  })

  it('is rekeyed by both at once, again and again, and one of the two new ones stays (RFC 7296 §2.8.1)', () => {
    for (let seed = 1; seed <= times; seed++) {
      const both = up({}, {}, { seed, latency: 1, jitter: 40 })
      rekeyChild(both, both.a)
      rekeyChild(both, both.b)
      expectAgreement(both)
    }
  })
})

describe('an IKE SA', () => {
  it.each([
    ['Alice', 'a'],
    ['Bob', 'b'],
  ] as const)('is rekeyed by %s, and keeps its Child SA (RFC 7296 §2.8)', (_, end) => {
    const both = up()
    const child = theChild(both.a)
    const before = theIkeSa(both.a)
    rekeyIke(both, both[end])
    expectAgreement(both)
    expect(theChild(both.a)).toEqual(child)
    expect(theIkeSa(both.a).id).not.toBe(before.id)
    expect(theIkeSa(both[end]).role).toBe('initiator')
    rekeyChild(both, both.a)
    expectAgreement(both)
  })

  it('is rekeyed by both at once, again and again, and one of the two new ones stays (RFC 7296 §2.8.2)', () => {
    for (let seed = 1; seed <= times; seed++) {
      const both = up({}, {}, { seed, latency: 1, jitter: 40 })
      rekeyIke(both, both.a)
      rekeyIke(both, both.b)
      expectAgreement(both)
    }
  })

  it('is rekeyed while the other end rekeys its Child SA: one of them waits (RFC 7296 §2.25)', () => {
    for (let seed = 1; seed <= times / 2; seed++) {
      const both = up({}, {}, { seed, latency: 1, jitter: 40 })
      rekeyIke(both, both.a)
      rekeyChild(both, both.b)
      expectAgreement(both)
    }
  })
})

describe('in any weather', () => {
  const storm = (seed: number): Sky => ({ seed, loss: 0.2, duplication: 0.2, latency: 1, jitter: 300 })

  it.each(['child and child', 'ike and ike', 'ike and child', 'child and ike'] as const)('%s: both ends agree in the end', (what) => {
    for (let seed = 1; seed <= times / 2; seed++) {
      const both = up({}, {}, { seed, latency: 1 })
      both.network.setWeather(storm(seed))
      const [first, second] = what.split(' and ')
      if (first === 'child') rekeyChild(both, both.a)
      else rekeyIke(both, both.a)
      if (second === 'child') rekeyChild(both, both.b)
      else rekeyIke(both, both.b)
      both.network.run(600_000)
      both.network.clearUp()
      both.network.run(600_000)
      expectAgreement(both)
    }
  })
})
