// AH's Integrity Check Value of a packet in an arena. RFC 4302 §3.3.3, §3.4.4, RFC 4543 §4.
import { putU32 } from '../../bytes/bytes.ts'
import { Bug } from '../../contract/faults.ts'
import type { ArenaMac } from '../../crypto/provider.ts'
import { drop, type DropCode } from '../drops.ts'
import { ahField } from './header.ts'
import { maskIpv4 } from './mask-ipv4.ts'
import { maskIpv6, masked6 } from './mask-ipv6.ts'
import type { AhSuite } from './suite.ts'

/** A packet with AH. A record to be filled again and again; positions are those in the arena. */
export interface AhPacket {
  version: 4 | 6
  /** Of the outer IP header. */
  start: number
  /** AH; in front of it the IP header with options or extension headers. */
  ah: number
  end: number
  /** RFC 4302 §3.3.3.2.2: with ESN the high half is covered, though not sent. It is written behind the packet: four octets must be free there. */
  high: number
}

export const emptyAhPacket = (): AhPacket => ({ version: 4, start: 0, ah: 0, end: 0, high: 0 })

/** The MAC of the burst at hand; none is kept beyond it, since it holds a key. */
let ready: ArenaMac | undefined

/** Before the ICVs of a burst. */
export function beginIcvs({ mac, key }: AhSuite): void {
  ready = mac.prepare(key)
}

/** After them. */
export function endIcvs(): void {
  ready = undefined
}

/** Whether there is an ICV for packets that are sent with this header; nothing is changed. */
export function checkHeader(bytes: Uint8Array, at: number, length: number, version: 4 | 6): DropCode | 0 {
  save(bytes, at, length)
  const refused = version === 4 ? maskIpv4(saved, 0, length, 'sender') : maskIpv6(saved, 0, length, 'sender')
  saved.fill(0, 0, length)
  return refused
}

/** Writes the ICV of a packet that is complete otherwise. */
export function writeIcv(arena: Uint8Array, packet: AhPacket, suite: AhSuite): void {
  if (compute(arena, packet, suite, 'sender') !== 0) throw new Bug('a header that has been checked cannot be masked')
  const at = packet.ah + ahField.icv + suite.mac.ivLength
  copy(computed, 0, arena, at, suite.mac.icvLength)
}

/** Whether the ICV is right. The packet is as it was, save that its ICV is gone. */
export function verifyIcv(arena: Uint8Array, packet: AhPacket, suite: AhSuite): DropCode | 0 {
  const { ivLength, icvLength } = suite.mac
  const at = packet.ah + ahField.icv + ivLength
  copy(arena, at, received, 0, icvLength)
  const refused = compute(arena, packet, suite, 'receiver')
  if (refused !== 0) return refused
  return differ(received, computed, icvLength) === 0 ? 0 : drop['integrity-check-failed']
}

// Everything runs synchronously, one packet after the other: these few octets serve all SAs.
/** Where the header is kept while its masked form stands in its place: most are short, and the longest that there can be have 64 KiB. */
let saved = new Uint8Array(256)
const computed = new Uint8Array(64)
const received = new Uint8Array(64)
const ivs = { 0: new Uint8Array(0), 8: new Uint8Array(8) } as const

/**
 * Into `computed`. The header is afterwards as it was, even where it could not be masked; padding of the ICV stays and is covered
 * (RFC 4302 §3.3.3.2.1).
 *
 * RFC 4302 §3.3.3.1: "The Integrity Check Value field is also set to zero". RFC 4543 §4 has GMAC's IV in that field: it is zero like the rest,
 * and covered as the nonce.
 */
function compute(arena: Uint8Array, packet: AhPacket, { mac, highLength }: AhSuite, end: 'sender' | 'receiver'): DropCode | 0 {
  if (ready === undefined) throw new Bug('an ICV was asked for outside of a burst')
  const { start, ah } = packet
  const headerLength = ah - start
  const field = ah + ahField.icv
  const iv = ivs[mac.ivLength === 0 ? 0 : 8]
  copy(arena, field, iv, 0, iv.length)
  clear(arena, field, iv.length + mac.icvLength)
  save(arena, start, headerLength)
  masked6.shift = 0
  const refused = packet.version === 4 ? maskIpv4(arena, start, headerLength, end) : maskIpv6(arena, start, headerLength, end)
  if (refused === 0) {
    if (highLength !== 0) putU32(arena, packet.end, packet.high)
    const icv = ready.mac(arena, start + masked6.shift, packet.end + highLength, iv)
    copy(icv, 0, computed, 0, mac.icvLength)
  }
  copy(saved, 0, arena, start, headerLength)
  clear(saved, 0, headerLength)
  copy(iv, 0, arena, field, iv.length)
  return refused
}

function save(bytes: Uint8Array, at: number, length: number): void {
  while (saved.length < length) saved = new Uint8Array(saved.length * 2)
  copy(bytes, at, saved, 0, length)
}

/** 0 when the first octets of both are the same; takes the same time whatever they are. */
function differ(a: Uint8Array, b: Uint8Array, length: number): number {
  let difference = 0
  for (let i = 0; i < length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference
}

/** A few octets: loops are faster here than views and calls of `set`. */
function copy(from: Uint8Array, at: number, to: Uint8Array, toAt: number, length: number): void {
  for (let i = 0; i < length; i++) to[toAt + i] = from[at + i] ?? 0
}

function clear(bytes: Uint8Array, at: number, length: number): void {
  for (let i = 0; i < length; i++) bytes[at + i] = 0
}
