// A host of few words: answers what comes out of an SA, packet by packet. Echo: RFC 792, RFC 4443 §4.2; UDP port 7: RFC 862.
// Pure: a packet in, its answer out.
import { answerEcho, decodeEcho } from '../../net/icmp.ts'
import { decodeUdp, udpPacket } from '../../net/udp.ts'

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
  const datagram = decodeUdp(packet)
  if (datagram === undefined || datagram.destination.port !== echoPort || datagram.source.port === echoPort) return undefined
  return udpPacket({ ...datagram, source: datagram.destination, destination: datagram.source })
}

const echoPort = 7
