// IKE_SA_INIT as initiator. RFC 7296 §1.2, §2.6, §2.7.
//
//   HDR(SPIi, 0), [N(COOKIE)], SAi1, KEi, Ni, N(NAT_DETECTION_*)  -->
//                                          <--  HDR(SPIi, SPIr), SAr1, KEr, Nr, N(NAT_DETECTION_*)
//                                          <--  or N(COOKIE), or N(INVALID_KE_PAYLOAD), or another refusal
//
// The answer is in clear, and so nothing in it is believed for good: what cannot be used is dropped and waited past.
import { equal, u16 } from '../../bytes/bytes.ts'
import type { Fault } from '../../contract/faults.ts'
import type { Refusal } from '../../contract/refusal.ts'
import { type IkeSpi, ikeSpi, later } from '../../contract/units.ts'
import { ikeKeys } from '../../crypto/key-schedule.ts'
import type { KeyPair } from '../../crypto/provider.ts'
import { ikeAlgorithms } from '../../crypto/suites.ts'
import { exchange } from '../../iana/exchanges.ts'
import { notify, notifyName } from '../../iana/notify.ts'
import { protocol } from '../../iana/protocols.ts'
import { transformType } from '../../iana/transforms.ts'
import type { Connection } from '../../policy/connection.ts'
import { checkAnswer, firstKeyExchange, ikeSuite, soleProposal, toWireProposals } from '../../policy/proposal-choice.ts'
import { encodeMessage } from '../../wire/codec.ts'
import type { KePayload, Message, NoncePayload, Payload, SaPayload } from '../../wire/message.ts'
import type { ChildRequest } from '../child/child-request.ts'
import { type Context, emit } from '../context.ts'
import { limits } from '../limits.ts'
import { detectNat, type NatDetection, natDetectionPayloads, reportNat } from '../nat-detection.ts'
import { firstError, hasNotification, notification, notifications } from '../notifications.ts'
import { failIkeSa } from '../sa/close.ts'
import { header, sendInitRequest } from '../sa/exchange.ts'
import { dangerLogKeys } from '../sa/establish.ts'
import { agreedFragmentation, fragmentationPayloads } from '../sa/fragmentation.ts'
import type { IkeSa, SaPath } from '../sa/ike-sa.ts'
import type { InitAttempt, Session } from '../sa/states.ts'
import { retransmitDelay, timers } from '../timers.ts'
import { startAuth } from './ike-auth.initiator.ts'

export const noSpi: IkeSpi = ikeSpi('0000000000000000')

/** Octets: RFC 7296 §2.10 asks for 16 to 256, and half the key size of the PRF at least. */
export const nonceLength = 32

/** The state that a new IKE SA starts in; `undefined` when no proposal names a key exchange that the provider has. */
export function firstAttempt(context: Context, connection: Connection, child: ChildRequest | undefined): InitAttempt | undefined {
  const keyExchange = firstKeyExchange(connection.proposals)
  const keyPair = keyExchange === undefined ? undefined : generate(context, keyExchange)
  if (keyExchange === undefined || keyPair === undefined) return undefined
  return {
    connection,
    child,
    nonce: context.random(nonceLength),
    keyExchange,
    keyPair,
    triedGroups: [keyExchange],
    offered: toWireProposals(connection.proposals, protocol.IKE, new Uint8Array(0)),
    cookies: [],
    spareCookie: undefined,
    natDetection: [],
    request: new Uint8Array(0),
    doubt: undefined,
  }
}

/**
 * Sends the request of an attempt; called again with each cookie and each other group. The negotiation moves on with it: what was
 * doubted, or kept for later, was about the request before.
 */
export function sendAttempt(context: Context, sa: IkeSa, attempt: InitAttempt): void {
  const { connection, path } = { connection: attempt.connection, path: sa.path }
  const cookie = attempt.cookies.at(-1)
  // What pretends a NAT is random, and stays as it was: else the answer to one request could not be told from that to the next.
  const natDetection =
    attempt.natDetection.length > 0
      ? attempt.natDetection
      : natDetectionPayloads(context.provider, context.random, sa, path.local, path.remote, connection.encapsulation)
  const payloads: readonly Payload[] = [
    // RFC 7296 §2.6: the cookie is the first payload, all others stay as they were.
    ...(cookie === undefined ? [] : [notification(notify.COOKIE, cookie.value)]),
    { kind: 'SA', critical: false, proposals: attempt.offered },
    { kind: 'KE', critical: false, method: attempt.keyExchange, publicValue: attempt.keyPair.publicValue },
    { kind: 'NONCE', critical: false, nonce: attempt.nonce },
    ...natDetection,
    ...fragmentationPayloads([connection]),
  ]
  const request = encodeMessage({ header: header(sa, exchange.IKE_SA_INIT, 0, 'request'), payloads })
  sa.state = { phase: 'init-sent', attempt: { ...attempt, natDetection, request, spareCookie: undefined, doubt: undefined } }
  sendInitRequest(context, sa, request, payloads)
}

