// IP packets from their fragments. RFC 791 §3.2, RFC 815; RFC 8200 §4.5; RFC 5722 (overlaps), RFC 3168 §5.3 (congestion marks). Bounded in
// packets, octets and time: what does not become whole is let go and counted.
import { equal, putU16 } from '../bytes/bytes.ts'
import type { Instant, Milliseconds } from '../contract/units.ts'
import { type FragmentFault, type FragmentPlace, fragmentKey, misfit, placeFragment } from './fragment-place.ts'
import { ipv4Field, writeIpv4Checksum } from './ipv4.ts'
import { ipv6Field, ipv6HeaderLength } from './ipv6.ts'
import type { IpLayout } from './layout.ts'
import { putTrafficClass, trafficClass } from './traffic-class.ts'

export type Reassembled =
  /** `marks`: what was given with the fragments, in order of arrival. `longest`: octets of the longest of them, its headers included. */
  | { readonly kind: 'whole'; readonly packet: Uint8Array; readonly marks: readonly number[]; readonly longest: number }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly fault: FragmentFault }

export interface ReassemblyLimits {
  /** Packets that are being put together, and those of which nothing more is taken. */
  readonly packets: number
  /** Of one packet. */
  readonly fragments: number
  /** Of all fragments kept, with what it costs to keep them. */
  readonly octets: number
  /** After the first fragment: RFC 8200 §4.5 says 60 seconds, RFC 1122 §3.3.2 at least that. */
  readonly patience: Milliseconds
}

/** 65,535 octets over links of 576 are 119 fragments. */
export const usualReassembly: ReassemblyLimits = { packets: 256, fragments: 128, octets: 4 * 1024 * 1024, patience: 60_000 }

export class Reassembly {
  readonly #limits: ReassemblyLimits
  /** In order of their first fragments. */
  readonly #parts = new Map<string, Parts>()
  #octets = 0
  #outOfTime = 0
  #crowdedOut = 0

  constructor(limits: ReassemblyLimits = usualReassembly) {
    this.#limits = limits
  }

  /** Packets that still wait. */
  get waiting(): number {
    return this.#parts.size
  }

  /** Octets kept, with what it costs to keep them. */
  get octets(): number {
    return this.#octets
  }

  /** Packets whose other fragments did not come in time. */
  get outOfTime(): number {
    return this.#outOfTime
  }

  /** Packets that were let go for want of room, the oldest first. */
  get crowdedOut(): number {
    return this.#crowdedOut
  }

  /** When the first fragment of the oldest came: after `patience` it is let go. */
  get oldest(): Instant | undefined {
    for (const { since } of this.#parts.values()) return since
    return undefined
  }

  /** `layout` is that of a fragment in `bytes`, which may change afterwards. */
  add(now: Instant, bytes: Uint8Array, layout: IpLayout, mark: number): Reassembled {
    this.expire(now)
    placeFragment(bytes, layout, place)
    const fault = misfit(bytes, layout, place)
    if (fault !== undefined) return refusals[fault]
    const key = fragmentKey(bytes, layout)
    const cost = pieceCost + layout.end - place.data + (place.start === 0 ? place.data - layout.start : 0)
    this.#makeRoom(cost)
    const parts = this.#parts.get(key) ?? newParts(now)
    this.#parts.set(key, parts)
    if (parts.refused !== undefined) return refusals[parts.refused]
    const at = placeIn(parts, bytes, layout)
    if (at === 'repeated') return waiting
    // RFC 5722 §4: all fragments of the packet, including those not yet received, are dropped.
    if (at === 'overlaps') return this.#refuse(parts, 'fragment-overlap')
    if (parts.pieces.length === this.#limits.fragments) return this.#refuse(parts, 'too-many-fragments')
    this.#octets += cost
    parts.cost += cost
    keep(parts, at, bytes, layout, mark)
    return parts.held === parts.end ? this.#finish(key, parts) : waiting
  }

  /** Lets go of those that have waited for too long. */
  expire(now: Instant): void {
    for (const [key, parts] of this.#parts) {
      if (now - parts.since < this.#limits.patience) return
      if (parts.refused === undefined) this.#outOfTime++
      this.#forget(key, parts)
    }
  }

  #finish(key: string, parts: Parts): Reassembled {
    this.#forget(key, parts)
    const { marks, longest, first, held, seen } = parts
    if (first === undefined) return waiting
    // The fragment that says how long it all is may have had shorter headers than the first.
    if (first.header.length + held > longestOf(first.version)) return refusals['fragment-too-long']
    if (congestionIsLost(seen)) return refusals['fragment-congestion']
    return { kind: 'whole', packet: whole(first, parts), marks, longest }
  }

  #refuse(parts: Parts, fault: FragmentFault): Reassembled {
    this.#octets -= parts.cost
    parts.cost = 0
    parts.pieces = []
    parts.refused = fault
    return refusals[fault]
  }

  #makeRoom(octets: number): void {
    for (const [key, parts] of this.#parts) {
      if (this.#parts.size < this.#limits.packets && this.#octets + octets <= this.#limits.octets) return
      if (parts.refused === undefined) this.#crowdedOut++
      this.#forget(key, parts)
    }
  }

  #forget(key: string, parts: Parts): void {
    this.#octets -= parts.cost
    this.#parts.delete(key)
  }
}

