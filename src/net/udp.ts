// Whole UDP packets: the datagram with its IP header. RFC 768; over IPv6 RFC 8200 §8.1.
import { u16 } from '../bytes/bytes.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import type { Endpoint } from './address.ts'
import { ipPacket, type UdpFields, udpDatagram, upperChecksum } from './build.ts'
import { destinationAddress, emptyLayout, readLayout, sourceAddress } from './layout.ts'
import { udpField, udpHeaderLength } from './transport.ts'

/** An IP packet, of the version of its addresses, with a UDP datagram in it. */
export function udpPacket(fields: UdpFields): Uint8Array {
  return ipPacket(fields.source.address, fields.destination.address, ipProtocol.UDP, udpDatagram(fields))
}

/** The UDP datagram in an IP packet; `undefined` when there is none, it is a fragment, or its checksum is wrong. */
export function decodeUdp(packet: Uint8Array): UdpFields | undefined {
  const layout = emptyLayout()
  if (!readLayout(packet, 0, packet.length, layout) || layout.fragmentation !== 'whole' || layout.protocol !== ipProtocol.UDP)
    return undefined
  const from = sourceAddress(packet, layout)
  const to = destinationAddress(packet, layout)
  const available = packet.subarray(layout.upper, layout.end)
  if (from === undefined || to === undefined || available.length < udpHeaderLength) return undefined
  const length = u16(available, udpField.length)
  if (length < udpHeaderLength || length > available.length) return undefined
  const octets = available.subarray(0, length)
  const sent = u16(octets, udpField.checksum)
  // RFC 768: zero is no checksum; RFC 8200 §8.1: there is no such thing in IPv6. Over octets with their checksum the result is zero.
  if (sent === 0 ? layout.version === 6 : upperChecksum(from, to, ipProtocol.UDP, octets) !== 0) return undefined
  const source: Endpoint = { address: from, port: u16(octets, udpField.sourcePort) }
  const destination: Endpoint = { address: to, port: u16(octets, udpField.destinationPort) }
  return { source, destination, payload: octets.slice(udpHeaderLength) }
}