/** The answer to IKE_SA_INIT; `bytes` is the whole message as received. */
export function onInitResponse(context: Context, sa: IkeSa, attempt: InitAttempt, message: Message, bytes: Uint8Array): void {
  const { payloads } = message
  const cookie = notifications(payloads, notify.COOKIE)[0]
  if (cookie !== undefined) return onCookie(context, sa, attempt, cookie.value)
  const otherGroup = notifications(payloads, notify.INVALID_KE_PAYLOAD)[0]
  if (otherGroup !== undefined) return retryWithGroup(context, sa, attempt, otherGroup.value)
  const error = firstError(payloads)
  if (error !== undefined) {
    const refusal: Refusal = {
      kind: 'notify',
      type: error.type,
      value: error.value,
      protected: 'unprotected',
      offered: attempt.connection.proposals,
      selectors: undefined,
    }
    return doubt(
      context,
      sa,
      attempt,
      peerFault('PEER_REFUSED', `the peer answered ${notifyName(error.type)} to IKE_SA_INIT`, '2.21.1'),
      refusal,
    )
  }
  accept(context, sa, attempt, message, bytes)
}

function accept(context: Context, sa: IkeSa, attempt: InitAttempt, message: Message, bytes: Uint8Array): void {
  const { payloads } = message
  const proposals = payloads.find((payload): payload is SaPayload => payload.kind === 'SA')
  const ke = payloads.find((payload): payload is KePayload => payload.kind === 'KE')
  const nonce = payloads.find((payload): payload is NoncePayload => payload.kind === 'NONCE')
  if (proposals === undefined || ke === undefined || nonce === undefined || message.header.responderSpi === noSpi) {
    return doubt(
      context,
      sa,
      attempt,
      peerFault('PEER_PAYLOAD_MISSING', 'the answer to IKE_SA_INIT lacks SA, KE, nonce or SPI', '1.2'),
      undefined,
    )
  }
  const sole = soleProposal(proposals.proposals)
  const chosen = sole.ok ? checkAnswer(sole.value, attempt.offered) : sole
  if (!chosen.ok) return doubt(context, sa, attempt, chosen.fault, undefined)
  const suite = ikeSuite(chosen.value)
  if (ke.method !== attempt.keyExchange || suite.keyExchange.id !== attempt.keyExchange) {
    return doubt(
      context,
      sa,
      attempt,
      peerFault('PEER_KEY_EXCHANGE_INVALID', 'the answer is for another key exchange than ours', '2.7'),
      undefined,
    )
  }
  const algorithms = ikeAlgorithms(context.provider, suite)
  const sharedSecret = context.provider.keyExchange(attempt.keyExchange)?.agree(attempt.keyPair.privateKey, ke.publicValue)
  if (algorithms === undefined || sharedSecret === undefined) {
    const refusal: Refusal = { kind: 'key-exchange', got: ke.method, wanted: [attempt.keyExchange], reason: 'public-value-invalid' }
    return doubt(context, sa, attempt, peerFault('PEER_KEY_EXCHANGE_INVALID', "the peer's public value is not valid", '2.7'), refusal)
  }
  sa.responderSpi = message.header.responderSpi
  const keys = ikeKeys(algorithms, {
    nonceI: attempt.nonce,
    nonceR: nonce.nonce,
    spiI: sa.initiatorSpi,
    spiR: sa.responderSpi,
    sharedSecret,
  })
  const session: Session = { suite, algorithms, keys, sealed: 0, fragmentation: agreedFragmentation([attempt.connection], payloads) }
  dangerLogKeys(context, sa, session)
  attempt.keyPair.privateKey.wipe()
  sharedSecret.wipe()
  sa.requests.outstanding.length = 0
  sa.heardFrom = sa.path.remote
  sa.path = pathAfterDetection(
    sa.path,
    // RFC 7296 §2.23: the digests of the answer are over both SPIs.
    detectNat(context.provider, sa, sa.path.local, sa.path.remote, payloads),
    attempt.connection.encapsulation,
  )
  reportNat(context, sa)
  startAuth(context, sa, session, {
    connection: attempt.connection,
    child: attempt.child,
    childless: hasNotification(payloads, notify.CHILDLESS_IKEV2_SUPPORTED) ? 'possible' : 'unsupported',
    nonceI: attempt.nonce,
    nonceR: nonce.nonce,
    initRequest: attempt.request,
    initResponse: bytes.slice(),
  })
}

/** RFC 7296 §2.23: with a NAT between, or where one is pretended, all goes to the NAT traversal ports from here on. */
function pathAfterDetection(path: SaPath, found: NatDetection, wish: 'force' | 'when-needed'): SaPath {
  const encapsulation =
    found.supported === 'supported' && (wish === 'force' || found.local === 'behind-nat' || found.remote === 'behind-nat') ? 'udp' : 'none'
  const nat = { local: found.local, remote: found.remote, encapsulation } as const
  const { localPorts, remotePorts } = path
  if (encapsulation === 'none' || path.channel === 'nat-t' || localPorts.natPort === undefined || remotePorts.natPort === undefined) {
    return { ...path, nat }
  }
  return {
    ...path,
    channel: 'nat-t',
    local: { address: localPorts.address, port: localPorts.natPort },
    remote: { address: remotePorts.address, port: remotePorts.natPort },
    nat,
  }
}

