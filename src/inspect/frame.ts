// A datagram as the packet that carried it: a UDP socket hides the IP and UDP headers, a capture needs them. RFC 791, RFC 8200, RFC 768,
// RFC 3948 §2; IP protocol 50 for bare ESP (RFC 4303 §2), 51 for AH (RFC 4302 §2).
import { u32 } from '../bytes/bytes.ts'
import type { Datagram } from '../contract/machine.ts'
import { formatSpi } from '../contract/units.ts'
import { exchangeName } from '../iana/exchanges.ts'
import { ipProtocol, ipProtocolName } from '../iana/ip-protocols.ts'
import { ahField } from '../ipsec/ah/header.ts'
import { ipPacket, udpDatagram } from '../net/build.ts'
import { emptyLayout, readLayout } from '../net/layout.ts'

/** From the IP header on, with right lengths and checksums. */
export function framePacket(direction: 'sent' | 'received', datagram: Datagram): Uint8Array {
  const [source, destination] = direction === 'sent' ? [datagram.local, datagram.remote] : [datagram.remote, datagram.local]
  if (datagram.channel === 'ip') return datagram.bytes
  if (datagram.channel === 'esp') return ipPacket(source.address, destination.address, ipProtocol.ESP, datagram.bytes)
  const udp = udpDatagram({ source, destination, payload: datagram.bytes })
  return ipPacket(source.address, destination.address, ipProtocol.UDP, udp)
}

/** `IKE_SA_INIT request 0`, `ESP 0x0badcafe sequence 17`, `AH 0x0badcafe sequence 17`, `NAT keepalive`: what can be told without keys. */
export function describeDatagram(datagram: Datagram): string {
  const { bytes, channel } = datagram
  if (channel === 'ike') return describeIke(bytes)
  if (channel === 'esp') return describeEsp(bytes)
  if (channel === 'ip') return describePacket(bytes)
  // RFC 3948 §2.3: a keepalive is the single octet 0xff; §2.2: four zero octets stand before IKE, where ESP has its SPI.
  if (bytes.length === 1 && bytes[0] === 0xff) return 'NAT keepalive'
  return bytes.length >= 4 && u32(bytes, 0) === 0 ? describeIke(bytes.subarray(4)) : describeEsp(bytes)
}

/** RFC 7296 §3.1. */
function describeIke(bytes: Uint8Array): string {
  if (bytes.length < 28) return 'IKE, cut off'
  const role = ((bytes[19] ?? 0) & 0x20) === 0 ? 'request' : 'response'
  return `${exchangeName(bytes[18] ?? 0)} ${role} ${u32(bytes, 20)}`
}

function describePacket(bytes: Uint8Array): string {
  const layout = emptyLayout()
  if (!readLayout(bytes, 0, bytes.length, layout)) return 'IP, cut off'
  const { protocol, upper, end } = layout
  if (layout.fragmentation === 'later') return `fragment of ${ipProtocolName(protocol)}`
  const prefix = layout.fragmentation === 'first' ? 'first fragment of ' : ''
  if (protocol === ipProtocol.ESP) return prefix + describeEsp(bytes.subarray(upper, end))
  if (protocol !== ipProtocol.AH) return prefix + ipProtocolName(protocol)
  if (end - upper < ahField.icv) return 'AH, cut off'
  return `${prefix}AH ${formatSpi(u32(bytes, upper + ahField.spi))} sequence ${u32(bytes, upper + ahField.sequence)}`
}

function describeEsp(bytes: Uint8Array): string {
  return bytes.length < 8 ? 'ESP, cut off' : `ESP ${formatSpi(u32(bytes, 0))} sequence ${u32(bytes, 4)}`
}
