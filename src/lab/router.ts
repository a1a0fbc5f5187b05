// What a router does with packets that its next link does not take. RFC 791 §3.2, RFC 1812 §4.2.2.7, §5.2.7.1; RFC 8200 §5.
import { fragmentPacket } from '../net/fragment.ts'
import { Identifications } from '../net/identification.ts'

export class Router {
  readonly #numbers = new Identifications(1)

  /** `undefined` where it may not be fragmented: IPv6, and IPv4 with DF. */
  fragments(packet: Uint8Array, mtu: number): readonly Uint8Array[] | undefined {
    if ((packet[0] ?? 0) >>> 4 !== 4) return undefined
    // Whoever sends packets by a real network has given them numbers (`runtime/raw`).
    const cut = fragmentPacket(this.#numbers.number(packet.slice()), mtu, 0)
    return cut.kind === 'fragments' ? cut.fragments : undefined
  }
}

/** As much of a packet as the least an error about it has: the header and eight octets, or more in IPv6 (RFC 792, RFC 4443 §3.2). */
export function quotationOf(packet: Uint8Array): Uint8Array {
  const isIpv6 = (packet[0] ?? 0) >>> 4 === 6
  return packet.slice(0, isIpv6 ? longestIpv6Quotation : 4 * ((packet[0] ?? 0) & 0x0f) + 8)
}
const longestIpv6Quotation = 1280 - 48