/**
 * The first cookie for a request is followed at once (RFC 7296 §2.6: MUST). Another one may refuse the first, or answer a copy of the
 * request before it, made after the responder's secret changed: nothing in it tells. Followed at once, it would put two versions of our
 * request on their way, both good, and as little would tell which of them was answered, while AUTH is over one (§2.15). So it waits for
 * as long as the answer to the first is to be expected (§2.6: back-off), and is followed then. What is left, an answer that is later than
 * that while the next version is lost, ends in AUTHENTICATION_FAILED, and the next negotiation finds its way.
 */
function onCookie(context: Context, sa: IkeSa, attempt: InitAttempt, cookie: Uint8Array): void {
  // The answer to a request that has been repeated, or that came twice: the cookie is, or was, in a later one.
  if (attempt.cookies.some(({ value }) => equal(value, cookie))) return
  // RFC 7296 §2.6: 1 to 64 octets; the number of rounds should be limited.
  if (cookie.length < 1 || cookie.length > 64 || attempt.cookies.length >= limits.cookieRounds) return
  // RFC 7296 §2.6.1: a responder may want another cookie for another group.
  if (attempt.cookies.at(-1)?.group !== attempt.keyExchange) return followCookie(context, sa, attempt, cookie)
  sa.state = { phase: 'init-sent', attempt: { ...attempt, spareCookie: cookie, doubt: undefined } }
  const [outstanding] = sa.requests.outstanding
  if (outstanding === undefined) return
  const soon = later(context.now, retransmitDelay(0, 0))
  if (soon < outstanding.nextAt) outstanding.nextAt = soon
}

/** Sends the request again with this cookie in it. */
export function followCookie(context: Context, sa: IkeSa, attempt: InitAttempt, cookie: Uint8Array): void {
  emit(context, { name: 'cookie-demanded', ikeSa: sa.id })
  sendAttempt(context, sa, { ...attempt, cookies: [...attempt.cookies, { value: cookie, group: attempt.keyExchange }] })
}

function retryWithGroup(context: Context, sa: IkeSa, attempt: InitAttempt, value: Uint8Array): void {
  const group = u16(value, 0)
  // The answer to a request that has been repeated, or that came twice: we have changed to that group already.
  if (value.length === 2 && group === attempt.keyExchange && attempt.triedGroups.length > 1) return
  const wanted: Refusal = { kind: 'key-exchange', got: attempt.keyExchange, wanted: [group], reason: 'group-not-accepted' }
  const offered = attempt.offered.some(({ transforms }) => transforms.some(({ type, id }) => type === transformType.KE && id === group))
  // RFC 7296 §2.7: only a group that we proposed, and not the one that we sent.
  if (value.length !== 2 || !offered || attempt.triedGroups.includes(group) || attempt.triedGroups.length >= limits.keyExchangeRounds) {
    return doubt(context, sa, attempt, peerFault('PEER_REFUSED', `the peer wants key exchange group ${group}`, '2.7'), wanted)
  }
  const keyPair = generate(context, group)
  if (keyPair === undefined)
    return doubt(context, sa, attempt, peerFault('PEER_REFUSED', `we lack key exchange group ${group}`, '2.7'), wanted)
  attempt.keyPair.privateKey.wipe()
  // RFC 7296 §2.7: the full set of proposals again. §2.6.1: the cookie stays in.
  sendAttempt(context, sa, { ...attempt, keyExchange: group, keyPair, triedGroups: [...attempt.triedGroups, group] })
}

/** RFC 7296 §2.21.1: an unprotected refusal is remembered, and believed only when nothing better comes for a while. */
function doubt(context: Context, sa: IkeSa, attempt: InitAttempt, fault: Fault, refusal: Refusal | undefined): void {
  if (attempt.doubt !== undefined) return
  const until = later(context.now, timers.unprotectedRefusalPatience)
  sa.state = { phase: 'init-sent', attempt: { ...attempt, doubt: { fault, refusal, until } } }
}

/** Nothing better came than what we doubted. */
export function giveUpAttempt(context: Context, sa: IkeSa, attempt: InitAttempt): void {
  if (attempt.doubt !== undefined) failIkeSa(context, sa, attempt.doubt.fault, attempt.doubt.refusal)
}

function generate(context: Context, group: number): KeyPair | undefined {
  return context.provider.keyExchange(group)?.generate(context.random)
}

function peerFault(code: 'PEER_REFUSED' | 'PEER_PAYLOAD_MISSING' | 'PEER_KEY_EXCHANGE_INVALID', message: string, section: string): Fault {
  return { family: 'peer', code, message, rfc: `RFC 7296 §${section}` }
}
