// Where the ESP packet is in what came. RFC 4303 §3.4.1, RFC 3948 §3.3.
import { u16 } from '../../bytes/bytes.ts'
import { ipProtocol } from '../../iana/ip-protocols.ts'
import { emptyLayout, type IpLayout, readLayout } from '../../net/layout.ts'
import { udpField, udpHeaderLength } from '../../net/transport.ts'
import { drop, type DropCode } from '../drops.ts'
import type { Framing } from '../framing.ts'

/** Filled by `findEsp`, so that the packet path allocates nothing. */
export const found: {
  /** From the SPI to the end of the ICV. */
  header: number
  end: number
  /** Octets of the outer IP header with its extension headers; 0 with framing `esp`. */
  outerLength: number
  /** The octet of the outer header that names ESP or UDP. */
  protocolAt: number
} = { header: 0, end: 0, outerLength: 0, protocolAt: 0 }
const layout: IpLayout = emptyLayout()

export function findEsp(arena: Uint8Array, offset: number, length: number, framing: Framing): DropCode | 0 {
  found.header = offset
  found.end = offset + length
  found.outerLength = 0
  found.protocolAt = offset
  if (framing === 'esp') return 0
  if (!readLayout(arena, offset, length, layout)) return drop['malformed-packet']
  // RFC 4303 §3.4.1: what appears to be a fragment MUST be discarded; reassembly comes before ESP.
  if (layout.fragmentation !== 'whole') return drop.fragment
  found.header = layout.upper
  found.end = layout.end
  found.outerLength = layout.upper - offset
  found.protocolAt = layout.upperNamedAt
  if (layout.protocol === ipProtocol.ESP) return 0
  if (layout.protocol !== ipProtocol.UDP || layout.end - layout.upper < udpHeaderLength) return drop['not-esp']
  // RFC 3948 §3.3: the UDP header is removed. Its checksum needs no look: receivers MUST NOT depend on it (RFC 3948 §2.1), and the ICV says more.
  const udpLength = u16(arena, layout.upper + udpField.length)
  if (udpLength < udpHeaderLength || udpLength > layout.end - layout.upper) return drop['malformed-packet']
  found.header = layout.upper + udpHeaderLength
  found.end = layout.upper + udpLength
  return 0
}
