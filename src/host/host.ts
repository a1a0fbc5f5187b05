// IKE, IPsec and policy as one machine: what a peer or a packet does to a host. RFC 4301 §5.1, §5.2.
import type { Event } from '../contract/events.ts'
import { ApiMisuse } from '../contract/faults.ts'
import type { SaInstall } from '../contract/install.ts'
import type { Datagram, HostPorts, Input, Machine, Output, Path } from '../contract/machine.ts'
import type { PacketBatch } from '../contract/packets.ts'
import type { RandomSource } from '../contract/random.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import { type ChildSaId, earliest, type Instant, type Spi } from '../contract/units.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import { IkeEndpoint } from '../ike/endpoint/endpoint.ts'
import type { IkeSaView } from '../ike/sa/view.ts'
import { classify, nonEspMarkerLength } from '../ipsec/encapsulation.ts'
import { InboundSa } from '../ipsec/inbound.ts'
import { OutboundSa } from '../ipsec/outbound.ts'
import { openPacket, sealPacket } from '../ipsec/packet.ts'
import type { SequenceNumber } from '../ipsec/replay.ts'
import { Sad, spiOf } from '../ipsec/sad.ts'
import { addressVersion, type Endpoint } from '../net/address.ts'
import { emptyFlow, type Flow, readFlow } from '../net/flow.ts'
import { destinationAddress, sourceAddress } from '../net/layout.ts'
import type { ChildConfig, Connection } from '../policy/connection.ts'
import { createSpd, type Spd, type SpdAction, type SpdEntry } from '../policy/spd.ts'
import { u32 } from '../bytes/bytes.ts'
import { type OutboundChild, OutboundChildren, type Route } from './children.ts'
import { outcome, outcomeName } from './outcomes.ts'
import { WaitingRoom } from './waiting-room.ts'

export interface HostOptions {
  readonly provider: CryptoProvider
  readonly random: RandomSource
  readonly connections: readonly Connection[]
  /** Ordered; the first entry that matches decides. A packet that none matches is discarded (RFC 4301 §4.4.1). */
  readonly policies: readonly SpdEntry[]
  /** Ours, for negotiations that a packet starts. */
  readonly local: readonly HostPorts[]
  /** `on` makes events with keys: for decrypting captures, never in production. */
  readonly dangerKeyLog: 'on' | 'off'
}

export interface Host extends Machine {
  readonly counters: HostCounters
  /** Without those that only linger to answer retransmissions. */
  readonly ikeSaCount: number
  /** What it has, as plain data without keys; made anew each time, for diagnosis and tests. */
  readonly view: HostView
  /**
   * Seals a burst of plain IP packets in place. Outcome 0: the slot holds the ESP packet, and `routes[i]` says where it goes.
   * `needs-negotiation`: give the packet, which is untouched, to `handle`. `bypass`: it may go as it is. Anything else was counted.
   */
  seal(now: Instant, batch: PacketBatch, routes: (Route | undefined)[]): void
  /**
   * Opens a burst of ESP packets that came from one remote endpoint. Outcome 0: the slot holds a plain IP packet that came through
   * the Child SA `children[i]`. Anything else was counted.
   */
  open(
    now: Instant,
    batch: PacketBatch,
    from: { readonly local: Endpoint; readonly remote: Endpoint },
    children: (ChildSaId | undefined)[],
  ): void
  /** What SAs that ran out during bursts led to. Call it after bursts; cheap when there is nothing. */
  drain(now: Instant): readonly Output[]
}

export interface HostView {
  /** Those that linger to answer retransmissions, too. */
  readonly ikeSas: readonly IkeSaView[]
  /** For each Child SA that can be used: the highest sequence number that came, and where packets go. */
  readonly inbound: readonly { readonly spi: Spi; readonly highest: SequenceNumber }[]
  readonly outbound: readonly { readonly child: ChildSaId; readonly route: Readonly<Route> }[]
}

