// What an IP stack does with a packet of its own before it goes out: IPv4 gets a number (RFC 6864 §4.3), IPv6 goes in fragments where it is longer than
// the path takes (RFC 8200 §5). IPsec puts them together again where it has to (RFC 4303 §3.3.4).
import { fragmentPacket } from '../net/fragment.ts'
import { Identifications } from '../net/identification.ts'

export class PlainStack {
  readonly #numbers = new Identifications(1)
  #fragmented = 0

  /** `mtu`: `undefined` where it is not known. */
  ready(packet: Uint8Array, mtu: number | undefined): readonly Uint8Array[] {
    if ((packet[0] ?? 0) >>> 4 !== 6 || mtu === undefined) return [this.#numbers.number(packet)]
    this.#fragmented = (this.#fragmented + 1) >>> 0
    const cut = fragmentPacket(packet, mtu, this.#fragmented)
    return cut.kind === 'fragments' ? cut.fragments : [packet]
  }
}
