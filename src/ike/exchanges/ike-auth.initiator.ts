// IKE_AUTH as initiator. RFC 7296 §1.2, §2.15, §2.21.2.
//
//   HDR, SK{IDi, [IDr], AUTH, [N(USE_TRANSPORT_MODE)], SAi2, TSi, TSr}  -->
//                                          <--  HDR, SK{IDr, AUTH, [N(USE_TRANSPORT_MODE)], SAr2, TSi, TSr}
//                                          <--  or SK{IDr, AUTH, N(error)}: the IKE SA is up without a Child SA
//                                          <--  or SK{N(AUTHENTICATION_FAILED)}
import { equalConstantTime, u32 } from '../../bytes/bytes.ts'
import type { Fault } from '../../contract/faults.ts'
import type { Completion, SharedKeyMacRequest } from '../../contract/machine.ts'
import type { Refusal } from '../../contract/refusal.ts'
import { earliest, later } from '../../contract/units.ts'
import { authMethod } from '../../iana/authentication.ts'
import { exchange } from '../../iana/exchanges.ts'
import { notify, notifyName } from '../../iana/notify.ts'
import type { Connection } from '../../policy/connection.ts'
import { formatIdentity, matchIdentity } from '../../policy/identity.ts'
import type { AuthenticationPayload, IdentificationPayload, Payload } from '../../wire/message.ts'
import { identificationPayload, initiatorSignedOctets, responderSignedOctets } from '../auth/signed-octets.ts'
import {
  acceptChild,
  type ChildFailure,
  type ChildRequest,
  childRequestPayloads,
  offeredInAuth,
  protocolOfAnswer,
  whyNotAsked,
} from '../child/child-request.ts'
import { prepareChild } from '../child/child-sa.ts'
import { chance } from '../child/lifetime.ts'
import { mappingOf } from '../child/overlaps.ts'
import { type Context, emit, startOperation } from '../context.ts'
import { firstError, notification, notifications } from '../notifications.ts'
import { cancelOperation, failIkeSa } from '../sa/close.ts'
import { sendRequest } from '../sa/exchange.ts'
import { type IkeSa, transition } from '../sa/ike-sa.ts'
import { intend, newChild } from '../sa/intend.ts'
import { establish } from '../sa/establish.ts'
import type { AuthAnswer, IkeSaState, InitiatorAuth, Session } from '../sa/states.ts'
import { hearWindow, windowNotification } from '../sa/window.ts'

/** Has our AUTH computed. */
export function startAuth(context: Context, sa: IkeSa, session: Session, wanted: InitiatorAuth): void {
  const { connection } = wanted
  const obstacle = wanted.child === undefined ? undefined : whyNotAsked(wanted.child, sa.path)
  if (wanted.child !== undefined && obstacle !== undefined) {
    childFailed(context, sa, wanted, wanted.child, obstacle, undefined)
    // RFC 6023: without its Child SA the IKE SA can go on only where both can do without.
    if (wanted.childless === 'unsupported' || connection.childless === 'never')
      return failIkeSa(context, sa, obstacle.fault, obstacle.refusal)
  }
  const auth = obstacle === undefined ? wanted : { ...wanted, child: undefined }
  if (auth.childless === 'unsupported' && (auth.child === undefined || connection.childless === 'force'))
    return failIkeSa(context, sa, childlessUnsupported, undefined)
  const id = identificationPayload('IDi', connection.localIdentity)
  const operation = startOperation(context, sa, 'shared-key-mac', {
    prf: session.suite.prf.id,
    local: connection.localIdentity,
    remote: expectedPeer(auth),
    octets: initiatorSignedOctets(session, auth.initRequest, auth.nonceR, id),
  })
  transition(sa, { phase: 'auth-signing', operation, auth, session })
}

/** Our AUTH is there: the request goes out. */
export function onOwnMac(context: Context, sa: IkeSa, state: IkeSaState & { phase: 'auth-signing' }, completion: Completion): void {
  const { auth, session } = state
  const { connection } = auth
  if (!completion.outcome.ok) return failIkeSa(context, sa, failedOperation(completion.outcome.why), undefined)
  const child = childInAuth(auth)
  const payloads: readonly Payload[] = [
    identificationPayload('IDi', connection.localIdentity),
    ...(connection.remoteIdentity.kind === 'exactly' ? [identificationPayload('IDr', connection.remoteIdentity.identity)] : []),
    { kind: 'AUTH', critical: false, method: authMethod.SHARED_KEY_MESSAGE_INTEGRITY_CODE, value: completion.outcome.value },
    ...(sendsContact(context, sa, connection) ? [notification(notify.INITIAL_CONTACT)] : []),
    ...windowNotification(sa, connection),
    ...(child === undefined ? [] : childRequestPayloads(offeredInAuth(child, sa.path), [])),
  ]
  transition(sa, { phase: 'auth-sent', auth, session })
  sendRequest(context, sa, session, exchange.IKE_AUTH, { kind: 'ike-auth' }, payloads)
}