export interface HostCounters {
  readonly sealed: number
  readonly opened: number
  readonly bypassed: number
  /** Packets that wait for a negotiation now. */
  readonly waiting: number
  /** By reason (`ipsec/drops.ts`, `host/outcomes.ts`). */
  readonly dropped: Readonly<Record<string, number>>
}

/** Throws ApiMisuse where policies name connections or children that there are none of. */
export function createHost(options: HostOptions): Host {
  for (const { name, action } of options.policies) {
    if (action.kind !== 'PROTECT') continue
    if (childOf(options.connections, action.connection, action.child) === undefined) {
      throw new ApiMisuse(`policy ${name} protects by ${action.connection}/${action.child}, which is not configured`)
    }
  }
  return new IpsecHost(options)
}

class IpsecHost implements Host {
  readonly #options: HostOptions
  readonly #ike: IkeEndpoint
  readonly #spd: Spd
  readonly #outbound = new OutboundChildren()
  readonly #sad = new Sad()
  readonly #waiting = new WaitingRoom()
  readonly #dropped = new Map<string, number>()
  readonly #flow: Flow = emptyFlow()
  readonly #exhausted: ChildSaId[] = []
  #sealed = 0
  #opened = 0
  #bypassed = 0

  constructor(options: HostOptions) {
    this.#options = options
    this.#ike = new IkeEndpoint(options)
    this.#spd = createSpd(options.policies)
  }

