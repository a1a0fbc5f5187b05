// Requests and answers on the wire: Message IDs, stored answers, retransmission. RFC 7296 §2.1 to §2.4.
import { concat } from '../../bytes/bytes.ts'
import type { Channel } from '../../contract/machine.ts'
import { later } from '../../contract/units.ts'
import { exchange } from '../../iana/exchanges.ts'
import { nonEspMarker } from '../../net/non-esp-marker.ts'
import type { Endpoint } from '../../net/address.ts'
import { headerFlag } from '../../wire/flags.ts'
import type { Header, Payload } from '../../wire/message.ts'
import { payloadLabel } from '../../wire/payload-name.ts'
import { chance } from '../child/lifetime.ts'
import { type Context, emit } from '../context.ts'
import { retransmitDelay } from '../timers.ts'
import type { IkeSa, OutstandingRequest, RequestPurpose } from './ike-sa.ts'
import { probeSmaller, roomForAnswer, roomForRequest } from './fragmentation.ts'
import { sealPieces } from './protect.ts'
import type { Session } from './states.ts'

/** Where a message came from, and so where its answer goes (RFC 7296 §2.11). */
export interface Arrival {
  readonly channel: Channel
  readonly local: Endpoint
  readonly remote: Endpoint
}

/** One IKE message with what a ladder shows of it. */
export interface SentMessage {
  /** Each starts with the IKE header; several are the fragments of the message, in order (RFC 7383 §2.5). */
  readonly pieces: readonly Uint8Array[]
  readonly exchangeType: number
  readonly role: 'request' | 'response'
  readonly messageId: number
  readonly labels: readonly string[]
}

/** RFC 7296 §3.1. */
export function header(
  sa: Pick<IkeSa, 'role' | 'initiatorSpi' | 'responderSpi'>,
  exchangeType: number,
  messageId: number,
  kind: 'request' | 'response',
): Header {
  const flags = (sa.role === 'initiator' ? headerFlag.INITIATOR : 0) | (kind === 'response' ? headerFlag.RESPONSE : 0)
  return { initiatorSpi: sa.initiatorSpi, responderSpi: sa.responderSpi, majorVersion: 2, minorVersion: 0, exchangeType, flags, messageId }
}

export const labelsOf = (payloads: readonly Payload[]): readonly string[] => payloads.map(payloadLabel)

/** What is inside is named behind its envelope. */
const sealedLabels = (pieces: readonly Uint8Array[], payloads: readonly Payload[]): readonly string[] => [
  pieces.length === 1 ? 'SK' : 'SKF',
  ...labelsOf(payloads),
]

/** Puts one IKE message on the wire, with all its fragments. RFC 3948 §2.2: on the NAT traversal port IKE stands behind four zero octets. */
export function putOnWire(context: Context, sa: Pick<IkeSa, 'id'> | undefined, to: Arrival, message: SentMessage): void {
  emit(context, {
    name: 'message',
    direction: 'sent',
    at: context.now,
    ikeSa: sa?.id,
    local: to.local,
    remote: to.remote,
    exchangeType: message.exchangeType,
    role: message.role,
    messageId: message.messageId,
    length: message.pieces.reduce((sum, { length }) => sum + length, 0),
    fragments: message.pieces.length,
    payloads: message.labels,
  })
  for (const piece of message.pieces) {
    const bytes = to.channel === 'nat-t' ? concat(nonEspMarker, piece) : piece
    context.out.push({ kind: 'send', datagram: { channel: to.channel, local: to.local, remote: to.remote, bytes } })
  }
}

/** The same, of an IKE SA that there is. */
export function transmit(context: Context, sa: IkeSa, to: Arrival, message: SentMessage): void {
  sa.lastSent = context.now
  putOnWire(context, sa, to, message)
}

/** Sends a request in clear: IKE_SA_INIT only. */
export function sendInitRequest(context: Context, sa: IkeSa, bytes: Uint8Array, payloads: readonly Payload[]): void {
  sa.requests.outstanding.length = 0
  sa.requests.nextId = 0
  send(context, sa, exchange.IKE_SA_INIT, { kind: 'ike-sa-init' }, [bytes], labelsOf(payloads))
}

/** RFC 7296 §2.3: request X waits until all up to X - N are answered, where N is the peer's window. */
export function isWindowOpen({ requests }: IkeSa): boolean {
  const [oldest] = requests.outstanding
  return oldest === undefined || requests.nextId - oldest.message.messageId < requests.size
}

/** The request that a response is for; it waits no more. */
export function takeOutstanding({ requests }: IkeSa, messageId: number, exchangeType: number): OutstandingRequest | undefined {
  const at = requests.outstanding.findIndex(({ message }) => message.messageId === messageId && message.exchangeType === exchangeType)
  return at < 0 ? undefined : requests.outstanding.splice(at, 1)[0]
}

/** Seals and sends a request. The caller has made sure that the window is open. */
export function sendRequest(
  context: Context,
  sa: IkeSa,
  session: Session,
  exchangeType: number,
  purpose: RequestPurpose,
  payloads: readonly Payload[],
): void {
  const room = roomForRequest(session, sa.path)
  const pieces = sealPieces(session, sa.role, header(sa, exchangeType, sa.requests.nextId, 'request'), payloads, context.random, room)
  send(context, sa, exchangeType, purpose, pieces, sealedLabels(pieces, payloads))
}

function send(
  context: Context,
  sa: IkeSa,
  exchangeType: number,
  purpose: RequestPurpose,
  pieces: readonly Uint8Array[],
  labels: readonly string[],
): void {
  const messageId = sa.requests.nextId++
  const message: SentMessage = { pieces, exchangeType, role: 'request', messageId, labels }
  sa.requests.outstanding.push({
    message,
    purpose,
    firstSent: context.now,
    transmissions: 1,
    startedOver: 0,
    threshold: undefined,
    nextAt: later(context.now, retransmitDelay(0, 0)),
    hint: 'none',
  })
  transmit(context, sa, sa.path, message)
}

/** Sends a request again: the same octets (RFC 7296 §2.1), or the same content in smaller fragments (RFC 7383 §2.5.2). */
export function retransmit(context: Context, sa: IkeSa, request: OutstandingRequest): void {
  probeSmaller(context, sa, request)
  const { message } = request
  emit(context, {
    name: 'retransmit',
    ikeSa: sa.id,
    local: sa.path.local,
    remote: sa.path.remote,
    exchangeType: message.exchangeType,
    messageId: message.messageId,
    attempt: request.transmissions,
  })
  request.nextAt = later(context.now, retransmitDelay(request.transmissions - request.startedOver, chance(context, 1_000) / 1_000))
  request.transmissions++
  transmit(context, sa, sa.path, message)
}

/** Seals, stores and sends the answer to the peer's request `messageId`. */
export function answer(
  context: Context,
  sa: IkeSa,
  session: Session,
  to: Arrival,
  exchangeType: number,
  messageId: number,
  payloads: readonly Payload[],
): void {
  const room = roomForAnswer(session, to)
  const pieces = sealPieces(session, sa.role, header(sa, exchangeType, messageId, 'response'), payloads, context.random, room)
  const message: SentMessage = { pieces, exchangeType, role: 'response', messageId, labels: sealedLabels(pieces, payloads) }
  sa.responses.answers.set(messageId, message)
  transmit(context, sa, to, message)
}