/** The answer to IKE_AUTH, decrypted. */
export function onAuthResponse(
  context: Context,
  sa: IkeSa,
  state: IkeSaState & { phase: 'auth-sent' },
  payloads: readonly Payload[],
): void {
  const { auth, session } = state
  const id = payloads.find((payload): payload is IdentificationPayload => payload.kind === 'IDr')
  const authentication = payloads.find((payload): payload is AuthenticationPayload => payload.kind === 'AUTH')
  if (id === undefined || authentication === undefined) return refused(context, sa, payloads)
  const identity = matchIdentity(auth.connection.remoteIdentity, id.identity)
  if (identity !== undefined) {
    const fault = peerFault('PEER_AUTHENTICATION_FAILED', `the peer says that it is ${formatIdentity(id.identity)}`)
    return denyResponder(context, sa, session, fault, identity)
  }
  if (authentication.method !== authMethod.SHARED_KEY_MESSAGE_INTEGRITY_CODE) {
    const refusal: Refusal = { kind: 'authentication', peer: id.identity, method: authentication.method, reason: 'method' }
    return denyResponder(context, sa, session, peerFault('PEER_AUTHENTICATION_FAILED', 'the peer authenticates by another method'), refusal)
  }
  const macRequest: SharedKeyMacRequest = {
    prf: session.suite.prf.id,
    local: auth.connection.localIdentity,
    remote: id.identity,
    octets: responderSignedOctets(session, auth.initResponse, auth.nonceI, id),
  }
  const answer: AuthAnswer = { macRequest, identity: id.identity, authentication: authentication.value, payloads }
  const operation = startOperation(context, sa, 'shared-key-mac', macRequest)
  transition(sa, { phase: 'auth-verifying', operation, auth, session, answer })
}

/** The MAC that the responder's AUTH must equal is there. */
export function onPeerMac(context: Context, sa: IkeSa, state: IkeSaState & { phase: 'auth-verifying' }, completion: Completion): void {
  const { auth, session, answer } = state
  if (!completion.outcome.ok) return denyResponder(context, sa, session, failedOperation(completion.outcome.why), undefined)
  if (!equalConstantTime(completion.outcome.value, answer.authentication)) {
    const refusal: Refusal = {
      kind: 'authentication',
      peer: answer.identity,
      method: authMethod.SHARED_KEY_MESSAGE_INTEGRITY_CODE,
      reason: 'wrong-key',
      evidence: { request: answer.macRequest, authentication: answer.authentication },
      slip: undefined,
    }
    return denyResponder(context, sa, session, peerFault('PEER_AUTHENTICATION_FAILED', 'the peer has another shared key'), refusal)
  }
  establish(context, sa, session, {
    since: context.now,
    connection: auth.connection,
    localIdentity: auth.connection.localIdentity,
    remoteIdentity: answer.identity,
  })
  hearWindow(sa, answer.payloads)
  hearAuthenticationLifetime(context, sa, answer.payloads)
  const child = childInAuth(auth)
  if (child === undefined) {
    // RFC 6023: what is wanted comes by itself.
    if (auth.child !== undefined) intend(sa, newChild(auth.child))
    return
  }
  const offered = offeredInAuth(child, sa.path)
  const accepted = acceptChild(offered, sa.path, answer.payloads)
  const answered = protocolOfAnswer(offered, answer.payloads)
  if (!accepted.ok) return childFailed(context, sa, auth, child, accepted.fault, answered)
  const prepared = prepareChild(context, sa, session, {
    ...accepted.value,
    mapped: mappingOf(context, sa, accepted.value),
    id: child.id,
    role: 'initiator',
    connection: auth.connection,
    config: child.config,
    inbound: child.spi,
    replaces: undefined,
    nonceI: auth.nonceI,
    nonceR: auth.nonceR,
    sharedSecret: undefined,
  })
  if (prepared === undefined) {
    const fault = peerFault('PEER_PROPOSAL_ILLEGAL', 'the suite of the Child SA is not to be had')
    return childFailed(context, sa, auth, child, { fault, refusal: undefined, peer: 'peer-has-it' }, answered)
  }
  prepared.installInbound()
  prepared.installOutbound()
}