  get deadline(): Instant | undefined {
    return earliest(this.#ike.deadline, this.#waiting.deadline)
  }

  get counters(): HostCounters {
    return {
      sealed: this.#sealed,
      opened: this.#opened,
      bypassed: this.#bypassed,
      waiting: this.#waiting.total,
      dropped: Object.fromEntries(this.#dropped),
    }
  }

  get ikeSaCount(): number {
    return this.#ike.ikeSas.length
  }

  get view(): HostView {
    const ikeSas = this.#ike.view
    const children = ikeSas.flatMap(({ children }) => children)
    return {
      ikeSas,
      inbound: children.flatMap(({ inbound }) => {
        const sa = this.#sad.find(inbound)
        return sa === undefined ? [] : [{ spi: inbound, highest: sa.window.highest }]
      }),
      outbound: children.flatMap(({ id }) => {
        const found = this.#outbound.byId(id)
        return found === undefined ? [] : [{ child: id, route: { ...found.route } }]
      }),
    }
  }

  handle(now: Instant, input: Input): readonly Output[] {
    const out: Output[] = []
    switch (input.kind) {
      case 'datagram':
        this.#datagram(now, out, input.datagram)
        break
      case 'packet':
        this.#packet(now, out, input.bytes)
        break
      case 'tick':
        this.#ike.tick(now, out)
        this.#count('waited-too-long', this.#waiting.expire(now))
        break
      case 'command':
        if (input.command.kind === 'initiate') this.#initiate(now, out, input.command.connection, input.command.child, input.command.path)
        else this.#ike.command(now, out, input.command)
        break
      case 'completion':
        this.#ike.complete(now, out, input.completion)
        break
      case 'path':
        this.#ike.pathChanged(now, out, input.change)
        break
    }
    this.#obey(now, out, 0)
    this.#drainInto(now, out)
    return out
  }

  seal(now: Instant, batch: PacketBatch, routes: (Route | undefined)[]): void {
    let runStart = 0
    let run: OutboundChild | undefined
    for (let i = 0; i < batch.count; i++) {
      const child = this.#classify(batch, i)
      routes[i] = child?.route
      if (child === run) continue
      if (run !== undefined) this.#sealRun(now, batch, runStart, i, run)
      run = child
      runStart = i
    }
    if (run !== undefined) this.#sealRun(now, batch, runStart, batch.count, run)
  }

  open(
    now: Instant,
    batch: PacketBatch,
    from: { readonly local: Endpoint; readonly remote: Endpoint },
    children: (ChildSaId | undefined)[],
  ): void {
    const outer = { source: from.remote, destination: from.local }
    let i = 0
    while (i < batch.count) {
      const spi = slotSpi(batch, i)
      const sa = this.#sad.find(spi)
      let end = i + 1
      while (end < batch.count && slotSpi(batch, end) === spi) end++
      if (sa === undefined) {
        for (let k = i; k < end; k++) batch.outcome[k] = outcome['unknown-spi']
      } else {
        sa.open(batch, i, end - i, 'esp', outer)
        this.#ike.packetReceived(now, sa.install.child)
        if (sa.state === 'hard') this.#exhausted.push(sa.install.child)
      }
      for (; i < end; i++) {
        children[i] = sa?.install.child
        if (batch.outcome[i] === 0) this.#opened++
        else this.#count(outcomeName(batch.outcome[i] ?? 0), 1)
      }
    }
  }

  drain(now: Instant): readonly Output[] {
    if (this.#exhausted.length === 0) return []
    const out: Output[] = []
    this.#drainInto(now, out)
    return out
  }

  // ---- outbound: RFC 4301 §5.1 ----

  #packet(now: Instant, out: Output[], packet: Uint8Array): void {
    const flow = this.#flow
    if (!readFlow(packet, 0, packet.length, flow)) return this.#drop(out, 'malformed-packet')
    const action = this.#spd.lookup('out', packet, flow)?.action
    if (action === undefined || action.kind === 'DISCARD') return this.#drop(out, 'policy-discard')
    if (action.kind === 'BYPASS') {
      this.#bypassed++
      out.push({ kind: 'bypass', bytes: packet })
      return
    }
    const child = this.#outbound.find(action.connection, action.child, packet, flow)
    if (child === undefined) return this.#wait(now, out, packet, action)
    const sealed = sealPacket(child.sa, packet, 'esp')
    if (child.sa.state === 'hard') this.#exhausted.push(child.child)
    if (sealed.outcome !== 0) return this.#drop(out, outcomeName(sealed.outcome), child.child)
    this.#sealed++
    this.#ike.packetSent(now, child.child)
    const { channel, local, remote } = child.route
    out.push({ kind: 'send', datagram: { channel, local, remote, bytes: sealed.bytes } })
  }

  /** A packet without an SA starts a negotiation and waits for it; it is never sent in clear. */
  #wait(now: Instant, out: Output[], packet: Uint8Array, action: SpdAction & { kind: 'PROTECT' }): void {
    const found = childOf(this.#options.connections, action.connection, action.child)
    const flow = this.#flow
    const source = sourceAddress(packet, flow)
    const destination = destinationAddress(packet, flow)
    if (found === undefined || source === undefined || destination === undefined) return this.#drop(out, 'policy-discard')
    const path = this.#pathFor(found.connection, source, destination)
    if (path === undefined) return this.#drop(out, 'peer-unknown')
    const key = `${action.connection}/${action.child}/${path.remote.address}`
    let admission = this.#waiting.add(now, key, packet)
    if (admission === 'start') {
      const port = (known: number) => (flow.ports === 'known' ? { startPort: known, endPort: known } : { startPort: 0, endPort: 65_535 })
      const selector = (address: typeof source, known: number): TrafficSelector => ({
        protocol: flow.protocol,
        ...port(known),
        startAddress: address,
        endAddress: address,
      })
      const trigger = { local: selector(source, flow.sourcePort), remote: selector(destination, flow.destinationPort) }
      const sa = this.#ike.initiate(now, out, { ...found, path, trigger })
      if (sa === undefined) return this.#drop(out, 'negotiation-failed')
      this.#waiting.begin(key, sa.id)
      admission = this.#waiting.add(now, key, packet)
    }
    if (admission !== 'waits') this.#drop(out, admission === 'start' ? 'queue-full' : admission)
  }

  #pathFor(connection: Connection, source: Endpoint['address'], destination: Endpoint['address']): Path | undefined {
    const peer = connection.remote
    if (peer.kind === 'any') return undefined
    const remote: HostPorts = peer.kind === 'exactly' ? peer.host : { address: destination, ikePort: peer.ikePort, natPort: peer.natPort }
    const version = addressVersion(remote.address)
    const candidates = this.#options.local.filter(({ address }) => addressVersion(address) === version)
    const local = candidates.find(({ address }) => address === source) ?? candidates[0]
    return local === undefined ? undefined : { start: peer.start, local, remote }
  }

  #initiate(now: Instant, out: Output[], connectionName: string, childName: string, path: Path): void {
    const found = childOf(this.#options.connections, connectionName, childName)
    if (found === undefined) throw new ApiMisuse(`there is no connection ${connectionName} with a child ${childName}`)
    const alive = this.#ike.ikeSas.some(
      (sa) => sa.path.remotePorts.address === path.remote.address && serves(sa, connectionName, childName),
    )
    if (!alive) this.#ike.initiate(now, out, { ...found, path, trigger: undefined })
  }

