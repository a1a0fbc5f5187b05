import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import { SaCounters } from '../../src/ipsec/counters.ts'
import { drop, dropReason } from '../../src/ipsec/drops.ts'
import { classify } from '../../src/ipsec/encapsulation.ts'
import type { InboundSa } from '../../src/ipsec/inbound.ts'
import { createInboundSa } from '../../src/ipsec/sa.ts'
import { effectiveMtu, overhead, packetShape, type PacketShape, sealedLength } from '../../src/ipsec/overhead.ts'
import { Sad, spiOf } from '../../src/ipsec/sad.ts'
import { anyPacket } from '../net/arbitraries.ts'
import { gcm128, pair, provider, seal, spi, suites } from './fixtures.ts'

describe('the SAD', () => {
  const template = pair().receiver.install
  const saWith = (spi: number): InboundSa => createInboundSa({ ...template, spi: spi as typeof template.spi }, provider)

  test('equals a Map, whatever is added, replaced and removed', () => {
    // Few SPIs, so that the same ones come again, and close enough in a table of this size for chains of probes to cross.
    const spis = Array.from({ length: 120 }, (_, i) => 0x1000 + ((i * i * 0x9e3779b1) >>> 3))
    const anySpi = fc.constantFrom(...spis)
    const action = fc.record({ kind: fc.constantFrom('add', 'add', 'remove'), spi: anySpi })
    fc.assert(
      fc.property(fc.array(action, { minLength: 100, maxLength: 400 }), (actions) => {
        const sad = new Sad()
        const map = new Map<number, InboundSa>()
        for (const { kind, spi } of actions) {
          if (kind === 'add') {
            const sa = saWith(spi)
            sad.add(sa)
            map.set(spi, sa)
          } else {
            expect(sad.remove(spi)).toBe(map.get(spi))
            map.delete(spi)
          }
          expect(sad.size).toBe(map.size)
        }
        for (const spi of spis) expect(sad.find(spi)).toBe(map.get(spi))
        expect(new Set(sad)).toEqual(new Set(map.values()))
      }),
      { seed: 51, numRuns: 60 },
    )
  })

  test('reads the SPI of a packet, unless it is cut off or reserved (RFC 4303 §2.1)', () => {
    expect(spiOf(Uint8Array.of(0xff, 0, 0, 1, 9))).toBe(0xff000001)
    expect(spiOf(Uint8Array.of(0, 0, 1, 0))).toBe(256)
    expect(spiOf(Uint8Array.of(0, 0, 0, 255))).toBeUndefined()
    expect(spiOf(Uint8Array.of(0, 0, 0, 0))).toBeUndefined()
    expect(spiOf(Uint8Array.of(1, 2, 3))).toBeUndefined()
  })
})

describe('a datagram on the NAT traversal port (RFC 3948 §2)', () => {
  test('is a keepalive, IKE behind four zero octets, ESP, or nothing', () => {
    expect(classify(Uint8Array.of(0xff))).toBe('keepalive')
    expect(classify(Uint8Array.of(0xff, 0xff))).toBe('malformed')
    expect(classify(Uint8Array.of(0))).toBe('malformed')
    expect(classify(new Uint8Array(0))).toBe('malformed')
    expect(classify(new Uint8Array(4))).toBe('malformed')
    expect(classify(new Uint8Array(32))).toBe('ike')
    expect(classify(Uint8Array.of(0, 0, 0, 1, ...utf8('8 octets')))).toBe('esp')
    expect(classify(Uint8Array.of(0, 0, 0, 1, ...utf8('7 octet')))).toBe('malformed')
  })
})

