// What an IP stack does with packets of its own before they go out: IPv4 gets a number (RFC 6864 §4.3), IPv6 goes in fragments where it is longer than
// the path takes (RFC 8200 §5). IPsec puts them together again where it has to (RFC 4303 §3.3.4); what comes out of a tunnel in fragments is put
// together here.
import { putU16, u16 } from '../bytes/bytes.ts'
import type { Instant } from '../contract/units.ts'
import { fragmentPacket } from '../net/fragment.ts'
import { Identifications } from '../net/identification.ts'
import { ipv4DontFragment, ipv4Field, ipv4HeaderLength, writeIpv4Checksum } from '../net/ipv4.ts'
import { emptyLayout, type IpLayout, readLayout } from '../net/layout.ts'
import { Reassembly } from '../net/reassembly.ts'

export class PlainStack {
  readonly #numbers = new Identifications(1)
  readonly #reassembly = new Reassembly()
  #fragmented = 0

  /** What has come out of an SA; `undefined` while it is a fragment that waits for the others. */
  whole(now: Instant, packet: Uint8Array): Uint8Array | undefined {
    if (!readLayout(packet, 0, packet.length, layout) || layout.fragmentation === 'whole') return packet
    const assembled = this.#reassembly.add(now, packet, layout, 0)
    return assembled.kind === 'whole' ? assembled.packet : undefined
  }

  /** `mtu`: `undefined` where it is not known. */
  ready(packet: Uint8Array, mtu: number | undefined): readonly Uint8Array[] {
    if ((packet[0] ?? 0) >>> 4 !== 6 || mtu === undefined) return [this.#numbers.number(packet)]
    this.#fragmented = (this.#fragmented + 1) >>> 0
    const cut = fragmentPacket(packet, mtu, this.#fragmented)
    return cut.kind === 'fragments' ? cut.fragments : [packet]
  }

  /** The same, so that we learn what the path takes (RFC 1191 §3): no router fragments an IPv4 packet that goes through as far as we know. */
  discovering(packet: Uint8Array, mtu: number | undefined): readonly Uint8Array[] {
    const headerLength = ipv4HeaderLength(packet, 0, packet.length)
    if (headerLength === 0 || (mtu !== undefined && packet.length > mtu)) return this.ready(packet, mtu)
    putU16(packet, ipv4Field.flagsAndFragment, u16(packet, ipv4Field.flagsAndFragment) | ipv4DontFragment)
    writeIpv4Checksum(packet, 0, headerLength)
    return [packet]
  }
}

const layout: IpLayout = emptyLayout()
