// How much longer ESP and AH make a packet, exactly: for MTUs. RFC 4302 §2.2, §2.6, RFC 4303 §2, RFC 3948 §2.1.
import type { SaInstall, SaMode } from '../contract/install.ts'
import type { ChildSuite } from '../contract/transforms.ts'
import { aeadShapes, cipherShapes, gmacShapes, integrityShapes, scarceCipherShapes } from '../crypto/catalogue.ts'
import { protocol } from '../iana/protocols.ts'
import { addressVersion } from '../net/address.ts'
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

/** What of a suite lengths depend on, in octets. In AH the IV is that of GMAC (RFC 4543 §4). */
export type ProtectionShape =
  | { readonly protocol: 'esp'; readonly cipher: CipherShape }
  | { readonly protocol: 'ah'; readonly ivLength: number; readonly icvLength: number }

export interface PacketShape {
  readonly protection: ProtectionShape
  readonly mode: SaMode
  readonly encapsulation: 'udp' | 'none'
  /** Of the outer header; in transport mode that of the packet itself. */
  readonly version: 4 | 6
  /** Octets of the packet that stay in front of ESP or AH in transport mode: the IP header with its options or extension headers. */
  readonly headerLength: number
}

/** Octets that a packet gains: `most` where padding is at its longest, `least` where it needs none. */
export interface Overhead {
  readonly least: number
  readonly most: number
}

/** `undefined`: nobody has the suite. */
export function protectionOf({ protocol: spoken, encryption, integrity }: ChildSuite): ProtectionShape | undefined {
  const mac = integrityShapes.find(({ id }) => id === integrity?.id)
  if (spoken === protocol.AH) {
    const gmac = gmacShapes.find(({ id }) => id === integrity?.id)
    if (gmac !== undefined) return { protocol: 'ah', ivLength: gmac.ivLength, icvLength: gmac.icvLength }
    return mac === undefined ? undefined : { protocol: 'ah', ivLength: 0, icvLength: mac.icvLength }
  }
  const isIt = ({ id, keyBits }: { readonly id: number; readonly keyBits: number | undefined }): boolean =>
    id === encryption?.id && keyBits === encryption.keyLength
  const aead = aeadShapes.find(isIt)
  if (aead !== undefined) {
    const ivLength = aead.iv === 'implicit' ? 0 : aead.ivLength
    return { protocol: 'esp', cipher: { ivLength, icvLength: aead.icvLength, blockLength: 1 } }
  }
  if (mac === undefined) return undefined
  const cipher = [...cipherShapes, ...scarceCipherShapes].find(isIt) ?? { ivLength: 0, blockLength: 1 }
  return { protocol: 'esp', cipher: { ivLength: cipher.ivLength, icvLength: mac.icvLength, blockLength: cipher.blockLength } }
}

/** Of an SA, for packets without IPv4 options or IPv6 extension headers. `undefined`: nobody has the suite. */
export function packetShape({ suite, mode, encapsulation, local }: PathOfSa): PacketShape | undefined {
  const protection = protectionOf(suite)
  const version = addressVersion(local.address)
  const headerLength = version === 4 ? ipv4MinimumHeader : ipv6HeaderLength
  return protection === undefined ? undefined : { protection, mode, encapsulation, version, headerLength }
}
export type PathOfSa = Pick<SaInstall, 'suite' | 'mode' | 'encapsulation' | 'local'>

/** Octets that a packet of this shape gains. */
export function overhead(shape: PacketShape): Overhead {
  const { protection } = shape
  const outer = outerLength(shape) - (shape.mode === 'tunnel' ? 0 : shape.headerLength)
  if (protection.protocol === 'ah') return { least: outer + protectedLength(shape, 0), most: outer + protectedLength(shape, 0) }
  const { ivLength, icvLength, blockLength } = protection.cipher
  const least = outer + espHeaderLength + ivLength + espTrailerLength + icvLength
  return { least, most: least + Math.max(4, blockLength) - 1 }
}

/** Length of the whole outer IP packet for a plain IP packet of so many octets. */
export function sealedLength(shape: PacketShape, packetLength: number): number {
  return outerLength(shape) + protectedLength(shape, shape.mode === 'tunnel' ? packetLength : packetLength - shape.headerLength)
}

/** The longest plain IP packet whose outer IP packet is at most `mtu` octets: the MTU that applications have; 0 when none is. RFC 4301 §8. */
export function effectiveMtu(shape: PacketShape, mtu: number): number {
  const room = mtu - outerLength(shape)
  const payload = shape.protection.protocol === 'ah' ? room - protectedLength(shape, 0) : espRoom(shape.protection.cipher, room)
  if (payload < 0) return 0
  return shape.mode === 'tunnel' ? payload : payload + shape.headerLength
}

/** Octets from the SPI to the ICV, around a payload of so many. */
export function espLength(cipher: CipherShape, payloadLength: number): number {
  return espHeaderLength + cipher.ivLength + paddedLength(payloadLength, Math.max(4, cipher.blockLength)) + cipher.icvLength
}

function espRoom(cipher: CipherShape, room: number): number {
  const text = (room - espHeaderLength - cipher.ivLength - cipher.icvLength) & -Math.max(4, cipher.blockLength)
  return text - espTrailerLength
}

/** ESP or AH with what it protects. RFC 4302 §2.6: AH is padded to 32 bits in IPv4, to 64 in IPv6. */
function protectedLength({ protection, version }: PacketShape, payloadLength: number): number {
  if (protection.protocol === 'esp') return espLength(protection.cipher, payloadLength)
  const alignment = version === 4 ? 4 : 8
  return ((ahFixedLength + protection.ivLength + protection.icvLength + alignment - 1) & -alignment) + payloadLength
}
/** RFC 4302 §2: up to the ICV. */
const ahFixedLength = 12

/** Outer IP header and UDP header. */
function outerLength(shape: PacketShape): number {
  const udp = shape.encapsulation === 'udp' ? udpHeaderLength : 0
  if (shape.mode === 'transport') return shape.headerLength + udp
  return (shape.version === 4 ? ipv4MinimumHeader : ipv6HeaderLength) + udp
}
