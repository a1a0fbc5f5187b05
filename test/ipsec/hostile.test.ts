import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, utf8 } from '../../src/bytes/bytes.ts'
import type { PacketBatch } from '../../src/contract/packets.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { openPacket, sealPacket } from '../../src/ipsec/packet.ts'
import { octets } from '../net/arbitraries.ts'
import {
  alice,
  batchOf,
  bob,
  contains,
  endpoint,
  forge,
  onlyFrom,
  open,
  outcomes,
  packets,
  pair,
  seal,
  spi,
  suites,
  withTrailer,
} from './fixtures.ts'

const marker = utf8('the quick brown fox jumps over the lazy dog')
const plainOf = (version: 4 | 6): Uint8Array =>
  ipPacket(
    alice[version],
    bob[version],
    ipProtocol.UDP,
    udpDatagram({ source: endpoint(alice[version], 1), destination: endpoint(bob[version], 2), payload: marker }),
  )
const plain = plainOf(4)
const ways = (['transport', 'tunnel'] as const).flatMap((mode) =>
  (['esp', 'ip'] as const).flatMap((framing) => ([4, 6] as const).map((version) => ({ mode, framing, version }))),
)

/** Nothing of the packet is left anywhere in the arena, and the slot claims to hold nothing. */
function expectNothingReleased(batch: PacketBatch): void {
  expect(contains(batch.arena, marker)).toBe(false)
  expect(contains(batch.arena, marker.subarray(0, 12))).toBe(false)
  expect(batch.length[0]).toBe(0)
}

describe('a packet that was tampered with', () => {
  for (const suite of suites) {
    test(`${suite.name}: each octet counts, and after the failure there is no plaintext in the arena`, () => {
      const { sender, receiver } = pair({ suite, mode: 'tunnel' })
      const [good = plain] = packets(seal(sender, 'esp', plain))
      for (let at = 0; at < good.length; at++) {
        const bad = good.slice()
        bad[at] = (bad[at] ?? 0) ^ (1 << (at & 7))
        const batch = open(receiver, 'esp', undefined, bad)
        expect(outcomes(batch), `octet ${at}`).toEqual([at < 4 ? 'wrong-spi' : 'integrity-check-failed'])
        if (at >= 4) expectNothingReleased(batch)
      }
      expect(receiver.counters.packets).toBe(0)
      expect(outcomes(open(receiver, 'esp', undefined, good))).toEqual(['done'])
    })
  }

  test('or cut off anywhere is refused in every mode', () => {
    for (const suite of suites) {
      for (const { mode, framing, version } of ways) {
        const { sender, receiver } = pair({ suite, mode, version, encapsulation: 'udp' })
        const [good = plain] = packets(seal(sender, framing, plainOf(version)))
        for (let length = 0; length < good.length; length++) {
          const batch = open(receiver, framing, undefined, good.subarray(0, length))
          expect(outcomes(batch)[0]).not.toBe('done')
        }
      }
    }
  })

  test('does not disturb its neighbours in the burst', () => {
    const { sender, receiver } = pair()
    const sealed = seal(sender, 'esp', plain, plain, plain)
    const middle = sealed.packet(1)
    middle[20] = (middle[20] ?? 0) ^ 1
    receiver.open(sealed, 0, 3, 'esp', undefined)
    expect(outcomes(sealed)).toEqual(['done', 'integrity-check-failed', 'done'])
    expect(packets(sealed)).toEqual([plain, new Uint8Array(0), plain])
  })
})

