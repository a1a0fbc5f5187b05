// INFORMATIONAL exchanges: liveness, Delete both ways, notifications of errors. RFC 7296 §1.4, §1.4.1, §2.4.
import { u32 } from '../../bytes/bytes.ts'
import { espSpi, later, type Spi } from '../../contract/units.ts'
import { authMethod } from '../../iana/authentication.ts'
import { exchange } from '../../iana/exchanges.ts'
import { notify } from '../../iana/notify.ts'
import { protocol } from '../../iana/protocols.ts'
import type { DeletePayload, Payload } from '../../wire/message.ts'
import { type ChildSa, removeChild, saKey } from '../child/child-sa.ts'
import { spiOctets } from '../child/child-request.ts'
import { type Context, emit } from '../context.ts'
import { hasNotification } from '../notifications.ts'
import { failAndLinger, forget, linger } from '../sa/close.ts'
import { type Arrival, answer } from '../sa/exchange.ts'
import { isAwaitingChild, namesOtherHalf } from '../sa/collisions.ts'
import type { IkeSa, RequestPurpose } from '../sa/ike-sa.ts'
import type { Session } from '../sa/states.ts'
import { noteChoice, settleContest, withdraw } from '../sa/succession.ts'
import { timers } from '../timers.ts'
import { hearWindow, windowNotification } from '../sa/window.ts'

/** A request of the peer's, decrypted. It is always answered, and an empty one with an empty answer (RFC 7296 §1.4). */
export function onInformationalRequest(
  context: Context,
  sa: IkeSa,
  session: Session,
  arrival: Arrival,
  messageId: number,
  payloads: readonly Payload[],
): void {
  const deletes = payloads.filter((payload): payload is DeletePayload => payload.kind === 'D')
  hearWindow(sa, payloads)
  const respond = (answers: readonly Payload[]): void => answer(context, sa, session, arrival, exchange.INFORMATIONAL, messageId, answers)
  if (hasNotification(payloads, notify.AUTHENTICATION_FAILED) && sa.state.phase === 'established') {
    // RFC 7296 §2.21.2: the initiator could not authenticate us; the IKE SA is gone without a Delete.
    const { remoteIdentity } = sa.state.established
    respond([])
    return failAndLinger(
      context,
      sa,
      session,
      { family: 'peer', code: 'PEER_AUTHENTICATION_FAILED', message: 'the peer could not verify who we are', rfc: 'RFC 7296 §2.21.2' },
      { kind: 'authentication', peer: remoteIdentity, method: authMethod.SHARED_KEY_MESSAGE_INTEGRITY_CODE, reason: 'rejected-by-peer' },
    )
  }
  if (deletes.some((payload) => payload.protocol === protocol.IKE)) {
    // RFC 7296 §1.4.1: deleting the IKE SA closes its Child SAs; the answer is empty.
    respond([])
    onPeerLeaves(context, sa)
    return linger(context, sa, session, 'peer')
  }
  if (deletes.length > 0) noteChoice(context, sa)
  const closed = deletes.flatMap((payload) => closeChildren(context, sa, payload))
  // RFC 7296 §1.4.1: the answer names the SAs of the other direction.
  respond([...deletesOf(closed), ...answerToWindow(sa, payloads)])
}

/** RFC 7296 §2.3: who says what it takes hears what we take. */
function answerToWindow(sa: IkeSa, payloads: readonly Payload[]): readonly Payload[] {
  const { state } = sa
  if (!hasNotification(payloads, notify.SET_WINDOW_SIZE) || state.phase !== 'established') return []
  return windowNotification(sa, state.established.connection)
}

/** RFC 7296 §2.8.2: the peer closes the IKE SA without having seen that we rekey it as well: what its own rekey has made inherits. */
function onPeerLeaves(context: Context, sa: IkeSa): void {
  settleContest(context, sa)
  // What the peer's rekey made is deleted: ours stands alone, and its answer is to come.
  withdraw(context, sa)
}

/** The answer to one of our requests. */
export function onInformationalResponse(
  context: Context,
  sa: IkeSa,
  purpose: InformationalPurpose,
  payloads: readonly Payload[],
  roundTrip: number,
): void {
  hearWindow(sa, payloads)
  switch (purpose.kind) {
    case 'liveness':
      return emit(context, { name: 'peer-alive', ikeSa: sa.id, roundTrip })
    case 'delete-child-sa': {
      const home = sa.children.has(purpose.child) ? sa : context.ikeSaByChild(purpose.child)
      const child = home?.children.get(purpose.child)
      // RFC 7296 §1.4.1: our incoming half closes when the answer is there.
      if (home !== undefined && child !== undefined) removeChild(context, home, child, 'us')
      return
    }
    case 'disown-child-sa':
      return context.releaseSpi(purpose.spi)
    case 'announce-window':
      return
    case 'delete-ike-sa':
      return forget(context, sa, 'us')
    case 'authentication-failed':
      return forget(context, sa, 'failure')
  }
}

/** RFC 7296 §1.4.1: the SPIs in a Delete are those that its sender expects in inbound packets. */
export const deletePayload = (protocolId: number, inbound: readonly Spi[]): DeletePayload => ({
  kind: 'D',
  critical: false,
  protocol: protocolId,
  spiSize: 4,
  spis: inbound.map(spiOctets),
})

/** RFC 7296 §3.11: the SPIs of one payload are of one protocol. */
function deletesOf(closed: readonly ChildSa[]): readonly DeletePayload[] {
  const ids = [...new Set(closed.map(({ suite }) => suite.protocol))]
  return ids.map((id) =>
    deletePayload(
      id,
      closed.filter(({ suite }) => suite.protocol === id).map(({ inbound }) => inbound),
    ),
  )
}

/** The peer's SPIs are our outbound ones. What it deletes is gone; those that we are deleting ourselves are not named in the answer. */
function closeChildren(context: Context, sa: IkeSa, payload: DeletePayload): readonly ChildSa[] {
  if (payload.protocol !== protocol.ESP && payload.protocol !== protocol.AH) return []
  const named: ChildSa[] = []
  for (const spi of payload.spis) {
    const child = [...sa.children.values()].find(({ outbound, suite }) => outbound === u32(spi, 0) && suite.protocol === payload.protocol)
    if (child === undefined) {
      const missed = { protocol: payload.protocol, spi: espSpi(u32(spi, 0)) }
      if (isAwaitingChild(sa)) sa.requests.forestalled.set(saKey(missed.protocol, missed.spi), missed)
      continue
    }
    if (namesOtherHalf(child)) named.push(child)
    revive(context, sa, child)
    removeChild(context, sa, child, 'peer')
  }
  return named
}

/** What was to take the place of another is deleted by who made it: unless ours has done so already, the other goes on. */
function revive(context: Context, sa: IkeSa, gone: ChildSa): void {
  for (const old of sa.children.values()) {
    if (old.successor?.child !== gone.id) continue
    old.successor = undefined
    if (old.life.kind !== 'replaced') continue
    old.life = { kind: 'alive' }
    if (old.config.soft.time !== undefined) old.rekeyAt = later(context.now, timers.temporaryFailureRetry)
  }
}

type InformationalPurpose = Exclude<RequestPurpose, { readonly kind: 'ike-sa-init' | 'ike-auth' | 'create-child-sa' | 'rekey-ike-sa' }>
