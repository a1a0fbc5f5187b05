// From the plain side to the network: policy decides, an SA seals, and what has no SA yet waits for one. RFC 4301 §5.1.
import type { SaInstall } from '../contract/install.ts'
import type { Channel, HostPorts, Output, Path, TooBig } from '../contract/machine.ts'
import type { PacketBatch } from '../contract/packets.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import { type ChildSaId, earliest, type IkeSaId, type Instant } from '../contract/units.ts'
import type { IkeEndpoint } from '../ike/endpoint/endpoint.ts'
import { exchangeAddress } from '../ipsec/address-exchange.ts'
import { drop } from '../ipsec/drops.ts'
import { createOutboundSa } from '../ipsec/sa.ts'
import { type Address, addressBytes, addressVersion, type Endpoint } from '../net/address.ts'
import { emptyFlow, type Flow, isIcmpError, readAnswerFlow, readFlow } from '../net/flow.ts'
import { fragmentPacket } from '../net/fragment.ts'
import { destinationAddress, sourceAddress } from '../net/layout.ts'
import { type ChildConfig, childOf, type Connection } from '../policy/connection.ts'
import { matchesFlow } from '../policy/selector-match.ts'
import { type PacketEnds, populateChild, populatedKey } from '../policy/populate.ts'
import type { Spd, SpdAction } from '../policy/spd.ts'
import { type OutboundChild, OutboundChildren, type Route } from './children.ts'
import { Departure, type Origin } from './departure.ts'
import { DummyTraffic } from './dummies.ts'
import { FragmentRules } from './fragment-rules.ts'
import { type Gathered, Gathering } from './gathering.ts'
import type { HostOptions } from './host.ts'
import { type HostOutcome, outcome, outcomeName } from './outcomes.ts'
import { MappedPeers } from './mapped-peers.ts'
import type { Tally } from './tally.ts'
import { isOf, readQuotedSeal } from './too-big.ts'
import { WaitingRoom } from './waiting-room.ts'

export class OutboundPath {
  readonly #options: HostOptions
  readonly #ike: IkeEndpoint
  readonly #tally: Tally
  readonly #spd: Spd
  readonly #children: OutboundChildren
  readonly #mapped: MappedPeers
  readonly #fragments: FragmentRules
  readonly #gathering: Gathering
  readonly #departure: Departure
  readonly #dummies: DummyTraffic
  readonly #waiting = new WaitingRoom()
  /** Filled anew for each packet. */
  readonly #flow: Flow = emptyFlow()
  readonly #answer: Flow = emptyFlow()

  constructor(options: HostOptions, spd: Spd, ike: IkeEndpoint, tally: Tally) {
    this.#options = options
    this.#ike = ike
    this.#tally = tally
    this.#spd = spd
    this.#children = new OutboundChildren(options.bare ?? 'esp')
    this.#mapped = new MappedPeers(options.connections)
    this.#fragments = new FragmentRules(options.connections, options.dangerManualSas ?? [])
    this.#gathering = new Gathering(tally)
    this.#departure = new Departure(ike, tally)
    this.#dummies = new DummyTraffic(options.random)
  }

