// A message for an IKE SA that we have: windows, protection, and on to its exchange. RFC 7296 §2.1 to §2.3, §2.5, §2.21.
import { carriesIke } from '../../contract/machine.ts'
import type { Result } from '../../bytes/result.ts'
import type { Fault } from '../../contract/faults.ts'
import type { MessageDrop } from '../../contract/events.ts'
import { exchange } from '../../iana/exchanges.ts'
import { notify } from '../../iana/notify.ts'
import { sameEndpoint } from '../../net/address.ts'
import { isResponse } from '../../wire/flags.ts'
import type { EncryptedFragmentPayload, EncryptedPayload, Message, Payload, UnknownPayload } from '../../wire/message.ts'
import { type Context, emit } from '../context.ts'
import { onCreateChildSaRequest } from '../exchanges/create-child-sa.responder.ts'
import { onCreateChildResponse } from '../exchanges/create-child.initiator.ts'
import { onAuthResponse } from '../exchanges/ike-auth.initiator.ts'
import { onAuthRequest } from '../exchanges/ike-auth.responder.ts'
import { onInitResponse } from '../exchanges/ike-sa-init.initiator.ts'
import { onInformationalRequest, onInformationalResponse } from '../exchanges/informational.ts'
import { onIkeRekeyResponse } from '../exchanges/rekey-ike.initiator.ts'
import { hasNotification, notification } from '../notifications.ts'
import { failAndLinger, failIkeSa } from '../sa/close.ts'
import { type Arrival, answer, labelsOf, putOnWire, type SentMessage, takeOutstanding } from '../sa/exchange.ts'
import { type IkeSa, type OutstandingRequest, type ResponseWindow } from '../sa/ike-sa.ts'
import { answerAgain, datagramSize, keepThreshold } from '../sa/fragmentation.ts'
import type { OverIkeSa } from '../sa/over.ts'
import { openArrived, openRepeated } from '../sa/reassembly.ts'
import type { Session } from '../sa/states.ts'

/** A message's way to us, and its octets without marker. */
export interface Received extends Arrival {
  readonly length: number
  /** How many it came in (RFC 7383). */
  readonly fragments: number
}

type Envelope = EncryptedPayload | EncryptedFragmentPayload

/** `bytes` is the message as it came, without marker. */
export function receive(context: Context, sa: IkeSa, arrival: Received, message: Message, bytes: Uint8Array): void {
  const { state } = sa
  if (state.phase === 'init-sent') {
    const [outstanding] = sa.requests.outstanding
    if (
      !isResponse(message.header.flags) ||
      message.header.exchangeType !== exchange.IKE_SA_INIT ||
      outstanding?.message.messageId !== message.header.messageId
    ) {
      return drop(context, arrival, 'exchange-unexpected', undefined)
    }
    logReceived(context, sa, arrival, message, labelsOf(message.payloads))
    return onInitResponse(context, sa, state.attempt, message, bytes)
  }
  if (state.phase === 'closed') return drop(context, arrival, 'unknown-spi', undefined)
  const sk = message.payloads.at(-1)
  if (sk?.kind !== 'SK' && sk?.kind !== 'SKF') return drop(context, arrival, 'not-protected', undefined)
  if (isResponse(message.header.flags)) return receiveResponse(context, sa, state.session, arrival, message, bytes, sk)
  return receiveRequest(context, sa, state.session, arrival, message, bytes, sk)
}

