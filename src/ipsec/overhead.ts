// How much longer ESP makes a packet, exactly: for MTUs. RFC 4303 §2, RFC 3948 §2.1.
import type { SaMode } from '../contract/install.ts'
import { ipv4MinimumHeader } from '../net/ipv4.ts'
import { ipv6HeaderLength } from '../net/ipv6.ts'
import { udpHeaderLength } from '../net/transport.ts'
import { espHeaderLength, espTrailerLength } from './framing.ts'
import { paddedLength } from './trailer.ts'

/** The part of a PacketCipher that lengths depend on, in octets. */
export interface CipherShape {
  readonly ivLength: number
  readonly icvLength: number
  readonly blockLength: number
}

export interface PacketShape {
  readonly cipher: CipherShape
  readonly mode: SaMode
  readonly encapsulation: 'udp' | 'none'
  /** Of the outer header; in transport mode that of the packet itself. */
  readonly version: 4 | 6
  /** Octets of the packet that stay in front of ESP in transport mode: the IP header with its options or extension headers. */
  readonly headerLength: number
}

/** Octets from the SPI to the ICV, around a payload of so many. */
export function espLength(cipher: CipherShape, payloadLength: number): number {
  return espHeaderLength + cipher.ivLength + paddedLength(payloadLength, Math.max(4, cipher.blockLength)) + cipher.icvLength
}

/** Length of the whole outer IP packet for a plain IP packet of so many octets. */
export function sealedLength(shape: PacketShape, packetLength: number): number {
  const protectedLength = shape.mode === 'tunnel' ? packetLength : packetLength - shape.headerLength
  return outerLength(shape) + espLength(shape.cipher, protectedLength)
}

/** The longest plain IP packet whose outer IP packet is at most `mtu` octets; 0 when none is. */
export function largestPacket(shape: PacketShape, mtu: number): number {
  const { cipher } = shape
  const room = mtu - outerLength(shape) - espHeaderLength - cipher.ivLength - cipher.icvLength
  const text = room & -Math.max(4, cipher.blockLength)
  const payload = text - espTrailerLength
  if (payload < 0) return 0
  return shape.mode === 'tunnel' ? payload : payload + shape.headerLength
}

/** Outer IP header and UDP header. */
function outerLength(shape: PacketShape): number {
  const udp = shape.encapsulation === 'udp' ? udpHeaderLength : 0
  if (shape.mode === 'transport') return shape.headerLength + udp
  return (shape.version === 4 ? ipv4MinimumHeader : ipv6HeaderLength) + udp
}
