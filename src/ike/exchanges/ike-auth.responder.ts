// IKE_AUTH as responder. RFC 7296 §1.2, §2.15, §2.21.2; RFC 4301 §4.4.3.
//
// An initiator that nobody knows takes the same path as one with a wrong key: its MAC is computed, under a random key, and the answer
// is AUTHENTICATION_FAILED either way.
import { equalConstantTime, putU32 } from '../../bytes/bytes.ts'
import type { Fault } from '../../contract/faults.ts'
import type { Completion, SharedKeyMacRequest } from '../../contract/machine.ts'
import type { Refusal } from '../../contract/refusal.ts'
import { earliest, later } from '../../contract/units.ts'
import { authMethod } from '../../iana/authentication.ts'
import { exchange } from '../../iana/exchanges.ts'
import { notify } from '../../iana/notify.ts'
import type { Connection } from '../../policy/connection.ts'
import { connectionForIdentities } from '../../policy/pad.ts'
import type { AuthenticationPayload, IdentificationPayload, NotifyPayload, Payload } from '../../wire/message.ts'
import { identificationPayload, initiatorSignedOctets, responderSignedOctets } from '../auth/signed-octets.ts'
import { grantChild, grantPayloads } from '../child/child-answer.ts'
import { type PreparedChild, prepareChild } from '../child/child-sa.ts'
import { type Context, emit, startOperation } from '../context.ts'
import { hasNotification, notification } from '../notifications.ts'
import { failAndLinger, forget, startClosing } from '../sa/close.ts'
import { establish } from '../sa/establish.ts'
import { type Arrival, answer } from '../sa/exchange.ts'
import { type IkeSa, transition } from '../sa/ike-sa.ts'
import type { AuthRequest, IkeSaState, Session } from '../sa/states.ts'
import { hearWindow, windowNotification } from '../sa/window.ts'

/** The request, decrypted. The answer waits for two operations. */
export function onAuthRequest(
  context: Context,
  sa: IkeSa,
  state: IkeSaState & { phase: 'init-answered' },
  arrival: Arrival,
  messageId: number,
  payloads: readonly Payload[],
): void {
  const { auth, session } = state
  const id = payloads.find((payload): payload is IdentificationPayload => payload.kind === 'IDi')
  const wanted = payloads.find((payload): payload is IdentificationPayload => payload.kind === 'IDr')
  const authentication = payloads.find((payload): payload is AuthenticationPayload => payload.kind === 'AUTH')
  if (id === undefined) {
    // RFC 7296 §2.21.2: a malformed request is rejected in its entirety.
    return deny(context, sa, session, arrival, messageId, notify.INVALID_SYNTAX, missing('IKE_AUTH lacks IDi'), undefined)
  }
  if (authentication === undefined || authentication.method !== authMethod.SHARED_KEY_MESSAGE_INTEGRITY_CODE) {
    const method = authentication?.method ?? 0
    const refusal: Refusal = {
      kind: 'authentication',
      peer: id.identity,
      method,
      reason: authentication === undefined ? 'missing' : 'method',
    }
    return deny(
      context,
      sa,
      session,
      arrival,
      messageId,
      notify.AUTHENTICATION_FAILED,
      notAuthentic('the peer does not authenticate by a shared key'),
      refusal,
    )
  }
  const found = connectionForIdentities(auth.candidates, id.identity, wanted?.identity)
  const local = found.ok ? found.value.localIdentity : (wanted?.identity ?? auth.candidates[0]?.localIdentity ?? id.identity)
  const macOver = (initRequest: Uint8Array): SharedKeyMacRequest => ({
    prf: session.suite.prf.id,
    local,
    remote: id.identity,
    octets: initiatorSignedOctets(session, initRequest, auth.nonceR, id),
  })
  const [answered, ...later] = auth.initRequests
  const macRequest = macOver(answered)
  const request: AuthRequest = {
    macRequest,
    otherMacs: later.map(macOver),
    messageId,
    arrival,
    identity: id.identity,
    authentication: authentication.value,
    connection: found.ok ? found.value : undefined,
    refusal: found.ok ? undefined : found.fault,
    payloads,
  }
  const operation = startOperation(context, sa, 'shared-key-mac', macRequest)
  transition(sa, { phase: 'peer-verifying', operation, auth, session, request })
}

