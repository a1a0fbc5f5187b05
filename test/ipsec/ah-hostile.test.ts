// AH and what is done to its packets on the way, by routers and by others. RFC 4302 §3.3.3, §3.4, appendix A.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, putU16, u16 } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import { ApiMisuse } from '../../src/contract/faults.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { addressBytes } from '../../src/net/address.ts'
import { type ExtensionHeader, ipPacket, ipv4Packet, ipv6Packet } from '../../src/net/build.ts'
import { octets } from '../net/arbitraries.ts'
import {
  address,
  ahSha256,
  ahSuites,
  alice,
  bob,
  contains,
  countingOctets,
  open,
  outcomes,
  packets,
  pair,
  type PairOptions,
  provider,
  seal,
} from './fixtures.ts'

const payload = countingOctets(8)(40)
const { HOPOPT, IPV6_ROUTE, IPV6_OPTS, IPV6_FRAG } = ipProtocol
const v4 = { source: alice[4], destination: bob[4], identification: 9, protocol: 253, payload }
const v6 = { source: alice[6], destination: bob[6], protocol: 253, payload }
const withOptions = (...options: readonly number[]): Uint8Array => ipv4Packet({ ...v4, options: Uint8Array.from(options) })
const withExtensions = (...extensions: readonly ExtensionHeader[]): Uint8Array => ipv6Packet({ ...v6, extensions })
const extension = (type: number, ...content: readonly number[]): ExtensionHeader => ({ type, content: Uint8Array.from(content) })
const ah = (options: PairOptions = {}) => pair({ suite: ahSha256, ...options })
const sealedOne = (plain: Uint8Array, options: PairOptions = {}): Uint8Array => packets(seal(ah(options).sender, 'ip', plain))[0] ?? plain

/** Octets, and bits of octets, that routers may change: written down here from RFC 4302 §3.3.3.1 and appendix A, field by field. */
interface Sample {
  readonly name: string
  readonly version: 4 | 6
  readonly plain: Uint8Array
  /** First octet, and the one behind the last. */
  readonly mutable: readonly (readonly [number, number])[]
}
const samples: readonly Sample[] = [
  {
    name: 'IPv4 with Router Alert (immutable), Record Route and an unknown option (mutable)',
    version: 4,
    plain: withOptions(148, 4, 0, 0, 7, 7, 4, 1, 2, 3, 4, 222, 3, 7, 1, 0),
    // DSCP and ECN; flags, fragment offset and TTL; checksum; two options.
    mutable: [
      [1, 2],
      [6, 9],
      [10, 12],
      [24, 34],
    ],
  },
  {
    name: 'IPv6 with a mutable and an immutable hop-by-hop option, and destination options before a routing header',
    version: 6,
    plain: withExtensions(extension(HOPOPT, 0x3e, 4, 1, 2, 3, 4, 0x1e, 4, 5, 6, 7, 8, 0, 0), extension(IPV6_OPTS, 0x3f, 2, 8, 9, 1, 0), {
      type: IPV6_ROUTE,
      content: concat(Uint8Array.of(0, 0, 0, 0, 0, 0), new Uint8Array(16).fill(0xfd)),
    }),
    // Traffic Class and Flow Label but for the version; Hop Limit; data of the options with the third bit of their type.
    mutable: [
      [1, 4],
      [7, 8],
      [44, 48],
      [60, 62],
    ],
  },
]

