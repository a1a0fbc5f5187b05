// One packet through one SA: is it too long, sealed, in fragments. RFC 4301 §7, §8.2.1, RFC 4302 §3.3.4, RFC 4303 §3.3.4.
import { u16 } from '../bytes/bytes.ts'
import type { Output } from '../contract/machine.ts'
import type { Instant } from '../contract/units.ts'
import type { IkeEndpoint } from '../ike/endpoint/endpoint.ts'
import { exchangeAddress } from '../ipsec/address-exchange.ts'
import { sealDummy, sealPacket } from '../ipsec/packet.ts'
import { addressBytes } from '../net/address.ts'
import { emptyFlow, type Flow, readFlow } from '../net/flow.ts'
import { fragmentPacket } from '../net/fragment.ts'
import { leastIpv6Mtu, tooBigError } from '../net/icmp-error.ts'
import { ipv4DontFragment, ipv4Field } from '../net/ipv4.ts'
import { emptyLayout, type IpLayout, readLayout } from '../net/layout.ts'
import type { OutboundChild } from './children.ts'
import { ErrorRate } from './error-rate.ts'
import { outcomeName } from './outcomes.ts'
import type { Tally } from './tally.ts'

/** `gathered`: its sender has sent it in fragments, so that being told of its length would be no help to it. */
export type Origin = 'one-piece' | 'gathered'

export class Departure {
  readonly #ike: IkeEndpoint
  readonly #tally: Tally
  readonly #rate = new ErrorRate()
  /** RFC 8200 §4.5: other for each packet that is sent in fragments; it need not be secret where what it is of is sealed. */
  #identification = 0

  constructor(ike: IkeEndpoint, tally: Tally) {
    this.#ike = ike
    this.#tally = tally
  }

  send(now: Instant, out: Output[], packet: Uint8Array, child: OutboundChild, origin: Origin): void {
    if (!readLayout(packet, 0, packet.length, layout)) return this.#tally.drop(out, 'malformed-packet', child.child)
    if (child.mtu.takes(now, layout)) return this.#seal(now, out, packet, child)
    if (mustGoWhole(packet, layout) && origin === 'one-piece') return this.#refuse(now, out, packet, child)
    const before = this.#fragmentedBefore(now, packet, child)
    if (before === undefined) return this.#seal(now, out, packet, child)
    for (const fragment of before) this.#seal(now, out, fragment, child)
  }

  /** As long as a plain packet of so many octets: the path takes it in one piece. */
  sendDummy(now: Instant, out: Output[], child: OutboundChild, octets: number): void {
    const { channel, local, remote } = child.route
    child.sa.pathMtu = child.mtu.paddable(now)
    const sealed = sealDummy(child.sa, octets, child.framing)
    // RFC 4303 §3.3.3, RFC 4301 §4.4.2.1: they take sequence numbers and what is left of the SA's life as all packets do.
    this.#tally.wear(child.child, child.sa.state)
    if (sealed.outcome !== 0) return this.#tally.count(outcomeName(sealed.outcome), 1)
    this.#tally.dummies++
    // RFC 3948 §4: no keepalive is needed beside them.
    this.#ike.packetSent(now, child.child)
    out.push({ kind: 'send', datagram: { channel, local, remote, bytes: sealed.bytes } })
  }

  /** RFC 4301 §8.2.1, case 2: an IPv4 packet in fragments that fit, each of them to be sealed; `undefined` where it is fragmented after sealing. */
  #fragmentedBefore(now: Instant, packet: Uint8Array, child: OutboundChild): readonly Uint8Array[] | undefined {
    const { mode, path } = child.sa.install
    const room = child.mtu.effective(now)
    if (mode !== 'tunnel' || layout.version !== 4 || room === undefined || !child.carriesFragments) return undefined
    // With DF in the outer header, nobody can fragment after sealing.
    if (path.fragmentation === 'after-sealing' && path.dontFragment !== 'set') return undefined
    const cut = fragmentPacket(packet, room, 0)
    return cut.kind === 'fragments' ? cut.fragments : undefined
  }

  #seal(now: Instant, out: Output[], packet: Uint8Array, child: OutboundChild): void {
    const { channel, local, remote } = child.route
    child.sa.pathMtu = child.mtu.paddable(now)
    const sealed = sealPacket(child.sa, packet, child.framing)
    this.#tally.wear(child.child, child.sa.state)
    if (sealed.outcome !== 0) {
      const reason = outcomeName(sealed.outcome)
      this.#tally.audit.departed(now, reason, child.sa.install, child.child, child.sa.lastSequence.low)
      return this.#tally.drop(out, reason, child.child)
    }
    // Without a header of ours, the socket below makes the fragments.
    const datagrams = child.framing === 'ip' ? this.#fragmentedAfter(now, sealed.bytes, child) : [sealed.bytes]
    if (datagrams === undefined) return this.#tally.drop(out, 'packet-too-long', child.child)
    this.#tally.sealed++
    this.#ike.packetSent(now, child.child)
    for (const bytes of datagrams) out.push({ kind: 'send', datagram: { channel, local, remote, bytes } })
  }

  /** RFC 4303 §3.3.4: IP fragments what ESP has made; `undefined` where it may not be. */
  #fragmentedAfter(now: Instant, sealed: Uint8Array, child: OutboundChild): readonly Uint8Array[] | undefined {
    const mtu = child.mtu.at(now)
    if (sealed.length <= mtu) return [sealed]
    this.#identification = (this.#identification + 1) >>> 0
    const cut = fragmentPacket(sealed, mtu, this.#identification)
    return cut.kind === 'fragments' ? cut.fragments : undefined
  }

  /** RFC 4301 §8.2.1, cases 1 and 3: the sender is told, within a rate (RFC 1812 §4.3.2.8, RFC 4443 §2.4(f)). */
  #refuse(now: Instant, out: Output[], packet: Uint8Array, child: OutboundChild): void {
    this.#tally.drop(out, 'packet-too-big', child.child)
    const error = this.#rate.allows(now) ? tooBigError(asItCame(packet, child), child.mtu.effective(now) ?? 0) : undefined
    if (error !== undefined) out.push({ kind: 'icmp-error', bytes: error, child: child.child })
  }
}

const layout: IpLayout = emptyLayout()
const flow: Flow = emptyFlow()

/** Our plain side knows the peer by another address, where that is exchanged (RFC 3948 §5.2). */
function asItCame(packet: Uint8Array, { sa }: OutboundChild): Uint8Array {
  const { mapped } = sa.install
  const copy = packet.slice()
  if (mapped !== undefined && readFlow(copy, 0, copy.length, flow)) exchangeAddress(copy, flow, flow.destination, addressBytes(mapped))
  return copy
}

/** RFC 2473 §7.1: an IPv6 packet that any link takes has to get through its tunnel, in whatever way. */
function mustGoWhole(packet: Uint8Array, { version, start, end }: IpLayout): boolean {
  if (version === 6) return end - start > leastIpv6Mtu
  return (u16(packet, start + ipv4Field.flagsAndFragment) & ipv4DontFragment) !== 0
}
