// A host of few words: answers what comes out of an SA, packet by packet. Echo: RFC 792, RFC 4443 §4.2; UDP port 7: RFC 862.
// Pure: a packet in, its answer out.
import { u16 } from '../../bytes/bytes.ts'
import { ipProtocol } from '../../iana/ip-protocols.ts'
import type { Address } from '../../net/address.ts'
import { ipPacket, udpDatagram, upperChecksum } from '../../net/build.ts'
import { answerEcho, decodeEcho } from '../../net/icmp.ts'
import { destinationAddress, emptyLayout, readLayout, sourceAddress } from '../../net/layout.ts'
import { udpField, udpHeaderLength } from '../../net/transport.ts'

/** Answers an IP packet that was for us, or leaves it to the next one. */
export type Service = (packet: Uint8Array) => Uint8Array | undefined

/** The first answer of `services`. */
export const serviceOf =
  (...services: readonly Service[]): Service =>
  (packet) => {
    for (const service of services) {
      const answer = service(packet)
      if (answer !== undefined) return answer
    }
    return undefined
  }

/** ICMP and ICMPv6 Echo Requests with a right checksum. */
export const answerPing: Service = (packet) => {
  const echo = decodeEcho(packet)
  return echo?.kind === 'request' ? answerEcho(echo) : undefined
}

/** What comes to UDP port 7 goes back (RFC 862). A packet with a wrong checksum has no answer, nor has one that comes from port 7. */
export const answerUdpEcho: Service = (packet) => {
  const datagram = readUdp(packet)
  if (datagram === undefined || datagram.destinationPort !== echoPort || datagram.sourcePort === echoPort) return undefined
  const source = { address: datagram.destination, port: echoPort }
  const destination = { address: datagram.source, port: datagram.sourcePort }
  return ipPacket(source.address, destination.address, ipProtocol.UDP, udpDatagram({ source, destination, payload: datagram.payload }))
}

const echoPort = 7

interface UdpDatagram {
  readonly source: Address
  readonly destination: Address
  readonly sourcePort: number
  readonly destinationPort: number
  readonly payload: Uint8Array
}

function readUdp(packet: Uint8Array): UdpDatagram | undefined {
  const layout = emptyLayout()
  if (!readLayout(packet, 0, packet.length, layout) || layout.fragmentation !== 'whole' || layout.protocol !== ipProtocol.UDP)
    return undefined
  const source = sourceAddress(packet, layout)
  const destination = destinationAddress(packet, layout)
  const available = packet.subarray(layout.upper, layout.end)
  if (source === undefined || destination === undefined || available.length < udpHeaderLength) return undefined
  const length = u16(available, udpField.length)
  if (length < udpHeaderLength || length > available.length) return undefined
  const octets = available.subarray(0, length)
  const sent = u16(octets, udpField.checksum)
  // RFC 768: zero is no checksum; RFC 8200 §8.1: there is no such thing in IPv6. Over octets with their checksum the result is zero.
  if (sent === 0 ? layout.version === 6 : upperChecksum(source, destination, ipProtocol.UDP, octets) !== 0) return undefined
  return {
    source,
    destination,
    sourcePort: u16(octets, udpField.sourcePort),
    destinationPort: u16(octets, udpField.destinationPort),
    payload: octets.slice(udpHeaderLength),
  }
}
