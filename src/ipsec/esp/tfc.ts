// TFC padding: octets behind the payload that hide how long it is. RFC 4303 §2.7.
import { u16 } from '../../bytes/bytes.ts'
import type { TfcPadding } from '../../contract/install.ts'
import { ipProtocol } from '../../iana/ip-protocols.ts'
import { extensionHeaderLength } from '../../net/ipv6.ts'
import { ipPacketLength } from '../../net/layout.ts'
import { udpField, udpHeaderLength } from '../../net/transport.ts'

/**
 * Where the payload ends by its own account; -1 where nothing in it says how long it is. RFC 4303 §2.7: always in tunnel mode, in transport
 * mode where the next layer has explicit length information. That is UDP, and IP in IP; neither TCP nor ICMP.
 */
export function ownEnd(bytes: Uint8Array, protocol: number, at: number, end: number): number {
  // RFC 4303 §3.1.1: destination options may be behind ESP.
  if (protocol === ipProtocol.IPV6_OPTS) {
    const next = end - at < 8 ? end : at + extensionHeaderLength(bytes, at, protocol)
    const inside = bytes[at] ?? 0
    return next >= end || inside === ipProtocol.IPV6_OPTS ? -1 : ownEnd(bytes, inside, next, end)
  }
  let length = 0
  // RFC 2675 §4: a jumbogram's length is 0, and says nothing.
  if (protocol === ipProtocol.UDP && end - at >= udpHeaderLength) length = u16(bytes, at + udpField.length)
  if (protocol === ipProtocol.IPV4 || protocol === ipProtocol.IPV6) length = ipPacketLength(bytes, at, end - at)
  return length < udpHeaderLength || at + length > end ? -1 : at + length
}

/**
 * How long a plain IP packet is made to look, in octets: at least as long as it is. `most`: the longest that the path takes; nothing
 * is padded beyond it.
 */
export function shapedLength(tfc: TfcPadding, length: number, most: number): number {
  const wanted = tfc.to === 'mtu' ? most : tfc.to === 'size' ? tfc.octets : Math.ceil(length / tfc.octets) * tfc.octets
  return Math.max(length, Math.min(wanted, most))
}