function receiveRequest(
  context: Context,
  sa: IkeSa,
  session: Session,
  arrival: Received,
  message: Message,
  bytes: Uint8Array,
  sk: Envelope,
): void {
  const { messageId } = message.header
  const { responses } = sa
  // RFC 7296 §1.4: only after the initial exchanges. A responder that is through with them asks while its answer to IKE_AUTH is still
  // on its way, or lost: it will ask again.
  if (isSettingUp(sa)) return drop(context, arrival, 'exchange-unexpected', undefined)
  const isRepeat = responses.answers.has(messageId)
  if (!isRepeat && !isInWindow(responses, messageId)) return drop(context, arrival, 'message-id-out-of-window', undefined)
  if (isRepeat) {
    const again = repeatAnswer(context, sa, session, responses.answers.get(messageId), arrival, message, bytes, sk)
    if (again === undefined) return
    sa.lastSent = context.now
    responses.answers.set(messageId, again)
    return
  }
  const opened = openWhole(context, sa, session, arrival, message, bytes, sk)
  if (opened === undefined) return
  noteRequest(responses, messageId)
  sa.lastReceived = context.now
  sa.heardFrom = arrival.remote
  followPeer(context, sa, arrival)
  if (!opened.ok) {
    // RFC 7296 §2.21.3: a badly formatted request is answered by INVALID_SYNTAX, which is fatal on both sides.
    return refuseFatally(context, sa, session, arrival, message, notify.INVALID_SYNTAX, opened.fault)
  }
  const critical = unknownCritical(opened.value)
  if (critical !== undefined) return refuseCritical(context, sa, session, arrival, message, critical)
  dispatchRequest(context, sa, session, arrival, message, opened.value)
}

/**
 * RFC 7296 §2.3: a sender that keeps to our window has had answers to all requests up to the one that lies a whole window before this.
 * Whoever has not, because we have not answered, has overrun it.
 */
function isInWindow({ expectedId, size, answers }: ResponseWindow, messageId: number): boolean {
  if (messageId < expectedId || messageId >= expectedId + size) return false
  return [...answers].every(([id, answer]) => answer !== undefined || id > messageId - size)
}

/** Its answer will be kept; those that lie a whole window before the highest that has come cannot be asked for again. */
function noteRequest(responses: ResponseWindow, messageId: number): void {
  const { answers, size } = responses
  answers.set(messageId, undefined)
  while (answers.has(responses.expectedId)) responses.expectedId++
  const highest = Math.max(...answers.keys())
  for (const id of answers.keys()) if (id <= highest - size) answers.delete(id)
}

/** An initiator that does not know yet who its peer is. */
function isSettingUp({ state }: IkeSa): boolean {
  return state.phase === 'auth-signing' || state.phase === 'auth-sent' || state.phase === 'auth-verifying'
}

function dispatchRequest(
  context: Context,
  sa: IkeSa,
  session: Session,
  arrival: Received,
  message: Message,
  payloads: readonly Payload[],
): void {
  const { messageId, exchangeType } = message.header
  const { state } = sa
  if (state.phase === 'init-answered' && exchangeType === exchange.IKE_AUTH)
    return onAuthRequest(context, sa, state, arrival, messageId, payloads)
  if (state.phase === 'established' || state.phase === 'contested' || state.phase === 'replaced' || state.phase === 'closing') {
    if (exchangeType === exchange.INFORMATIONAL) return onInformationalRequest(context, sa, session, arrival, messageId, payloads)
    if (exchangeType === exchange.CREATE_CHILD_SA) return onCreateChildSaRequest(context, sa, session, arrival, messageId, payloads)
  }
  const fault: Fault = {
    family: 'peer',
    code: 'PEER_PAYLOAD_UNEXPECTED',
    message: 'the exchange is not possible in this state',
    rfc: 'RFC 7296 §1.2',
  }
  refuseFatally(context, sa, session, arrival, message, notify.INVALID_SYNTAX, fault)
}

function receiveResponse(
  context: Context,
  sa: IkeSa,
  session: Session,
  arrival: Received,
  message: Message,
  bytes: Uint8Array,
  sk: Envelope,
): void {
  const { messageId, exchangeType } = message.header
  if (!sa.requests.outstanding.some(({ message: sent }) => sent.messageId === messageId && sent.exchangeType === exchangeType))
    return drop(context, arrival, 'response-unexpected', undefined)
  const opened = openWhole(context, sa, session, arrival, message, bytes, sk)
  if (opened === undefined) return
  sa.lastReceived = context.now
  sa.heardFrom = arrival.remote
  const request = takeOutstanding(sa, messageId, exchangeType)
  if (request === undefined) return
  keepThreshold(session, request)
  if (!opened.ok) return failIkeSa(context, sa, opened.fault, undefined)
  const critical = unknownCritical(opened.value)
  if (critical !== undefined) return failIkeSa(context, sa, criticalFault(critical), undefined)
  if (sa.state.phase === 'auth-sent' && request.purpose.kind === 'ike-auth') return onAuthResponse(context, sa, sa.state, opened.value)
  if (hasNotification(opened.value, notify.INVALID_SYNTAX)) {
    // RFC 7296 §2.21.3: fatal in both peers, without a Delete.
    const fault: Fault = { family: 'peer', code: 'PEER_REFUSED', message: 'the peer found our request malformed', rfc: 'RFC 7296 §2.21.3' }
    return failIkeSa(context, sa, fault, undefined)
  }
  dispatchResponse(context, sa, session, request, opened.value)
}

