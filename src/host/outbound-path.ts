// From the plain side to the network: policy decides, an SA seals, and what has no SA yet waits for one. RFC 4301 §5.1.
import type { SaInstall } from '../contract/install.ts'
import type { Channel, Output, TooBig, Undelivered } from '../contract/machine.ts'
import type { PacketBatch } from '../contract/packets.ts'
import { type ChildSaId, earliest, type IkeSaId, type Instant } from '../contract/units.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import type { IkeEndpoint } from '../ike/endpoint/endpoint.ts'
import { drop } from '../ipsec/drops.ts'
import { createOutboundSa } from '../ipsec/sa.ts'
import type { Endpoint } from '../net/address.ts'
import { emptyFlow, type Flow, isIcmpError, readAnswerFlow, readFlow } from '../net/flow.ts'
import { fragmentPacket } from '../net/fragment.ts'
import type { Spd } from '../policy/spd.ts'
import { type OutboundChild, OutboundChildren, type Route } from './children.ts'
import { Departure, type Origin } from './departure.ts'
import { DummyTraffic } from './dummies.ts'
import { FragmentRules } from './fragment-rules.ts'
import { type Gathered, Gathering } from './gathering.ts'
import type { HostOptions } from './host.ts'
import { type HostOutcome, outcome, outcomeName } from './outcomes.ts'
import type { Tally } from './tally.ts'
import { isOf, readQuotedSeal } from './too-big.ts'
import { SaRequests } from './sa-requests.ts'
import { WayBack } from './way-back.ts'

export class OutboundPath {
  readonly #provider: CryptoProvider
  readonly #ike: IkeEndpoint
  readonly #tally: Tally
  readonly #spd: Spd
  readonly #children: OutboundChildren
  readonly #wayBack: WayBack
  readonly #requests: SaRequests
  readonly #fragments: FragmentRules
  readonly #gathering: Gathering
  readonly #departure: Departure
  readonly #dummies: DummyTraffic
  /** Filled anew for each packet. */
  readonly #flow: Flow = emptyFlow()
  readonly #answer: Flow = emptyFlow()

  constructor(options: HostOptions, spd: Spd, ike: IkeEndpoint, tally: Tally) {
    this.#provider = options.provider
    this.#ike = ike
    this.#tally = tally
    this.#spd = spd
    this.#children = new OutboundChildren(options.bare ?? 'esp')
    this.#wayBack = new WayBack(options, spd, this.#children)
    this.#requests = new SaRequests(options, ike, tally)
    this.#fragments = new FragmentRules(options.connections, options.dangerManualSas ?? [])
    this.#gathering = new Gathering(tally)
    this.#departure = new Departure(ike, tally)
    this.#dummies = new DummyTraffic(options.random)
  }

