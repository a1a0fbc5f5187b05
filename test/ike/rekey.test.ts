// New keys without a packet lost: rekeys of Child SAs and IKE SAs by either end, by both at once, and by lifetime. RFC 7296 §2.8, §2.25.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import type { Command } from '../../src/contract/machine.ts'
import type { Address } from '../../src/net/address.ts'
import type { IkeSaView } from '../../src/ike/sa/view.ts'
import type { LabHost } from '../../src/lab/host.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { alice, bob, bringUp, type Pair, pair, type Side, type Sky } from '../host/two-hosts.ts'

const withPfs: Partial<Side> = { espWords: 'aes128gcm16-x25519-noesn' }

/** Two hosts with one Child SA between them. */
function up(left: Partial<Side> = {}, right: Partial<Side> = {}, sky: Sky = {}): Pair {
  const both = pair(left, right, sky)
  bringUp(both)
  return both
}

const inForce = ({ host }: LabHost): readonly IkeSaView[] => host.view.ikeSas.filter(({ phase }) => phase === 'established')
const theIkeSa = (host: LabHost): IkeSaView => {
  const [only, ...more] = inForce(host)
  if (only === undefined || more.length > 0) throw new Error(`${host.name} has ${more.length + (only === undefined ? 0 : 1)} IKE SAs`)
  return only
}
const theChild = (host: LabHost): IkeSaView['children'][number] => {
  const [only, ...more] = theIkeSa(host).children
  if (only === undefined || more.length > 0) throw new Error(`${host.name} has ${theIkeSa(host).children.length} Child SAs`)
  return only
}
const tell = (both: Pair, host: LabHost, command: Command): void => {
  both.network.feed(host, { kind: 'command', command })
}
const rekeyChild = (both: Pair, host: LabHost): void => tell(both, host, { kind: 'rekey-child-sa', child: theChild(host).id })
const rekeyIke = (both: Pair, host: LabHost): void => tell(both, host, { kind: 'rekey-ike-sa', ikeSa: theIkeSa(host).id })

const packet = (source: Address, destination: Address, payload: Uint8Array): Uint8Array =>
  ipPacket(
    source,
    destination,
    17,
    udpDatagram({ source: { address: source, port: 1000 }, destination: { address: destination, port: 2000 }, payload }),
  )

/** What is left is one IKE SA and one Child SA, the two ends of each are the same, and packets pass both ways. */
function expectAgreement(both: Pair): void {
  const { a, b, network } = both
  network.run(120_000)
  const [ours, theirs] = [theIkeSa(a), theIkeSa(b)]
  expect([ours.initiatorSpi, ours.responderSpi]).toEqual([theirs.initiatorSpi, theirs.responderSpi])
  expect([theChild(a).inbound, theChild(a).outbound]).toEqual([theChild(b).outbound, theChild(b).inbound])
  expect([...a.host.view.ikeSas, ...b.host.view.ikeSas].filter(({ phase }) => phase !== 'established' && phase !== 'lingering')).toEqual([])
  expect(exchangePackets(both)).toEqual({ atAlice: 1, atBob: 1 })
}

function exchangePackets({ network, a, b }: Pair): { readonly atAlice: number; readonly atBob: number } {
  const before = [a.delivered.length, b.delivered.length] as const
  network.feed(a, { kind: 'packet', bytes: packet(alice.address, bob.address, utf8('to bob')) })
  network.feed(b, { kind: 'packet', bytes: packet(bob.address, alice.address, utf8('to alice')) })
  network.run(1_000)
  return { atAlice: a.delivered.length - before[0], atBob: b.delivered.length - before[1] }
}

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

  it('is rekeyed by both at once, a hundred times, and one of the two new ones stays (RFC 7296 §2.8.1)', () => {
    for (let seed = 1; seed <= 100; seed++) {
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

  it('is rekeyed by both at once, a hundred times, and one of the two new ones stays (RFC 7296 §2.8.2)', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const both = up({}, {}, { seed, latency: 1, jitter: 40 })
      rekeyIke(both, both.a)
      rekeyIke(both, both.b)
      expectAgreement(both)
    }
  })

  it('is rekeyed while the other end rekeys its Child SA: one of them waits (RFC 7296 §2.25)', () => {
    for (let seed = 1; seed <= 50; seed++) {
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
    for (let seed = 1; seed <= 60; seed++) {
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