describe('of the header routers may change what RFC 4302 calls mutable, and nothing else', () => {
  for (const { name, version, plain, mutable } of samples) {
    test(`every bit: ${name}`, () => {
      const sealed = sealedOne(plain, { version })
      const isMutable = (at: number, bit: number): boolean =>
        mutable.some(([from, to]) => at >= from && at < to) || (version === 6 && at === 0 && bit < 4)
      const { receiver } = ah({ version, both: { replayWindow: 0 } })
      for (let at = 0; at < sealed.length; at++) {
        for (let bit = 0; bit < (at < sealed.length - payload.length ? 8 : 1); bit++) {
          const changed = sealed.slice()
          changed[at] = (changed[at] ?? 0) ^ (1 << bit)
          const opened = open(receiver, 'ip', undefined, changed)
          const [outcome] = outcomes(opened)
          // More Fragments and Fragment Offset make a fragment of it, which is discarded (§3.4.1).
          const isFragment = version === 4 && ((at === 6 && bit < 6) || at === 7)
          const isOption = version === 4 && [25, 26, 32].includes(at)
          if (isFragment) expect(outcome).toBe('fragment')
          else if (isMutable(at, bit) && !isOption) expect([at, bit, outcome]).toEqual([at, bit, 'done'])
          else if (!isOption) expect([at, bit, outcome]).not.toEqual([at, bit, 'done'])
          if (outcome === 'done' || outcome === 'fragment') continue
          expect(opened.packet(0)).toHaveLength(outcome === 'integrity-check-failed' ? 0 : opened.packet(0).length)
          if (outcome === 'integrity-check-failed') expect(contains(opened.arena, payload.subarray(0, 8))).toBe(false)
        }
      }
    })
  }

  test('what they have changed is delivered as they left it', () => {
    const sealed = sealedOne(ipv4Packet({ ...v4, trafficClass: 0, timeToLive: 64 }))
    sealed[1] = 0x2f
    sealed[8] = 3
    const [opened] = packets(open(ah().receiver, 'ip', undefined, sealed))
    expect(opened).toEqual(ipv4Packet({ ...v4, trafficClass: 0x2f, timeToLive: 3 }))
  })
})