function dispatchResponse(
  context: Context,
  sa: IkeSa,
  session: Session,
  { purpose, firstSent }: OutstandingRequest,
  payloads: readonly Payload[],
): void {
  switch (purpose.kind) {
    case 'create-child-sa':
      return onCreateChildResponse(context, sa, session, purpose.intention, purpose.attempt, payloads)
    case 'rekey-ike-sa':
      return onIkeRekeyResponse(context, sa, session, purpose.intention, purpose.attempt, payloads)
    case 'ike-sa-init':
    case 'ike-auth':
      return
    default:
      return onInformationalResponse(context, sa, purpose, payloads, context.now - firstSent)
  }
}

/** The IKE SA is over: what its peer asks for again is answered again, and nothing else comes of anything. */
export function receiveAfterwards(context: Context, over: OverIkeSa, arrival: Received, message: Message, bytes: Uint8Array): void {
  const { flags, messageId } = message.header
  const sk = message.payloads.at(-1)
  if (sk?.kind !== 'SK' && sk?.kind !== 'SKF') return drop(context, arrival, 'not-protected', undefined)
  if (isResponse(flags)) return drop(context, arrival, 'response-unexpected', undefined)
  const at = over.answers.findIndex((answer) => answer.messageId === messageId)
  if (at < 0) return drop(context, arrival, 'exchange-unexpected', undefined)
  const again = repeatAnswer(context, over, over, over.answers[at], arrival, message, bytes, sk)
  if (again !== undefined) over.answers[at] = again
}

/**
 * RFC 7296 §2.1: a request that comes again gets the same answer again, and changes nothing. Returns what was sent, if anything:
 * `stored`, or that in smaller fragments.
 */
function repeatAnswer(
  context: Context,
  sa: Pick<IkeSa, 'id' | 'role'>,
  session: OverIkeSa | Session,
  stored: SentMessage | undefined,
  arrival: Received,
  message: Message,
  bytes: Uint8Array,
  sk: Envelope,
): SentMessage | undefined {
  // RFC 7383 §2.6.1: of a request in fragments only the first MUST trigger the answer; the others MUST be ignored.
  if (sk.kind === 'SKF' && sk.fragmentNumber !== 1) return dropped(context, arrival, 'fragment-repeated')
  const opened = openRepeated(sa, session, bytes, sk)
  if (!opened.ok) return dropped(context, arrival, 'integrity-check-failed', opened.fault)
  if (stored === undefined) return dropped(context, arrival, 'operation-under-way')
  logReceived(context, sa, arrival, message, opened.value)
  const again = answerAgain(context, sa, session, arrival, stored, { kind: sk.kind, size: datagramSize(arrival, bytes.length) })
  putOnWire(context, sa, arrival, again)
  return again
}

function dropped(context: Context, arrival: Arrival, reason: MessageDrop, fault?: Fault): undefined {
  drop(context, arrival, reason, fault)
}

/** Opens and tells what came whole, or has become so; `undefined` for what there is nothing to be done about, or not yet. */
function openWhole(
  context: Context,
  sa: IkeSa,
  session: Session,
  arrival: Received,
  message: Message,
  bytes: Uint8Array,
  sk: Envelope,
): Result<readonly Payload[], Fault> | undefined {
  const opened = openArrived(context, sa, session, arrival, message, bytes, sk)
  if (opened.kind === 'refused') drop(context, arrival, opened.reason, opened.fault)
  // RFC 7383 §5: an attack or a broken sender; the receiver SHOULD drop the connection.
  if (opened.kind === 'excessive') failIkeSa(context, sa, opened.fault, undefined)
  if (opened.kind !== 'whole') return undefined
  const { content, length, fragments } = opened
  logReceived(context, sa, { ...arrival, length, fragments }, message, [sk.kind, ...(content.ok ? labelsOf(content.value) : [])])
  return content
}

