// The IKE room as one component: messages, commands, completions and time in; outputs out. It knows nothing of packets.
import type { Command, Completion, Datagram, Output, Path, PathChange, UnreachableReason } from '../../contract/machine.ts'
import { Bug } from '../../contract/faults.ts'
import type { RandomSource } from '../../contract/random.ts'
import { type ChildSaId, earliest, type IkeSaId, type IkeSpi, type Instant, later, type Spi } from '../../contract/units.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { exchange } from '../../iana/exchanges.ts'
import { notify } from '../../iana/notify.ts'
import { sameEndpoint } from '../../net/address.ts'
import type { ChildConfig, Connection } from '../../policy/connection.ts'
import { Population } from '../../policy/population.ts'
import type { SpdEntry } from '../../policy/spd.ts'
import { decodeHeader, decodeMessage } from '../../wire/codec.ts'
import { isFromInitiator, isResponse } from '../../wire/flags.ts'
import type { Header, Message } from '../../wire/message.ts'
import type { ChildRequest, PacketSelectors } from '../child/child-request.ts'
import { carriesTrafficOf, type ChildSa, holdsOutbound, useOutbound } from '../child/child-sa.ts'
import { Overlaps } from '../child/overlaps.ts'
import { type Context, emit } from '../context.ts'
import * as authInitiator from '../exchanges/ike-auth.initiator.ts'
import * as authResponder from '../exchanges/ike-auth.responder.ts'
import { firstAttempt, noSpi, sendAttempt } from '../exchanges/ike-sa-init.initiator.ts'
import { deleteChild } from '../exchanges/create-child.initiator.ts'
import { sendWaiting } from '../exchanges/intentions.ts'
import { limits } from '../limits.ts'
import { hasNotification } from '../notifications.ts'
import { forget, startClosing, startSuperseding } from '../sa/close.ts'
import { type IkeSa, type Intention, isHalfOpen, newIkeSa } from '../sa/ike-sa.ts'
import { intend, newChild } from '../sa/intend.ts'
import { isInForce, isMakingChildren, startChildRekey, startIkeRekey } from '../sa/renewal.ts'
import type { OverIkeSa } from '../sa/over.ts'
import { heldOctets } from '../sa/reassembly.ts'
import type { Arrival } from '../sa/exchange.ts'
import { isInQuestion } from '../sa/succession.ts'
import { deadlineOf, onTime } from '../sa/time.ts'
import { type IkeSaView, type OverIkeSaView, viewIkeSa, viewOverIkeSa } from '../sa/view.ts'
import { timers } from '../timers.ts'
import { CookieJar } from './cookies.ts'
import { RateLimit } from './rate-limit.ts'
import { drop, followPeer, hasMoved, receive, receiveAfterwards, type Received } from './receive.ts'
import { Registry } from './registry.ts'
import { Schedule } from './schedule.ts'
import { type Lender, Step } from './step.ts'
import { receiveFromStranger, refuseVersion } from './strangers.ts'

export interface EndpointOptions {
  readonly provider: CryptoProvider
  readonly random: RandomSource
  readonly connections: readonly Connection[]
  /** Whose PFP flags responders obey; none, where it is left out. */
  readonly policies?: readonly SpdEntry[]
  readonly dangerKeyLog: 'on' | 'off'
  /** What the driver has for what is not in UDP; without whole IP packets (`ip`) there is no AH. `esp`, where it is left out. */
  readonly bare?: 'esp' | 'ip'
}

/** What to bring up: one Child SA of a connection, over a path; `trigger` is the packet that asked for it. */
export interface Initiation {
  readonly connection: Connection
  /** `undefined`: an IKE SA is all that is wanted (RFC 6023). */
  readonly child: ChildConfig | undefined
  readonly path: Path
  readonly trigger: PacketSelectors | undefined
}

/** What will come of it, or fail. */
export interface Initiated {
  readonly ikeSa: IkeSaId
  readonly child: ChildSaId | undefined
}