describe('what lies, loops or leads nowhere is refused before it is sealed, and left as it was', () => {
  const addresses = (...texts: readonly string[]): Uint8Array => concat(...texts.map((text) => addressBytes(address(text))))
  const route = (type: number, left: number, list: Uint8Array): ExtensionHeader => ({
    type: IPV6_ROUTE,
    content: concat(Uint8Array.of(type, left, 0, 0, 0, 0), list),
  })
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['an IPv4 option longer than the header', withOptions(7, 9, 4, 0), 'malformed-options'],
    ['an IPv4 option of length 1', withOptions(7, 1, 4, 0), 'malformed-options'],
    ['an IPv4 option of length 0', withOptions(68, 0, 0, 0), 'malformed-options'],
    ['an IPv4 option that ends before its length', withOptions(1, 1, 1, 7), 'malformed-options'],
    ['a source route that is not made of addresses', withOptions(131, 6, 4, 1, 2, 3, 0, 0), 'malformed-options'],
    ['a source route that points into itself', withOptions(131, 7, 3, 1, 2, 3, 4, 0), 'malformed-options'],
    ['two source routes', withOptions(131, 7, 4, 1, 2, 3, 4, 137, 7, 4, 1, 2, 3, 4, 0, 0), 'unpredictable-route'],
    ['an IPv6 option longer than its header', withExtensions(extension(HOPOPT, 1, 5, 0, 0, 0, 0)), 'malformed-options'],
    ['an IPv6 option without a length', withExtensions(extension(HOPOPT, 1, 3, 0, 0, 0, 5)), 'malformed-options'],
    ['a jumbogram’s option', withExtensions(extension(HOPOPT, 0xc2, 4, 0, 1, 0, 0)), 'malformed-options'],
    [
      'a home address of 8 octets',
      withExtensions(extension(IPV6_OPTS, 0xc9, 8, ...new Uint8Array(12)), route(0, 0, new Uint8Array(0))),
      'malformed-options',
    ],
    [
      'a routing header of a type that nobody knows, with a way to go',
      withExtensions(route(9, 1, addresses('::9'))),
      'unpredictable-route',
    ],
    ['one with more segments left than it has', withExtensions(route(0, 2, addresses('::9'))), 'unpredictable-route'],
    ['one with half an address', withExtensions(route(0, 1, new Uint8Array(24))), 'unpredictable-route'],
    ['two of them', withExtensions(route(0, 1, addresses('::9')), route(0, 1, addresses('::8'))), 'unpredictable-route'],
    ['a fragment', fragmentOf(0x2000), 'fragment'],
    ['a later fragment', fragmentOf(0x0010), 'fragment'],
    ['an extension header that is longer than the packet', longExtension(), 'malformed-packet'],
    ['a jumbogram', ipPacketWithoutLength(), 'malformed-packet'],
  ]

  test.each(cases)('%s', (_, plain, reason) => {
    const { sender } = ah({ version: (plain[0] ?? 0) >>> 4 === 6 ? 6 : 4 })
    const batch = seal(sender, 'ip', plain)
    expect(outcomes(batch)).toEqual([reason])
    expect(batch.packet(0)).toEqual(plain)
    expect([sender.lastSequence.low, sender.counters.dropped]).toEqual([0, 1])
  })

  test('the same, when it comes in', () => {
    for (const [name, plain, reason] of cases) {
      const version = (plain[0] ?? 0) >>> 4 === 6 ? 6 : 4
      const forged = insertAh(plain, version)
      const { receiver } = ah({ version })
      expect([name, outcomes(open(receiver, 'ip', undefined, forged))]).toEqual([name, [reason]])
    }
  })

  test('a route that has not ended is not for us', () => {
    for (const plain of [withOptions(131, 7, 4, 1, 2, 3, 4, 0), withExtensions(route(0, 1, addresses('::9')))]) {
      const version = (plain[0] ?? 0) >>> 4 === 6 ? 6 : 4
      const [sealed = plain] = packets(seal(ah({ version }).sender, 'ip', plain))
      expect(outcomes(open(ah({ version }).receiver, 'ip', undefined, sealed))).toEqual(['unpredictable-route'])
    }
  })

  test('IPv4: the last address of a source route is where the packet arrives, and is what is protected', () => {
    const plain = withOptions(131, 11, 4, 10, 0, 0, 7, 10, 0, 0, 8, 0)
    const [sealed = plain] = packets(seal(ah().sender, 'ip', plain))
    const arrived = sealed.slice()
    arrived.set([10, 0, 0, 8], 16)
    arrived.set([131, 11, 12, 192, 0, 2, 99, 192, 0, 2, 98], 20)
    expect(outcomes(open(ah().receiver, 'ip', undefined, arrived))).toEqual(['done'])
    arrived.set([10, 0, 0, 9], 16)
    expect(outcomes(open(ah().receiver, 'ip', undefined, arrived))).toEqual(['integrity-check-failed'])
  })

  function fragmentOf(flagsAndFragment: number): Uint8Array {
    return ipv4Packet({ ...v4, flagsAndFragment })
  }
  function longExtension(): Uint8Array {
    const packet = withExtensions(extension(IPV6_OPTS, 1, 4, 0, 0, 0, 0))
    packet[41] = 200
    return packet
  }
  /** RFC 2675 §3: Payload Length is zero, and the hop-by-hop option has the length. */
  function ipPacketWithoutLength(): Uint8Array {
    const packet = withExtensions(extension(HOPOPT, 0xc2, 4, 0, 1, 0, 0))
    packet.fill(0, 4, 6)
    return packet
  }
})