/** The MAC that the initiator's AUTH must equal is there. */
export function onPeerMac(context: Context, sa: IkeSa, state: IkeSaState & { phase: 'peer-verifying' }, completion: Completion): void {
  const { auth, session, request } = state
  const { outcome } = completion
  const authentic = outcome.ok && equalConstantTime(outcome.value, request.authentication)
  const { connection } = request
  const [other, ...otherMacs] = request.otherMacs
  if (outcome.ok && !authentic && other !== undefined) {
    // RFC 7296 §2.15: of several versions of a request it is the latest that AUTH is over; which one that is, the initiator knows.
    const operation = startOperation(context, sa, 'shared-key-mac', other)
    return transition(sa, { phase: 'peer-verifying', operation, auth, session, request: { ...request, macRequest: other, otherMacs } })
  }
  if (!authentic || connection === undefined) {
    const refusal: Refusal = request.refusal ?? {
      kind: 'authentication',
      peer: request.identity,
      method: authMethod.SHARED_KEY_MESSAGE_INTEGRITY_CODE,
      reason: 'wrong-key',
      evidence: outcome.ok ? { request: request.macRequest, authentication: request.authentication } : undefined,
      slip: undefined,
    }
    const fault: Fault =
      connection === undefined
        ? { family: 'policy', code: 'POLICY_IDENTITY_UNKNOWN', message: 'no connection has such a peer' }
        : notAuthentic(outcome.ok ? 'the peer has another shared key' : `the shared key could not be used: ${outcome.why}`)
    return denyInitiator(context, sa, session, request, fault, refusal)
  }
  const operation = startOperation(context, sa, 'shared-key-mac', {
    prf: session.suite.prf.id,
    local: connection.localIdentity,
    remote: request.identity,
    octets: responderSignedOctets(session, auth.initResponse, auth.nonceI, identificationPayload('IDr', connection.localIdentity)),
  })
  transition(sa, { phase: 'own-signing', operation, auth, session, request, connection })
}

/** Our AUTH is there: the IKE SA is up, and the answer says what became of the Child SA. */
export function onOwnMac(context: Context, sa: IkeSa, state: IkeSaState & { phase: 'own-signing' }, completion: Completion): void {
  const { session, request, connection } = state
  if (!completion.outcome.ok) {
    const fault = notAuthentic(`the shared key could not be used: ${completion.outcome.why}`)
    return deny(context, sa, session, request.arrival, request.messageId, notify.AUTHENTICATION_FAILED, fault, undefined)
  }
  establish(context, sa, session, {
    since: context.now,
    connection,
    localIdentity: connection.localIdentity,
    remoteIdentity: request.identity,
  })
  limitAuthentication(context, sa, connection)
  hearWindow(sa, request.payloads)
  endOthers(context, sa, connection, request.payloads)
  const { payloads, prepared } = answerChild(context, sa, session, state)
  prepared?.installInbound()
  answer(context, sa, session, request.arrival, exchange.IKE_AUTH, request.messageId, [
    identificationPayload('IDr', connection.localIdentity),
    { kind: 'AUTH', critical: false, method: authMethod.SHARED_KEY_MESSAGE_INTEGRITY_CODE, value: completion.outcome.value },
    ...authenticationLifetime(connection),
    ...windowNotification(sa, connection),
    ...payloads,
  ])
  prepared?.holdOutbound()
}

/** RFC 7296 §2.4: the peer has no other IKE SA with us. What we have of it is of no use, and is not deleted with words: nobody would know of what we speak. */
function endOthers(context: Context, sa: IkeSa, { uniqueness }: Connection, payloads: readonly Payload[]): void {
  if (uniqueness === 'never') return
  const contact = hasNotification(payloads, notify.INITIAL_CONTACT)
  for (const other of context.siblingsOf(sa)) {
    // Where both ends start at once, the peer speaks of the time when it knew of neither: what was set up since is not meant.
    if (!('established' in other.state) || other.state.established === undefined || other.state.established.since >= sa.born) continue
    if (contact) forget(context, other, 'peer')
    else if (uniqueness === 'replace') startClosing(context, other)
    else continue
    context.touch(other)
  }
}

