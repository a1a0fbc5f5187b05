// How much longer ESP and AH make a packet, exactly: for MTUs. RFC 4303 §2, RFC 4302 §2, RFC 3948 §2.1.
import type { SaMode } from '../contract/install.ts'
import { ipv4MinimumHeader } from '../net/ipv4.ts'
import { ipv6HeaderLength } from '../net/ipv6.ts'
import { udpHeaderLength } from '../net/transport.ts'
import { ahLength, type MacShape } from './ah/header.ts'
import { espHeaderLength, espTrailerLength } from './framing.ts'
import { paddedLength } from './trailer.ts'

/** The part of a PacketCipher that lengths depend on, in octets. */
export interface CipherShape {
  readonly ivLength: number
  readonly icvLength: number
  readonly blockLength: number
}

interface OuterPart {
  readonly mode: SaMode
  /** Of the outer header; in transport mode that of the packet itself. */
  readonly version: 4 | 6
  /** Octets of the packet that stay in front of ESP or AH in transport mode: the IP header with its options or extension headers. */
  readonly headerLength: number
}
export interface EspPacketShape extends OuterPart {
  readonly cipher: CipherShape
  readonly encapsulation: 'udp' | 'none'
}
/** AH is never in UDP: no NAT lets it through (RFC 3715 §2.1). */
export interface AhPacketShape extends OuterPart {
  readonly mac: MacShape
}
export type PacketShape = EspPacketShape | AhPacketShape

/** Octets from the SPI to the ICV, around a payload of so many. */
export function espLength(cipher: CipherShape, payloadLength: number): number {
  return espHeaderLength + cipher.ivLength + paddedLength(payloadLength, Math.max(4, cipher.blockLength)) + cipher.icvLength
}

/** Length of the whole outer IP packet for a plain IP packet of so many octets. */
export function sealedLength(shape: PacketShape, packetLength: number): number {
  const protectedLength = shape.mode === 'tunnel' ? packetLength : packetLength - shape.headerLength
  const inner = 'mac' in shape ? ahLength(shape.mac, shape.version) + protectedLength : espLength(shape.cipher, protectedLength)
  return outerLength(shape) + inner
}

/** The longest plain IP packet whose outer IP packet is at most `mtu` octets; 0 when none is. */
export function largestPacket(shape: PacketShape, mtu: number): number {
  const room = mtu - outerLength(shape)
  const payload = 'mac' in shape ? room - ahLength(shape.mac, shape.version) : largestEspPayload(shape.cipher, room)
  if (payload < 0) return 0
  return shape.mode === 'tunnel' ? payload : payload + shape.headerLength
}

/** Negative where there is no room for one. */
function largestEspPayload(cipher: CipherShape, room: number): number {
  const text = (room - espHeaderLength - cipher.ivLength - cipher.icvLength) & -Math.max(4, cipher.blockLength)
  return text - espTrailerLength
}

/** Outer IP header and UDP header. */
function outerLength(shape: PacketShape): number {
  const udp = 'cipher' in shape && shape.encapsulation === 'udp' ? udpHeaderLength : 0
  if (shape.mode === 'transport') return shape.headerLength + udp
  return (shape.version === 4 ? ipv4MinimumHeader : ipv6HeaderLength) + udp
}
