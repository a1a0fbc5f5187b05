// The IPv4 header. RFC 791 §3.1.
import { putU16, u16 } from '../bytes/bytes.ts'
import { checksum } from './checksum.ts'

/** Octet offsets from the start of the header. */
export const ipv4Field = {
  versionAndLength: 0,
  /** DSCP and ECN: RFC 2474, RFC 3168. */
  trafficClass: 1,
  totalLength: 2,
  identification: 4,
  flagsAndFragment: 6,
  timeToLive: 8,
  protocol: 9,
  checksum: 10,
  source: 12,
  destination: 16,
  options: 20,
} as const

export const ipv4MinimumHeader = 20
export const ipv4DontFragment = 0x4000
export const ipv4MoreFragments = 0x2000
export const ipv4FragmentOffsetMask = 0x1fff

/** Octets of the header with its options; 0 when there is no whole IPv4 header in the `length` octets at `at`. */
export function ipv4HeaderLength(bytes: Uint8Array, at: number, length: number): number {
  if (length < ipv4MinimumHeader || at + length > bytes.length) return 0
  const first = bytes[at] ?? 0
  const headerLength = (first & 15) * 4
  return first >>> 4 === 4 && headerLength >= ipv4MinimumHeader && headerLength <= length ? headerLength : 0
}

/** Length of the whole packet by its own account; 0 when the `length` octets at `at` do not hold it. */
export function ipv4PacketLength(bytes: Uint8Array, at: number, length: number): number {
  const headerLength = ipv4HeaderLength(bytes, at, length)
  if (headerLength === 0) return 0
  const total = u16(bytes, at + ipv4Field.totalLength)
  return total >= headerLength && total <= length ? total : 0
}

/** Computes the header checksum anew; the header must be whole. */
export function writeIpv4Checksum(bytes: Uint8Array, at: number, headerLength: number): void {
  putU16(bytes, at + ipv4Field.checksum, 0)
  putU16(bytes, at + ipv4Field.checksum, checksum(bytes, at, headerLength, 0))
}
