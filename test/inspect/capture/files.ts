// Capture files made by hand, in both byte orders.
import { concat } from '../../../src/bytes/bytes.ts'

export type ByteOrder = 'little' | 'big'

export function u16(value: number, order: ByteOrder): Uint8Array {
  return order === 'big' ? Uint8Array.of(value >>> 8, value) : Uint8Array.of(value, value >>> 8)
}

export function u32(value: number, order: ByteOrder): Uint8Array {
  const big = Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
  return order === 'big' ? big : big.toReversed()
}

export interface Record {
  readonly seconds: number
  readonly fraction: number
  readonly octets: Uint8Array
  /** When the packet was longer than what was captured. */
  readonly original?: number
}

export function pcapFile(order: ByteOrder, magic: 0xa1b2c3d4 | 0xa1b23c4d, linkType: number, records: readonly Record[]): Uint8Array {
  return concat(
    u32(magic, order),
    u16(2, order),
    u16(4, order),
    u32(0, order),
    u32(0, order),
    u32(65_535, order),
    u32(linkType, order),
    ...records.flatMap(({ seconds, fraction, octets, original }) => [
      u32(seconds, order),
      u32(fraction, order),
      u32(octets.length, order),
      u32(original ?? octets.length, order),
      octets,
    ]),
  )
}

export function block(order: ByteOrder, type: number, ...body: readonly Uint8Array[]): Uint8Array {
  const content = concat(...body)
  const padding = new Uint8Array((4 - (content.length % 4)) % 4)
  const length = u32(content.length + padding.length + 12, order)
  return concat(u32(type, order), length, content, padding, length)
}

export const sectionHeader = (order: ByteOrder): Uint8Array =>
  block(order, 0x0a0d0d0a, u32(0x1a2b3c4d, order), u16(1, order), u16(0, order), new Uint8Array(8).fill(0xff))

export function option(order: ByteOrder, code: number, value: Uint8Array): Uint8Array {
  return concat(u16(code, order), u16(value.length, order), value, new Uint8Array((4 - (value.length % 4)) % 4))
}

export const interfaceBlock = (order: ByteOrder, linkType: number, snapLength: number, ...options: readonly Uint8Array[]): Uint8Array =>
  block(order, 1, u16(linkType, order), u16(0, order), u32(snapLength, order), ...options)

export function enhancedPacket(
  order: ByteOrder,
  interfaceId: number,
  ticks: bigint,
  octets: Uint8Array,
  ...options: readonly Uint8Array[]
): Uint8Array {
  return block(
    order,
    6,
    u32(interfaceId, order),
    u32(Number(ticks >> 32n), order),
    u32(Number(ticks & 0xffffffffn), order),
    u32(octets.length, order),
    u32(octets.length, order),
    octets,
    new Uint8Array((4 - (octets.length % 4)) % 4),
    ...options,
  )
}