/**
 * RFC 7296 §2.11: answers go where requests came from. §2.23: during set-up the initiator moves to the NAT traversal ports, and the
 * mapping of a peer behind a NAT may change, then or later; a host that is itself behind a NAT does not follow later. A peer behind
 * none has one address: who is heard from another has only repeated it.
 */
export function followPeer(context: Context, sa: IkeSa, arrival: Arrival): void {
  const { channel, local, remote } = arrival
  if (!hasMoved(sa, arrival) || !carriesIke(channel)) return
  const settingUp = sa.state.phase === 'init-answered'
  sa.path = { ...sa.path, channel, local, remote }
  if (!settingUp) emit(context, { name: 'peer-moved', ikeSa: sa.id, channel, local, remote })
}

/** Whether what comes from there says that the peer, or its NAT, is to be answered elsewhere. */
export function hasMoved({ state, path }: IkeSa, { channel, local, remote }: Arrival): boolean {
  if (!carriesIke(channel) || (channel === path.channel && sameEndpoint(remote, path.remote) && sameEndpoint(local, path.local)))
    return false
  const settingUp = state.phase === 'init-answered'
  const mayMove = path.nat.remote === 'behind-nat' && (settingUp || path.nat.local === 'no-nat')
  return mayMove || (settingUp && remote.address === path.remote.address)
}

function refuseFatally(
  context: Context,
  sa: IkeSa,
  session: Session,
  arrival: Received,
  message: Message,
  type: number,
  fault: Fault,
): void {
  answer(context, sa, session, arrival, message.header.exchangeType, message.header.messageId, [notification(type)])
  failAndLinger(context, sa, session, fault, undefined)
}

/** RFC 7296 §2.5: the whole message is rejected; the notification holds the payload type in one octet. */
function refuseCritical(context: Context, sa: IkeSa, session: Session, arrival: Received, message: Message, payload: UnknownPayload): void {
  const { exchangeType, messageId } = message.header
  answer(context, sa, session, arrival, exchangeType, messageId, [
    notification(notify.UNSUPPORTED_CRITICAL_PAYLOAD, Uint8Array.of(payload.type)),
  ])
  // RFC 7296 §2.21.2: in IKE_AUTH the IKE SA is not created; later the request fails and the IKE SA goes on.
  if (exchangeType === exchange.IKE_AUTH) failAndLinger(context, sa, session, criticalFault(payload), undefined)
}

export function unknownCritical(payloads: readonly Payload[]): UnknownPayload | undefined {
  return payloads.find((payload): payload is UnknownPayload => payload.kind === 'unknown' && payload.critical)
}

export const criticalFault = (payload: UnknownPayload): Fault => ({
  family: 'peer',
  code: 'PEER_CRITICAL_PAYLOAD_UNKNOWN',
  message: `payload type ${payload.type} is unknown and marked critical`,
  rfc: 'RFC 7296 §2.5',
})

/** Counted and told, and nothing else changes. */
export function drop(context: Context, arrival: Arrival, reason: MessageDrop, fault: Fault | undefined): void {
  emit(context, { name: 'message-dropped', reason, remote: arrival.remote, fault })
}

export function logReceived(
  context: Context,
  sa: Pick<IkeSa, 'id'> | undefined,
  arrival: Received,
  message: Message,
  payloads: readonly string[],
): void {
  const { exchangeType, flags, messageId } = message.header
  emit(context, {
    name: 'message',
    direction: 'received',
    at: context.now,
    ikeSa: sa?.id,
    local: arrival.local,
    remote: arrival.remote,
    exchangeType,
    role: isResponse(flags) ? 'response' : 'request',
    messageId,
    length: arrival.length,
    fragments: arrival.fragments,
    payloads,
  })
}
