// Messages that belong to no IKE SA of ours: requests for one, and everything that is none. RFC 7296 §1.5, §2.5, §2.6, §2.21.4.
import { carriesIke } from '../../contract/machine.ts'
import { later } from '../../contract/units.ts'
import { exchange } from '../../iana/exchanges.ts'
import { notify } from '../../iana/notify.ts'
import { connectionsForAddress } from '../../policy/pad.ts'
import { isFromInitiator, isResponse } from '../../wire/flags.ts'
import type { Message, NoncePayload, NotifyPayload } from '../../wire/message.ts'
import { type Context, emit } from '../context.ts'
import { answerInit, clearAnswer } from '../exchanges/ike-sa-init.responder.ts'
import { noSpi } from '../exchanges/ike-sa-init.initiator.ts'
import { limits } from '../limits.ts'
import { reportNat, spiBytes } from '../nat-detection.ts'
import { notification, notifications } from '../notifications.ts'
import { labelsOf, putOnWire, transmit } from '../sa/exchange.ts'
import { dangerLogKeys } from '../sa/establish.ts'
import { type IkeSa, newIkeSa } from '../sa/ike-sa.ts'
import { timers } from '../timers.ts'
import { sameEndpoint } from '../../net/address.ts'
import type { CookieJar } from './cookies.ts'
import { requestDigest, withVersion } from './init-request.ts'
import type { RateLimit } from './rate-limit.ts'
import { criticalFault, drop, logReceived, type Received, unknownCritical } from './receive.ts'
import type { Registry } from './registry.ts'

export interface Porch {
  readonly registry: Registry
  readonly cookies: CookieJar
  readonly rate: RateLimit
}

/** Returns the half-open IKE SA that came of it, when one did. */
export function receiveFromStranger(
  context: Context,
  porch: Porch,
  arrival: Received,
  message: Message,
  bytes: Uint8Array,
): IkeSa | undefined {
  const { header } = message
  // RFC 7296 §2.21.4: responses are never answered.
  if (isResponse(header.flags)) return ignored(context, arrival, 'unknown-spi')
  const isInit = header.exchangeType === exchange.IKE_SA_INIT && header.responderSpi === noSpi && header.messageId === 0
  if (!isInit || !isFromInitiator(header.flags) || header.initiatorSpi === noSpi) {
    if (header.initiatorSpi !== noSpi && header.responderSpi !== noSpi) invalidIkeSpi(context, porch, arrival, message)
    return ignored(context, arrival, 'unknown-spi')
  }
  const digest = requestDigest(context.provider, bytes)
  const known = porch.registry.byRequest(digest)
  if (known !== undefined) return repeat(context, porch, known, arrival, message, bytes)
  if (porch.registry.over.cameOf(digest)) return ignored(context, arrival, 'message-id-out-of-window')
  // Another request with this SPI, from where we have answered one: none of ours.
  if (porch.registry.halfOpen(header.initiatorSpi, arrival.remote) !== undefined)
    return ignored(context, arrival, 'message-id-out-of-window')
  if (!porch.rate.allows(context.now, arrival.remote.address)) return ignored(context, arrival, 'rate-limit')
  logReceived(context, undefined, arrival, message, labelsOf(message.payloads))
  const critical = unknownCritical(message.payloads)
  if (critical !== undefined) {
    drop(context, arrival, 'malformed', criticalFault(critical))
    say(context, arrival, message, notification(notify.UNSUPPORTED_CRITICAL_PAYLOAD, Uint8Array.of(critical.type)))
    return undefined
  }
  if (!passesCookie(context, porch, arrival, message)) return undefined
  const { registry } = porch
  if (registry.halfOpenCount >= limits.halfOpenTotal || registry.halfOpenOf(arrival.remote.address) >= limits.halfOpenPerPrefix) {
    return ignored(context, arrival, 'half-open-limit')
  }
  return open(context, porch, arrival, message, bytes, digest)
}

/** RFC 7296 §2.5: a version that we do not speak is told which one we do. */
export function refuseVersion(context: Context, porch: Porch, arrival: Received, header: Message['header']): void {
  drop(context, arrival, 'unsupported-version', undefined)
  // Only a higher major version is answered: RFC 7296 §2.5; IKEv1 cannot read such an answer.
  if (isResponse(header.flags) || header.majorVersion < 2 || !porch.rate.allows(context.now, arrival.remote.address)) return
  say(context, arrival, { header }, notification(notify.INVALID_MAJOR_VERSION))
}

