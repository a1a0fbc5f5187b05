// From the plain side to the network: policy decides, an SA seals, and what has no SA yet waits for one. RFC 4301 §5.1.
import type { SaInstall } from '../contract/install.ts'
import type { Channel, HostPorts, Output, Path } from '../contract/machine.ts'
import type { PacketBatch } from '../contract/packets.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import type { ChildSaId, IkeSaId, Instant } from '../contract/units.ts'
import type { IkeEndpoint } from '../ike/endpoint/endpoint.ts'
import { drop } from '../ipsec/drops.ts'
import { sealPacket } from '../ipsec/packet.ts'
import { createOutboundSa } from '../ipsec/sa.ts'
import { type Address, addressVersion, type Endpoint } from '../net/address.ts'
import { emptyFlow, type Flow, readFlow } from '../net/flow.ts'
import { destinationAddress, sourceAddress } from '../net/layout.ts'
import { type ChildConfig, childOf, type Connection } from '../policy/connection.ts'
import { matchesFlow } from '../policy/selector-match.ts'
import { type PacketEnds, populateChild, populatedKey } from '../policy/populate.ts'
import type { Spd, SpdAction } from '../policy/spd.ts'
import { type OutboundChild, OutboundChildren, type Route } from './children.ts'
import type { HostOptions } from './host.ts'
import { outcome, outcomeName } from './outcomes.ts'
import type { Tally } from './tally.ts'
import { WaitingRoom } from './waiting-room.ts'

export class OutboundPath {
  readonly #options: HostOptions
  readonly #ike: IkeEndpoint
  readonly #tally: Tally
  readonly #spd: Spd
  readonly #children = new OutboundChildren()
  readonly #waiting = new WaitingRoom()
  /** Filled anew for each packet. */
  readonly #flow: Flow = emptyFlow()

  constructor(options: HostOptions, spd: Spd, ike: IkeEndpoint, tally: Tally) {
    this.#options = options
    this.#ike = ike
    this.#tally = tally
    this.#spd = spd
  }

  get deadline(): Instant | undefined {
    return this.#waiting.deadline
  }

  get waiting(): number {
    return this.#waiting.total
  }

  install(install: SaInstall): void {
    this.#children.add(install, createOutboundSa(install, this.#options.provider))
  }

  /** The SA that is gone, for its keys to be wiped. */
  remove(child: ChildSaId): SaInstall | undefined {
    return this.#children.remove(child)?.sa.install
  }

  find(child: ChildSaId): OutboundChild | undefined {
    return this.#children.byId(child)
  }

