// How much longer ESP and AH make a packet, exactly: for MTUs. RFC 4303 §2, RFC 4302 §2, RFC 3948 §2.1.
import type { SaInstall, SaMode } from '../contract/install.ts'
import type { ChildSuite } from '../contract/transforms.ts'
import { aeadShapes, cipherShapes, gmacShapes, integrityShapes, scarceCipherShapes } from '../crypto/catalogue.ts'
import { protocol } from '../iana/protocols.ts'
import { addressVersion } from '../net/address.ts'
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

/** Octets that a packet gains: `most` where padding is at its longest, `least` where it needs none. */
export interface Overhead {
  readonly least: number
  readonly most: number
}

/** Of an SA, for packets without IPv4 options or IPv6 extension headers. `undefined`: nobody has the suite. */
export function packetShape({ suite, mode, encapsulation, local }: PathOfSa): PacketShape | undefined {
  const version = addressVersion(local.address)
  const outer = { mode, version, headerLength: version === 4 ? ipv4MinimumHeader : ipv6HeaderLength }
  if (suite.protocol === protocol.AH) {
    const mac = macShapeOf(suite)
    return mac === undefined ? undefined : { ...outer, mac }
  }
  const cipher = cipherShapeOf(suite)
  return cipher === undefined ? undefined : { ...outer, cipher, encapsulation }
}
export type PathOfSa = Pick<SaInstall, 'suite' | 'mode' | 'encapsulation' | 'local'>

/** Octets that a packet of this shape gains. */
export function overhead(shape: PacketShape): Overhead {
  const outer = outerLength(shape) - (shape.mode === 'tunnel' ? 0 : shape.headerLength)
  if ('mac' in shape) return { least: outer + ahLength(shape.mac, shape.version), most: outer + ahLength(shape.mac, shape.version) }
  const { ivLength, icvLength, blockLength } = shape.cipher
  const least = outer + espHeaderLength + ivLength + espTrailerLength + icvLength
  return { least, most: least + Math.max(4, blockLength) - 1 }
}

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

/** The longest plain IP packet whose outer IP packet is at most `mtu` octets: the MTU that applications have (RFC 4301 §8); 0 when none is. */
export function effectiveMtu(shape: PacketShape, mtu: number): number {
  const room = mtu - outerLength(shape)
  const payload = 'mac' in shape ? room - ahLength(shape.mac, shape.version) : largestEspPayload(shape.cipher, room)
  if (payload < 0) return 0
  return shape.mode === 'tunnel' ? payload : payload + shape.headerLength
}

function macShapeOf({ integrity }: ChildSuite): MacShape | undefined {
  const gmac = gmacShapes.find(({ id }) => id === integrity?.id)
  const mac = integrityShapes.find(({ id }) => id === integrity?.id)
  return gmac ?? (mac === undefined ? undefined : { ivLength: 0, icvLength: mac.icvLength })
}

function cipherShapeOf({ encryption, integrity }: ChildSuite): CipherShape | undefined {
  const isIt = ({ id, keyBits }: { readonly id: number; readonly keyBits: number | undefined }): boolean =>
    id === encryption?.id && keyBits === encryption.keyLength
  const aead = aeadShapes.find(isIt)
  // RFC 8750 §4: an implicit IV is not sent.
  if (aead !== undefined) return { ivLength: aead.iv === 'implicit' ? 0 : aead.ivLength, icvLength: aead.icvLength, blockLength: 1 }
  const mac = integrityShapes.find(({ id }) => id === integrity?.id)
  const { ivLength, blockLength } = [...cipherShapes, ...scarceCipherShapes].find(isIt) ?? nullCipher
  return mac === undefined ? undefined : { ivLength, icvLength: mac.icvLength, blockLength }
}
const nullCipher = { ivLength: 0, blockLength: 1 }

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
