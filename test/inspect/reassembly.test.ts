import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, putU16, putU32, toHex } from '../../src/bytes/bytes.ts'
import { type Reassembled, Reassembly } from '../../src/inspect/reassembly.ts'
import { parseAddress } from '../../src/net/address.ts'
import { ipPacket } from '../../src/net/build.ts'
import { writeIpv4Checksum } from '../../src/net/ipv4.ts'
import { emptyLayout, readLayout } from '../../src/net/layout.ts'

const payload = Uint8Array.from({ length: 100 }, (_, i) => i)
const families = {
  IPv4: ['192.0.2.1', '192.0.2.2'],
  IPv6: ['2001:db8::1', '2001:db8::2'],
} as const
type Family = keyof typeof families
const whole = (family: Family): Uint8Array => {
  const [from, to] = families[family].map((text) => parseAddress(text) ?? expect.unreachable(text))
  return ipPacket(from ?? expect.unreachable(), to ?? expect.unreachable(), 17, payload)
}

/** Octets `start` to `end` of the payload; `end` behind its last octet marks the last fragment. */
function fragment(
  family: Family,
  start: number,
  end: number,
  options: { readonly id?: number; readonly data?: Uint8Array } = {},
): Uint8Array {
  const packet = whole(family)
  const data = options.data ?? payload.slice(start, end)
  const more = end < payload.length ? 1 : 0
  const id = options.id ?? 7
  if (family === 'IPv4') {
    const part = concat(packet.slice(0, 20), data)
    putU16(part, 2, part.length)
    putU16(part, 4, id)
    putU16(part, 6, (start >>> 3) | (more << 13))
    writeIpv4Checksum(part, 0, 20)
    return part
  }
  const header = new Uint8Array(8)
  header[0] = 17
  putU16(header, 2, start | more)
  putU32(header, 4, id)
  const part = concat(packet.slice(0, 40), header, data)
  part[6] = 44
  putU16(part, 4, part.length - 40)
  return part
}

function add(reassembly: Reassembly, packet: Uint8Array, frame: number, at?: bigint): Reassembled {
  const layout = emptyLayout()
  expect(readLayout(packet, 0, packet.length, layout)).toBe(true)
  return reassembly.add(packet, layout, frame, at)
}

describe.each(['IPv4', 'IPv6'] as const)('%s fragments', (family) => {
  const cuts = [0, 24, 48, 96, 100]
  const parts = cuts.slice(0, -1).map((start, i) => fragment(family, start, cuts[i + 1] ?? 100))
  // The identification of a packet that was never a fragment is zero.
  const expected = whole(family)
  if (family === 'IPv4') {
    putU16(expected, 4, 7)
    putU16(expected, 6, 0)
    writeIpv4Checksum(expected, 0, 20)
  }

  test('become the packet in whatever order they come, and each twice', () => {
    const order = fc.shuffledSubarray([...parts.keys(), ...parts.keys()], { minLength: 2 * parts.length })
    fc.assert(
      fc.property(order, (indices) => {
        const reassembly = new Reassembly()
        const outcomes = indices.map((i, frame) => add(reassembly, parts[i] ?? expect.unreachable(), frame))
        const done = outcomes.find((outcome) => outcome.kind === 'whole')
        expect(done?.kind === 'whole' ? toHex(done.packet) : done).toBe(toHex(expected))
      }),
      { numRuns: 100, seed: 4 },
    )
  })

  test('say in which frames they were', () => {
    const reassembly = new Reassembly()
    const outcomes = parts.map((part, i) => add(reassembly, part, 10 + i))
    expect(outcomes.at(-1)).toMatchObject({ kind: 'whole', frames: [10, 11, 12, 13] })
    expect(outcomes.slice(0, -1)).toEqual([{ kind: 'waiting' }, { kind: 'waiting' }, { kind: 'waiting' }])
    expect(reassembly.waiting).toBe(0)
  })

  test('of different packets do not mix', () => {
    const reassembly = new Reassembly()
    add(reassembly, fragment(family, 0, 48), 1)
    expect(add(reassembly, fragment(family, 48, 100, { id: 8 }), 2)).toEqual({ kind: 'waiting' })
    expect(reassembly.waiting).toBe(2)
  })

  test('that overlap with other octets are refused, and the rest of the packet with them', () => {
    const reassembly = new Reassembly()
    add(reassembly, fragment(family, 0, 48), 1)
    const other = fragment(family, 40, 100, { data: new Uint8Array(60) })
    expect(add(reassembly, other, 2)).toMatchObject({ kind: 'refused', rfc: 'RFC 5722 §4' })
    expect(add(reassembly, fragment(family, 48, 100), 3)).toMatchObject({ kind: 'refused' })
  })

  test('that no packet can have are refused', () => {
    const reassembly = new Reassembly()
    expect(add(reassembly, fragment(family, 0, 44), 1)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('multiple of 8') })
    expect(add(reassembly, fragment(family, 48, 48), 2)).toMatchObject({ kind: 'refused', reason: 'a fragment without data' })
    expect(add(reassembly, fragment(family, 65_528, 65_600, { data: payload }), 3)).toMatchObject({
      kind: 'refused',
      reason: 'the fragment ends beyond 65535 octets',
    })
  })

  test('that never become whole are let go: the oldest for want of room, all after a minute', () => {
    const reassembly = new Reassembly({ packets: 3, octets: 10_000, patience: 60n })
    for (let id = 0; id < 10; id++) add(reassembly, fragment(family, 0, 48, { id }), id, BigInt(id))
    expect(reassembly.waiting).toBeLessThanOrEqual(4)
    expect(reassembly.abandoned).toBeGreaterThanOrEqual(6)
    add(reassembly, fragment(family, 0, 48, { id: 99 }), 99, 1000n)
    expect(reassembly.waiting).toBe(1)
  })

  test('are let go when they are too many octets, the packet that grows among them', () => {
    const reassembly = new Reassembly({ packets: 100, octets: 300, patience: 60n })
    for (let round = 0; round < 50; round++)
      for (const [start, end] of [
        [0, 24],
        [24, 48],
        [48, 96],
      ] as const)
        add(reassembly, fragment(family, start, end, { id: round % 3 }), round, 0n)
    for (const part of parts) add(reassembly, part, 1, 0n)
    expect(reassembly.waiting).toBeLessThan(4)
    // Nothing that was let go is still counted: a small packet becomes whole.
    const fresh = cuts.slice(0, -1).map((start, i) => add(reassembly, fragment(family, start, cuts[i + 1] ?? 100, { id: 50 }), i, 1000n))
    expect(fresh.at(-1)?.kind).toBe('whole')
  })
})
