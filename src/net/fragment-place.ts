// What a fragment says of itself: which packet it is of, which octets of it, and whether that can be. RFC 791 §3.2, RFC 8200 §4.5, RFC 1858.
import { u16, u32 } from '../bytes/bytes.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { ipv4Field, ipv4FragmentOffsetMask, ipv4MoreFragments } from './ipv4.ts'
import { fragmentField, fragmentHeaderLength, ipv6FragmentOffsetMask, ipv6HeaderLength } from './ipv6.ts'
import type { IpLayout } from './layout.ts'
import { icmpField, mobilityField, tcpMinimumHeader, udpHeaderLength } from './transport.ts'

/** Why a fragment is not taken. */
export type FragmentFault =
  /** RFC 5722 §4: it overlaps another one of the same packet, which is dropped whole. */
  | 'fragment-overlap'
  /** RFC 8200 §4.5: the packet would be longer than 65,535 octets. */
  | 'fragment-too-long'
  /** RFC 8200 §4.5: more follow, and it is not a multiple of 8 octets. */
  | 'fragment-misaligned'
  /** It has no octets of the packet. */
  | 'fragment-empty'
  /** RFC 1858 §3, RFC 8200 §4.5: the first one does not hold the header that policy asks for. */
  | 'fragment-tiny'
  | 'too-many-fragments'
  /** RFC 3168 §5.3: one has met congestion, another says that the sender does not know of such marks. */
  | 'fragment-congestion'

/** Octets of the fragmentable part. A record to be filled again and again. */
export interface FragmentPlace {
  start: number
  end: number
  /** Where they are in the array. */
  data: number
  more: 'more' | 'last'
}

/** `layout` is that of a fragment. */
export function placeFragment(bytes: Uint8Array, layout: IpLayout, place: FragmentPlace): void {
  if (layout.version === 4) {
    const flags = u16(bytes, layout.start + ipv4Field.flagsAndFragment)
    place.start = (flags & ipv4FragmentOffsetMask) * 8
    place.more = (flags & ipv4MoreFragments) === 0 ? 'last' : 'more'
    place.data = layout.upper
  } else {
    const flags = u16(bytes, layout.fragmentHeader + fragmentField.offsetAndFlags)
    place.start = flags & ipv6FragmentOffsetMask
    place.more = (flags & 1) === 0 ? 'last' : 'more'
    place.data = layout.fragmentHeader + fragmentHeaderLength
  }
  place.end = place.start + layout.end - place.data
}

/** Addresses and identification, and in IPv4 the protocol: equal for the fragments of one packet. */
export function fragmentKey(bytes: Uint8Array, layout: IpLayout): string {
  const { version, source, destination } = layout
  if (version === 4) {
    const identification = u16(bytes, layout.start + ipv4Field.identification)
    return `${u32(bytes, source)} ${u32(bytes, destination)} ${identification} ${layout.protocol}`
  }
  const identification = u32(bytes, layout.fragmentHeader + fragmentField.identification)
  return `${words(bytes, source)} ${words(bytes, destination)} ${identification}`
}

/** What is wrong with a fragment by itself. */
export function misfit(bytes: Uint8Array, layout: IpLayout, { start, end, data, more }: FragmentPlace): FragmentFault | undefined {
  if (start === end) return 'fragment-empty'
  if (more === 'more' && (end - start) % 8 !== 0) return 'fragment-misaligned'
  const header = (layout.version === 4 ? data : layout.fragmentHeader) - layout.start
  if (header + end > 0xffff + (layout.version === 4 ? 0 : ipv6HeaderLength)) return 'fragment-too-long'
  return start === 0 && isTiny(bytes, layout) ? 'fragment-tiny' : undefined
}

/**
 * RFC 1858: a first fragment without the upper-layer header, or one of IPv4 that begins in it, and could write over what was looked at. In IPv6
 * extension headers hide where that would be (RFC 4301 §7.2).
 */
export function isTiny(bytes: Uint8Array, layout: IpLayout): boolean {
  if (layout.fragmentation === 'whole') return false
  if (layout.fragmentation === 'first') return layout.end - layout.upper < leastHeader(layout.protocol)
  const offset = u16(bytes, layout.start + ipv4Field.flagsAndFragment) & ipv4FragmentOffsetMask
  return layout.version === 4 && offset * 8 < leastHeader(layout.protocol)
}

/** Octets of the upper-layer header that a first fragment has to hold (RFC 1858 §3.1; RFC 8200 §4.5: all headers through the upper-layer one). */
function leastHeader(protocol: number): number {
  switch (protocol) {
    case ipProtocol.TCP:
      return tcpMinimumHeader
    case ipProtocol.UDP:
    case ipProtocol.UDPLITE:
    case ipProtocol.ESP:
      return udpHeaderLength
    case ipProtocol.ICMP:
    case ipProtocol.ICMPV6:
      return icmpField.data
    case ipProtocol.MOBILITY:
      return mobilityField.data
    case ipProtocol.SCTP:
    case ipProtocol.DCCP:
    case ipProtocol.AH:
      return 12
    default:
      return 0
  }
}

const words = (bytes: Uint8Array, at: number): string =>
  `${u32(bytes, at)}.${u32(bytes, at + 4)}.${u32(bytes, at + 8)}.${u32(bytes, at + 12)}`
