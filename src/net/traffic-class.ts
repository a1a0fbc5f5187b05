// DSCP (RFC 2474) and ECN (RFC 3168): one octet in IPv4, and two halves in IPv6.
import { putU16, u16 } from '../bytes/bytes.ts'
import { updateChecksum } from './checksum.ts'
import { ipv4Field } from './ipv4.ts'
import { ipv6TrafficClass, putIpv6TrafficClass } from './ipv6.ts'

/** Of an IP packet of either version. */
export function trafficClass(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) >>> 4 === 6 ? ipv6TrafficClass(bytes, at) : (bytes[at + ipv4Field.trafficClass] ?? 0)
}

/** The same anew, with the checksum of IPv4. */
export function putTrafficClass(bytes: Uint8Array, at: number, value: number): void {
  if ((bytes[at] ?? 0) >>> 4 === 6) {
    putIpv6TrafficClass(bytes, at, value)
    return
  }
  const before = u16(bytes, at)
  bytes[at + ipv4Field.trafficClass] = value
  putU16(bytes, at + ipv4Field.checksum, updateChecksum(u16(bytes, at + ipv4Field.checksum), before, u16(bytes, at)))
}
