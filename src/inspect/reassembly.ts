// IP packets from their fragments. RFC 791 §3.2, RFC 8200 §4.5, RFC 5722 (overlaps), RFC 8200 §4.5 for times. Bounded: what does not
// become whole in time, or for want of room, is let go and counted.
import { concat, putU16, toHex, u16, u32 } from '../bytes/bytes.ts'
import { addressLength, type IpLayout } from '../net/layout.ts'
import { ipv4Field, ipv4FragmentOffsetMask, ipv4MoreFragments, writeIpv4Checksum } from '../net/ipv4.ts'
import { extensionField, fragmentField, fragmentHeaderLength, ipv6Field, ipv6FragmentOffsetMask, ipv6HeaderLength } from '../net/ipv6.ts'

export type Reassembled =
  /** `frames`: the numbers that were given with the fragments, in order of arrival. */
  | { readonly kind: 'whole'; readonly packet: Uint8Array; readonly frames: readonly number[] }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly reason: string; readonly rfc: string }

export interface ReassemblyLimits {
  /** Packets that are being put together. */
  readonly packets: number
  /** Octets of all fragments kept. */
  readonly octets: number
  /** Nanoseconds after the first fragment. RFC 8200 §4.5 says 60 seconds. */
  readonly patience: bigint
}

export const usualReassembly: ReassemblyLimits = { packets: 1024, octets: 16 * 1024 * 1024, patience: 60_000_000_000n }

export class Reassembly {
  readonly #limits: ReassemblyLimits
  /** In order of their first fragments. */
  readonly #parts = new Map<string, Parts>()
  #octets = 0
  #abandoned = 0

  constructor(limits: ReassemblyLimits = usualReassembly) {
    this.#limits = limits
  }

  /** `layout` is that of a fragment in `bytes`, which may change afterwards. `at`: nanoseconds, where a capture has them. */
  add(bytes: Uint8Array, layout: IpLayout, frame: number, at: bigint | undefined): Reassembled {
    this.#forgetOld(at)
    const fragment = layout.version === 4 ? fragmentV4(bytes, layout) : fragmentV6(bytes, layout)
    if (fragment === undefined) return { kind: 'refused', reason: 'the fragment header is not where it should be', rfc: 'RFC 8200 §4.5' }
    const wrong = misfit(fragment)
    if (wrong !== undefined) return wrong
    // Before its own packet is looked up, which may be the one that goes.
    this.#makeRoom()
    const parts = this.#parts.get(fragment.key) ?? { ...emptyParts, fragments: [], frames: [], since: at }
    this.#parts.set(fragment.key, parts)
    if (parts.refused) return overlap
    if (parts.fragments.length === mostFragments)
      return { kind: 'refused', reason: `more than ${mostFragments} fragments`, rfc: 'RFC 791 §3.2' }
    const before = parts.fragments.find((other) => other.start < fragment.end && fragment.start < other.end)
    if (before !== undefined) {
      if (sameFragment(before, fragment)) return { kind: 'waiting' }
      // RFC 5722 §4: all fragments of the packet, including those not yet received, are dropped.
      this.#empty(parts)
      parts.refused = true
      return overlap
    }
    this.#keep(parts, fragment, frame)
    const packet = parts.held === parts.end ? whole(parts.fragments) : undefined
    if (packet === undefined) return { kind: 'waiting' }
    this.#empty(parts)
    this.#parts.delete(fragment.key)
    return { kind: 'whole', packet, frames: parts.frames }
  }

  /** Packets of which fragments came, and never all. */
  get abandoned(): number {
    return this.#abandoned
  }

  /** Packets that still wait. */
  get waiting(): number {
    return this.#parts.size
  }

  #keep(parts: Parts, fragment: Fragment, frame: number): void {
    const octets = fragment.data.length + fragment.header.length
    parts.fragments.push({ ...fragment, header: fragment.header.slice(), data: fragment.data.slice() })
    parts.frames.push(frame)
    parts.octets += octets
    parts.held += fragment.data.length
    if (fragment.more === 'last') parts.end = fragment.end
    this.#octets += octets
  }

  #empty(parts: Parts): void {
    this.#octets -= parts.octets
    parts.octets = 0
    parts.fragments = []
  }

  #makeRoom(): void {
    for (const [key, parts] of this.#parts) {
      if (this.#parts.size <= this.#limits.packets && this.#octets <= this.#limits.octets) return
      this.#abandon(key, parts)
    }
  }

  #forgetOld(now: bigint | undefined): void {
    if (now === undefined) return
    for (const [key, parts] of this.#parts) {
      if (parts.since === undefined || now - parts.since <= this.#limits.patience) return
      this.#abandon(key, parts)
    }
  }

  #abandon(key: string, parts: Parts): void {
    this.#empty(parts)
    this.#parts.delete(key)
    this.#abandoned++
  }
}

interface Parts {
  fragments: Fragment[]
  readonly frames: number[]
  readonly since: bigint | undefined
  refused: boolean
  /** Kept, with headers. */
  octets: number
  /** Of the fragmentable part, and how many it has; the last fragment says. */
  held: number
  end: number | undefined
}
const emptyParts = { refused: false, octets: 0, held: 0, end: undefined } as const

