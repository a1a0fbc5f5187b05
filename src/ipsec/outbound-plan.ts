// What ESP and AH do alike around the payload on the way out: which octets are protected, and the IP header in front of them.
// RFC 4301 §5.1.2, RFC 4302 §3.1, RFC 4303 §3.1.
import type { SaInstall, SaMode } from '../contract/install.ts'
import type { PacketBatch } from '../contract/packets.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { addressVersion } from '../net/address.ts'
import { ipv4MinimumHeader } from '../net/ipv4.ts'
import { ipv6HeaderLength } from '../net/ipv6.ts'
import { emptyLayout, type IpLayout, ipPacketLength, readLayout } from '../net/layout.ts'
import { drop, type DropCode } from './drops.ts'
import { outerClass } from './ecn.ts'
import type { Framing } from './framing.ts'
import { headerTemplate, type Inheritance, inheritInner, protocolField } from './outer.ts'
import { exchangeQuotedOut, type TwoViews, twoViews } from './quoted-addresses.ts'

/** What is in a slot: an IP packet, or any octets to be sent as a dummy packet (RFC 4303 §2.6). */
export type SlotContent = 'packet' | 'dummy'

/** What of an SA decides about the outer header. */
export interface OuterShape {
  readonly mode: SaMode
  /** Of the outer addresses. */
  readonly version: 4 | 6
  /** For tunnel mode, and for dummies. */
  readonly outerHeader: Uint8Array
  readonly inheritance: Inheritance
  /** What ICMP errors of ours quote is known to us, and to the peer; `undefined` where no NAT is between. */
  readonly views: TwoViews | undefined
}

export function outerShape(install: SaInstall): OuterShape {
  const { mode, local, remote, path } = install
  return {
    mode,
    version: addressVersion(remote.address),
    outerHeader: headerTemplate(local.address, remote.address),
    inheritance: { trafficClass: outerClass(path), dontFragment: path.dontFragment },
    views: twoViews(install),
  }
}

/** What becomes of the packet at hand; filled by `plan`, as `layout` is in transport mode, so that the packet path allocates nothing. */
export const planned: {
  payload: number
  payloadEnd: number
  nextHeader: number
  /** Octets of the outer IP header, options and extension headers included. */
  headerLength: number
} = { payload: 0, payloadEnd: 0, nextHeader: 0, headerLength: 0 }
const layout: IpLayout = emptyLayout()

/** Fills `planned` for the packet in slot `i`; changes nothing of it. */
export function plan(outer: OuterShape, batch: PacketBatch, i: number, framing: Framing, content: SlotContent): DropCode | 0 {
  const offset = batch.offset[i] ?? 0
  const length = batch.length[i] ?? 0
  planned.payload = offset
  planned.headerLength = outer.outerHeader.length
  if (content === 'dummy') {
    planned.payloadEnd = offset + length
    planned.nextHeader = ipProtocol.NO_NEXT_HEADER
    return 0
  }
  if (outer.mode === 'transport') return planTransport(outer, batch.arena, offset, length, framing)
  const packetLength = ipPacketLength(batch.arena, offset, length)
  if (packetLength === 0) return drop['malformed-packet']
  planned.payloadEnd = offset + packetLength
  planned.nextHeader = (batch.arena[offset] ?? 0) >>> 4 === 6 ? ipProtocol.IPV6 : ipProtocol.IPV4
  return 0
}

function planTransport(outer: OuterShape, arena: Uint8Array, offset: number, length: number, framing: Framing): DropCode | 0 {
  if (!readLayout(arena, offset, length, layout)) return drop['malformed-packet']
  if (layout.version !== outer.version) return drop['version-mismatch']
  // RFC 4302 §3.3.4, RFC 4303 §3.3.4: transport mode is applied only to whole IP datagrams, not to fragments.
  if (layout.fragmentation !== 'whole') return drop.fragment
  planned.headerLength = layout.insertion - layout.start
  // With framing `esp` somebody else makes the IP header: what is in this one beyond the fixed fields must not get lost silently.
  const plainHeader = layout.version === 6 ? ipv6HeaderLength : ipv4MinimumHeader
  if (framing === 'esp' && planned.headerLength !== plainHeader) return drop['header-not-carried']
  planned.payload = layout.insertion
  planned.payloadEnd = layout.end
  planned.nextHeader = arena[layout.insertionNamedAt] ?? 0
  return 0
}

/** The payload of the planned packet in transport mode, as the peer knows it: plain stacks behind a NAT exchange nothing themselves. */
export function showPayload({ views }: OuterShape, arena: Uint8Array): void {
  if (views !== undefined) exchangeQuotedOut(arena, layout, views)
}

/**
 * Writes the outer IP header of the planned packet at `at`, all but what `finishHeader` does. Returns where it names what follows.
 * In transport mode it is the packet's own, moved.
 */
export function placeHeader(outer: OuterShape, arena: Uint8Array, at: number, sequence: number, content: SlotContent): number {
  if (content === 'packet' && outer.mode === 'transport') {
    arena.copyWithin(at, layout.start, layout.insertion)
    return at + layout.insertionNamedAt - layout.start
  }
  arena.set(outer.outerHeader, at)
  if (content === 'packet') inheritInner(arena, at, planned.payload, sequence, outer.inheritance)
  return at + protocolField(outer.version)
}
