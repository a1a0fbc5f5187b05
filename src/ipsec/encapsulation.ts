// What a datagram on the NAT traversal port is. RFC 3948 §2.
import { nonEspMarker } from '../net/non-esp-marker.ts'

export const nonEspMarkerLength: number = nonEspMarker.length

/** RFC 3948 §2.3: a NAT-keepalive is this one octet. */
export const keepaliveOctet = 0xff

/** RFC 4303 §2: no ESP packet is shorter than SPI, Sequence Number, Pad Length and Next Header on a 4-octet boundary. */
const shortestEsp = 12

export type EncapsulatedKind = 'ike' | 'esp' | 'keepalive' | 'malformed'

/** Sorts the payload of a UDP datagram to or from port 4500, or the port in its place. `ike` starts behind the marker. */
export function classify(payload: Uint8Array): EncapsulatedKind {
  if (payload.length === 1) return payload[0] === keepaliveOctet ? 'keepalive' : 'malformed'
  if (payload.length <= nonEspMarkerLength) return 'malformed'
  // RFC 3948 §2.2: where an ESP packet has its SPI, four zero octets say that IKE follows.
  if (((payload[0] ?? 0) | (payload[1] ?? 0) | (payload[2] ?? 0) | (payload[3] ?? 0)) === 0) return 'ike'
  return payload.length < shortestEsp ? 'malformed' : 'esp'
}