export class IkeEndpoint {
  readonly #registry: Registry
  readonly #cookies: CookieJar
  readonly #overlaps: Overlaps
  readonly #rate = new RateLimit()
  readonly #schedule = new Schedule<IkeSa>()
  /** Inbound halves that are over, but for what is still on its way. */
  readonly #leaving = new Schedule<ChildSa>()
  /** To be settled at the end of the step. */
  readonly #touched: IkeSa[] = []
  readonly #lender: Lender

  constructor(options: EndpointOptions) {
    const { provider, random, connections, policies = [], dangerKeyLog, bare = 'esp' } = options
    this.#registry = new Registry(random)
    this.#cookies = new CookieJar(provider, random)
    this.#overlaps = new Overlaps(connections)
    this.#lender = {
      provider,
      random,
      connections,
      population: new Population(policies),
      dangerKeyLog,
      bare,
      registry: this.#registry,
      overlaps: this.#overlaps,
      leaving: this.#leaving,
      touched: this.#touched,
      reauthenticate: (context, sa) => this.#reauthenticate(context, sa),
    }
  }

  get deadline(): Instant | undefined {
    return earliest(earliest(this.#schedule.next, this.#leaving.next), this.#registry.over.deadline)
  }

  /** From now on; SAs that there are keep what they have. */
  replacePolicies(policies: readonly SpdEntry[]): void {
    this.#lender.population = new Population(policies)
  }

  /** As they are found; there may be many. */
  get ikeSas(): Iterable<IkeSa> {
    return this.#registry.ikeSas
  }

  get ikeSaCount(): number {
    return this.#registry.ikeSaCount
  }

  /** As plain data: the IKE SAs, and those that are over but answer once more. */
  get view(): { readonly ikeSas: readonly IkeSaView[]; readonly over: readonly OverIkeSaView[] } {
    return { ikeSas: [...this.#registry.ikeSas].map(viewIkeSa), over: [...this.#registry.over.all].map(viewOverIkeSa) }
  }

  /** One IKE message; `datagram.bytes` starts with the IKE header: the marker of the NAT traversal port is off. */
  receive(now: Instant, out: Output[], datagram: Datagram): void {
    const context = this.#context(now, out)
    const { channel, local, remote, bytes } = datagram
    const arrival: Received = { channel, local, remote, length: bytes.length, fragments: 1 }
    const decoded = decodeMessage(bytes)
    if (!decoded.ok) {
      const header = decodeHeader(bytes)
      // RFC 7296 §2.5: the version is judged before anything behind the header.
      if (header.ok && header.value.majorVersion !== 2 && header.value.length === bytes.length)
        return this.#refuseVersion(context, arrival, header.value)
      return drop(context, arrival, 'malformed', decoded.fault)
    }
    const sa = this.#find(decoded.value.header)
    if (sa === undefined) {
      const over = this.#findOver(decoded.value.header)
      if (over !== undefined) return receiveAfterwards(context, over, arrival, decoded.value, bytes)
      const opened = receiveFromStranger(context, this.#porch, arrival, decoded.value, bytes)
      if (opened !== undefined) this.#settle(context, opened)
      return
    }
    this.#suspect(context, sa, decoded.value)
    receive(context, sa, arrival, decoded.value, bytes)
    this.#settle(context, sa)
  }

  command(now: Instant, out: Output[], command: Exclude<Command, { kind: 'initiate' }>): void {
    const context = this.#context(now, out)
    switch (command.kind) {
      case 'close-all': {
        const all = [...this.ikeSas]
        for (const sa of all) this.#close(context, sa)
        return
      }
      case 'close-ike-sa': {
        const sa = this.#registry.byId(command.ikeSa)
        if (sa !== undefined) this.#close(context, sa)
        return
      }
      case 'close-child-sa':
        return this.#closeChild(context, command.child)
      case 'rekey-child-sa': {
        const sa = this.#registry.byChild(command.child)
        const child = sa?.children.get(command.child)
        if (sa === undefined || child === undefined) return
        startChildRekey(context, sa, child)
        return this.#settle(context, sa)
      }
      case 'rekey-ike-sa': {
        const sa = this.#registry.byId(command.ikeSa)
        if (sa === undefined || isInQuestion(context, sa)) return
        startIkeRekey(sa)
        return this.#settle(context, sa)
      }
      case 'reauthenticate': {
        const sa = this.#registry.byId(command.ikeSa)
        if (sa === undefined || isInQuestion(context, sa)) return
        context.reauthenticate(sa)
        return this.#settle(context, sa)
      }
      case 'check-liveness': {
        const sa = this.#registry.byId(command.ikeSa)
        if (sa !== undefined) this.#plan(context, sa, { kind: 'liveness' })
      }
    }
  }

  /**
   * What is asked for is made inside an IKE SA of the connection that there is, or that is on its way; else there will be a new one.
   * `undefined`: nothing comes of it, there being no way to the peer, or too much that waits for it.
   */
  initiate(now: Instant, out: Output[], initiation: Initiation): Initiated | undefined {
    const context = this.#context(now, out)
    const { connection, child, path, trigger } = initiation
    const known = this.#registry.byRoute(connection.name, path.remote.address)
    const request = child === undefined ? undefined : this.#request(child, trigger)
    if (known === undefined || !takesIntentions(known)) {
      const sa = this.#start(context, connection, request, path, undefined)
      return sa === undefined ? undefined : { ikeSa: sa.id, child: request?.id }
    }
    if (request !== undefined && known.requests.waiting.length >= limits.waitingRequests) {
      this.#registry.releaseSpi(request.spi)
      return undefined
    }
    if (request !== undefined) intend(known, newChild(request))
    this.#settle(context, known)
    return { ikeSa: known.id, child: request?.id }
  }

  #request(config: ChildConfig, trigger: PacketSelectors | undefined): ChildRequest {
    return { id: this.#registry.newChildId(), config, spi: this.#registry.newSpi(), trigger }
  }

  #start(
    context: Context,
    connection: Connection,
    request: ChildRequest | undefined,
    path: Path,
    reauthenticates: IkeSaId | undefined,
  ): IkeSa | undefined {
    const localPort = path.start === 'ike' ? path.local.ikePort : path.local.natPort
    const remotePort = path.start === 'ike' ? path.remote.ikePort : path.remote.natPort
    const id = this.#registry.newIkeSaId()
    const attempt = firstAttempt(context, connection, request)
    if (attempt === undefined || localPort === undefined || remotePort === undefined) {
      const message = attempt === undefined ? 'no proposal names a usable key exchange' : 'there is no port to start from or to'
      if (request !== undefined) this.#registry.releaseSpi(request.spi)
      emit(context, {
        name: 'ike-sa-failed',
        ikeSa: id,
        connection: connection.name,
        fault: { family: 'policy', code: 'POLICY_CONNECTION_UNKNOWN', message },
        refusal: undefined,
      })
      return undefined
    }
    const sa = newIkeSa(context.now, {
      id,
      role: 'initiator',
      initiatorSpi: this.#registry.newIkeSpi(),
      responderSpi: noSpi,
      replaces: undefined,
      reauthenticates,
      state: { phase: 'init-sent', attempt },
      path: {
        channel: path.start,
        local: { address: path.local.address, port: localPort },
        remote: { address: path.remote.address, port: remotePort },
        localPorts: path.local,
        remotePorts: path.remote,
        nat: { local: 'no-nat', remote: 'no-nat', encapsulation: 'none' },
        bare: context.bare,
      },
      heardFrom: undefined,
    })
    this.#registry.add(sa)
    this.#registry.addRoute(sa, connection.name)
    sendAttempt(context, sa, attempt)
    this.#settle(context, sa)
    return sa
  }

  /** The answer to an operation. `late`: it was cancelled, or answered before; nothing comes of it. */
  complete(now: Instant, out: Output[], completion: Completion): 'used' | 'late' {
    const sa = this.#registry.takeOperation(completion.id)
    if (sa === undefined) return 'late'
    const context = this.#context(now, out)
    const { state } = sa
    if (!('operation' in state) || state.operation.id !== completion.id) return 'late'
    switch (state.phase) {
      case 'auth-signing':
        authInitiator.onOwnMac(context, sa, state, completion)
        break
      case 'auth-verifying':
        authInitiator.onPeerMac(context, sa, state, completion)
        break
      case 'peer-verifying':
        authResponder.onPeerMac(context, sa, state, completion)
        break
      case 'own-signing':
        authResponder.onOwnMac(context, sa, state, completion)
        break
    }
    this.#settle(context, sa)
    return 'used'
  }

  tick(now: Instant, out: Output[]): void {
    const context = this.#context(now, out)
    for (let child = this.#leaving.take(now); child !== undefined; child = this.#leaving.take(now)) {
      out.push({ kind: 'remove', child: child.id, direction: 'in', spi: child.inbound })
      this.#registry.releaseSpi(child.inbound)
      if (child.mapped !== undefined) this.#overlaps.pool.release(child.mapped)
    }
    this.#registry.over.dropExpired(now)
    for (let sa = this.#schedule.take(now); sa !== undefined; sa = this.#schedule.take(now)) {
      onTime(context, sa)
      this.#settle(context, sa)
      const due = deadlineOf(sa)
      // Who drives us comes back until `deadline` has moved on: what stays due would keep both of us busy for ever.
      if (due !== undefined && due <= now) throw new Bug(`an IKE SA that is ${sa.state.phase} leaves undone what was due at ${due}`)
    }
  }

  /** RFC 7296 §2.4: what the network says about a peer is a hint: an established IKE SA is checked, nothing is concluded. */
  pathChanged(now: Instant, out: Output[], change: Extract<PathChange, { kind: 'unreachable' }>): void {
    const context = this.#context(now, out)
    const concerned = [...this.ikeSas].filter(({ path }) => sameEndpoint(path.remote, change.remote))
    for (const sa of concerned) {
      emit(context, { name: 'peer-unreachable', ikeSa: sa.id, remote: change.remote, reason: change.reason })
      if (sa.requests.outstanding.length === 0) this.#provoke(context, sa)
      else if (change.reason === 'port') for (const request of sa.requests.outstanding) request.hint = 'port-unreachable'
    }
  }

  /** The same, of a packet of a Child SA. A peer that does not listen to ESP may well answer on its IKE port. */
  packetUndelivered(now: Instant, out: Output[], child: ChildSaId, reason: UnreachableReason): void {
    const sa = this.#registry.byChild(child)
    if (sa === undefined || !this.#mayBeProvoked(now, sa)) return
    const context = this.#context(now, out)
    emit(context, { name: 'peer-unreachable', ikeSa: sa.id, remote: sa.path.remote, reason })
    this.#provoke(context, sa)
  }

  /**
   * A packet came through a Child SA: its peer lives (RFC 7296 §2.4). `proof`: it is the first sign that the peer is ready for a new one
   * (§2.8); `childProven` is to follow. `moved`: it came from elsewhere (§2.23); `peerMoved` is to follow. `from` is `undefined` where the
   * packet was not newer than all others: an old one may have been kept by anybody.
   */
  packetReceived(now: Instant, child: ChildSaId, from: Arrival | undefined): 'proof' | 'moved' | 'no-news' {
    const sa = this.#registry.byChild(child)
    if (sa === undefined) return 'no-news'
    sa.lastReceived = now
    if (from !== undefined && hasMoved(sa, from)) return 'moved'
    const known = sa.children.get(child)
    return known !== undefined && holdsOutbound(known) && known.life.kind === 'alive' ? 'proof' : 'no-news'
  }

  /** We have asked for an SA with this SPI, and the answer is not there; or there is such an SA. */
  isAwaited(spi: Spi): boolean {
    return this.#registry.hasSpi(spi)
  }

  /** RFC 7296 §2.23: a host that is behind no NAT sends to where the last valid packet came from. */
  peerMoved(now: Instant, out: Output[], child: ChildSaId, from: Arrival): void {
    const sa = this.#registry.byChild(child)
    if (sa !== undefined) followPeer(this.#context(now, out), sa, from)
  }

  /** RFC 7296 §2.8: the peer has sent through it, so it can be sent through. */
  childProven(now: Instant, out: Output[], child: ChildSaId): void {
    const known = this.#registry.byChild(child)?.children.get(child)
    if (known !== undefined && known.life.kind !== 'deleting') useOutbound(this.#context(now, out), known)
  }

  /** It is time to replace a Child SA, for what has gone through it. */
  childSoft(now: Instant, out: Output[], child: ChildSaId): void {
    const context = this.#context(now, out)
    const sa = this.#registry.byChild(child)
    const known = sa?.children.get(child)
    if (sa === undefined || known === undefined) return
    startChildRekey(context, sa, known)
    this.#settle(context, sa)
  }

  packetSent(now: Instant, child: ChildSaId): void {
    const sa = this.#registry.byChild(child)
    if (sa !== undefined) sa.lastSent = now
  }

  /** A Child SA can be used no more: its sequence numbers or its lifetime have run out. */
  childExhausted(now: Instant, out: Output[], child: ChildSaId): void {
    this.#closeChild(this.#context(now, out), child)
  }

  /** An IKEv1 daemon answers our IKE_SA_INIT in its own tongue: worth telling, should nothing better come (RFC 7296 §2.5). */
  #refuseVersion(context: Context, arrival: Received, header: Header): void {
    const sa = this.#registry.bySpi(header.initiatorSpi)
    const [outstanding] = sa?.requests.outstanding ?? []
    if (sa?.state.phase === 'init-sent' && outstanding !== undefined && header.majorVersion === 1) outstanding.hint = 'answered-in-ikev1'
    refuseVersion(context, this.#porch, arrival, header)
  }

  #closeChild(context: Context, id: ChildSaId): void {
    const sa = this.#registry.byChild(id)
    const child = sa?.children.get(id)
    if (sa === undefined || child === undefined) return
    // What has been made to take its place is as unwanted as it is, and what it is to take the place of, too.
    const successor = child.successor === undefined ? undefined : sa.children.get(child.successor.child)
    const predecessors = [...sa.children.values()].filter((other) => other.successor?.child === id)
    for (const other of successor === undefined ? predecessors : [successor, ...predecessors]) deleteChild(context, sa, other)
    deleteChild(context, sa, child)
    this.#settle(context, sa)
  }

  #close(context: Context, sa: IkeSa): void {
    const { phase } = sa.state
    if (phase === 'established' || phase === 'contested' || phase === 'replaced') startClosing(context, sa)
    else if (phase !== 'closing') forget(context, sa, 'us')
    this.#settle(context, sa)
  }

  /** RFC 7296 §2.8.3: from scratch, with every Child SA that the old one has. */
  #reauthenticate(context: Context, old: IkeSa): 'begun' | 'impossible' {
    if (!isInForce(old) || !('established' in old.state) || old.state.established === undefined) return 'impossible'
    if (old.reauthenticatedBy !== undefined) return 'begun'
    const configs = new Set([...old.children.values()].filter(({ life }) => life.kind !== 'deleting').map(({ config }) => config))
    const [first, ...others] = [...configs].map((config) => this.#request(config, undefined))
    const sa = this.#start(context, old.state.established.connection, first, pathOf(old), old.id)
    if (sa === undefined) return 'impossible'
    for (const request of others) intend(sa, newChild(request))
    old.reauthenticatedBy = sa.id
    old.lifetime.rekeyAt = undefined
    return 'begun'
  }

  /** RFC 7296 §2.8.3: it has everything now that the old one had, or else it will not do. */
  #concludeReauthentication(context: Context, sa: IkeSa): void {
    if (sa.reauthenticates === undefined || sa.state.phase !== 'established' || isMakingChildren(sa)) return
    const old = this.#registry.byId(sa.reauthenticates)
    sa.reauthenticates = undefined
    if (old === undefined) return
    old.reauthenticatedBy = undefined
    const orphans = [...old.children.values()].filter(
      (child) => child.life.kind === 'alive' && ![...sa.children.values()].some((other) => carriesTrafficOf(other, child)),
    )
    if (orphans.length === 0) startSuperseding(context, old)
    else {
      startClosing(context, sa)
      old.lifetime.reauthenticateAt = later(context.now, timers.reauthenticationRetry)
    }
    context.touch(old)
  }

  /** Sends a request now, or as soon as the window is open. */
  #plan(context: Context, sa: IkeSa, intention: Intention): void {
    if (sa.state.phase !== 'established') return
    intend(sa, intention)
    this.#settle(context, sa)
  }

  /** RFC 7296 §2.21.4: INVALID_IKE_SPI in clear is a hint, too, and changes nothing by itself. */
  #suspect(context: Context, sa: IkeSa, message: Message): void {
    if (sa.state.phase !== 'established' || !isResponse(message.header.flags) || message.header.exchangeType === exchange.IKE_SA_INIT)
      return
    if (hasNotification(message.payloads, notify.INVALID_IKE_SPI)) this.#provoke(context, sa)
  }

  #provoke(context: Context, sa: IkeSa): void {
    if (!this.#mayBeProvoked(context.now, sa)) return
    sa.lastProvoked = context.now
    this.#plan(context, sa, { kind: 'liveness' })
  }

  #mayBeProvoked(now: Instant, { state, requests, lastProvoked }: IkeSa): boolean {
    if (state.phase !== 'established' || requests.outstanding.length > 0) return false
    return lastProvoked === undefined || now - lastProvoked >= timers.provokedLivenessInterval
  }

  #find(header: Header): IkeSa | undefined {
    const sa = this.#registry.bySpi(spiOfOurs(header))
    return sa !== undefined && isMeant(sa, header) ? sa : undefined
  }

  #findOver(header: Header): OverIkeSa | undefined {
    const over = this.#registry.over.bySpi(spiOfOurs(header))
    return over !== undefined && isMeant(over, header) ? over : undefined
  }

  /** After each step, for the IKE SA that it was about and those that it touched. */
  #settle(context: Context, sa: IkeSa): void {
    this.#settleOne(context, sa)
    for (let other = this.#touched.pop(); other !== undefined; other = this.#touched.pop()) this.#settleOne(context, other)
  }

  /** What waits is sent, what is over goes, what comes later is scheduled. */
  #settleOne(context: Context, sa: IkeSa): void {
    this.#concludeReauthentication(context, sa)
    sendWaiting(context, sa)
    if (sa.state.phase === 'closed') {
      this.#registry.remove(sa)
      this.#schedule.set(sa, undefined)
      return
    }
    if (isHalfOpen(sa)) this.#registry.noteFragments(sa, heldOctets(sa))
    // RFC 7296 §2.21.4 is about strangers: who has authenticated may come again at once, and so may all that share its address.
    else if (this.#registry.settle(sa) === 'was-half-open' && sa.state.phase === 'established') this.#rate.giveBack(sa.path.remote.address)
    this.#schedule.set(sa, deadlineOf(sa))
  }

  get #porch() {
    return { registry: this.#registry, cookies: this.#cookies, rate: this.#rate }
  }

  #context(now: Instant, out: Output[]): Context {
    return new Step(this.#lender, now, out)
  }
}

