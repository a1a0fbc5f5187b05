import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, putU16, putU32, toHex } from '../../src/bytes/bytes.ts'
import { instant } from '../../src/contract/units.ts'
import { parseAddress } from '../../src/net/address.ts'
import { ipPacket } from '../../src/net/build.ts'
import { checksum } from '../../src/net/checksum.ts'
import { writeIpv4Checksum } from '../../src/net/ipv4.ts'
import { emptyLayout, readLayout } from '../../src/net/layout.ts'
import { type Reassembled, Reassembly, usualReassembly } from '../../src/net/reassembly.ts'
import { putTrafficClass, trafficClass } from '../../src/net/traffic-class.ts'

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

function add(reassembly: Reassembly, packet: Uint8Array, frame: number, at = 0): Reassembled {
  const layout = emptyLayout()
  expect(readLayout(packet, 0, packet.length, layout)).toBe(true)
  return reassembly.add(instant(at), packet, layout, frame)
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
    expect(outcomes.at(-1)).toMatchObject({ kind: 'whole', marks: [10, 11, 12, 13], longest: parts[2]?.length })
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
    expect(add(reassembly, other, 2)).toMatchObject({ kind: 'refused', fault: 'fragment-overlap' })
    expect(add(reassembly, fragment(family, 48, 100), 3)).toMatchObject({ kind: 'refused' })
  })

  test('that no packet can have are refused', () => {
    const reassembly = new Reassembly()
    const refused = (fault: string) => ({ kind: 'refused', fault })
    expect(add(reassembly, fragment(family, 0, 44), 1)).toEqual(refused('fragment-misaligned'))
    expect(add(reassembly, fragment(family, 48, 48), 2)).toEqual(refused('fragment-empty'))
    expect(add(reassembly, fragment(family, 65_528, 65_600, { data: payload }), 3)).toEqual(refused('fragment-too-long'))
    expect(reassembly.waiting).toBe(0)
  })

  test('of which one goes on behind the last one are no packet', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const reassembly = new Reassembly()
      const odd = [fragment(family, 48, 100), fragment(family, 104, 112, { data: new Uint8Array(8) })]
      expect(order.map((i) => add(reassembly, odd[i] ?? expect.unreachable(), i).kind)).toEqual(['waiting', 'refused'])
      expect(add(reassembly, fragment(family, 0, 48), 9).kind).toBe('refused')
    }
  })

  test('of which the first does not hold the header that policy asks for are refused (RFC 1858)', () => {
    const tcp = fragment(family, 0, 16)
    tcp[family === 'IPv4' ? 9 : 40] = 6
    expect(add(new Reassembly(), tcp, 1)).toEqual({ kind: 'refused', fault: 'fragment-tiny' })
    const longer = fragment(family, 0, 24)
    longer[family === 'IPv4' ? 9 : 40] = 6
    expect(add(new Reassembly(), longer, 1)).toEqual({ kind: 'waiting' })
  })

  test('that met congestion make a packet that has, unless one of them says that it knows no such marks (RFC 3168 §5.3)', () => {
    const marked = (part: Uint8Array, ecn: number): Uint8Array => {
      const copy = part.slice()
      putTrafficClass(copy, 0, ecn)
      return copy
    }
    const outcome = (...codepoints: readonly number[]): Reassembled | undefined => {
      const reassembly = new Reassembly()
      return parts.map((part, i) => add(reassembly, marked(part, codepoints[i] ?? 0), i)).at(-1)
    }
    const classOf = (done: Reassembled | undefined) => (done?.kind === 'whole' ? trafficClass(done.packet, 0) : done)
    expect(classOf(outcome(2, 2, 3, 2))).toBe(3)
    expect(classOf(outcome(2, 2, 2, 2))).toBe(2)
    expect(classOf(outcome(1, 2, 2, 2))).toBe(1)
    expect(outcome(2, 3, 0, 2)).toEqual({ kind: 'refused', fault: 'fragment-congestion' })
    const done = outcome(2, 2, 3, 2)
    if (family === 'IPv4' && done?.kind === 'whole') expect(checksum(done.packet, 0, 20, 0)).toBe(0)
  })

  test('that never become whole are let go: the oldest for want of room, all after a minute', () => {
    const reassembly = new Reassembly({ packets: 3, fragments: 8, octets: 10_000, patience: 60 })
    for (let id = 0; id < 10; id++) add(reassembly, fragment(family, 0, 48, { id }), id, id)
    expect(reassembly.waiting).toBe(3)
    expect(reassembly.crowdedOut).toBe(7)
    expect(reassembly.oldest).toBe(7)
    add(reassembly, fragment(family, 0, 48, { id: 99 }), 99, 1000)
    expect(reassembly).toMatchObject({ waiting: 1, outOfTime: 3, oldest: 1000 })
    reassembly.expire(instant(1060))
    expect(reassembly).toMatchObject({ waiting: 0, outOfTime: 4, oldest: undefined, octets: 0 })
  })

  test('of one packet are not more than it may have', () => {
    const reassembly = new Reassembly({ ...usualReassembly, fragments: 2 })
    for (let i = 0; i < 2; i++) expect(add(reassembly, fragment(family, 16 * i, 16 * i + 8), i).kind).toBe('waiting')
    expect(add(reassembly, fragment(family, 32, 40), 3)).toEqual({ kind: 'refused', fault: 'too-many-fragments' })
    expect(reassembly.octets).toBe(0)
  })

  test('are let go when they are too many octets, the packet that grows among them', () => {
    const reassembly = new Reassembly({ packets: 100, fragments: 8, octets: 700, patience: 60 })
    for (let round = 0; round < 50; round++)
      for (const [start, end] of [
        [0, 24],
        [24, 48],
        [48, 96],
      ] as const) {
        add(reassembly, fragment(family, start, end, { id: round % 3 }), round)
        expect(reassembly.octets).toBeLessThanOrEqual(700)
      }
    // Nothing that was let go is still counted.
    const fresh = cuts.slice(0, -1).map((start, i) => add(reassembly, fragment(family, start, cuts[i + 1] ?? 100, { id: 50 }), i, 1000))
    expect(fresh.at(-1)?.kind).toBe('waiting')
    expect(add(reassembly, fragment(family, 0, 48, { id: 51 }), 1, 2000).kind).toBe('waiting')
    expect(add(reassembly, fragment(family, 48, 100, { id: 51 }), 1, 2000).kind).toBe('whole')
    expect(reassembly.octets).toBe(0)
  })
})

