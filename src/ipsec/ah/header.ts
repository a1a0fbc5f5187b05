// The Authentication Header: octets and lengths. RFC 4302 §2.
import type { PacketMac } from '../../crypto/provider.ts'

/** Octet offsets from the start of the header. */
export const ahField = { nextHeader: 0, payloadLength: 1, reserved: 2, spi: 4, sequence: 8, icv: 12 } as const

/** The part of a PacketMac that lengths depend on, in octets. */
export type MacShape = Pick<PacketMac, 'ivLength' | 'icvLength'>

/**
 * Octets of the whole header. RFC 4302 §2.6, §3.3.3.2.1: the ICV is padded until the header is a multiple of 32 bits in IPv4 and of 64 bits in
 * IPv6, and no further. RFC 4543 §4: the IV of GMAC is part of the field. (It also says that GMAC needs no padding: the field is a multiple of 64 bits, but over IPv6
 * the header would not be one, which RFC 4302 §2.2 demands.)
 */
export function ahLength({ ivLength, icvLength }: MacShape, version: 4 | 6): number {
  const alignment = version === 4 ? 4 : 8
  return (ahField.icv + ivLength + icvLength + alignment - 1) & -alignment
}

/** RFC 4302 §2.2: in 32-bit words, minus 2. */
export const payloadLengthOf = (length: number): number => length / 4 - 2