/** Filled anew for each fragment. */
const place: FragmentPlace = { start: 0, end: 0, data: 0, more: 'last' }

/** A packet of which fragments have come. */
interface Parts {
  readonly since: Instant
  /** In order, without overlaps. */
  pieces: Piece[]
  readonly marks: number[]
  first: First | undefined
  /** Of the fragmentable part: how many octets are there, and how many it has; the last fragment says. */
  held: number
  end: number | undefined
  longest: number
  /** ECN codepoints, one bit for each. */
  seen: number
  cost: number
  /** Nothing more is taken of it. */
  refused: FragmentFault | undefined
}
interface Piece {
  readonly start: number
  readonly end: number
  readonly octets: Uint8Array
}
/** RFC 8200 §4.5: the headers of the whole packet are those of its first fragment, without the fragment header. */
interface First {
  readonly version: 4 | 6
  readonly header: Uint8Array
  /** The octet in it that names what follows, and its value in the whole packet. */
  readonly namedAt: number
  readonly protocol: number
}

/** What a fragment costs beside its octets, roughly: a hundred fragments of eight octets are not small. */
const pieceCost = 160

function newParts(since: Instant): Parts {
  return { since, pieces: [], marks: [], first: undefined, held: 0, end: undefined, longest: 0, seen: 0, cost: 0, refused: undefined }
}

/** Where it goes among the pieces. */
function placeIn(parts: Parts, bytes: Uint8Array, layout: IpLayout): number | 'repeated' | 'overlaps' {
  const { pieces } = parts
  const { start, end, data, more } = place
  // Mostly they come in order.
  let at = pieces.length
  for (let before = pieces[at - 1]; before !== undefined && before.start >= start; before = pieces[at - 1]) at--
  const next = pieces[at]
  // RFC 8200 §4.5: an exact duplicate may be dropped by itself.
  if (next?.start === start && next.end === end && equal(next.octets, bytes.subarray(data, layout.end))) return 'repeated'
  if ((pieces[at - 1]?.end ?? 0) > start || (next !== undefined && next.start < end)) return 'overlaps'
  // Two ends, or octets behind the end: no packet has that.
  if (parts.end !== undefined && (more === 'last' || end > parts.end)) return 'overlaps'
  if (more === 'last' && (pieces.at(-1)?.end ?? 0) > end) return 'overlaps'
  return at
}

function keep(parts: Parts, at: number, bytes: Uint8Array, layout: IpLayout, mark: number): void {
  const { start, end, data, more } = place
  parts.pieces.splice(at, 0, { start, end, octets: bytes.slice(data, layout.end) })
  parts.marks.push(mark)
  parts.held += end - start
  if (more === 'last') parts.end = end
  if (start === 0) parts.first = firstOf(bytes, layout, data)
  parts.longest = Math.max(parts.longest, layout.end - layout.start)
  parts.seen |= 1 << (trafficClass(bytes, layout.start) & 3)
}

function firstOf(bytes: Uint8Array, { version, start, fragmentHeader, fragmentNamedAt }: IpLayout, data: number): First {
  if (version === 4)
    return { version, header: bytes.slice(start, data), namedAt: ipv4Field.protocol, protocol: bytes[start + ipv4Field.protocol] ?? 0 }
  return { version, header: bytes.slice(start, fragmentHeader), namedAt: fragmentNamedAt - start, protocol: bytes[fragmentHeader] ?? 0 }
}

function whole({ version, header, namedAt, protocol }: First, { pieces, held, seen }: Parts): Uint8Array {
  const packet = new Uint8Array(header.length + held)
  packet.set(header)
  for (const { start, octets } of pieces) packet.set(octets, header.length + start)
  packet[namedAt] = protocol
  if ((seen & congestionSeen) !== 0) putTrafficClass(packet, 0, trafficClass(packet, 0) | 3)
  if (version === 6) putU16(packet, ipv6Field.payloadLength, packet.length - ipv6HeaderLength)
  else {
    putU16(packet, ipv4Field.totalLength, packet.length)
    putU16(packet, ipv4Field.flagsAndFragment, 0)
    writeIpv4Checksum(packet, 0, header.length)
  }
  return packet
}

const longestOf = (version: 4 | 6): number => (version === 4 ? 0xffff : 0xffff + ipv6HeaderLength)

/** RFC 3168 §5.3: a mark makes the whole packet marked, unless a fragment of it says that it cannot be: then it is dropped. */
const notCapableSeen = 1 << 0
const congestionSeen = 1 << 3
const congestionIsLost = (seen: number): boolean => (seen & congestionSeen) !== 0 && (seen & notCapableSeen) !== 0

const waiting: Reassembled = { kind: 'waiting' }
const refused = (fault: FragmentFault): Reassembled => ({ kind: 'refused', fault })
const refusals: Readonly<Record<FragmentFault, Reassembled>> = {
  'fragment-overlap': refused('fragment-overlap'),
  'fragment-too-long': refused('fragment-too-long'),
  'fragment-misaligned': refused('fragment-misaligned'),
  'fragment-empty': refused('fragment-empty'),
  'fragment-tiny': refused('fragment-tiny'),
  'too-many-fragments': refused('too-many-fragments'),
  'fragment-congestion': refused('fragment-congestion'),
}
