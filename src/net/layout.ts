// Where the parts of one IP packet are: its upper layer, and where ESP goes in transport mode. RFC 791, RFC 8200 §4, RFC 4303 §3.1.1.
import { u16 } from '../bytes/bytes.ts'
import { type Address, addressFromBytes } from './address.ts'
import { ipv4Field, ipv4FragmentOffsetMask, ipv4HeaderLength, ipv4MoreFragments, ipv4PacketLength } from './ipv4.ts'
import {
  extensionHeaderLength,
  fragmentField,
  ipv6Field,
  ipv6FragmentMask,
  ipv6FragmentOffsetMask,
  ipv6HeaderLength,
  ipv6PacketLength,
  isSkippedExtension,
} from './ipv6.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'

/** `first` holds the start of the upper layer, `later` does not. An IPv6 fragment that is the whole packet (RFC 6946) is `whole`. */
export type Fragmentation = 'whole' | 'first' | 'later'

/** A record to be filled again and again. All positions are indices into the array that was read. */
export interface IpLayout {
  version: 4 | 6
  start: number
  /** Behind the last octet, by the packet's own length. */
  end: number
  source: number
  destination: number
  /** Where the ESP header belongs in transport mode, and the octet that names the protocol there. */
  insertion: number
  insertionNamedAt: number
  /** Where the upper layer starts, and the octet that names its protocol. */
  upper: number
  upperNamedAt: number
  protocol: number
  fragmentation: Fragmentation
  /** The fragment header of IPv6, and the octet that names it; 0 where there is none. */
  fragmentHeader: number
  fragmentNamedAt: number
}

export function emptyLayout(): IpLayout {
  return {
    version: 4,
    start: 0,
    end: 0,
    source: 0,
    destination: 0,
    insertion: 0,
    insertionNamedAt: 0,
    upper: 0,
    upperNamedAt: 0,
    protocol: 0,
    fragmentation: 'whole',
    fragmentHeader: 0,
    fragmentNamedAt: 0,
  }
}

/** Octets of the IP packet of either version by its own account; 0 when the `length` octets at `offset` do not hold it. */
export function ipPacketLength(bytes: Uint8Array, offset: number, length: number): number {
  return (bytes[offset] ?? 0) >>> 4 === 6 ? ipv6PacketLength(bytes, offset, length) : ipv4PacketLength(bytes, offset, length)
}

/** Fills `layout`. False when the `length` octets at `offset` do not start with an IP packet whose headers are whole. */
export function readLayout(bytes: Uint8Array, offset: number, length: number, layout: IpLayout): boolean {
  const packetLength = ipPacketLength(bytes, offset, length)
  return packetLength !== 0 && readHeaders(bytes, offset, packetLength, layout)
}

/**
 * The same for the beginning of a packet, as ICMP errors quote it (RFC 792, RFC 4443 §3): it ends where the quotation does. False where the IP
 * header itself is not whole, or an extension header is not.
 */
export function readQuotedLayout(bytes: Uint8Array, offset: number, length: number, layout: IpLayout): boolean {
  const version = (bytes[offset] ?? 0) >>> 4
  const isWhole = version === 6 ? length >= ipv6HeaderLength : ipv4HeaderLength(bytes, offset, length) !== 0
  return isWhole && offset + length <= bytes.length && readHeaders(bytes, offset, length, layout)
}

export const addressLength = (layout: IpLayout): 4 | 16 => (layout.version === 4 ? 4 : 16)

export function sourceAddress(bytes: Uint8Array, layout: IpLayout): Address | undefined {
  return addressFromBytes(bytes.subarray(layout.source, layout.source + addressLength(layout)))
}

export function destinationAddress(bytes: Uint8Array, layout: IpLayout): Address | undefined {
  return addressFromBytes(bytes.subarray(layout.destination, layout.destination + addressLength(layout)))
}