test('whatever comes, nothing is thrown, and nothing is kept beyond the limits', () => {
  const limits = { packets: 4, fragments: 6, octets: 2_000, patience: 50 }
  const hostile = fc.record({
    family: fc.constantFrom<Family>('IPv4', 'IPv6'),
    // Few places and few packets, so that they meet.
    start: fc.oneof(
      fc.integer({ min: 0, max: 12 }).map((unit) => 8 * unit),
      fc.constant(65_528),
    ),
    length: fc.integer({ min: 0, max: 100 }),
    more: fc.integer({ min: 0, max: 1 }),
    id: fc.integer({ min: 1, max: 6 }),
    protocol: fc.constantFrom(17, 6, 50, 58, 44, 60, 0, 200),
    ecn: fc.integer({ min: 0, max: 3 }),
    wait: fc.integer({ min: 0, max: 10 }),
    fill: fc.integer({ min: 0, max: 255 }),
  })
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 60 }), (flood) => {
      const reassembly = new Reassembly(limits)
      const layout = emptyLayout()
      let now = 0
      for (const { family, start, length, more, id, protocol, ecn, wait, fill } of flood) {
        now += wait
        // The length of the whole packet says whether more follow: 100 octets.
        const end = more === 1 ? Math.min(99, start + length) : 100
        const packet = fragment(family, start, end, { id, data: new Uint8Array(length).fill(fill) })
        packet[family === 'IPv4' ? 9 : 40] = protocol
        putTrafficClass(packet, 0, ecn)
        if (!readLayout(packet, 0, packet.length, layout) || layout.fragmentation === 'whole') continue
        const outcome = reassembly.add(instant(now), packet, layout, 0)
        if (outcome.kind === 'whole')
          expect(readLayout(outcome.packet, 0, outcome.packet.length, emptyLayout()) || protocol !== 17).toBe(true)
        expect(reassembly.waiting).toBeLessThanOrEqual(limits.packets)
        expect(reassembly.octets).toBeLessThanOrEqual(limits.octets)
      }
      reassembly.expire(instant(now + 51))
      expect(reassembly).toMatchObject({ waiting: 0, octets: 0 })
    }),
    { seed: 6, numRuns: 150 },
  )
})
