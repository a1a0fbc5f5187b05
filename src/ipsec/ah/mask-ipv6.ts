// An IPv6 header and its extension headers as AH's ICV covers them: what routers may change is zero, and routes are at their end.
// RFC 4302 §3.3.3.1.2, appendix A2; RFC 8200 §4; RFC 6275 §6.3, §6.4, §11.3.2.
import { putU16, putU32, u16 } from '../../bytes/bytes.ts'
import { ipv6Option } from '../../iana/ip-options.ts'
import { ipProtocol } from '../../iana/ip-protocols.ts'
import { extensionField, extensionHeaderLength, fragmentHeaderLength, ipv6Field, ipv6HeaderLength } from '../../net/ipv6.ts'
import { drop, type DropCode } from '../drops.ts'

/** RFC 8200 §4.2: the third bit of an option's type says that its data may change en route. */
const mutableBit = 0x20
/** RFC 8200 §4.4; the addresses of types 0 and 2 begin at 8 (RFC 2460 §4.4, RFC 6275 §6.4.1). */
const routingField = { type: 2, segmentsLeft: 3, addresses: 8 } as const
const rotatingTypes: readonly number[] = [0, 2]
const addressLength = 16

/** What the last call of `maskIpv6` found; filled by it, so that the packet path allocates nothing. */
export const masked6: {
  /** Octets that the header has lost at its front. */
  shift: number
} = { shift: 0 }

/**
 * Masks the header at `at`, which extends to AH `headerLength` octets further, in place. A drop where options lie about their lengths or a route
 * cannot be predicted: what has been masked by then is lost. `end` says whether the packet is about to go, or has arrived.
 *
 * RFC 4302 appendix A2: a Fragment header, which a whole packet may have (RFC 6946), is removed for the ICV: what is in front of it moves to the right,
 * and the header begins at `at + masked6.shift`. Payload Length is then without it, as a receiver has it that takes the header out.
 */
export function maskIpv6(bytes: Uint8Array, at: number, headerLength: number, end: 'sender' | 'receiver'): DropCode | 0 {
  masked6.shift = 0
  // Traffic Class and Flow Label.
  putU32(bytes, at, 0x6000_0000)
  bytes[at + ipv6Field.hopLimit] = 0
  return headerLength === ipv6HeaderLength ? 0 : maskExtensions(bytes, at, at + headerLength, end)
}

/** The headers are whole: `readLayout` has walked over them. */
function maskExtensions(bytes: Uint8Array, at: number, headerEnd: number, end: 'sender' | 'receiver'): DropCode | 0 {
  let namedAt = at + ipv6Field.nextHeader
  let isRouted = false
  let start = at
  for (let header = at + ipv6HeaderLength; header < headerEnd; ) {
    const type = bytes[namedAt] ?? 0
    const next = header + extensionHeaderLength(bytes, header, type)
    let refused: DropCode | 0 = 0
    if (type === ipProtocol.IPV6_FRAG) {
      if (start !== at) return drop['malformed-options']
      removeFragmentHeader(bytes, at, header, namedAt)
      start += fragmentHeaderLength
      // If the IPv6 header or an extension in front names the next one, it does so further to the right now.
      namedAt += fragmentHeaderLength
    } else {
      if (type === ipProtocol.IPV6_ROUTE) {
        refused = isRouted ? drop['unpredictable-route'] : endRoute(bytes, start, header, next, end)
        isRouted = true
      } else refused = maskOptions(bytes, start, header, next)
      namedAt = header
    }
    if (refused !== 0) return refused
    header = next
  }
  masked6.shift = start - at
  return 0
}

function removeFragmentHeader(bytes: Uint8Array, at: number, header: number, namedAt: number): void {
  bytes[namedAt] = bytes[header] ?? 0
  putU16(bytes, at + ipv6Field.payloadLength, u16(bytes, at + ipv6Field.payloadLength) - fragmentHeaderLength)
  bytes.copyWithin(at + fragmentHeaderLength, at, header)
}

/** Hop-by-Hop Options or Destination Options: the data of mutable ones are zero, types and lengths stay (RFC 4302 §3.3.3.1.2.2). */
function maskOptions(bytes: Uint8Array, start: number, header: number, headerEnd: number): DropCode | 0 {
  for (let option = header + 2; option < headerEnd; ) {
    const type = bytes[option] ?? 0
    if (type === ipv6Option.PAD1) {
      option++
      continue
    }
    const data = option + 2
    const next = data + (bytes[option + 1] ?? 0)
    if (data > headerEnd || next > headerEnd) return drop['malformed-options']
    // RFC 2675 §3: an error where Payload Length is not zero; and where it is zero, the packet does not come here.
    if (type === ipv6Option.JUMBO_PAYLOAD) return drop['malformed-options']
    if ((type & mutableBit) !== 0) bytes.fill(0, data, next)
    else if (type === ipv6Option.HOME_ADDRESS) {
      if (next - data !== addressLength) return drop['malformed-options']
      // RFC 6275 §6.3: as if the option held the care-of address, and the IPv6 header the home address.
      swap(bytes, start + ipv6Field.source, data)
    }
    option = next
  }
  return 0
}

/**
 * Routing headers whose addresses change places with the destination, as they are at the receiver (RFC 4302 appendix A2; RFC 6275 §9.3.2 for type 2).
 * Of other types nothing is known save that they are immutable when no segments are left.
 */
function endRoute(bytes: Uint8Array, start: number, header: number, headerEnd: number, end: 'sender' | 'receiver'): DropCode | 0 {
  const left = bytes[header + routingField.segmentsLeft] ?? 0
  if (left === 0) return 0
  const units = bytes[header + extensionField.length] ?? 0
  if (end === 'receiver' || !rotatingTypes.includes(bytes[header + routingField.type] ?? 0)) return drop['unpredictable-route']
  const first = headerEnd - left * addressLength
  if (units % 2 !== 0 || first < header + routingField.addresses) return drop['unpredictable-route']
  for (let address = first; address < headerEnd; address += addressLength) swap(bytes, start + ipv6Field.destination, address)
  bytes[header + routingField.segmentsLeft] = 0
  return 0
}

function swap(bytes: Uint8Array, a: number, b: number): void {
  for (let i = 0; i < addressLength; i++) {
    const octet = bytes[a + i] ?? 0
    bytes[a + i] = bytes[b + i] ?? 0
    bytes[b + i] = octet
  }
}