describe('a Fragment header of a packet that is whole (RFC 6946)', () => {
  test('is not seen by AH: with it or without it the ICV is the same (RFC 4302 appendix A2)', () => {
    const hopByHop = extension(HOPOPT, 0x3e, 4, 1, 2, 3, 4)
    const fragment = extension(IPV6_FRAG, 0, 0, 0, 0, 0, 7)
    const plain = withExtensions(hopByHop, fragment)
    const sealed = sealedOne(plain, { version: 6 })
    expect(packets(open(ah({ version: 6 }).receiver, 'ip', undefined, sealed))).toEqual([plain])
    // A receiver whose IP layer has put the packet together has no such header any more.
    const removed = concat(sealed.subarray(0, 48), sealed.subarray(56))
    removed[40] = sealed[48] ?? 0
    putU16(removed, 4, u16(removed, 4) - 8)
    expect(packets(open(ah({ version: 6 }).receiver, 'ip', undefined, removed))).toEqual([withExtensions(hopByHop)])
    expect(sealedOne(withExtensions(hopByHop), { version: 6 })).toEqual(removed)
  })

  test('RFC 6275 §6.3: a home address and the source change places, for the ICV', () => {
    const home = addressBytes(address('2001:db8:77::1'))
    const option = (held: Uint8Array): ExtensionHeader => ({ type: IPV6_OPTS, content: concat(Uint8Array.of(1, 2, 0, 0, 0xc9, 16), held) })
    const ended = extension(IPV6_ROUTE, 0, 0, 0, 0, 0, 0)
    const extensions = [option(home), ended]
    const sealed = sealedOne(ipv6Packet({ ...v6, extensions }), { version: 6 })
    // The octets that the ICV covers, by hand: mutable fields are zero, the addresses have changed places.
    const covered = sealed.slice()
    covered.fill(0, 7, 8)
    covered.set(home, 8)
    covered.set(addressBytes(alice[6]), 48)
    const icv = sealed.length - payload.length - 20
    covered.fill(0, icv, icv + 16)
    const key = new Secret(countingOctets(2)(ahSha256.integrityKeyLength))
    const expected = provider.packetMac(ahSha256.suite.integrity?.id ?? 0)?.compute(key, new Uint8Array(0), covered)
    expect(sealed.subarray(icv, icv + 16)).toEqual(expected)
    expect(outcomes(open(ah({ version: 6 }).receiver, 'ip', undefined, sealed))).toEqual(['done'])
  })
})

describe('the header itself', () => {
  test('a length that the suite does not have, in either direction: cut off, or padded as for IPv6 (RFC 4302 §2.6)', () => {
    const sealed = sealedOne(ipv4Packet(v4))
    const length = sealed.slice()
    length[21] = 6
    const cut = ipPacket(alice[4], bob[4], ipProtocol.AH, sealed.subarray(20, 47))
    const bare = ipPacket(alice[4], bob[4], ipProtocol.AH, new Uint8Array(0))
    const batch = open(ah().receiver, 'ip', undefined, length, cut, bare)
    expect(outcomes(batch)).toEqual(['malformed-ah', 'malformed-ah', 'malformed-ah'])
  })

  test('Reserved is ignored, yet covered (§2.3)', () => {
    const sealed = sealedOne(ipv4Packet(v4))
    sealed[22] = 1
    expect(outcomes(open(ah().receiver, 'ip', undefined, sealed))).toEqual(['integrity-check-failed'])
  })

  test('padding of the ICV is covered, whatever it is (§3.3.3.2.1)', () => {
    const sealed = sealedOne(ipv6Packet(v6), { version: 6 })
    expect(sealed.subarray(68, 72)).toEqual(new Uint8Array(4))
    sealed[70] = 5
    expect(outcomes(open(ah({ version: 6 }).receiver, 'ip', undefined, sealed))).toEqual(['integrity-check-failed'])
  })

  test('the same number twice, another SPI, ESP, nothing behind AH', () => {
    const { sender, receiver } = ah()
    const [first = payload, empty = payload] = packets(
      seal(sender, 'ip', ipv4Packet(v4), ipv4Packet({ ...v4, payload: new Uint8Array(0) })),
    )
    const elsewhere = first.slice()
    elsewhere[27] = 1
    const esp = first.slice()
    esp[9] = ipProtocol.ESP
    const batch = open(receiver, 'ip', undefined, first, first, elsewhere, esp, empty)
    expect(outcomes(batch)).toEqual(['done', 'replayed', 'wrong-spi', 'not-ah', 'done'])
    expect(batch.packet(4)).toEqual(ipv4Packet({ ...v4, payload: new Uint8Array(0) }))
  })

  test('the inner packet of a tunnel is what AH names, or nothing comes out', () => {
    const { sender, receiver } = ah({ mode: 'tunnel' })
    const transport = ah({ mode: 'transport' })
    const [sealed = payload] = packets(seal(transport.sender, 'ip', ipv4Packet(v4)))
    const batch = open(receiver, 'ip', undefined, sealed)
    expect(outcomes(batch)).toEqual(['malformed-inner-packet'])
    expect(batch.arena.every((octet) => octet === 0)).toBe(true)
    const longest = ipv4Packet({ ...v4, payload: new Uint8Array(65_515) })
    expect(outcomes(seal(sender, 'ip', longest))).toEqual(['packet-too-long'])
  })

  test('ESN: without four octets behind the packet nothing is written over its neighbour', () => {
    const { sender, receiver } = ah({ extendedSequence: 'esn' })
    const [sealed = payload] = packets(seal(sender, 'ip', ipv4Packet(v4)))
    const batch = new PacketBatch(2, 1500)
    batch.add(sealed)
    const end = batch.slotLength
    batch.arena.set(sealed, end - sealed.length)
    batch.offset[0] = end - sealed.length
    batch.arena[end] = 0x77
    receiver.open(batch, 0, 1, 'ip', undefined)
    expect(outcomes(batch)).toEqual(['packet-too-long'])
    expect(batch.arena[end]).toBe(0x77)
  })

  test('needs the IP header, and has no dummies: other uses are mistakes of the caller', () => {
    const { sender, receiver } = ah()
    const batch = new PacketBatch(1, 100)
    expect(() => sender.seal(batch, 0, 0, 'esp')).toThrow(ApiMisuse)
    expect(() => sender.sealDummies(batch, 0, 0, 'ip')).toThrow(ApiMisuse)
    expect(() => receiver.open(batch, 0, 0, 'esp', undefined)).toThrow(ApiMisuse)
  })

  test('a suite that the provider does not have, or a key of another length, protects nothing', () => {
    const [plain, none] = [ipv4Packet(v4), { ...ahSha256.suite, integrity: undefined }]
    for (const both of [{ suite: none }, { integrityKey: undefined }]) {
      const { sender, receiver } = ah({ both })
      expect(outcomes(seal(sender, 'ip', plain))).toEqual(['suite-unavailable'])
      expect(outcomes(open(receiver, 'ip', undefined, plain))).toEqual(['suite-unavailable'])
    }
  })
})

