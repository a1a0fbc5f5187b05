// What policy protects and has no SA yet: a negotiation is started for it, and it waits. RFC 4301 §5.1; RFC 7296 §2.9.
import type { HostPorts, Output, Path } from '../contract/machine.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import type { ChildSaId, IkeSaId, Instant } from '../contract/units.ts'
import type { IkeEndpoint } from '../ike/endpoint/endpoint.ts'
import { type Address, addressVersion } from '../net/address.ts'
import type { Flow } from '../net/flow.ts'
import { destinationAddress, sourceAddress } from '../net/layout.ts'
import { type ChildConfig, childOf, type Connection } from '../policy/connection.ts'
import { type PacketEnds, populateChild, populatedKey, valuesOfPacket } from '../policy/populate.ts'
import type { SpdAction } from '../policy/spd.ts'
import type { Origin } from './departure.ts'
import type { HostOptions } from './host.ts'
import type { Tally } from './tally.ts'
import { type WaitingPacket, WaitingRoom } from './waiting-room.ts'

export class SaRequests {
  readonly #options: HostOptions
  readonly #ike: IkeEndpoint
  readonly #tally: Tally
  readonly #waiting = new WaitingRoom()

  constructor(options: HostOptions, ike: IkeEndpoint, tally: Tally) {
    this.#options = options
    this.#ike = ike
    this.#tally = tally
  }

  get deadline(): Instant | undefined {
    return this.#waiting.deadline
  }

  /** Packets that wait. */
  get waiting(): number {
    return this.#waiting.total
  }

  /** A packet without an SA starts a negotiation and waits for it; it is never sent in clear. `flow` is the packet's. */
  wait(now: Instant, out: Output[], packet: Uint8Array, flow: Flow, action: SpdAction & { kind: 'PROTECT' }, origin: Origin): void {
    const configured = childOf(this.#options.connections, action.connection, action.child)
    const source = sourceAddress(packet, flow)
    const destination = destinationAddress(packet, flow)
    if (configured === undefined || source === undefined || destination === undefined) return this.#tally.drop(out, 'policy-discard')
    const path = this.#pathFor(configured.connection, source, destination)
    if (path === undefined) return this.#tally.drop(out, 'peer-unknown')
    const ends = { source, destination }
    const { populate } = action
    const found =
      populate === undefined ? configured : { ...configured, child: populateChild(configured.child, populate, valuesOfPacket(ends, flow)) }
    const values = populate === undefined ? '' : `/${populatedKey(populate, ends, flow)}`
    const key = `${action.connection}/${action.child}/${path.remote.address}${values}`
    let admission = this.#waiting.add(now, key, packet, origin)
    if (admission === 'start') {
      if (!this.#negotiate(now, out, found, path, key, ends, flow)) return this.#tally.drop(out, 'negotiation-failed')
      admission = this.#waiting.add(now, key, packet, origin)
    }
    if (admission !== 'waits') this.#tally.drop(out, admission === 'start' ? 'queue-full' : admission)
  }

  /** The negotiation of this Child SA has succeeded: the packets that waited for it. */
  succeed(child: ChildSaId): readonly WaitingPacket[] {
    return this.#waiting.succeed(child)
  }

  /** It has failed: those that waited are dropped and counted. */
  giveUp(now: Instant, out: Output[], child: ChildSaId): void {
    for (const _ of this.#waiting.fail(now, child)) this.#tally.drop(out, 'negotiation-failed')
  }

  /** The IKE SA that was to bring it about is gone. */
  giveUpAll(now: Instant, out: Output[], ikeSa: IkeSaId): void {
    for (const _ of this.#waiting.failAll(now, ikeSa)) this.#tally.drop(out, 'negotiation-failed')
  }

  /** RFC 7296 §2.8: another IKE SA goes on with what the old one was negotiating. */
  inherit(from: IkeSaId, to: IkeSaId): void {
    this.#waiting.inherit(from, to)
  }

  /** Those that have waited for too long. */
  expire(now: Instant): void {
    this.#tally.count('waited-too-long', this.#waiting.expire(now))
  }

  /** False when there is nothing to negotiate with. RFC 7296 §2.9: the packet is the first traffic selector. */
  #negotiate(
    now: Instant,
    out: Output[],
    found: { readonly connection: Connection; readonly child: ChildConfig },
    path: Path,
    key: string,
    ends: PacketEnds,
    flow: Flow,
  ): boolean {
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
}

/** As narrow as the packet is (RFC 7296 §2.9). */
function packetSelector(flow: Flow, address: Address, port: number): TrafficSelector {
  const ports = flow.ports === 'known' ? { startPort: port, endPort: port } : { startPort: 0, endPort: 65_535 }
  return { protocol: flow.protocol, ...ports, startAddress: address, endAddress: address }
}