/** RFC 7296 §2.6: which of the two it is follows from who sends. */
const spiOfOurs = ({ flags, initiatorSpi, responderSpi }: Header): IkeSpi => (isFromInitiator(flags) ? responderSpi : initiatorSpi)

/** Both SPIs are its own, and it is its peer who sends; an initiator does not know the responder's SPI at first. */
function isMeant(sa: Pick<IkeSa, 'role' | 'initiatorSpi' | 'responderSpi'>, header: Header): boolean {
  if ((sa.role === 'initiator') === isFromInitiator(header.flags) || sa.initiatorSpi !== header.initiatorSpi) return false
  return sa.responderSpi === header.responderSpi || (sa.role === 'initiator' && sa.responderSpi === noSpi)
}

/** It is in force, or will be, if all goes well. */
function takesIntentions(sa: IkeSa): boolean {
  const { phase } = sa.state
  return isInForce(sa) || phase === 'init-sent' || phase === 'auth-signing' || phase === 'auth-sent' || phase === 'auth-verifying'
}

/** The same way as the old one. */
function pathOf({ path }: IkeSa): Path {
  const { channel, local, remote, localPorts, remotePorts } = path
  const port = channel === 'ike' ? 'ikePort' : 'natPort'
  return {
    start: channel,
    local: { ...localPorts, address: local.address, [port]: local.port },
    remote: { ...remotePorts, address: remote.address, [port]: remote.port },
  }
}