  get deadline(): Instant | undefined {
    return earliest(earliest(this.#waiting.deadline, this.#gathering.deadline), this.#dummies.deadline)
  }

  get waiting(): number {
    return this.#waiting.total
  }

  install(now: Instant, install: SaInstall): void {
    const child = this.#children.add(install, createOutboundSa(install, this.#options.provider))
    this.#mapped.add(child)
    this.#dummies.add(now, child)
  }

  /** The SA that is gone, for its keys to be wiped. */
  remove(child: ChildSaId): SaInstall | undefined {
    const gone = this.#children.remove(child)
    if (gone === undefined) return undefined
    this.#mapped.remove(gone)
    this.#dummies.remove(gone)
    return gone.sa.install
  }

  find(child: ChildSaId): OutboundChild | undefined {
    return this.#children.byId(child)
  }

  move(ikeSa: IkeSaId, channel: Channel, local: Endpoint, remote: Endpoint): void {
    for (const child of this.#children.move(ikeSa, channel, local, remote)) this.#dummies.move(child)
  }

  /** RFC 7296 §2.8: a rekey has made `heir` to take the place of `old`. */
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
    // The octets of who gave them to us stay as they are.
    const bytes = this.#mapped.covers(packet, flow) ? packet.slice() : packet
    const named = this.#named(bytes, through)
    if (typeof named === 'number') return this.#tally.drop(out, outcomeName(named), through)
    if (named !== undefined) return this.#departure.send(now, out, bytes, named, origin)
    const action = this.#spd.lookup('out', packet, flow)?.action
    if (action === undefined || action.kind === 'DISCARD') return this.#sendUnwanted(now, out, packet, origin)
    if (action.kind === 'BYPASS') return this.#bypass(out, packet, gathered)
    const child = this.#children.find(action, packet, flow)
    if (child === undefined) this.#wait(now, out, packet, action, origin)
    else this.#departure.send(now, out, packet, child, origin)
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
    const seal = readQuotedSeal({ quoted })
    const child = seal === undefined ? undefined : this.#children.bySpi(seal.spi).find((each) => isOf(seal, each))
    if (child === undefined || child.sa.install.path.tooBig === 'ignore') return this.#tally.count('too-big-ignored', 1)
    if (!child.mtu.learn(now, mtu)) return
    const effective = child.mtu.effective(now) ?? 0
    out.push({ kind: 'event', event: { name: 'path-mtu', child: child.child, mtu: child.mtu.at(now), effective } })
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
    for (const { bytes, origin } of this.#waiting.succeed(child)) this.#resumeOne(now, out, bytes, origin)
  }

  /** It has failed: those that waited are dropped and counted. */
  giveUp(now: Instant, out: Output[], child: ChildSaId): void {
    for (const _ of this.#waiting.fail(now, child)) this.#tally.drop(out, 'negotiation-failed')
  }

  /** The IKE SA that was to bring it about is gone. */
  giveUpAll(now: Instant, out: Output[], ikeSa: IkeSaId): void {
    for (const _ of this.#waiting.failAll(now, ikeSa)) this.#tally.drop(out, 'negotiation-failed')
  }

  /** RFC 7296 §2.8: another IKE SA has all that was the old one's. */
  inherit(from: IkeSaId, to: IkeSaId): void {
    this.#waiting.inherit(from, to)
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
    this.#tally.count('waited-too-long', this.#waiting.expire(now))
    this.#gathering.expire(now)
  }

  /** A packet without an SA starts a negotiation and waits for it; it is never sent in clear. `#flow` is the packet's. */
  #wait(now: Instant, out: Output[], packet: Uint8Array, action: SpdAction & { kind: 'PROTECT' }, origin: Origin): void {
    const configured = childOf(this.#options.connections, action.connection, action.child)
    const source = sourceAddress(packet, this.#flow)
    const destination = destinationAddress(packet, this.#flow)
    if (configured === undefined || source === undefined || destination === undefined) return this.#tally.drop(out, 'policy-discard')
    const path = this.#pathFor(configured.connection, source, destination)
    if (path === undefined) return this.#tally.drop(out, 'peer-unknown')
    const ends = { source, destination }
    const { populate } = action
    const found =
      populate === undefined ? configured : { ...configured, child: populateChild(configured.child, populate, ends, this.#flow) }
    const values = populate === undefined ? '' : `/${populatedKey(populate, ends, this.#flow)}`
    const key = `${action.connection}/${action.child}/${path.remote.address}${values}`
    let admission = this.#waiting.add(now, key, packet, origin)
    if (admission === 'start') {
      if (!this.#negotiate(now, out, found, path, key, ends)) return this.#tally.drop(out, 'negotiation-failed')
      admission = this.#waiting.add(now, key, packet, origin)
    }
    if (admission !== 'waits') this.#tally.drop(out, admission === 'start' ? 'queue-full' : admission)
  }

  /** False when there is nothing to negotiate with. RFC 7296 §2.9: the packet is the first traffic selector. */
  #negotiate(
    now: Instant,
    out: Output[],
    found: { readonly connection: Connection; readonly child: ChildConfig },
    path: Path,
    key: string,
    ends: PacketEnds,
  ): boolean {
    const flow = this.#flow
    const trigger = {
      local: packetSelector(flow, ends.source, flow.sourcePort),
      remote: packetSelector(flow, ends.destination, flow.destinationPort),
    }
    const begun = this.#ike.initiate(now, out, { ...found, path, trigger })
    if (begun?.child === undefined) return false
    this.#waiting.begin(key, begun.ikeSa, begun.child)
    return true
  }

  #pathFor(connection: Connection, source: Address, destination: Address): Path | undefined {
    const peer = connection.remote
    if (peer.kind === 'any') return undefined
    const remote: HostPorts = peer.kind === 'exactly' ? peer.host : { address: destination, ikePort: peer.ikePort, natPort: peer.natPort }
    const version = addressVersion(remote.address)
    const candidates = this.#options.local.filter(({ address }) => addressVersion(address) === version)
    const local = candidates.find(({ address }) => address === source) ?? candidates[0]
    return local === undefined ? undefined : { start: peer.start, local, remote }
  }

  /** A packet that waited goes out, unless the SA that came does not select it: it does not start the same negotiation again. */
  #resumeOne(now: Instant, out: Output[], packet: Uint8Array, origin: Origin): void {
    const flow = this.#flow
    const action = readFlow(packet, 0, packet.length, flow) ? this.#spd.lookup('out', packet, flow)?.action : undefined
    const child = action?.kind === 'PROTECT' ? this.#children.find(action, packet, flow) : undefined
    if (child === undefined) this.#tally.drop(out, 'not-selected')
    else this.#departure.send(now, out, packet, child, origin)
  }

  /** The SA for the packet in slot `i`, which goes through it as it is; without one its outcome is set. */
  #classify(now: Instant, batch: PacketBatch, i: number, through: ChildSaId | undefined): OutboundChild | undefined {
    const child = this.#decide(now, batch, i, through)
    if (child === undefined || child.mtu.takes(now, this.#flow)) return child
    // It is left as it came.
    const { mapped } = child.sa.install
    if (mapped !== undefined) exchangeAddress(batch.arena, this.#flow, this.#flow.destination, addressBytes(mapped))
    batch.outcome[i] = outcome['left-to-handle']
    return undefined
  }

  #decide(now: Instant, batch: PacketBatch, i: number, through: ChildSaId | undefined): OutboundChild | undefined {
    const flow = this.#flow
    if (!readFlow(batch.arena, batch.offset[i] ?? 0, batch.length[i] ?? 0, flow)) return this.#refuse(batch, i, drop['malformed-packet'])
    if (this.#isGathered(batch.arena)) {
      batch.outcome[i] = outcome['left-to-handle']
      return undefined
    }
    const named = this.#named(batch.arena, through)
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

  /**
   * RFC 3948 §5.2: of several SAs with the same selectors, the one that is named, or that the destination stands for, which is exchanged in
   * `bytes` then; the number of an outcome, where it does not take the packet of `#flow`. `undefined`: policy is to find one.
   */
  #named(bytes: Uint8Array, through: ChildSaId | undefined): OutboundChild | number | undefined {
    const isMapped = this.#mapped.covers(bytes, this.#flow)
    if (through === undefined && !isMapped) return undefined
    const line = through === undefined ? undefined : this.#children.inLineOf(through)
    if (through !== undefined && line === undefined) return outcome['through-gone']
    const child = isMapped ? this.#mapped.find(bytes, this.#flow, line) : line
    if (child === undefined) return outcome[through === undefined ? 'mapping-gone' : 'through-forbidden']
    return this.#mayCarry(bytes, child)
  }

  /** Policy is asked whether it may carry the packet, not which one should. */
  #mayCarry(bytes: Uint8Array, child: OutboundChild): OutboundChild | number {
    const { connection, childName } = child.sa.install
    const isSelected = matchesFlow(child.local, child.remote, 'out', bytes, this.#flow)
    return isSelected && this.#spd.admits('out', connection, childName, bytes, this.#flow) ? child : outcome['through-forbidden']
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

/** As narrow as the packet is (RFC 7296 §2.9). */
function packetSelector(flow: Flow, address: Address, port: number): TrafficSelector {
  const ports = flow.ports === 'known' ? { startPort: port, endPort: port } : { startPort: 0, endPort: 65_535 }
  return { protocol: flow.protocol, ...ports, startAddress: address, endAddress: address }
}
