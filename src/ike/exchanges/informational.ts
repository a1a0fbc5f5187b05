// INFORMATIONAL exchanges: liveness, Delete both ways, notifications of errors. RFC 7296 §1.4, §1.4.1, §2.4.
import { u32 } from '../../bytes/bytes.ts'
import { authMethod } from '../../iana/authentication.ts'
import { exchange } from '../../iana/exchanges.ts'
import { notify } from '../../iana/notify.ts'
import { protocol } from '../../iana/protocols.ts'
import type { DeletePayload, Payload } from '../../wire/message.ts'
import { type ChildSa, removeChild } from '../child/child-sa.ts'
import { spiOctets } from '../child/child-request.ts'
import { type Context, emit } from '../context.ts'
import { hasNotification } from '../notifications.ts'
import { failAndLinger, forget, linger } from '../sa/close.ts'
import { type Arrival, answer } from '../sa/exchange.ts'
import type { IkeSa, RequestPurpose } from '../sa/ike-sa.ts'
import type { Session } from '../sa/states.ts'

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
    return linger(context, sa, session, 'peer')
  }
  const closed = deletes.flatMap((payload) => closeChildren(context, sa, payload))
  // RFC 7296 §1.4.1: the answer names the SAs of the other direction.
  respond(closed.length === 0 ? [] : [deletePayload(closed)])
}

/** The answer to one of our requests. */
export function onInformationalResponse(context: Context, sa: IkeSa, purpose: RequestPurpose, roundTrip: number): void {
  switch (purpose.kind) {
    case 'liveness':
      return emit(context, { name: 'peer-alive', ikeSa: sa.id, roundTrip })
    case 'delete-child-sa': {
      const child = sa.children.get(purpose.child)
      // RFC 7296 §1.4.1: our incoming half closes when the answer is there.
      if (child !== undefined) removeChild(context, sa, child, 'us')
      return
    }
    case 'delete-ike-sa':
      return forget(context, sa, 'us')
    case 'authentication-failed':
      return forget(context, sa, 'failure')
    case 'ike-sa-init':
    case 'ike-auth':
      return
  }
}

/** RFC 7296 §1.4.1: the SPIs in a Delete are those that its sender expects in inbound packets. */
export const deletePayload = (children: readonly ChildSa[]): DeletePayload => ({
  kind: 'D',
  critical: false,
  protocol: protocol.ESP,
  spiSize: 4,
  spis: children.map(({ inbound }) => spiOctets(inbound)),
})

/** The peer's SPIs are our outbound ones. What it deletes is gone; those that we are deleting ourselves are not named in the answer. */
function closeChildren(context: Context, sa: IkeSa, payload: DeletePayload): readonly ChildSa[] {
  if (payload.protocol !== protocol.ESP) return []
  const named: ChildSa[] = []
  for (const spi of payload.spis) {
    const child = [...sa.children.values()].find(({ outbound }) => outbound === u32(spi, 0))
    if (child === undefined) continue
    if (child.life === 'alive') named.push(child)
    removeChild(context, sa, child, 'peer')
  }
  return named
}