/** RFC 7296 §2.21.2: authentication succeeded, so the IKE SA is up, whatever became of the Child SA. `answered`: the protocol of the answer. */
function childFailed(
  context: Context,
  sa: IkeSa,
  { connection }: InitiatorAuth,
  child: ChildRequest,
  { fault, refusal, peer }: ChildFailure,
  answered: number | undefined,
): void {
  emit(context, { name: 'child-sa-failed', ikeSa: sa.id, child: child.id, connection: connection.name, fault, refusal })
  // RFC 7296 §2.21: an answer that we cannot use still makes us clean up, by a Delete for the bad SA.
  if (peer === 'peer-has-it' && answered !== undefined) intend(sa, { kind: 'disown-child-sa', protocol: answered, spi: child.spi })
  else context.releaseSpi(child.spi)
}

/** RFC 6023 §3: only where the responder has said that it can do without may the request come without a Child SA. */
function childInAuth({ child, childless, connection }: InitiatorAuth): ChildRequest | undefined {
  if (childless === 'unsupported') return child
  return connection.childless === 'prefer' || connection.childless === 'force' ? undefined : child
}

/** RFC 7296 §2.4: this IKE SA is the only one with this peer that we know of. */
function sendsContact(context: Context, sa: IkeSa, { uniqueness, remoteIdentity }: Connection): boolean {
  if (uniqueness === 'never' || sa.reauthenticates !== undefined || remoteIdentity.kind === 'any') return false
  return context.siblingsOf(sa).length === 0
}

/** RFC 4478 §3: the peer closes the IKE SA when it has not been authenticated anew in so many seconds. */
export function hearAuthenticationLifetime(context: Context, sa: IkeSa, payloads: readonly Payload[]): void {
  const [told] = notifications(payloads, notify.AUTH_LIFETIME)
  if (told?.value.length !== 4) return
  const lifetime = u32(told.value, 0) * 1_000
  // A tenth is left for the new negotiation, and as much again at most by chance.
  const at = later(context.now, Math.floor(lifetime * 0.9) - chance(context, Math.floor(lifetime * 0.1)))
  sa.lifetime.reauthenticateAt = earliest(sa.lifetime.reauthenticateAt, at)
}

/** RFC 7296 §2.21.2: an answer without IDr and AUTH means that the IKE SA is not created. */
function refused(context: Context, sa: IkeSa, payloads: readonly Payload[]): void {
  const error = firstError(payloads)
  if (error === undefined)
    return failIkeSa(context, sa, peerFault('PEER_PAYLOAD_MISSING', 'the answer to IKE_AUTH lacks IDr or AUTH'), undefined)
  const refusal: Refusal = {
    kind: 'notify',
    type: error.type,
    value: error.value,
    protected: 'protected',
    offered: [],
    selectors: undefined,
  }
  failIkeSa(context, sa, peerFault('PEER_REFUSED', `the peer answered ${notifyName(error.type)} to IKE_AUTH`), refusal)
}

/** RFC 7296 §2.21.2: what went wrong with the answer may be told in an INFORMATIONAL exchange of its own. */
export function denyResponder(context: Context, sa: IkeSa, session: Session, fault: Fault, refusal: Refusal | undefined): void {
  cancelOperation(context, sa)
  const connection = sa.state.phase === 'auth-sent' || sa.state.phase === 'auth-verifying' ? sa.state.auth.connection.name : undefined
  if (sa.state.phase === 'auth-sent' || sa.state.phase === 'auth-verifying') releaseChild(context, sa.state.auth)
  emit(context, { name: 'ike-sa-failed', ikeSa: sa.id, connection, fault, refusal })
  transition(sa, { phase: 'closing', session, established: undefined })
  sendRequest(context, sa, session, exchange.INFORMATIONAL, { kind: 'authentication-failed' }, [notification(notify.AUTHENTICATION_FAILED)])
}

function releaseChild(context: Context, { child }: InitiatorAuth): void {
  if (child !== undefined) context.releaseSpi(child.spi)
}

const expectedPeer = (auth: InitiatorAuth) =>
  auth.connection.remoteIdentity.kind === 'exactly' ? auth.connection.remoteIdentity.identity : undefined

const peerFault = (
  code: 'PEER_AUTHENTICATION_FAILED' | 'PEER_PAYLOAD_MISSING' | 'PEER_REFUSED' | 'PEER_PROPOSAL_ILLEGAL',
  message: string,
): Fault => ({
  family: 'peer',
  code,
  message,
  rfc: 'RFC 7296 §2.21.2',
})

/** RFC 6023 §3: then IKE_AUTH without a Child SA MUST NOT be sent. */
const childlessUnsupported: Fault = {
  family: 'peer',
  code: 'PEER_REFUSED',
  message: 'the peer does not set up an IKE SA without a Child SA',
  rfc: 'RFC 6023 §3',
}

const failedOperation = (why: string): Fault => ({
  family: 'policy',
  code: 'POLICY_IDENTITY_UNKNOWN',
  message: `the shared key could not be used: ${why}`,
})
