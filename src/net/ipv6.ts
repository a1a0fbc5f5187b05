// The IPv6 header and its extension headers. RFC 8200 §3, §4.
import { u16 } from '../bytes/bytes.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'

/** Octet offsets from the start of the header. */
export const ipv6Field = {
  /** Version (4 bits), Traffic Class (8), Flow Label (20). */
  versionClassFlow: 0,
  payloadLength: 4,
  nextHeader: 6,
  hopLimit: 7,
  source: 8,
  destination: 24,
} as const

export const ipv6HeaderLength = 40

/** Every extension header that is skipped here starts so (RFC 8200 §4.3 to §4.6). */
export const extensionField = { nextHeader: 0, length: 1 } as const

/** RFC 8200 §4.5. */
export const fragmentField = { nextHeader: 0, reserved: 1, offsetAndFlags: 2, identification: 4 } as const
export const fragmentHeaderLength = 8
/** Fragment Offset and M flag; what is left out is reserved. */
export const ipv6FragmentMask = 0xfff9
export const ipv6FragmentOffsetMask = 0xfff8

/** Length of the whole packet by its own account; 0 when the `length` octets at `at` do not hold it. Jumbograms are not supported. */
export function ipv6PacketLength(bytes: Uint8Array, at: number, length: number): number {
  if (length < ipv6HeaderLength || at + length > bytes.length || (bytes[at] ?? 0) >>> 4 !== 6) return 0
  const total = ipv6HeaderLength + u16(bytes, at + ipv6Field.payloadLength)
  return total <= length ? total : 0
}

/** Headers between the IPv6 header and what RFC 4301 §4.4.1.1 calls the Next Layer Protocol; AH and ESP are not among them. */
export function isSkippedExtension(nextHeader: number): boolean {
  return (
    nextHeader === ipProtocol.HOPOPT ||
    nextHeader === ipProtocol.IPV6_ROUTE ||
    nextHeader === ipProtocol.IPV6_FRAG ||
    nextHeader === ipProtocol.IPV6_OPTS
  )
}

/** Octets of the extension header at `at`, of which `nextHeader` is the type; it may lie beyond the packet's end: check. */
export function extensionHeaderLength(bytes: Uint8Array, at: number, nextHeader: number): number {
  return nextHeader === ipProtocol.IPV6_FRAG ? fragmentHeaderLength : ((bytes[at + extensionField.length] ?? 0) + 1) * 8
}

/** DSCP and ECN, which straddle two octets. */
export function ipv6TrafficClass(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 4) | ((bytes[at + 1] ?? 0) >>> 4)) & 0xff
}

export function putIpv6TrafficClass(bytes: Uint8Array, at: number, trafficClass: number): void {
  bytes[at] = 0x60 | (trafficClass >>> 4)
  bytes[at + 1] = ((bytes[at + 1] ?? 0) & 0x0f) | ((trafficClass & 15) << 4)
}