function open(context: Context, porch: Porch, arrival: Received, message: Message, bytes: Uint8Array, digest: string): IkeSa | undefined {
  const { channel } = arrival
  if (!carriesIke(channel)) return undefined
  const { registry } = porch
  const candidates = connectionsForAddress(context.connections, arrival.remote.address)
  if (!candidates.ok) {
    emit(context, { name: 'request-refused', remote: arrival.remote, fault: candidates.fault, refusal: undefined })
    say(context, arrival, message, notification(notify.NO_PROPOSAL_CHOSEN))
    return undefined
  }
  const responderSpi = registry.newIkeSpi()
  const answered = answerInit(context, candidates.value, responderSpi, message, bytes, arrival)
  if (!answered.ok) {
    const { fault, refusal, notify: payload } = answered.fault
    emit(context, { name: 'request-refused', remote: arrival.remote, fault, refusal })
    if (payload !== undefined) say(context, arrival, message, payload)
    return undefined
  }
  const { answer, auth, session, nat } = answered.value
  const underLoad = registry.halfOpenCount >= limits.halfOpenBeforeCookies
  const expires = later(context.now, underLoad ? timers.halfOpenLifetimeUnderLoad : timers.halfOpenLifetime)
  const ports = (address: typeof arrival.local.address) => ({ address, ikePort: undefined, natPort: undefined })
  const sa = newIkeSa(context.now, {
    id: registry.newIkeSaId(),
    role: 'responder',
    initiatorSpi: message.header.initiatorSpi,
    responderSpi,
    replaces: undefined,
    reauthenticates: undefined,
    state: { phase: 'init-answered', auth, session, expires },
    path: {
      channel,
      local: arrival.local,
      remote: arrival.remote,
      localPorts: ports(arrival.local.address),
      remotePorts: ports(arrival.remote.address),
      nat,
      bare: context.bare,
    },
    heardFrom: arrival.remote,
  })
  sa.responses.answers.set(0, answer)
  sa.responses.expectedId = 1
  registry.add(sa)
  registry.addHalfOpen(sa, arrival.remote)
  registry.addRequest(sa, digest)
  reportNat(context, sa)
  dangerLogKeys(context, sa, session)
  transmit(context, sa, arrival, answer)
  return sa
}

/** RFC 7296 §2.1: the same request again gets the same answer again; once IKE_AUTH has come, it is ignored. */
function repeat(context: Context, porch: Porch, sa: IkeSa, arrival: Received, message: Message, bytes: Uint8Array): undefined {
  const { state } = sa
  const stored = sa.responses.answers.get(0)
  const auth = state.phase === 'init-answered' ? withVersion(state.auth, bytes) : undefined
  if (state.phase !== 'init-answered' || stored === undefined || auth === undefined) {
    return ignored(context, arrival, 'message-id-out-of-window')
  }
  // From elsewhere it may be a mapping that changed, or someone who has us answer to a third party: RFC 7296 §2.21.4.
  if (!sameEndpoint(arrival.remote, sa.path.remote) && !porch.rate.allows(context.now, arrival.remote.address))
    return ignored(context, arrival, 'rate-limit')
  logReceived(context, sa, arrival, message, labelsOf(message.payloads))
  // A version whose cookie is not ours is nobody's whom we have heard before: it is answered, and AUTH is not tried over it.
  if (offersOurCookie(context, porch, arrival, message)) sa.state = { ...state, auth }
  transmit(context, sa, arrival, stored)
  return undefined
}

/** RFC 7296 §2.6: with many half-open IKE SAs, only who can receive at its address is worth a state. */
function passesCookie(context: Context, porch: Porch, arrival: Received, message: Message): boolean {
  if (porch.registry.halfOpenCount < limits.halfOpenBeforeCookies) return true
  const nonce = message.payloads.find((payload): payload is NoncePayload => payload.kind === 'NONCE')
  if (nonce === undefined) {
    drop(context, arrival, 'malformed', undefined)
    return false
  }
  const spi = spiBytes(message.header.initiatorSpi)
  const { address } = arrival.remote
  const offered = notifications(message.payloads, notify.COOKIE)[0]
  if (offersOurCookie(context, porch, arrival, message)) return true
  if (offered !== undefined) drop(context, arrival, 'invalid-cookie', undefined)
  say(context, arrival, message, notification(notify.COOKIE, porch.cookies.make(context.now, nonce.nonce, address, spi)))
  return false
}

/** RFC 7296 §2.6: the cookie in it is one that we made for this request, from this address. */
function offersOurCookie(context: Context, porch: Porch, arrival: Received, message: Message): boolean {
  const nonce = message.payloads.find((payload): payload is NoncePayload => payload.kind === 'NONCE')
  const offered = notifications(message.payloads, notify.COOKIE)[0]
  if (nonce === undefined || offered === undefined) return false
  const spi = spiBytes(message.header.initiatorSpi)
  return porch.cookies.accepts(context.now, offered.value, nonce.nonce, arrival.remote.address, spi)
}

/** RFC 7296 §2.21.4: same SPIs and Message ID, in clear; it tells a peer that we have forgotten its IKE SA. */
function invalidIkeSpi(context: Context, porch: Porch, arrival: Received, message: Message): void {
  if (!porch.rate.allows(context.now, arrival.remote.address)) return
  const { initiatorSpi, responderSpi } = message.header
  const role = isFromInitiator(message.header.flags) ? 'responder' : 'initiator'
  const reply = clearAnswer(role, { initiatorSpi, responderSpi }, message, [notification(notify.INVALID_IKE_SPI)])
  putOnWire(context, undefined, arrival, reply)
}

/** RFC 7296 §2.6: the responder's SPI is zero in an answer that makes no IKE SA. */
function say(context: Context, arrival: Received, request: Pick<Message, 'header'>, payload: NotifyPayload): void {
  const { initiatorSpi } = request.header
  putOnWire(context, undefined, arrival, clearAnswer('responder', { initiatorSpi, responderSpi: noSpi }, request, [payload]))
}

function ignored(context: Context, arrival: Received, reason: Parameters<typeof drop>[2]): undefined {
  drop(context, arrival, reason, undefined)
  return undefined
}
