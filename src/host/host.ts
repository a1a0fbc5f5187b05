// IKE, IPsec and policy as one machine: what a peer or a packet does to a host. RFC 4301 §5.1, §5.2.
import type { Event } from '../contract/events.ts'
import { ApiMisuse } from '../contract/faults.ts'
import type { Command, Datagram, HostPorts, Input, Machine, Output, PathChange } from '../contract/machine.ts'
import type { SaInstall } from '../contract/install.ts'
import type { PacketBatch } from '../contract/packets.ts'
import type { RandomSource } from '../contract/random.ts'
import { type ChildSaId, earliest, type Instant, instant, type Spi } from '../contract/units.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import { IkeEndpoint } from '../ike/endpoint/endpoint.ts'
import type { IkeSaView, OverIkeSaView } from '../ike/sa/view.ts'
import type { IkeSa } from '../ike/sa/ike-sa.ts'
import { classify, nonEspMarkerLength } from '../ipsec/encapsulation.ts'
import type { Reordering } from '../ipsec/reordering.ts'
import type { SequenceNumber } from '../ipsec/replay.ts'
import { childOf, type Connection } from '../policy/connection.ts'
import { createSpd, type Spd, type SpdEntry } from '../policy/spd.ts'
import { AuditTrail } from './audit.ts'
import type { Route } from './children.ts'
import { checkDummies } from './dummies.ts'
import { checkAlgorithms } from './lacking.ts'
import { type BurstOrigin, InboundPath } from './inbound-path.ts'
import { InboundPolicy } from './inbound-policy.ts'
import { checkManualSas, isManual } from './manual-sas.ts'
import { OutboundPath } from './outbound-path.ts'
import { type HostCounters, Tally } from './tally.ts'

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
  /** `on`: events `audit` for what RFC 4301, 4302 and 4303 call auditable, bounded in rate. `off`, where it is left out. */
  readonly audit?: 'on' | 'off'
  /**
   * What the driver carries beside UDP: ESP without its IP header (channel `esp`), or IP packets whole (`ip`). AH is neither offered nor
   * accepted without `ip`. `esp`, where it is left out.
   */
  readonly bare?: 'esp' | 'ip'
  /**
   * SAs with keys from elsewhere, installed at creation: for tests against kernels and other stacks. None, where it is left out. They protect what
   * policies name them for, by `connection` and `childName`; nothing replaces them, and `close-child-sa` removes them. Both directions of one have the same `child`; ids are
   * negative, since IKE counts its own from 1 on.
   *
   * Dangerous: anti-replay SHOULD NOT be provided for them (RFC 4303 §5, RFC 4302 §5), since a peer that starts anew counts from 1 again:
   * `replayWindow` 0 switches it off. And RFC 4106 §2, RFC 3686 §7 and RFC 4543 §2 forbid their ciphers with them: a host that is made anew counts
   * from 1 again under the same key, and nonces that repeat reveal plaintexts and let anybody forge.
   */
  readonly dangerManualSas?: readonly SaInstall[]
}

export interface Host extends Machine {
  readonly counters: HostCounters
  /** Without those that only linger to answer retransmissions. */
  readonly ikeSaCount: number
  /** What it has, as plain data without keys; made anew each time, for diagnosis and tests. */
  readonly view: HostView
  /** How far out of order packets came, in all SAs, those that are gone included (RFC 4303 §3.4.3). A look costs a look at each SA. */
  readonly reordering: Reordering
  /**
   * Seals a burst of plain IP packets in place. Outcome 0: the slot holds what is to be sent, ESP or with channel `ip` the whole IP packet, and
   * `routes[i]` says where it goes.
   * `needs-negotiation`, `left-to-handle`: give the packet, which is untouched, to `handle`. `bypass`: it may go as it is. Anything else was counted.
   * `through[i]`, where it is given, is for slot `i` what it is for an input `packet`: what `open` wrote into `children` serves as it is.
   */
  seal(now: Instant, batch: PacketBatch, routes: (Route | undefined)[], through?: readonly (ChildSaId | undefined)[]): void
  /**
   * Opens a burst of packets that came from one remote endpoint: ESP, or with `from.channel` `ip` whole IP packets of ESP or AH. Outcome 0: the
   * slot holds a plain IP packet that came through the Child SA `children[i]`. `awaits-sa`: its SA is about to be made, and a copy waits for it.
   * `left-to-handle`: a fragment, which `handle` puts together with the others. Anything else was counted.
   * Call `drain` before you answer: what came may be what lets us send (RFC 7296 §2.8).
   */
  open(now: Instant, batch: PacketBatch, from: BurstOrigin, children: (ChildSaId | undefined)[]): void
  /**
   * RFC 4301 §8: octets of the longest plain packet, without options and extension headers, that goes through a Child SA in one piece;
   * `undefined` where the MTU of the path is not known, or there is no such Child SA.
   */
  effectiveMtu(now: Instant, child: ChildSaId): number | undefined
  /**
   * Another list decides from now on, in both directions, fragments of packets that were let in before included; what waits for an SA waits on, and
   * goes out only if the new list protects it by that SA. Throws ApiMisuse as `createHost` does, and then the old list stays.
   *
   * RFC 4301 §4.4.1 has the effect on SAs checked and leaves what to do to the administrator: these are the Child SAs that the new list has no
   * entry for, manual ones included. They stay, for the next list or for `close-child-sa`; nothing goes or comes through them, since every packet is
   * asked for.
   */
  replacePolicies(policies: readonly SpdEntry[]): readonly ChildSaId[]
  /** What SAs that ran out during bursts led to. Call it after bursts; cheap when there is nothing. */
  drain(now: Instant): readonly Output[]
}

