// Whole packets from their fields, with right lengths and checksums: for ping and for tests. RFC 791, RFC 8200, RFC 768, RFC 9293.
import { concat, putU16, putU32 } from '../bytes/bytes.ts'
import { type Address, addressBytes, addressVersion, type Endpoint } from './address.ts'
import { checksum, onesSum } from './checksum.ts'
import { ipv4Field, ipv4MinimumHeader, writeIpv4Checksum } from './ipv4.ts'
import { ipv6Field, ipv6HeaderLength, putIpv6TrafficClass } from './ipv6.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { tcpField, tcpMinimumHeader, udpField, udpHeaderLength } from './transport.ts'

export interface Ipv4Fields {
  readonly source: Address
  readonly destination: Address
  readonly protocol: number
  readonly payload: Uint8Array
  readonly trafficClass?: number
  readonly identification?: number
  /** The 16 bits of flags and fragment offset. */
  readonly flagsAndFragment?: number
  readonly timeToLive?: number
  /** At most 40 octets, a multiple of 4. */
  readonly options?: Uint8Array
}

export interface Ipv6Fields {
  readonly source: Address
  readonly destination: Address
  /** Of the payload, behind all extension headers. */
  readonly protocol: number
  readonly payload: Uint8Array
  readonly trafficClass?: number
  readonly flowLabel?: number
  readonly hopLimit?: number
  readonly extensions?: readonly ExtensionHeader[]
}

/** `content` is all but the first two octets (Next Header and length): 6, 14, 22, … octets. */
export interface ExtensionHeader {
  readonly type: number
  readonly content: Uint8Array
}

export interface UdpFields {
  readonly source: Endpoint
  readonly destination: Endpoint
  readonly payload: Uint8Array
}

export interface TcpFields extends UdpFields {
  readonly sequence: number
  readonly acknowledgement: number
  readonly flags: number
  readonly window: number
}

const defaultHopLimit = 64

export function ipv4Packet(fields: Ipv4Fields): Uint8Array {
  const options = fields.options ?? new Uint8Array(0)
  const headerLength = ipv4MinimumHeader + options.length
  const packet = concat(new Uint8Array(ipv4MinimumHeader), options, fields.payload)
  packet[ipv4Field.versionAndLength] = 0x40 | (headerLength / 4)
  packet[ipv4Field.trafficClass] = fields.trafficClass ?? 0
  putU16(packet, ipv4Field.totalLength, packet.length)
  putU16(packet, ipv4Field.identification, fields.identification ?? 0)
  putU16(packet, ipv4Field.flagsAndFragment, fields.flagsAndFragment ?? 0)
  packet[ipv4Field.timeToLive] = fields.timeToLive ?? defaultHopLimit
  packet[ipv4Field.protocol] = fields.protocol
  packet.set(addressBytes(fields.source), ipv4Field.source)
  packet.set(addressBytes(fields.destination), ipv4Field.destination)
  writeIpv4Checksum(packet, 0, headerLength)
  return packet
}

export function ipv6Packet(fields: Ipv6Fields): Uint8Array {
  const extensions = fields.extensions ?? []
  const header = new Uint8Array(ipv6HeaderLength)
  const chain = extensions.map((extension, i) => {
    const length = extension.type === ipProtocol.IPV6_FRAG ? 0 : (extension.content.length + 2) / 8 - 1
    return concat(Uint8Array.of(extensions[i + 1]?.type ?? fields.protocol, length), extension.content)
  })
  const packet = concat(header, ...chain, fields.payload)
  putU32(packet, ipv6Field.versionClassFlow, fields.flowLabel ?? 0)
  putIpv6TrafficClass(packet, 0, fields.trafficClass ?? 0)
  putU16(packet, ipv6Field.payloadLength, packet.length - ipv6HeaderLength)
  packet[ipv6Field.nextHeader] = extensions[0]?.type ?? fields.protocol
  packet[ipv6Field.hopLimit] = fields.hopLimit ?? defaultHopLimit
  packet.set(addressBytes(fields.source), ipv6Field.source)
  packet.set(addressBytes(fields.destination), ipv6Field.destination)
  return packet
}

/** Of the version that the source address has. */
export function ipPacket(source: Address, destination: Address, protocol: number, payload: Uint8Array): Uint8Array {
  const fields = { source, destination, protocol, payload }
  return addressVersion(source) === 4 ? ipv4Packet(fields) : ipv6Packet(fields)
}

/** UDP header and payload, without IP header. */
export function udpDatagram(fields: UdpFields): Uint8Array {
  const datagram = concat(new Uint8Array(udpHeaderLength), fields.payload)
  putU16(datagram, udpField.sourcePort, fields.source.port)
  putU16(datagram, udpField.destinationPort, fields.destination.port)
  putU16(datagram, udpField.length, datagram.length)
  const sum = upperChecksum(fields.source.address, fields.destination.address, ipProtocol.UDP, datagram)
  // RFC 768: a checksum that comes out as zero is sent as all ones; zero means that there is none.
  putU16(datagram, udpField.checksum, sum === 0 ? 0xffff : sum)
  return datagram
}

/** TCP header and payload, without options and without IP header. */
export function tcpSegment(fields: TcpFields): Uint8Array {
  const segment = concat(new Uint8Array(tcpMinimumHeader), fields.payload)
  putU16(segment, tcpField.sourcePort, fields.source.port)
  putU16(segment, tcpField.destinationPort, fields.destination.port)
  putU32(segment, tcpField.sequence, fields.sequence)
  putU32(segment, tcpField.acknowledgement, fields.acknowledgement)
  segment[tcpField.dataOffset] = (tcpMinimumHeader / 4) << 4
  segment[tcpField.flags] = fields.flags
  putU16(segment, tcpField.window, fields.window)
  putU16(segment, tcpField.checksum, upperChecksum(fields.source.address, fields.destination.address, ipProtocol.TCP, segment))
  return segment
}

/** Checksum over pseudo header and upper-layer octets, of which the checksum field is still zero. */
export function upperChecksum(source: Address, destination: Address, protocol: number, octets: Uint8Array): number {
  const addresses = concat(addressBytes(source), addressBytes(destination))
  const sum = onesSum(addresses, 0, addresses.length, protocol + octets.length)
  return checksum(octets, 0, octets.length, sum)
}