function readHeaders(bytes: Uint8Array, offset: number, length: number, layout: IpLayout): boolean {
  layout.start = offset
  layout.end = offset + length
  layout.fragmentation = 'whole'
  layout.fragmentHeader = 0
  layout.fragmentNamedAt = 0
  return (bytes[offset] ?? 0) >>> 4 === 6 ? readV6(bytes, layout) : readV4(bytes, layout)
}

function readV4(bytes: Uint8Array, layout: IpLayout): boolean {
  const at = layout.start
  const fragment = u16(bytes, at + ipv4Field.flagsAndFragment)
  layout.version = 4
  layout.source = at + ipv4Field.source
  layout.destination = at + ipv4Field.destination
  layout.insertion = at + ipv4HeaderLength(bytes, at, layout.end - at)
  layout.insertionNamedAt = at + ipv4Field.protocol
  layout.upper = layout.insertion
  layout.upperNamedAt = layout.insertionNamedAt
  layout.protocol = bytes[layout.upperNamedAt] ?? 0
  layout.fragmentation = (fragment & ipv4FragmentOffsetMask) !== 0 ? 'later' : (fragment & ipv4MoreFragments) !== 0 ? 'first' : 'whole'
  return true
}

function readV6(bytes: Uint8Array, layout: IpLayout): boolean {
  const at = layout.start
  layout.version = 6
  layout.source = at + ipv6Field.source
  layout.destination = at + ipv6Field.destination
  layout.insertion = at + ipv6HeaderLength
  layout.insertionNamedAt = at + ipv6Field.nextHeader
  layout.upper = layout.insertion
  layout.upperNamedAt = layout.insertionNamedAt
  layout.protocol = bytes[layout.upperNamedAt] ?? 0
  // What follows the header of a later fragment is not a header: the walk ends there, with the protocol that the fragment header names.
  for (let headers = 0; layout.fragmentation !== 'later' && isSkippedExtension(layout.protocol); headers++) {
    if (headers === mostExtensions || !skipExtension(bytes, layout)) return false
  }
  return true
}

/** RFC 8200 §4.1 knows of five in a packet; who sends more than these wants a long walk (RFC 8504 §5.3 allows a limit). */
const mostExtensions = 16

/** Moves over one extension header; false when it is cut off or out of place. */
function skipExtension(bytes: Uint8Array, layout: IpLayout): boolean {
  const at = layout.upper
  const namedAt = layout.upperNamedAt
  const type = layout.protocol
  // RFC 8200 §4.3: Hop-by-Hop Options come directly after the IPv6 header or not at all.
  if (type === ipProtocol.HOPOPT && at !== layout.start + ipv6HeaderLength) return false
  const next = at + extensionHeaderLength(bytes, at, type)
  if (next > layout.end) return false
  layout.upper = next
  layout.upperNamedAt = at
  layout.protocol = bytes[at] ?? 0
  // RFC 4303 §3.1.1: ESP goes behind hop-by-hop, routing and fragment headers; destination options that none of these follows are protected.
  if (type !== ipProtocol.IPV6_OPTS) {
    layout.insertion = next
    layout.insertionNamedAt = at
  }
  return type !== ipProtocol.IPV6_FRAG || readFragmentHeader(bytes, layout, at, namedAt)
}

/** A fragment inside of a fragment is nothing that a sender makes (RFC 8200 §4.5): false. */
function readFragmentHeader(bytes: Uint8Array, layout: IpLayout, at: number, namedAt: number): boolean {
  if (layout.fragmentHeader !== 0) return false
  layout.fragmentation = fragmentationV6(u16(bytes, at + fragmentField.offsetAndFlags))
  layout.fragmentHeader = at
  layout.fragmentNamedAt = namedAt
  return true
}

function fragmentationV6(offsetAndFlags: number): Fragmentation {
  if ((offsetAndFlags & ipv6FragmentMask) === 0) return 'whole'
  return (offsetAndFlags & ipv6FragmentOffsetMask) === 0 ? 'first' : 'later'
}