interface Fragment {
  /** Addresses, identification and protocol: equal for the fragments of one packet. */
  readonly key: string
  /** Octets of the fragmentable part. */
  readonly start: number
  readonly end: number
  readonly more: 'more' | 'last'
  /** What comes before the fragmentable part in the whole packet. */
  readonly header: Uint8Array
  readonly data: Uint8Array
  /** Of the header octet that names what follows, and the value that it has in the whole packet. */
  readonly namedAt: number
  readonly protocol: number
  readonly version: 4 | 6
}

const overlap: Reassembled = { kind: 'refused', reason: 'fragments of one packet overlap with different octets', rfc: 'RFC 5722 §4' }
const longestPacket = 65_535
/** RFC 791 §3.2: every link takes 68 octets, 8 of them data at the worst; links of today take far more, and each look through a list costs time. */
const mostFragments = 2048

function fragmentV4(bytes: Uint8Array, layout: IpLayout): Fragment {
  const at = layout.start
  const flags = u16(bytes, at + ipv4Field.flagsAndFragment)
  const start = (flags & ipv4FragmentOffsetMask) * 8
  return {
    key: `4 ${addresses(bytes, layout)} ${u16(bytes, at + ipv4Field.identification)} ${layout.protocol}`,
    start,
    end: start + layout.end - layout.upper,
    more: (flags & ipv4MoreFragments) === 0 ? 'last' : 'more',
    header: bytes.subarray(at, layout.upper),
    data: bytes.subarray(layout.upper, layout.end),
    namedAt: ipv4Field.protocol,
    protocol: layout.protocol,
    version: 4,
  }
}

/** RFC 8200 §4.5: the fragment header ends the per-fragment headers, which are those of the whole packet but for its own octets. */
function fragmentV6(bytes: Uint8Array, layout: IpLayout): Fragment | undefined {
  const found = fragmentHeader(bytes, layout)
  if (found === undefined) return undefined
  const { at, namedAt } = found
  const offsetAndFlags = u16(bytes, at + fragmentField.offsetAndFlags)
  const start = offsetAndFlags & ipv6FragmentOffsetMask
  const data = bytes.subarray(at + fragmentHeaderLength, layout.end)
  return {
    key: `6 ${addresses(bytes, layout)} ${u32(bytes, at + fragmentField.identification)}`,
    start,
    end: start + data.length,
    more: (offsetAndFlags & 1) === 0 ? 'last' : 'more',
    header: bytes.subarray(layout.start, at),
    data,
    namedAt: namedAt - layout.start,
    protocol: bytes[at + fragmentField.nextHeader] ?? 0,
    version: 6,
  }
}

const fragmentHeaderType = 44

function fragmentHeader(bytes: Uint8Array, layout: IpLayout): { readonly at: number; readonly namedAt: number } | undefined {
  let namedAt = layout.start + ipv6Field.nextHeader
  let at = layout.start + ipv6HeaderLength
  while (at < layout.upper) {
    if (bytes[namedAt] === fragmentHeaderType) return { at, namedAt }
    namedAt = at + extensionField.nextHeader
    at += ((bytes[at + extensionField.length] ?? 0) + 1) * 8
  }
  return undefined
}

const addresses = (bytes: Uint8Array, layout: IpLayout): string =>
  toHex(bytes.subarray(layout.source, layout.source + addressLength(layout))) +
  toHex(bytes.subarray(layout.destination, layout.destination + addressLength(layout)))

function misfit(fragment: Fragment): Reassembled | undefined {
  const rfc = fragment.version === 4 ? 'RFC 791 §3.2' : 'RFC 8200 §4.5'
  if (fragment.header.length + fragment.end > longestPacket + (fragment.version === 6 ? ipv6HeaderLength : 0))
    return { kind: 'refused', reason: `the fragment ends beyond ${longestPacket} octets`, rfc }
  if (fragment.more === 'more' && (fragment.end - fragment.start) % 8 !== 0)
    return { kind: 'refused', reason: 'a fragment that is not the last one is not a multiple of 8 octets', rfc }
  return fragment.start === fragment.end ? { kind: 'refused', reason: 'a fragment without data', rfc } : undefined
}

function sameFragment(a: Fragment, b: Fragment): boolean {
  return a.start === b.start && a.end === b.end && a.data.every((octet, i) => octet === b.data[i])
}

/** The packet of fragments that do not overlap and are as many octets as the last one says. */
function whole(fragments: readonly Fragment[]): Uint8Array | undefined {
  const last = fragments.find(({ more }) => more === 'last')
  const first = fragments.find(({ start }) => start === 0)
  if (last === undefined || first === undefined) return undefined
  const inOrder = [...fragments].sort((a, b) => a.start - b.start)
  const packet = concat(first.header, ...inOrder.map(({ data }) => data))
  packet[first.namedAt] = first.protocol
  if (first.version === 6) putU16(packet, ipv6Field.payloadLength, packet.length - ipv6HeaderLength)
  else {
    putU16(packet, ipv4Field.totalLength, packet.length)
    putU16(packet, ipv4Field.flagsAndFragment, 0)
    writeIpv4Checksum(packet, 0, first.header.length)
  }
  return packet
}