/** RFC 4478 §3: in seconds. It is what the initiator has before we close the IKE SA. */
function authenticationLifetime({ lifetime }: Connection): readonly NotifyPayload[] {
  if (lifetime.reauthenticate === undefined) return []
  const value = new Uint8Array(4)
  putU32(value, 0, Math.min(0xffffffff, Math.ceil(lifetime.reauthenticate / 1_000)))
  return [notification(notify.AUTH_LIFETIME, value)]
}

/** RFC 4478 §3: it is for the initiator to authenticate anew; we close what it does not. */
function limitAuthentication(context: Context, sa: IkeSa, { lifetime }: Connection): void {
  if (lifetime.reauthenticate === undefined) return
  sa.lifetime.reauthenticateAt = undefined
  sa.lifetime.expiresAt = earliest(sa.lifetime.expiresAt, later(context.now, lifetime.reauthenticate))
}

function answerChild(
  context: Context,
  sa: IkeSa,
  session: Session,
  state: IkeSaState & { phase: 'own-signing' },
): { readonly payloads: readonly Payload[]; readonly prepared: PreparedChild | undefined } {
  const { auth, request, connection } = state
  // RFC 6023: an initiator may ask for no Child SA at all.
  if (!request.payloads.some(({ kind }) => kind === 'SA' || kind === 'TSi' || kind === 'TSr')) return { payloads: [], prepared: undefined }
  // RFC 6023: with `force` the Child SAs come in exchanges of their own.
  if (connection.childless === 'force') {
    emit(context, {
      name: 'child-sa-failed',
      ikeSa: sa.id,
      child: undefined,
      connection: connection.name,
      fault: tooEarly,
      refusal: undefined,
    })
    return { payloads: [notification(notify.NO_ADDITIONAL_SAS)], prepared: undefined }
  }
  const granted = grantChild(context, sa, connection, request.payloads, { kind: 'ike-auth' })
  if (!granted.ok) {
    emit(context, {
      name: 'child-sa-failed',
      ikeSa: sa.id,
      child: undefined,
      connection: connection.name,
      fault: granted.fault.fault,
      refusal: granted.fault.refusal,
    })
    return { payloads: [notification(granted.fault.notify)], prepared: undefined }
  }
  const inbound = context.newSpi()
  const prepared = prepareChild(context, sa, session, {
    ...granted.value,
    id: context.newChildId(),
    role: 'responder',
    connection,
    inbound,
    replaces: undefined,
    nonceI: auth.nonceI,
    nonceR: auth.nonceR,
    sharedSecret: undefined,
  })
  if (prepared === undefined) {
    context.releaseSpi(inbound)
    return { payloads: [notification(notify.NO_PROPOSAL_CHOSEN)], prepared: undefined }
  }
  return { payloads: grantPayloads(granted.value, inbound, []), prepared }
}

/** RFC 7296 §2.21.2: the initiator hears that authentication failed, and not why. */
export function denyInitiator(
  context: Context,
  sa: IkeSa,
  session: Session,
  { arrival, messageId }: Pick<AuthRequest, 'arrival' | 'messageId'>,
  fault: Fault,
  refusal: Refusal | undefined,
): void {
  deny(context, sa, session, arrival, messageId, notify.AUTHENTICATION_FAILED, fault, refusal)
}

/** RFC 7296 §2.21.2: the notification is the only payload of the answer, and there is no IKE SA. */
function deny(
  context: Context,
  sa: IkeSa,
  session: Session,
  arrival: Arrival,
  messageId: number,
  type: number,
  fault: Fault,
  refusal: Refusal | undefined,
): void {
  answer(context, sa, session, arrival, exchange.IKE_AUTH, messageId, [notification(type)])
  failAndLinger(context, sa, session, fault, refusal)
}

const notAuthentic = (message: string): Fault => ({ family: 'peer', code: 'PEER_AUTHENTICATION_FAILED', message, rfc: 'RFC 7296 §2.15' })
const tooEarly: Fault = {
  family: 'policy',
  code: 'POLICY_LIMIT_REACHED',
  message: 'the peer asks for a Child SA in IKE_AUTH, and this connection has them in exchanges of their own only (childless: force)',
}
const missing = (message: string): Fault => ({ family: 'peer', code: 'PEER_PAYLOAD_MISSING', message, rfc: 'RFC 7296 §1.2' })