export interface HostView {
  readonly ikeSas: readonly IkeSaView[]
  /** IKE SAs that are over, whose last answers would be given once more (RFC 7296 §2.1). */
  readonly over: readonly OverIkeSaView[]
  /** For each Child SA that can be used: the highest sequence number that came, and where packets go. */
  readonly inbound: readonly { readonly spi: Spi; readonly highest: SequenceNumber }[]
  readonly outbound: readonly { readonly child: ChildSaId; readonly route: Readonly<Route> }[]
}

/**
 * Throws ApiMisuse where policies name connections or children that there are none of, connections algorithms that the provider lacks, or children
 * dummies that cannot be.
 */
export function createHost(options: HostOptions): Host {
  checkAlgorithms(options.provider, options.connections)
  checkManualSas(options)
  checkDummies(options.connections)
  checkPolicies(options, options.policies)
  return new IpsecHost(options)
}

function checkPolicies({ connections, dangerManualSas = [] }: HostOptions, policies: readonly SpdEntry[]): void {
  for (const { name, action } of policies) {
    if (action.kind !== 'PROTECT') continue
    if (isManual(dangerManualSas, action.connection, action.child)) continue
    if (childOf(connections, action.connection, action.child) === undefined) {
      throw new ApiMisuse(`policy ${name} protects by ${action.connection}/${action.child}, which is not configured`)
    }
  }
}

class IpsecHost implements Host {
  readonly #options: HostOptions
  readonly #ike: IkeEndpoint
  readonly #tally: Tally
  readonly #outbound: OutboundPath
  readonly #inbound: InboundPath
  readonly #spd: Spd
  /** Those that have not been closed. */
  #manual: readonly SaInstall[]
  readonly #inboundPolicy: InboundPolicy

  constructor(options: HostOptions) {
    this.#options = options
    this.#tally = new Tally(new AuditTrail(options.audit ?? 'off'))
    this.#ike = new IkeEndpoint(options)
    this.#spd = createSpd(options.policies, undefined, options.connections)
    this.#inboundPolicy = new InboundPolicy(this.#spd)
    this.#outbound = new OutboundPath(options, this.#spd, this.#ike, this.#tally)
    this.#inbound = new InboundPath(options.provider, this.#inboundPolicy, this.#ike, this.#tally)
    this.#manual = [...(options.dangerManualSas ?? [])]
    for (const install of this.#manual) {
      if (install.direction === 'in') this.#inbound.add(install)
      // Before the first input there is no time: intervals count from the start of the clock.
      else this.#outbound.install(instant(0), install)
    }
  }

