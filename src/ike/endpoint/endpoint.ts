// The IKE room as one component: messages, commands, completions and time in; outputs out. It knows nothing of packets.
import type { Command, Completion, Datagram, Output, Path, PathChange } from '../../contract/machine.ts'
import { Bug } from '../../contract/faults.ts'
import type { RandomSource } from '../../contract/random.ts'
import type { ChildSaId, Instant } from '../../contract/units.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { exchange } from '../../iana/exchanges.ts'
import { notify } from '../../iana/notify.ts'
import { sameEndpoint } from '../../net/address.ts'
import type { ChildConfig, Connection } from '../../policy/connection.ts'
import { decodeHeader, decodeMessage } from '../../wire/codec.ts'
import { isFromInitiator, isResponse } from '../../wire/flags.ts'
import type { Message } from '../../wire/message.ts'
import type { PacketSelectors } from '../child/child-request.ts'
import { retireOutbound } from '../child/child-sa.ts'
import { type Context, emit } from '../context.ts'
import * as authInitiator from '../exchanges/ike-auth.initiator.ts'
import * as authResponder from '../exchanges/ike-auth.responder.ts'
import { firstAttempt, noSpi, sendAttempt } from '../exchanges/ike-sa-init.initiator.ts'
import { sendWaiting } from '../exchanges/intentions.ts'
import { limits } from '../limits.ts'
import { hasNotification } from '../notifications.ts'
import { dismiss, forget, startClosing } from '../sa/close.ts'
import { type IkeSa, type Intention, localSpi } from '../sa/ike-sa.ts'
import { intend } from '../sa/intend.ts'
import { heldOctets } from '../sa/reassembly.ts'
import { deadlineOf, onTime } from '../sa/time.ts'
import { type IkeSaView, viewIkeSa } from '../sa/view.ts'
import { timers } from '../timers.ts'
import { CookieJar } from './cookies.ts'
import { RateLimit } from './rate-limit.ts'
import { drop, receive, type Received } from './receive.ts'
import { Registry } from './registry.ts'
import { Schedule } from './schedule.ts'
import { receiveFromStranger, refuseVersion } from './strangers.ts'

export interface EndpointOptions {
  readonly provider: CryptoProvider
  readonly random: RandomSource
  readonly connections: readonly Connection[]
  readonly dangerKeyLog: 'on' | 'off'
}

/** What to bring up: one Child SA of a connection, over a path; `trigger` is the packet that asked for it. */
export interface Initiation {
  readonly connection: Connection
  readonly child: ChildConfig
  readonly path: Path
  readonly trigger: PacketSelectors | undefined
}

export class IkeEndpoint {
  readonly #options: EndpointOptions
  readonly #registry: Registry
  readonly #cookies: CookieJar
  readonly #rate = new RateLimit()
  readonly #schedule = new Schedule<IkeSa>()

  constructor(options: EndpointOptions) {
    this.#options = options
    this.#registry = new Registry(options.random)
    this.#cookies = new CookieJar(options.provider, options.random)
  }

  get deadline(): Instant | undefined {
    return this.#schedule.next
  }