describe('overhead', () => {
  const shapes = suites.flatMap((suite) =>
    (['transport', 'tunnel'] as const).flatMap((mode) =>
      (['udp', 'none'] as const).flatMap((encapsulation) => ([4, 6] as const).map((version) => ({ suite, mode, encapsulation, version }))),
    ),
  )
  const cipherOf = (suite: (typeof suites)[number]) => {
    const { install } = pair({ suite }).sender
    const cipher = provider.packetCipher(install.suite, { encryption: install.encryptionKey, integrity: install.integrityKey })
    if (cipher === undefined) throw new Error('the provider lacks the suite')
    return cipher
  }

  test('is exact for every suite, mode, version and encapsulation', () => {
    for (const shape of shapes) {
      const whole: PacketShape = { ...shape, cipher: cipherOf(shape.suite), headerLength: shape.version === 4 ? 20 : 40 }
      for (const { bytes } of fc.sample(anyPacket(shape.version, 'plain'), { seed: 52, numRuns: 8 })) {
        expect(seal(pair(shape).sender, 'ip', bytes).packet(0)).toHaveLength(sealedLength(whole, bytes.length))
      }
    }
  })

  test('the largest packet for an MTU fits, and one octet more does not', () => {
    for (const shape of shapes) {
      const whole: PacketShape = { ...shape, cipher: cipherOf(shape.suite), headerLength: shape.version === 4 ? 20 : 40 }
      for (let mtu = 1280; mtu < 1300; mtu++) {
        const largest = effectiveMtu(whole, mtu)
        expect(sealedLength(whole, largest)).toBeLessThanOrEqual(mtu)
        expect(sealedLength(whole, largest + 1)).toBeGreaterThan(mtu)
      }
    }
  })

  test('is known of an SA without its keys', () => {
    for (const shape of shapes) {
      const { install } = pair(shape).sender
      const { ivLength, icvLength, blockLength } = cipherOf(shape.suite)
      expect(packetShape(install)).toMatchObject({ cipher: { ivLength, icvLength, blockLength }, mode: shape.mode, version: shape.version })
    }
  })

  test('lies between what it says at least and at most, and reaches both', () => {
    for (const shape of shapes) {
      const whole: PacketShape = { ...shape, cipher: cipherOf(shape.suite), headerLength: shape.version === 4 ? 20 : 40 }
      const gained = Array.from({ length: 64 }, (_, i) => sealedLength(whole, 100 + i) - 100 - i)
      expect({ least: Math.min(...gained), most: Math.max(...gained) }).toEqual(overhead(whole))
    }
  })

  test('AES-GCM in a tunnel in UDP over IPv4 leaves 1438 octets of 1500', () => {
    const shape: PacketShape = { cipher: cipherOf(gcm128), mode: 'tunnel', encapsulation: 'udp', version: 4, headerLength: 20 }
    expect(effectiveMtu(shape, 1500)).toBe(1438)
    expect(effectiveMtu(shape, 40)).toBe(0)
  })
})

describe('reasons for a drop', () => {
  test('have one number each, and numbers know their names', () => {
    const codes = Object.values(drop)
    expect(new Set(codes).size).toBe(codes.length)
    for (const [name, code] of Object.entries(drop)) expect(dropReason(code)).toBe(name)
    expect(dropReason(0)).toBeUndefined()
    expect(dropReason(255)).toBeUndefined()
  })

  test('are counted', () => {
    const counters = new SaCounters()
    expect(counters.drops()).toEqual([])
    for (const reason of ['replayed', 'too-old', 'replayed'] as const) counters.countDrop(drop[reason])
    expect(counters.dropped).toBe(3)
    expect(counters.droppedFor('replayed')).toBe(2)
    expect(counters.droppedFor('fragment')).toBe(0)
    expect(counters.drops()).toEqual([
      ['replayed', 2],
      ['too-old', 1],
    ])
  })
})

test('a suite that the provider does not have drops packets in both directions', () => {
  const unknown = { ...gcm128, suite: { ...gcm128.suite, encryption: { type: 1, id: 250, keyLength: undefined } } }
  const { sender, receiver } = pair({ suite: unknown })
  const plain = fc.sample(anyPacket(4, 'plain'), { seed: 53, numRuns: 1 })[0]?.bytes ?? new Uint8Array(0)
  expect(dropReason(seal(sender, 'esp', plain).outcome[0] ?? 0)).toBe('suite-unavailable')
  const batch = seal(pair().sender, 'esp', plain)
  receiver.open(batch, 0, 1, 'esp', undefined)
  expect(dropReason(batch.outcome[0] ?? 0)).toBe('suite-unavailable')
  expect(spiOf(batch.packet(0))).toBe(spi)
})