describe('garbage', () => {
  test('of a length that no packet of the suite has is told from a wrong ICV', () => {
    for (const suite of suites) {
      const { sender, receiver } = pair({ suite })
      const [good = plain] = packets(seal(sender, 'esp', plain))
      const cut = [1, 2, 3].map((less) => good.subarray(0, good.length - less))
      expect(outcomes(open(receiver, 'esp', undefined, ...cut))).toEqual(cut.map(() => 'malformed-esp'))
      const shortest = good.subarray(0, 20)
      expect(outcomes(open(receiver, 'esp', undefined, shortest))).toEqual(['malformed-esp'])
    }
  })

  test('opens to nothing and throws nothing', () => {
    const first = fc.constantFrom(0x45, 0x46, 0x4f, 0x60, 0x0b)
    fc.assert(
      fc.property(octets(0, 200), first, fc.constantFrom(...ways), fc.constantFrom(...suites), (bytes, start, how, suite) => {
        if (bytes.length > 0) bytes[0] = start
        const { receiver } = pair({ ...how, suite })
        expect(outcomes(open(receiver, how.framing, undefined, bytes))[0]).not.toBe('done')
      }),
      { seed: 31, numRuns: 800 },
    )
  })

  test('with right headers around it fails at the latest at the ICV', () => {
    fc.assert(
      fc.property(octets(8, 200), fc.constantFrom(...suites), fc.constantFrom('esp', 'udp'), (bytes, suite, kind) => {
        const esp = concat(Uint8Array.of(spi >>> 24, spi >>> 16, spi >>> 8, spi, 0, 0, 0, 1), bytes)
        const { receiver } = pair({ suite, mode: 'tunnel' })
        const ends = { source: endpoint(alice[4], 4500), destination: endpoint(bob[4], 4500) }
        const payload = kind === 'udp' ? udpDatagram({ ...ends, payload: esp }) : esp
        const outer = ipPacket(alice[4], bob[4], kind === 'udp' ? ipProtocol.UDP : ipProtocol.ESP, payload)
        expect(outcomes(open(receiver, 'ip', undefined, outer))[0]).toMatch(/^(malformed-esp|integrity-check-failed)$/)
      }),
      { seed: 32, numRuns: 500 },
    )
  })

  test('is not sealed, and stays as it was', () => {
    fc.assert(
      fc.property(octets(0, 120), fc.constantFrom(...ways), (bytes, how) => {
        if (bytes.length > 0) bytes[0] = 0x15
        const batch = seal(pair(how).sender, how.framing, bytes)
        expect(outcomes(batch)).toEqual(['malformed-packet'])
        expect(packets(batch)).toEqual([bytes])
      }),
      { seed: 33 },
    )
  })

  test('any octets that pass for a packet are sealed and opened, or refused', () => {
    fc.assert(
      fc.property(octets(20, 120), fc.constantFrom(0x45, 0x47, 0x60), fc.constantFrom(...ways), (bytes, start, how) => {
        bytes[0] = start
        if (start === 0x60 && bytes.length >= 40) bytes.set([0, bytes.length - 40], 4)
        else bytes.set([0, bytes.length, 0, 0, 0, 0], 2)
        const { sender, receiver } = pair(how)
        const batch = seal(sender, how.framing, bytes)
        receiver.open(batch, 0, 1, how.framing, undefined)
        expect(outcomes(batch)).toHaveLength(1)
      }),
      { seed: 34, numRuns: 1000 },
    )
  })
})

describe('a peer that has the keys but does not follow the rules', () => {
  const { sender } = pair({ mode: 'tunnel' })
  const tunnel = () => pair({ mode: 'tunnel' }).receiver
  const padded = (payload: Uint8Array, ...trailer: readonly number[]): Uint8Array => concat(payload, Uint8Array.from(trailer))
  const filled = new Uint8Array(16 - (plain.length % 16) + 14).fill(0)

  test('padding that is not 1, 2, 3, … is refused (RFC 4303 §2.4)', () => {
    const text = withTrailer(plain, ipProtocol.IPV4)
    const padLength = text.at(-2) ?? 0
    expect(padLength).toBeGreaterThan(1)
    text[text.length - 3] = padLength + 1
    const batch = open(tunnel(), 'esp', undefined, forge(sender, text, 1))
    expect(outcomes(batch)).toEqual(['bad-padding'])
    expectNothingReleased(batch)
  })

  test('padding longer than the packet is refused', () => {
    const text = padded(new Uint8Array(14), 200, ipProtocol.IPV4)
    expect(outcomes(open(tunnel(), 'esp', undefined, forge(sender, text, 1)))).toEqual(['bad-padding'])
  })

  test('padding that goes on before the payload is refused, even where the octets there would do', () => {
    // The last octet of the IV of packet 1 is 1.
    const text = Uint8Array.of(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15, ipProtocol.IPV4)
    expect(outcomes(open(tunnel(), 'esp', undefined, forge(sender, text, 1)))).toEqual(['bad-padding'])
  })

  test('255 octets of padding are accepted (RFC 4303 §2.4: 0 to 255)', () => {
    const padding = Uint8Array.from({ length: 255 }, (_, i) => i + 1)
    const inner = ipPacket(alice[4], bob[4], 253, new Uint8Array(3))
    const text = concat(inner, padding, Uint8Array.of(255, ipProtocol.IPV4))
    expect(text.length % 4).toBe(0)
    const batch = open(tunnel(), 'esp', undefined, forge(sender, text, 1))
    expect(packets(batch)).toEqual([inner])
  })

  test('a tunnel holds IP of the version that next header says, and nothing else', () => {
    const cases: [Uint8Array, number][] = [
      [plain, ipProtocol.IPV6],
      [plainOf(6), ipProtocol.IPV4],
      [plain, ipProtocol.UDP],
      [plain.subarray(0, 30), ipProtocol.IPV4],
      [utf8('not IP at all, whatever it says'), ipProtocol.IPV4],
      [new Uint8Array(0), ipProtocol.IPV4],
    ]
    const receiver = tunnel()
    for (const [i, [inner, nextHeader]] of cases.entries()) {
      const batch = open(receiver, 'esp', undefined, forge(sender, withTrailer(inner, nextHeader), i + 1))
      expect(outcomes(batch)).toEqual(['malformed-inner-packet'])
      expectNothingReleased(batch)
    }
  })

  test('padding for traffic flow confidentiality behind the inner packet falls away (RFC 4303 §2.7)', () => {
    const text = withTrailer(concat(plain, filled), ipProtocol.IPV4)
    expect(packets(open(tunnel(), 'esp', undefined, forge(sender, text, 1)))).toEqual([plain])
  })

  test('what the SA is not for is not released', () => {
    const { receiver } = pair({ mode: 'tunnel', receiving: { remoteSelectors: [onlyFrom('192.0.2.99')] } })
    const batch = open(receiver, 'esp', undefined, forge(sender, withTrailer(plain, ipProtocol.IPV4), 1))
    expect(outcomes(batch)).toEqual(['selector-mismatch'])
    expectNothingReleased(batch)
  })

  test('a fragment in transport mode is refused (RFC 4303 §3.3.4)', () => {
    const transport = pair({ version: 6 })
    const fragment = concat(Uint8Array.of(ipProtocol.UDP, 0, 0, 1, 0, 0, 0, 9), marker)
    const sealed = forge(transport.sender, withTrailer(fragment, ipProtocol.IPV6_FRAG), 1)
    const batch = open(transport.receiver, 'esp', undefined, sealed)
    expect(outcomes(batch)).toEqual(['fragment'])
    expectNothingReleased(batch)
  })
})

