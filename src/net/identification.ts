// The Identification of IPv4 packets that we are the source of. RFC 791 §3.2, RFC 6864 §4.3: what may be fragmented has one of its own.
import { putU16, u16 } from '../bytes/bytes.ts'
import { ipv4DontFragment, ipv4Field, ipv4HeaderLength, writeIpv4Checksum } from './ipv4.ts'

/** Numbers packets one after the other, from `first` on; 0 is left out, since raw(7) of Linux and others take it for "none yet". */
export class Identifications {
  #next: number

  constructor(first: number) {
    this.#next = first
  }

  /** The packet with a number of its own, in place. IPv6, what has one already, and what may not be fragmented stay as they are. */
  number(packet: Uint8Array): Uint8Array {
    const headerLength = ipv4HeaderLength(packet, 0, packet.length)
    if (headerLength === 0 || u16(packet, ipv4Field.identification) !== 0) return packet
    if ((u16(packet, ipv4Field.flagsAndFragment) & ipv4DontFragment) !== 0) return packet
    this.#next = this.#next & 0xffff || 1
    putU16(packet, ipv4Field.identification, this.#next++)
    writeIpv4Checksum(packet, 0, headerLength)
    return packet
  }
}
