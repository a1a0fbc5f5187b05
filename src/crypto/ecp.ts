// The ECP groups of RFC 5903 and RFC 6954: lengths, orders, and how private values are drawn. One way for all providers, so that the same
// randomness gives the same key pair.
import { fromHex } from '../bytes/bytes.ts'
import { Bug } from '../contract/faults.ts'
import type { RandomSource } from '../contract/random.ts'
import { keyExchange } from '../iana/transforms.ts'

/** An ECP group: the coordinate length (RFC 5903 §7, RFC 6954 §2), and the order of the base point (RFC 5903 §3, RFC 5639 §3). */
export interface EcpGroup {
  readonly id: number
  /** Octets of one coordinate, of a private value and of the shared secret. */
  readonly length: number
  /** Big-endian, `length` octets. */
  readonly order: Uint8Array
  /** Keeps the bits of a first octet that the order can have. */
  readonly topMask: number
}

/** A private value d of a curve, 0 < d < order, evenly distributed: drawn again until it fits. Big-endian. */
export function drawScalar(group: EcpGroup, random: RandomSource): Uint8Array {
  for (;;) {
    const value = random(group.length)
    value[0] = (value[0] ?? 0) & group.topMask
    if (isScalar(group, value)) return value
    value.fill(0)
  }
}

/** 0 < d < order, in as many octets as a coordinate has. */
export function isScalar(group: EcpGroup, value: Uint8Array): boolean {
  return value.length === group.length && isPositive(value) && isBelow(value, group.order)
}

function isPositive(value: Uint8Array): boolean {
  let any = 0
  for (const octet of value) any |= octet
  return any !== 0
}

/** a < b for big-endian numbers of one length; the running time depends on the length only. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  let borrow = 0
  for (let i = a.length - 1; i >= 0; i--) borrow = ((a[i] ?? 0) - (b[i] ?? 0) - borrow) >>> 31
  return borrow === 1
}

function order(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  if (bytes === undefined) throw new Bug('the order of a curve is mistyped')
  return bytes
}

/** RFC 5903 §3.1. */
export const ecp256: EcpGroup = {
  id: keyExchange.ECP_256,
  length: 32,
  order: order('FFFFFFFF 00000000 FFFFFFFF FFFFFFFF BCE6FAAD A7179E84 F3B9CAC2 FC632551'),
  topMask: 0xff,
}
/** RFC 5903 §3.2. */
export const ecp384: EcpGroup = {
  id: keyExchange.ECP_384,
  length: 48,
  order: order('FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF C7634D81 F4372DDF 581A0DB2 48B0A77A ECEC196A CCC52973'),
  topMask: 0xff,
}
/** RFC 5903 §3.3; 521 bits in 66 octets (§7). */
export const ecp521: EcpGroup = {
  id: keyExchange.ECP_521,
  length: 66,
  order: order(`01FFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFA5186 8783BF2F 966B7FCC 0148F709
    A5D03BB5 C9B8899C 47AEBB6F B71E9138 6409`),
  topMask: 0x01,
}
/** RFC 5639 §3.4. */
export const brainpool256: EcpGroup = {
  id: keyExchange.BRAINPOOL_P256R1,
  length: 32,
  order: order('A9FB57DB A1EEA9BC 3E660A90 9D838D71 8C397AA3 B561A6F7 901E0E82 974856A7'),
  topMask: 0xff,
}
/** RFC 5639 §3.6. */
export const brainpool384: EcpGroup = {
  id: keyExchange.BRAINPOOL_P384R1,
  length: 48,
  order: order('8CB91E82 A3386D28 0F5D6F7E 50E641DF 152F7109 ED5456B3 1F166E6C AC0425A7 CF3AB6AF 6B7FC310 3B883202 E9046565'),
  topMask: 0xff,
}
/** RFC 5639 §3.7. */
export const brainpool512: EcpGroup = {
  id: keyExchange.BRAINPOOL_P512R1,
  length: 64,
  order: order(`AADD9DB8 DBE9C48B 3FD4E6AE 33C9FC07 CB308DB3 B3C9D20E D6639CCA 70330870 553E5C41 4CA92619 41866119 7FAC1047
    1DB1D381 085DDADD B5879682 9CA90069`),
  topMask: 0xff,
}

export const ecpGroups: readonly EcpGroup[] = [ecp256, ecp384, ecp521, brainpool256, brainpool384, brainpool512]