  /** Without those that only linger to answer retransmissions. */
  get ikeSas(): readonly IkeSa[] {
    return [...this.#registry.ikeSas].filter(({ state }) => state.phase !== 'lingering' && state.phase !== 'closed')
  }

  /** All of them as plain data; those that linger, too. */
  get view(): readonly IkeSaView[] {
    return [...this.#registry.ikeSas].map(viewIkeSa)
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
    const sa = this.#find(decoded.value)
    if (sa === undefined) {
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
      case 'close-all':
        for (const sa of this.ikeSas) this.#close(context, sa)
        return
      case 'close-ike-sa': {
        const sa = this.#registry.byId(command.ikeSa)
        if (sa !== undefined) this.#close(context, sa)
        return
      }
      case 'close-child-sa':
        return this.#closeChild(context, command.child)
      case 'check-liveness': {
        const sa = this.#registry.byId(command.ikeSa)
        if (sa !== undefined) this.#plan(context, sa, { kind: 'liveness' })
      }
    }
  }

  initiate(now: Instant, out: Output[], initiation: Initiation): IkeSa | undefined {
    const context = this.#context(now, out)
    const { connection, child, path, trigger } = initiation
    const localPort = path.start === 'ike' ? path.local.ikePort : path.local.natPort
    const remotePort = path.start === 'ike' ? path.remote.ikePort : path.remote.natPort
    const id = this.#registry.newIkeSaId()
    const attempt = firstAttempt(context, connection, { config: child, spi: this.#registry.newSpi(), trigger })
    if (attempt === undefined || localPort === undefined || remotePort === undefined) {
      const message = attempt === undefined ? 'no proposal names a usable key exchange' : 'there is no port to start from or to'
      emit(context, {
        name: 'ike-sa-failed',
        ikeSa: id,
        connection: connection.name,
        fault: { family: 'policy', code: 'POLICY_CONNECTION_UNKNOWN', message },
        refusal: undefined,
      })
      return undefined
    }
    const sa: IkeSa = {
      id,
      role: 'initiator',
      initiatorSpi: this.#registry.newIkeSpi(),
      responderSpi: noSpi,
      state: { phase: 'init-sent', attempt },
      requests: { nextId: 0, size: 1, outstanding: [], waiting: [] },
      responses: { expectedId: 0, size: 1, answers: new Map() },
      path: {
        channel: path.start,
        local: { address: path.local.address, port: localPort },
        remote: { address: path.remote.address, port: remotePort },
        localPorts: path.local,
        remotePorts: path.remote,
        nat: { local: 'no-nat', remote: 'no-nat', encapsulation: 'none' },
      },
      children: new Map(),
      heardFrom: undefined,
      lastReceived: now,
      lastSent: now,
      lastProvoked: undefined,
    }
    this.#registry.add(sa)
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
    for (let sa = this.#schedule.take(now); sa !== undefined; sa = this.#schedule.take(now)) {
      onTime(context, sa)
      this.#settle(context, sa)
      const due = deadlineOf(sa)
      // Who drives us comes back until `deadline` has moved on: what stays due would keep both of us busy for ever.
      if (due !== undefined && due <= now) throw new Bug(`an IKE SA that is ${sa.state.phase} leaves undone what was due at ${due}`)
    }
  }

  /** RFC 7296 §2.4: what the network says about a peer is a hint: an established IKE SA is checked, nothing is concluded. */
  pathChanged(now: Instant, out: Output[], change: PathChange): void {
    const context = this.#context(now, out)
    for (const sa of this.ikeSas) {
      if (!sameEndpoint(sa.path.remote, change.remote)) continue
      emit(context, { name: 'peer-unreachable', ikeSa: sa.id, remote: change.remote, reason: change.reason })
      if (sa.requests.outstanding.length === 0) this.#provoke(context, sa)
      else if (change.reason === 'port') for (const request of sa.requests.outstanding) request.hint = 'port-unreachable'
    }
  }

  /** A packet came through a Child SA: its peer lives (RFC 7296 §2.4). */
  packetReceived(now: Instant, child: ChildSaId): void {
    const sa = this.#registry.byChild(child)
    if (sa !== undefined) sa.lastReceived = now
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
  #refuseVersion(context: Context, arrival: Received, header: Message['header']): void {
    const sa = this.#registry.bySpi(header.initiatorSpi)
    const [outstanding] = sa?.requests.outstanding ?? []
    if (sa?.state.phase === 'init-sent' && outstanding !== undefined && header.majorVersion === 1) outstanding.hint = 'answered-in-ikev1'
    refuseVersion(context, this.#porch, arrival, header)
  }

  #closeChild(context: Context, id: ChildSaId): void {
    const sa = this.#registry.byChild(id)
    const child = sa?.children.get(id)
    if (sa === undefined || child === undefined || child.life === 'deleting') return
    child.life = 'deleting'
    retireOutbound(context, child)
    this.#plan(context, sa, { kind: 'delete-child-sa', child: id })
  }

  #close(context: Context, sa: IkeSa): void {
    if (sa.state.phase === 'established') startClosing(context, sa)
    else if (sa.state.phase !== 'closing') forget(context, sa, 'us')
    this.#settle(context, sa)
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
    const { lastProvoked } = sa
    if (sa.state.phase !== 'established' || sa.requests.outstanding.length > 0) return
    if (lastProvoked !== undefined && context.now - lastProvoked < timers.provokedLivenessInterval) return
    sa.lastProvoked = context.now
    this.#plan(context, sa, { kind: 'liveness' })
  }

  /** RFC 7296 §2.6: by our SPI; which of the two it is follows from who sends. */
  #find(message: Message): IkeSa | undefined {
    const { header } = message
    const fromInitiator = isFromInitiator(header.flags)
    const sa = this.#registry.bySpi(fromInitiator ? header.responderSpi : header.initiatorSpi)
    if (sa === undefined || (sa.role === 'initiator') === fromInitiator) return undefined
    if (localSpi(sa) === sa.initiatorSpi && sa.responderSpi === noSpi) return sa
    return sa.initiatorSpi === header.initiatorSpi && sa.responderSpi === header.responderSpi ? sa : undefined
  }

  /** After each step: what is over goes, what waits is scheduled. */
  #settle(context: Context, sa: IkeSa): void {
    sendWaiting(context, sa)
    if (sa.state.phase === 'closed') {
      this.#registry.remove(sa)
      this.#schedule.set(sa, undefined)
      return
    }
    if (!isHalfOpen(sa)) this.#registry.settle(sa)
    else this.#registry.noteFragments(sa, heldOctets(sa))
    this.#schedule.set(sa, deadlineOf(sa))
    const tooMany = sa.state.phase === 'lingering' ? this.#registry.linger(sa) : undefined
    if (tooMany === undefined) return
    dismiss(tooMany)
    this.#settle(context, tooMany)
  }

  get #porch() {
    return { registry: this.#registry, cookies: this.#cookies, rate: this.#rate }
  }

  #context(now: Instant, out: Output[]): Context {
    const { provider, random, connections, dangerKeyLog } = this.#options
    const registry = this.#registry
    return {
      now,
      out,
      provider,
      random,
      connections,
      dangerKeyLog,
      newSpi: () => registry.newSpi(),
      releaseSpi: (spi) => registry.releaseSpi(spi),
      newChildId: (sa) => registry.newChildId(sa),
      removeChildId: (id) => registry.removeChild(id),
      newOperationId: (sa) => registry.newOperationId(sa),
      hasRoomForFragment: (sa, octets) => !isHalfOpen(sa) || registry.strangersFragments + octets <= limits.strangersFragments,
      dropOperation: (id) => registry.dropOperation(id),
    }
  }
}

/** RFC 7296 §2.6: a responder does not know yet who its peer is. */
function isHalfOpen({ state }: IkeSa): boolean {
  return state.phase === 'init-answered' || state.phase === 'peer-verifying' || state.phase === 'own-signing'
}