  get deadline(): Instant | undefined {
    return earliest(this.#ike.deadline, earliest(this.#outbound.deadline, this.#inbound.deadline))
  }

  get counters(): HostCounters {
    return this.#tally.counters(this.#outbound.waiting)
  }

  get ikeSaCount(): number {
    return this.#ike.ikeSaCount
  }

  get reordering(): Reordering {
    return this.#inbound.reordering
  }

  get view(): HostView {
    const { ikeSas, over } = this.#ike.view
    const children = ikeSas.flatMap(({ children }) => children)
    return {
      ikeSas,
      over,
      inbound: children.flatMap(({ inbound }) => {
        const sa = this.#inbound.find(inbound)
        return sa === undefined ? [] : [{ spi: inbound, highest: sa.window.highest }]
      }),
      outbound: children.flatMap(({ id }) => {
        const found = this.#outbound.find(id)
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
        this.#outbound.send(now, out, input.bytes, input.through)
        break
      case 'plain':
        this.#inbound.plain(now, out, input.bytes)
        break
      case 'tick':
        this.#ike.tick(now, out)
        this.#outbound.expire(now)
        this.#inbound.expire(now)
        break
      case 'command':
        if (input.command.kind === 'initiate') this.#initiate(now, out, input.command)
        else if (input.command.kind === 'close-child-sa' && input.command.child < 0) this.#closeManual(input.command.child)
        else this.#ike.command(now, out, input.command)
        break
      case 'completion':
        if (this.#ike.complete(now, out, input.completion) === 'late') this.#tally.lateCompletions++
        break
      case 'path':
        this.#path(now, out, input.change)
        break
    }
    this.#obey(now, out, 0)
    // After all SAs that are over have gone.
    if (input.kind === 'tick') this.#outbound.sendDummies(now, out)
    this.#tellIke(now, out)
    this.#tally.audit.drain(out)
    return out
  }

  seal(now: Instant, batch: PacketBatch, routes: (Route | undefined)[], through?: readonly (ChildSaId | undefined)[]): void {
    this.#outbound.sealBurst(now, batch, routes, through)
  }

  open(now: Instant, batch: PacketBatch, from: BurstOrigin, children: (ChildSaId | undefined)[]): void {
    this.#inbound.openBurst(now, batch, from, children)
  }

  effectiveMtu(now: Instant, child: ChildSaId): number | undefined {
    return this.#outbound.find(child)?.mtu.effective(now)
  }

  replacePolicies(policies: readonly SpdEntry[]): readonly ChildSaId[] {
    checkPolicies(this.#options, policies)
    this.#spd.replace(policies)
    this.#inboundPolicy.forgetFragments()
    this.#ike.replacePolicies(policies)
    const negotiated = [...this.#ike.ikeSas].flatMap(({ children }) => [...children.values()])
    const there = [
      ...negotiated
        .filter(({ life }) => life.kind === 'alive')
        .map(({ id, connection, config }) => ({ id, connection: connection.name, child: config.name })),
      ...this.#manual.map(({ child, connection, childName }) => ({ id: child, connection, child: childName })),
    ]
    const isNamed = ({ connection, child }: { readonly connection: string; readonly child: string }): boolean =>
      policies.some(({ action }) => action.kind === 'PROTECT' && action.connection === connection && action.child === child)
    return [...new Set(there.filter((each) => !isNamed(each)).map(({ id }) => id))]
  }

  drain(now: Instant): readonly Output[] {
    if (!this.#tally.hasNews) return []
    const out: Output[] = []
    this.#tellIke(now, out)
    this.#tally.audit.drain(out)
    return out
  }

  #datagram(now: Instant, out: Output[], datagram: Datagram): void {
    const { channel, bytes } = datagram
    if (channel === 'ike') return this.#ike.receive(now, out, datagram)
    if (channel !== 'nat-t') return this.#inbound.open(now, out, datagram)
    switch (classify(bytes)) {
      case 'keepalive':
        return
      case 'esp':
        return this.#inbound.open(now, out, datagram)
      case 'ike':
        return this.#ike.receive(now, out, { ...datagram, bytes: bytes.subarray(nonEspMarkerLength) })
      case 'malformed':
        return this.#tally.drop(out, 'malformed-datagram')
    }
  }

  #path(now: Instant, out: Output[], change: PathChange): void {
    switch (change.kind) {
      case 'too-big':
        return this.#outbound.tooBig(now, out, change)
      case 'undelivered': {
        const child = this.#outbound.undelivered(change)
        return child === undefined ? undefined : this.#ike.packetUndelivered(now, out, child, change.reason)
      }
      case 'unreachable':
        return this.#ike.pathChanged(now, out, change)
    }
  }

  #initiate(now: Instant, out: Output[], { connection, child, path }: Extract<Command, { kind: 'initiate' }>): void {
    const found =
      child === undefined
        ? { connection: this.#options.connections.find(({ name }) => name === connection), child }
        : childOf(this.#options.connections, connection, child)
    if (found?.connection === undefined) {
      throw new ApiMisuse(`there is no connection ${connection}${child === undefined ? '' : ` with a child ${child}`}`)
    }
    for (const sa of this.#ike.ikeSas) {
      if (sa.path.remotePorts.address === path.remote.address && serves(sa, connection, child)) return
    }
    this.#ike.initiate(now, out, { connection: found.connection, child: found.child, path, trigger: undefined })
  }

  /** Nobody is told: the peer of a manual SA has no IKE. Its keys were given to us, and stay whole for who gave them. */
  #closeManual(child: ChildSaId): void {
    for (const install of this.#manual.filter((each) => each.child === child)) {
      if (install.direction === 'in') this.#inbound.removeNamed(install)
      else this.#outbound.remove(child)
    }
    this.#manual = this.#manual.filter((each) => each.child !== child)
    this.#outbound.forget(child)
    this.#tally.forget(child)
  }

  // ---- what IKE decided ----

  /** Installs and removes SAs, and looks after packets that waited, as the outputs from `from` on say. */
  #obey(now: Instant, out: Output[], from: number): void {
    for (let i = from; i < out.length; i++) {
      const output = out[i]
      if (output?.kind === 'install') {
        if (output.sa.direction === 'in') this.#inbound.install(now, out, output.sa)
        else this.#outbound.install(now, output.sa)
      } else if (output?.kind === 'remove') {
        if (output.heir !== undefined) this.#outbound.succeed(output.child, output.heir)
        const gone = output.direction === 'in' ? this.#inbound.remove(output.spi) : this.#outbound.remove(output.child)
        gone?.encryptionKey?.wipe()
        gone?.integrityKey?.wipe()
        this.#tally.forget(output.child)
      } else if (output?.kind === 'event') this.#onEvent(now, out, output.event)
    }
  }

  #onEvent(now: Instant, out: Output[], event: Event): void {
    switch (event.name) {
      case 'child-sa-established':
        if (event.established.replaces !== undefined) this.#outbound.succeed(event.established.replaces, event.child)
        return this.#outbound.resume(now, out, event.child)
      case 'child-sa-closed':
        return this.#outbound.forget(event.child)
      case 'ike-sa-established':
        if (event.established.replaces !== undefined) this.#outbound.inherit(event.established.replaces, event.ikeSa)
        return
      case 'ike-sa-failed':
      case 'ike-sa-closed':
        this.#inbound.sweep()
        return this.#outbound.giveUpAll(now, out, event.ikeSa)
      case 'rekey-failed':
        return this.#inbound.sweep()
      case 'child-sa-failed':
        this.#inbound.sweep()
        if (event.refusal?.kind === 'overlap') this.#tally.overlapsRefused++
        if (event.child !== undefined) this.#outbound.giveUp(now, out, event.child)
        return
      case 'unprotected-offer':
        return this.#tally.audit.offered(now, event)
      case 'peer-moved':
        return this.#outbound.move(event.ikeSa, event.channel, event.local, event.remote)
      default:
    }
  }

  /** What packets have made of Child SAs is for IKE to act upon. */
  #tellIke(now: Instant, out: Output[]): void {
    const { exhausted, worn, proven, moved } = this.#tally
    const from = out.length
    for (let news = moved.pop(); news !== undefined; news = moved.pop()) this.#ike.peerMoved(now, out, news.child, news.from)
    for (let child = proven.pop(); child !== undefined; child = proven.pop()) this.#ike.childProven(now, out, child)
    for (let child = worn.pop(); child !== undefined; child = worn.pop()) this.#ike.childSoft(now, out, child)
    for (let child = exhausted.pop(); child !== undefined; child = exhausted.pop()) this.#ike.childExhausted(now, out, child)
    if (out.length > from) this.#obey(now, out, from)
  }
}

/** It has such a Child SA, or is about to have one; `undefined`: any will do. */
function serves(sa: IkeSa, connection: string, child: string | undefined): boolean {
  const { state } = sa
  switch (state.phase) {
    case 'init-sent':
      return state.attempt.connection.name === connection && isMakingChild(sa, child, state.attempt.child?.config.name)
    case 'auth-signing':
    case 'auth-sent':
    case 'auth-verifying':
      return state.auth.connection.name === connection && isMakingChild(sa, child, state.auth.child?.config.name)
    case 'established':
    case 'contested':
      return state.established.connection.name === connection && isMakingChild(sa, child, undefined)
    default:
      return false
  }
}

/** `first`: the one that comes with the IKE SA itself. */
function isMakingChild(sa: IkeSa, name: string | undefined, first: string | undefined): boolean {
  if (name === undefined || name === first) return true
  const { waiting, postponed, outstanding } = sa.requests
  const alive = [...sa.children.values()].filter(({ life }) => life.kind !== 'deleting')
  const intended = [
    ...waiting,
    ...postponed.map(({ intention }) => intention),
    ...outstanding.map(({ purpose }) => (purpose.kind === 'create-child-sa' ? purpose.intention : purpose)),
  ]
  return (
    alive.some(({ config }) => config.name === name) ||
    intended.some((intention) => intention.kind === 'create-child-sa' && intention.request.config.name === name)
  )
}