  get deadline(): Instant | undefined {
    return earliest(earliest(this.#requests.deadline, this.#gathering.deadline), this.#dummies.deadline)
  }

  get waiting(): number {
    return this.#requests.waiting
  }

  install(now: Instant, install: SaInstall): void {
    const child = this.#children.add(install, createOutboundSa(install, this.#provider))
    this.#wayBack.add(child)
    this.#dummies.add(now, child)
  }

  /** The SA that is gone, for its keys to be wiped. */
  remove(child: ChildSaId): SaInstall | undefined {
    const gone = this.#children.remove(child)
    if (gone === undefined) return undefined
    this.#wayBack.remove(gone)
    this.#dummies.remove(gone)
    return gone.sa.install
  }

  find(child: ChildSaId): OutboundChild | undefined {
    return this.#children.byId(child)
  }

  move(ikeSa: IkeSaId, channel: Channel, local: Endpoint, remote: Endpoint): void {
    for (const child of this.#children.move(ikeSa, channel, local, remote)) this.#dummies.move(child)
  }

  /** RFC 7296 §2.8, §2.8.3: a rekey, or a reauthentication, has made `heir` to take the place of `old`. */
  succeed(old: ChildSaId, heir: ChildSaId): void {
    this.#children.succeed(old, heir)
  }

  forget(child: ChildSaId): void {
    this.#children.forget(child)
  }

  /** One plain IP packet; `through` a Child SA that it is to go back by, or by the one that policy finds. */
  send(now: Instant, out: Output[], packet: Uint8Array, through: ChildSaId | undefined): void {
    const flow = this.#flow
    if (!readFlow(packet, 0, packet.length, flow)) return this.#tally.drop(out, 'malformed-packet')
    if (!this.#isGathered(packet)) return this.#sendWhole(now, out, packet, through, undefined)
    const gathered = this.#gathering.add(now, out, packet, flow)
    if (gathered === undefined) return
    if (!readFlow(gathered.packet, 0, gathered.packet.length, flow)) return this.#tally.drop(out, 'malformed-packet')
    this.#sendWhole(now, out, gathered.packet, through, gathered)
  }

  /** Of the packet in `#flow`: whether it is a fragment that has to be put together with the others first. */
  #isGathered(bytes: Uint8Array): boolean {
    if (this.#flow.fragmentation === 'whole') return false
    return this.#fragments.areGathered(this.#spd.entries, this.#spd.lookup('out', bytes, this.#flow)?.action)
  }

  /** `gathered`: the packet came in fragments. `#flow` is the packet's. */
  #sendWhole(now: Instant, out: Output[], packet: Uint8Array, through: ChildSaId | undefined, gathered: Gathered | undefined): void {
    const flow = this.#flow
    const origin = gathered === undefined ? 'one-piece' : 'gathered'
    const named = this.#wayBack.find(packet, flow, through)
    if (typeof named === 'number') return this.#tally.drop(out, outcomeName(named), through)
    if (named !== undefined) return this.#departure.send(now, out, this.#revealed(packet, named), named, origin)
    const action = this.#spd.lookup('out', packet, flow)?.action
    if (action === undefined || action.kind === 'DISCARD') return this.#sendUnwanted(now, out, packet, origin)
    if (action.kind === 'BYPASS') return this.#bypass(out, packet, gathered)
    const child = this.#children.find(action, packet, flow)
    if (child === undefined) this.#requests.wait(now, out, packet, flow, action, origin)
    else this.#departure.send(now, out, packet, child, origin)
  }

  /** The packet of `#flow` as `child` is to seal it. The octets of who gave them to us stay as they are. */
  #revealed(packet: Uint8Array, child: OutboundChild): Uint8Array {
    if (!this.#wayBack.isMapped(packet, this.#flow, child)) return packet
    const bytes = packet.slice()
    this.#wayBack.reveal(bytes, this.#flow, child)
    return bytes
  }

  /**
   * RFC 4301 §6.2: an ICMP error that no rule lets through goes by the SA that the answer to what it is about would go by, and makes none. That SA
   * has to be one that is willing. Anything else is discarded.
   */
  #sendUnwanted(now: Instant, out: Output[], packet: Uint8Array, origin: Origin): void {
    if (!readAnswerFlow(packet, this.#flow, this.#answer)) return this.#discard(now, out, packet, 'policy-discard')
    const action = this.#spd.lookup('out', packet, this.#answer)?.action
    const child = action?.kind === 'PROTECT' ? this.#children.find(action, packet, this.#answer) : undefined
    if (child?.sa.install.path.icmpErrors !== 'by-payload') return this.#discard(now, out, packet, 'icmp-error-unmatched')
    this.#departure.send(now, out, packet, child, origin)
  }

  /** RFC 4301 §5.1.1: the reason is recorded. `#flow` is the packet's. */
  #discard(now: Instant, out: Output[], packet: Uint8Array, reason: HostOutcome): void {
    this.#tally.audit.plain(now, reason, 'out', packet, this.#flow)
    this.#tally.drop(out, reason)
  }

  /** What came in fragments goes on in fragments. */
  #bypass(out: Output[], packet: Uint8Array, gathered: Gathered | undefined): void {
    this.#tally.bypassed++
    const cut = gathered === undefined ? undefined : fragmentPacket(packet, gathered.longest, gathered.identification)
    for (const bytes of cut?.kind === 'fragments' ? cut.fragments : [packet]) out.push({ kind: 'bypass', bytes })
  }

  /** Unauthenticated word of a smaller path MTU (RFC 4301 §8.2.1). */
  tooBig(now: Instant, out: Output[], { mtu, quoted }: TooBig): void {
    const child = this.#quotedChild(quoted)
    if (child === undefined || child.sa.install.path.tooBig === 'ignore') return this.#tally.count('too-big-ignored', 1)
    if (!child.mtu.learn(now, mtu)) return
    const effective = child.mtu.effective(now) ?? 0
    out.push({ kind: 'event', event: { name: 'path-mtu', child: child.child, mtu: child.mtu.at(now), effective } })
  }

  /** The Child SA of the packet that unauthenticated word says has not arrived (RFC 4301 §6.1.1); `undefined` where it is not to be heeded. */
  undelivered({ quoted }: Undelivered): ChildSaId | undefined {
    const child = this.#quotedChild(quoted)
    if (child !== undefined && child.sa.install.path.undelivered === 'heed') return child.child
    this.#tally.count('undelivered-ignored', 1)
    return undefined
  }

  #quotedChild(quoted: Uint8Array): OutboundChild | undefined {
    const seal = readQuotedSeal({ quoted })
    return seal === undefined ? undefined : this.#children.bySpi(seal.spi).find((each) => isOf(seal, each))
  }

  /** A burst, in place; packets of one SA that follow each other are sealed together. */
  sealBurst(
    now: Instant,
    batch: PacketBatch,
    routes: (Route | undefined)[],
    through: readonly (ChildSaId | undefined)[] | undefined,
  ): void {
    let first = 0
    let run: OutboundChild | undefined
    for (let i = 0; i < batch.count; i++) {
      const child = this.#classify(now, batch, i, through?.[i])
      routes[i] = child?.route
      if (child === run) continue
      if (run !== undefined) this.#sealRun(now, batch, first, i, run)
      run = child
      first = i
    }
    if (run !== undefined) this.#sealRun(now, batch, first, batch.count, run)
  }

  /** A negotiation that packets waited for has succeeded. */
  resume(now: Instant, out: Output[], child: ChildSaId): void {
    for (const { bytes, origin } of this.#requests.succeed(child)) this.#resumeOne(now, out, bytes, origin)
  }

  /** It has failed: those that waited are dropped and counted. */
  giveUp(now: Instant, out: Output[], child: ChildSaId): void {
    this.#requests.giveUp(now, out, child)
  }

  /** The IKE SA that was to bring it about is gone. */
  giveUpAll(now: Instant, out: Output[], ikeSa: IkeSaId): void {
    this.#requests.giveUpAll(now, out, ikeSa)
  }

  /** RFC 7296 §2.8: another IKE SA has all that was the old one's. */
  inherit(from: IkeSaId, to: IkeSaId): void {
    this.#requests.inherit(from, to)
    this.#children.inherit(from, to)
  }

  /** Where an SA has been silent for so long that it shows (RFC 4303 §2.6). */
  sendDummies(now: Instant, out: Output[]): void {
    for (let due = this.#dummies.take(now); due !== undefined; due = this.#dummies.take(now)) {
      this.#departure.sendDummy(now, out, due.child, due.octets)
    }
  }

  /** Those that have waited for too long. */
  expire(now: Instant): void {
    this.#requests.expire(now)
    this.#gathering.expire(now)
  }

  /** A packet that waited goes out, unless the SA that came does not select it: it does not start the same negotiation again. */
  #resumeOne(now: Instant, out: Output[], packet: Uint8Array, origin: Origin): void {
    const flow = this.#flow
    const action = readFlow(packet, 0, packet.length, flow) ? this.#spd.lookup('out', packet, flow)?.action : undefined
    const child = action?.kind === 'PROTECT' ? this.#children.find(action, packet, flow) : undefined
    if (child === undefined) this.#tally.drop(out, 'not-selected')
    else this.#departure.send(now, out, packet, child, origin)
  }

  /** The SA for the packet in slot `i`, which goes through it as it is then; without one its outcome is set, and the packet is as it came. */
  #classify(now: Instant, batch: PacketBatch, i: number, through: ChildSaId | undefined): OutboundChild | undefined {
    const child = this.#decide(now, batch, i, through)
    if (child === undefined) return undefined
    if (!child.mtu.takes(now, this.#flow)) {
      batch.outcome[i] = outcome['left-to-handle']
      return undefined
    }
    if (this.#wayBack.isMapped(batch.arena, this.#flow, child)) this.#wayBack.reveal(batch.arena, this.#flow, child)
    return child
  }

  #decide(now: Instant, batch: PacketBatch, i: number, through: ChildSaId | undefined): OutboundChild | undefined {
    const flow = this.#flow
    if (!readFlow(batch.arena, batch.offset[i] ?? 0, batch.length[i] ?? 0, flow)) return this.#refuse(batch, i, drop['malformed-packet'])
    if (this.#isGathered(batch.arena)) {
      batch.outcome[i] = outcome['left-to-handle']
      return undefined
    }
    const named = this.#wayBack.find(batch.arena, flow, through)
    if (named !== undefined) return typeof named === 'number' ? this.#refuse(batch, i, named) : named
    const action = this.#spd.lookup('out', batch.arena, flow)?.action
    if (action === undefined || action.kind === 'DISCARD') {
      if (!isIcmpError(batch.arena, flow)) {
        this.#tally.audit.plain(now, 'policy-discard', 'out', batch.arena, flow)
        return this.#refuse(batch, i, outcome['policy-discard'])
      }
      batch.outcome[i] = outcome['left-to-handle']
      return undefined
    }
    if (action.kind === 'BYPASS') {
      this.#tally.bypassed++
      batch.outcome[i] = outcome.bypass
      return undefined
    }
    const child = this.#children.find(action, batch.arena, flow)
    if (child === undefined) batch.outcome[i] = outcome['needs-negotiation']
    return child
  }

  #refuse(batch: PacketBatch, i: number, code: number): undefined {
    batch.outcome[i] = code
    this.#tally.count(outcomeName(code), 1)
  }

  #sealRun(now: Instant, batch: PacketBatch, first: number, end: number, child: OutboundChild): void {
    child.sa.pathMtu = child.mtu.paddable(now)
    child.sa.seal(batch, first, end - first, child.framing)
    this.#ike.packetSent(now, child.child)
    this.#tally.wear(child.child, child.sa.state)
    for (let i = first; i < end; i++) {
      const code = batch.outcome[i] ?? 0
      if (code === 0) this.#tally.sealed++
      else {
        const reason = outcomeName(code)
        this.#tally.count(reason, 1)
        this.#tally.audit.departed(now, reason, child.sa.install, child.child, child.sa.lastSequence.low)
      }
    }
  }
}