  /** The SA for the packet in slot `i`; without one its outcome is set. */
  #classify(batch: PacketBatch, i: number): OutboundChild | undefined {
    const flow = this.#flow
    if (!readFlow(batch.arena, batch.offset[i] ?? 0, batch.length[i] ?? 0, flow)) return this.#refuse(batch, i, 1)
    const action = this.#spd.lookup('out', batch.arena, flow)?.action
    if (action === undefined || action.kind === 'DISCARD') return this.#refuse(batch, i, outcome['policy-discard'])
    if (action.kind === 'BYPASS') {
      this.#bypassed++
      batch.outcome[i] = outcome.bypass
      return undefined
    }
    const child = this.#outbound.find(action.connection, action.child, batch.arena, flow)
    if (child === undefined) batch.outcome[i] = outcome['needs-negotiation']
    return child
  }

  #refuse(batch: PacketBatch, i: number, code: number): undefined {
    batch.outcome[i] = code
    this.#count(outcomeName(code), 1)
  }

  #sealRun(now: Instant, batch: PacketBatch, first: number, end: number, child: OutboundChild): void {
    child.sa.seal(batch, first, end - first, 'esp')
    this.#ike.packetSent(now, child.child)
    if (child.sa.state === 'hard') this.#exhausted.push(child.child)
    for (let i = first; i < end; i++) {
      const code = batch.outcome[i] ?? 0
      if (code === 0) this.#sealed++
      else this.#count(outcomeName(code), 1)
    }
  }

  // ---- inbound: RFC 4301 §5.2 ----

  #datagram(now: Instant, out: Output[], datagram: Datagram): void {
    const { channel, local, remote, bytes } = datagram
    if (channel === 'ike') return this.#ike.receive(now, out, datagram)
    if (channel === 'esp') return this.#esp(now, out, datagram)
    switch (classify(bytes)) {
      case 'keepalive':
        return
      case 'esp':
        return this.#esp(now, out, datagram)
      case 'ike':
        return this.#ike.receive(now, out, { channel, local, remote, bytes: bytes.subarray(nonEspMarkerLength) })
      case 'malformed':
        return this.#drop(out, 'malformed-datagram')
    }
  }

  #esp(now: Instant, out: Output[], datagram: Datagram): void {
    const spi = spiOf(datagram.bytes)
    const sa = spi === undefined ? undefined : this.#sad.find(spi)
    if (sa === undefined) return this.#drop(out, 'unknown-spi')
    const opened = openPacket(sa, datagram.bytes, 'esp', { source: datagram.remote, destination: datagram.local })
    if (sa.state === 'hard') this.#exhausted.push(sa.install.child)
    if (opened.outcome !== 0) return this.#drop(out, outcomeName(opened.outcome), sa.install.child)
    this.#opened++
    this.#ike.packetReceived(now, sa.install.child)
    out.push({ kind: 'deliver', bytes: opened.bytes, child: sa.install.child })
  }

  // ---- what IKE decided ----

  /** Installs and removes SAs, and looks after packets that waited, as the outputs from `from` on say. */
  #obey(now: Instant, out: Output[], from: number): void {
    for (let i = from; i < out.length; i++) {
      const output = out[i]
      if (output?.kind === 'install') this.#install(output.sa)
      else if (output?.kind === 'remove') {
        const gone = output.direction === 'in' ? this.#sad.remove(output.spi) : this.#outbound.remove(output.child)?.sa
        gone?.install.encryptionKey?.wipe()
        gone?.install.integrityKey?.wipe()
      } else if (output?.kind === 'event') this.#onEvent(now, out, output.event)
    }
  }

  #install(install: SaInstall): void {
    if (install.direction === 'in') this.#sad.add(new InboundSa(install, this.#options.provider))
    else this.#outbound.add(install, new OutboundSa(install, this.#options.provider))
  }

  #onEvent(now: Instant, out: Output[], event: Event): void {
    switch (event.name) {
      case 'child-sa-established':
        for (const packet of this.#waiting.succeed(event.ikeSa)) this.#resume(now, out, packet)
        return
      case 'ike-sa-failed':
      case 'child-sa-failed':
        for (const _ of this.#waiting.fail(now, event.ikeSa)) this.#drop(out, 'negotiation-failed')
        return
      case 'peer-moved':
        this.#outbound.move(event.ikeSa, event.channel, event.local, event.remote)
        return
      default:
    }
  }

  /** A packet that waited goes out, unless the SA that came does not select it: it does not start the same negotiation again. */
  #resume(now: Instant, out: Output[], packet: Uint8Array): void {
    const flow = this.#flow
    const action = readFlow(packet, 0, packet.length, flow) ? this.#spd.lookup('out', packet, flow)?.action : undefined
    const served = action?.kind === 'PROTECT' && this.#outbound.find(action.connection, action.child, packet, flow) !== undefined
    if (served) this.#packet(now, out, packet)
    else this.#drop(out, 'not-selected')
  }

  #drainInto(now: Instant, out: Output[]): void {
    for (let child = this.#exhausted.pop(); child !== undefined; child = this.#exhausted.pop()) {
      const from = out.length
      this.#ike.childExhausted(now, out, child)
      this.#obey(now, out, from)
    }
  }

  #drop(out: Output[], reason: string, child?: ChildSaId): void {
    this.#count(reason, 1)
    out.push({ kind: 'event', event: { name: 'packet-dropped', reason, child } })
  }

  #count(reason: string, packets: number): void {
    if (packets > 0) this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + packets)
  }
}

function childOf(
  connections: readonly Connection[],
  connectionName: string,
  childName: string,
): { readonly connection: Connection; readonly child: ChildConfig } | undefined {
  const connection = connections.find(({ name }) => name === connectionName)
  const child = connection?.children.find(({ name }) => name === childName)
  return connection === undefined || child === undefined ? undefined : { connection, child }
}

function serves(sa: IkeEndpoint['ikeSas'][number], connection: string, child: string): boolean {
  const { state } = sa
  switch (state.phase) {
    case 'init-sent':
      return state.attempt.connection.name === connection && state.attempt.child.config.name === child
    case 'auth-signing':
    case 'auth-sent':
    case 'auth-verifying':
      return state.auth.connection.name === connection && state.auth.child.config.name === child
    default:
      return [...sa.children.values()].some((alive) => alive.connection.name === connection && alive.config.name === child)
  }
}

function slotSpi(batch: PacketBatch, i: number): number {
  return (batch.length[i] ?? 0) < 4 ? 0 : u32(batch.arena, batch.offset[i] ?? 0)
}