  move(ikeSa: IkeSaId, channel: Channel, local: Endpoint, remote: Endpoint): void {
    this.#children.move(ikeSa, channel, local, remote)
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
    if (through !== undefined) {
      const child = this.#carrier(packet, through)
      if (typeof child === 'number') return this.#tally.drop(out, outcomeName(child), through)
      return this.#seal(now, out, packet, child)
    }
    const action = this.#spd.lookup('out', packet, flow)?.action
    if (action === undefined || action.kind === 'DISCARD') return this.#tally.drop(out, 'policy-discard')
    if (action.kind === 'BYPASS') {
      this.#tally.bypassed++
      out.push({ kind: 'bypass', bytes: packet })
      return
    }
    const child = this.#children.find(action, packet, flow)
    if (child === undefined) this.#wait(now, out, packet, action)
    else this.#seal(now, out, packet, child)
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
      const child = this.#classify(batch, i, through?.[i])
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
    for (const packet of this.#waiting.succeed(child)) this.#resumeOne(now, out, packet)
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

  /** Those that have waited for too long. */
  expire(now: Instant): void {
    this.#tally.count('waited-too-long', this.#waiting.expire(now))
  }

  #seal(now: Instant, out: Output[], packet: Uint8Array, child: OutboundChild): void {
    const sealed = sealPacket(child.sa, packet, 'esp')
    this.#tally.wear(child.child, child.sa.state)
    if (sealed.outcome !== 0) return this.#tally.drop(out, outcomeName(sealed.outcome), child.child)
    this.#tally.sealed++
    this.#ike.packetSent(now, child.child)
    const { channel, local, remote } = child.route
    out.push({ kind: 'send', datagram: { channel, local, remote, bytes: sealed.bytes } })
  }

  /** A packet without an SA starts a negotiation and waits for it; it is never sent in clear. `#flow` is the packet's. */
  #wait(now: Instant, out: Output[], packet: Uint8Array, action: SpdAction & { kind: 'PROTECT' }): void {
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
    let admission = this.#waiting.add(now, key, packet)
    if (admission === 'start') {
      if (!this.#negotiate(now, out, found, path, key, ends)) return this.#tally.drop(out, 'negotiation-failed')
      admission = this.#waiting.add(now, key, packet)
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
  #resumeOne(now: Instant, out: Output[], packet: Uint8Array): void {
    const flow = this.#flow
    const action = readFlow(packet, 0, packet.length, flow) ? this.#spd.lookup('out', packet, flow)?.action : undefined
    const child = action?.kind === 'PROTECT' ? this.#children.find(action, packet, flow) : undefined
    if (child === undefined) this.#tally.drop(out, 'not-selected')
    else this.#seal(now, out, packet, child)
  }

  /** The SA for the packet in slot `i`; without one its outcome is set. */
  #classify(batch: PacketBatch, i: number, through: ChildSaId | undefined): OutboundChild | undefined {
    const flow = this.#flow
    if (!readFlow(batch.arena, batch.offset[i] ?? 0, batch.length[i] ?? 0, flow)) return this.#refuse(batch, i, drop['malformed-packet'])
    if (through !== undefined) {
      const named = this.#carrier(batch.arena, through)
      return typeof named === 'number' ? this.#refuse(batch, i, named) : named
    }
    const action = this.#spd.lookup('out', batch.arena, flow)?.action
    if (action === undefined || action.kind === 'DISCARD') return this.#refuse(batch, i, outcome['policy-discard'])
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
   * RFC 3948 §5.2: of several SAs with the same selectors, the one that is named. Policy is asked whether it may carry the packet of
   * `#flow`, which `bytes` holds; the number of an outcome, where not.
   */
  #carrier(bytes: Uint8Array, through: ChildSaId): OutboundChild | number {
    const child = this.#children.inLineOf(through)
    if (child === undefined) return outcome['through-gone']
    const action = this.#spd.lookup('out', bytes, this.#flow)?.action
    if (action === undefined || action.kind === 'DISCARD') return outcome['policy-discard']
    const { connection, childName } = child.sa.install
    const isItsRule = this.#spd.admits('out', connection, childName, bytes, this.#flow)
    return isItsRule && matchesFlow(child.local, child.remote, 'out', bytes, this.#flow) ? child : outcome['through-forbidden']
  }

  #refuse(batch: PacketBatch, i: number, code: number): undefined {
    batch.outcome[i] = code
    this.#tally.count(outcomeName(code), 1)
  }

  #sealRun(now: Instant, batch: PacketBatch, first: number, end: number, child: OutboundChild): void {
    child.sa.seal(batch, first, end - first, 'esp')
    this.#ike.packetSent(now, child.child)
    this.#tally.wear(child.child, child.sa.state)
    for (let i = first; i < end; i++) {
      const code = batch.outcome[i] ?? 0
      if (code === 0) this.#tally.sealed++
      else this.#tally.count(outcomeName(code), 1)
    }
  }
}

/** As narrow as the packet is (RFC 7296 §2.9). */
function packetSelector(flow: Flow, address: Address, port: number): TrafficSelector {
  const ports = flow.ports === 'known' ? { startPort: port, endPort: port } : { startPort: 0, endPort: 65_535 }
  return { protocol: flow.protocol, ...ports, startAddress: address, endAddress: address }
}