test('any octets: a drop, never a throw, and nothing comes out', () => {
  const anything = fc.tuple(
    fc.constantFrom(...ahSuites),
    fc.constantFrom(4 as const, 6 as const),
    fc.constantFrom('esn' as const, 'no-esn' as const),
  )
  fc.assert(
    fc.property(anything, octets(0, 120), fc.boolean(), ([suite, version, extendedSequence], noise, isPacket) => {
      const { receiver } = pair({ suite, version, extendedSequence })
      const bytes = isPacket ? ipPacket(alice[version], bob[version], ipProtocol.AH, noise) : noise
      const batch = open(receiver, 'ip', undefined, bytes)
      expect(outcomes(batch)).not.toContain('done')
      expect(receiver.counters.dropped).toBe(1)
    }),
    { seed: 23, numRuns: 300 },
  )
})

/** AH with any ICV where it belongs: what a stranger can send. */
function insertAh(plain: Uint8Array, version: 4 | 6): Uint8Array {
  const header = new Uint8Array(version === 4 ? 28 : 32)
  header.set([253, header.length / 4 - 2, 0, 0, 0x0b, 0xad, 0xca, 0xfe, 0, 0, 0, 1])
  const at = plain.length - payload.length
  const forged = concat(plain.subarray(0, at), header, plain.subarray(at))
  if (version === 4) {
    putU16(forged, 2, forged.length)
    forged[9] = ipProtocol.AH
  } else {
    if (u16(plain, 4) !== 0) putU16(forged, 4, forged.length - 40)
    let namedAt = 6
    for (let header6 = 40; header6 < at; ) {
      namedAt = header6
      header6 += ((forged[header6 + 1] ?? 0) + 1) * 8
    }
    forged[namedAt] = ipProtocol.AH
  }
  return forged
}
