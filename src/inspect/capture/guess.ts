// What a few octets without any frame around them are, by what they look like.
import { u16, u32 } from '../../bytes/bytes.ts'
import { ipPacketLength } from '../../net/layout.ts'
import { findIp, linkType } from './link.ts'

/** `udp4500`: what UDP carries on port 4500, IKE behind four zero octets or ESP (RFC 3948 §2). */
export type OctetsKind = 'ethernet' | 'ip' | 'ike' | 'udp4500' | 'esp'

export const octetsKinds: readonly OctetsKind[] = ['ike', 'udp4500', 'ip', 'esp', 'ethernet']

/** `undefined` when they look like nothing that is known here. An ESP packet has no form of its own: what is left is taken for one. */
export function guessKind(octets: Uint8Array): OctetsKind | undefined {
  if (looksLikeIke(octets, 0)) return 'ike'
  if (octets.length > 4 && u32(octets, 0) === 0 && looksLikeIke(octets, 4)) return 'udp4500'
  if (ipPacketLength(octets, 0, octets.length) > 0) return 'ip'
  const behind = findIp(linkType.ethernet, octets)
  if (behind.kind === 'ip' && ipPacketLength(octets, behind.at, octets.length - behind.at) > 0) return 'ethernet'
  // RFC 4303 §2.1: SPIs up to 255 are reserved.
  return octets.length >= 16 && u32(octets, 0) > 255 ? 'esp' : undefined
}

/**
 * An IKE header with major version 1 or 2, an initiator's SPI, and an exchange type and first payload of that version. The Length
 * need not be right: a message that is cut short or has a wrong length is still meant as one. RFC 7296 §3.1; RFC 2408 §3.1.
 */
export function looksLikeIke(octets: Uint8Array, at: number): boolean {
  if (octets.length < at + 28 || (u32(octets, at) === 0 && u32(octets, at + 4) === 0)) return false
  const nextPayload = octets[at + 16] ?? 0
  const version = octets[at + 17] ?? 0
  const exchangeType = octets[at + 18] ?? 0
  const flags = octets[at + 19] ?? 0
  // RFC 7296 §3.1: only bits 3, 4 and 5 have a meaning in version 2, bits 0, 1 and 2 in version 1.
  if (version === 0x20) return exchangeType >= 34 && exchangeType <= 44 && nextPayload >= 33 && nextPayload <= 54 && (flags & 0xc7) === 0
  if (version === 0x10)
    return ((exchangeType >= 1 && exchangeType <= 6) || exchangeType === 32 || exchangeType === 33) && flags < 8 && nextPayload <= 20
  return false
}

/** As `looksLikeIke`, with a Length that is exactly what is there: strong enough to tell IKE on a port that is not its own. */
export function isSurelyIke(octets: Uint8Array, at: number, end: number): boolean {
  return looksLikeIke(octets.subarray(0, end), at) && u32(octets, at + 24) === end - at && u16(octets, at + 24) === 0
}