describe('dummy packets (RFC 4303 §2.6)', () => {
  for (const framing of ['esp', 'ip'] as const) {
    for (const mode of ['transport', 'tunnel'] as const) {
      test(`in ${mode} mode with framing ${framing} are made, recognised, counted and left no trace of`, () => {
        const { sender, receiver } = pair({ mode, encapsulation: 'udp' })
        const batch = batchOf(marker)
        sender.sealDummies(batch, 0, 1, framing)
        expect(outcomes(batch)).toEqual(['done'])
        receiver.open(batch, 0, 1, framing, undefined)
        expect(outcomes(batch)).toEqual(['dummy-packet'])
        expectNothingReleased(batch)
        expect(receiver.counters.packets).toBe(1)
        expect(receiver.counters.droppedFor('dummy-packet')).toBe(1)
      })
    }
  }

  test('need not be well-formed', () => {
    const { sender, receiver } = pair({ mode: 'tunnel' })
    const text = concat(new Uint8Array(14).fill(7), Uint8Array.of(99, ipProtocol.NO_NEXT_HEADER))
    expect(outcomes(open(receiver, 'esp', undefined, forge(sender, text, 1)))).toEqual(['dummy-packet'])
  })
})

describe('one packet at a time', () => {
  test('a packet is sealed and opened', () => {
    const { sender, receiver } = pair()
    const sealed = sealPacket(sender, plain, 'ip')
    expect(sealed.outcome).toBe(0)
    expect(openPacket(receiver, sealed.bytes, 'ip', undefined)).toEqual({ outcome: 0, bytes: plain })
  })

  test('the result is a copy, and a failure has no octets', () => {
    const { sender, receiver } = pair()
    const first = sealPacket(sender, plain, 'esp').bytes
    const kept = first.slice()
    sealPacket(sender, plain, 'esp')
    expect(first).toEqual(kept)
    first[30] = (first[30] ?? 0) ^ 1
    expect(openPacket(receiver, first, 'esp', undefined)).toEqual({ outcome: 21, bytes: new Uint8Array(0) })
  })

  test('longer than IP can be is refused', () => {
    const { sender, receiver } = pair({ mode: 'tunnel' })
    expect(sealPacket(sender, new Uint8Array(65536), 'esp').outcome).toBe(2)
    expect(openPacket(receiver, new Uint8Array(65536), 'esp', undefined).outcome).toBe(2)
    const longest = ipPacket(alice[4], bob[4], 253, new Uint8Array(65535 - 20))
    expect(sealPacket(sender, longest, 'ip').outcome).toBe(2)
    expect(sealPacket(sender, longest.subarray(0, 100), 'ip').outcome).toBe(1)
  })
})
