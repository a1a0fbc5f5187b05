// Outer headers: IP, and UDP where ESP is encapsulated. RFC 4301 §5.1.2, RFC 3948 §2.1.
import type { PathTerms } from '../contract/path-terms.ts'
import { concat, putU16, u16 } from '../bytes/bytes.ts'
import { type Address, addressBytes, addressVersion } from '../net/address.ts'
import { checksum, pseudoHeaderSum } from '../net/checksum.ts'
import { ipv4DontFragment, ipv4Field, ipv4MinimumHeader, writeIpv4Checksum } from '../net/ipv4.ts'
import { ipv6Field, ipv6HeaderLength, putIpv6TrafficClass } from '../net/ipv6.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { trafficClass } from '../net/traffic-class.ts'
import type { OuterClass } from './ecn.ts'
import { udpField, udpHeaderLength } from '../net/transport.ts'

/** TTL and Hop Limit of headers that are made here (RFC 4301 §5.1.2.1, note 2: constructed). */
const hopLimit = 64
const largestIpLength = 0xffff

/** A header of 20 or 40 octets with all that does not change from packet to packet. */
export function headerTemplate(source: Address, destination: Address): Uint8Array {
  const addresses = concat(addressBytes(source), addressBytes(destination))
  if (addressVersion(source) === 6) {
    const header = concat(new Uint8Array(ipv6Field.source), addresses)
    putIpv6TrafficClass(header, 0, 0)
    header[ipv6Field.hopLimit] = hopLimit
    return header
  }
  const header = concat(new Uint8Array(ipv4Field.source), addresses)
  header[ipv4Field.versionAndLength] = 0x40 | (ipv4MinimumHeader / 4)
  header[ipv4Field.timeToLive] = hopLimit
  return header
}

/** Whether the length field of the IP header can hold a packet of `headerLength` octets and `rest`. */
export function fitsLengthField(version: number, headerLength: number, rest: number): boolean {
  return (version === 6 ? headerLength - ipv6HeaderLength : headerLength) + rest <= largestIpLength
}

/**
 * The IP header at `at` gets what the new packet needs: lengths, the octet at `protocolAt` that names what follows, checksum.
 * All other fields stay (RFC 3948 §3.2, §3.3).
 */
export function finishHeader(bytes: Uint8Array, at: number, headerLength: number, end: number, protocolAt: number, protocol: number): void {
  bytes[protocolAt] = protocol
  if ((bytes[at] ?? 0) >>> 4 === 6) {
    putU16(bytes, at + ipv6Field.payloadLength, end - at - ipv6HeaderLength)
  } else {
    putU16(bytes, at + ipv4Field.totalLength, end - at)
    writeIpv4Checksum(bytes, at, headerLength)
  }
}

/** Where a header without options or extensions names its payload. */
export function protocolField(version: number): number {
  return version === 6 ? ipv6Field.nextHeader : ipv4Field.protocol
}

/** What the outer header of tunnel mode takes from the inner one: of the traffic class, and of the flags of IPv4 (RFC 4301 §8.1). */
export interface Inheritance {
  readonly trafficClass: OuterClass
  readonly dontFragment: PathTerms['dontFragment']
}

/**
 * DSCP and ECN (RFC 4301 §5.1.2.1, RFC 6040 §4.1) and, from IPv4 to IPv4, DF. `identification` keeps fragments of outer packets apart where DF is clear (RFC 791 §3.2).
 */
export function inheritInner(
  bytes: Uint8Array,
  outer: number,
  inner: number,
  identification: number,
  { trafficClass: { kept, put }, dontFragment }: Inheritance,
): void {
  const inherited = (trafficClass(bytes, inner) & kept) | put
  if ((bytes[outer] ?? 0) >>> 4 === 6) {
    putIpv6TrafficClass(bytes, outer, inherited)
    return
  }
  bytes[outer + ipv4Field.trafficClass] = inherited
  const innerFlags = (bytes[inner] ?? 0) >>> 4 === 4 ? u16(bytes, inner + ipv4Field.flagsAndFragment) : 0
  const flags = dontFragment === 'copy' ? innerFlags : dontFragment === 'set' ? ipv4DontFragment : 0
  putU16(bytes, outer + ipv4Field.flagsAndFragment, flags & ipv4DontFragment)
  putU16(bytes, outer + ipv4Field.identification, identification & 0xffff)
}

/** With the checksum zero, as RFC 3948 §2.1 wants it for IPv4. */
export function writeUdpHeader(bytes: Uint8Array, at: number, sourcePort: number, destinationPort: number, length: number): void {
  putU16(bytes, at + udpField.sourcePort, sourcePort)
  putU16(bytes, at + udpField.destinationPort, destinationPort)
  putU16(bytes, at + udpField.length, udpHeaderLength + length)
  putU16(bytes, at + udpField.checksum, 0)
}

/**
 * RFC 8200 §8.1: over IPv6 a UDP checksum is computed, save where a protocol defines a mode without it (RFC 6935, RFC 6936).
 * RFC 3948 defines none, and nodes and middleboxes must discard a zero: so it is computed.
 */
export function writeIpv6UdpChecksum(bytes: Uint8Array, ip: number, udp: number): void {
  const length = u16(bytes, udp + udpField.length)
  const sum = pseudoHeaderSum(bytes, ip + ipv6Field.source, ip + ipv6Field.destination, 16, ipProtocol.UDP, length)
  const computed = checksum(bytes, udp, length, sum)
  putU16(bytes, udp + udpField.checksum, computed === 0 ? 0xffff : computed)
}
