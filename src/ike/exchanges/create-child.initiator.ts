// CREATE_CHILD_SA for a Child SA, new or rekeyed, as initiator. RFC 7296 §1.3.1, §1.3.3, §2.8, §2.8.1, §2.25.
//
//   HDR, SK{[N(REKEY_SA)], [N(USE_TRANSPORT_MODE)], SA, Ni, [KEi], TSi, TSr}  -->
//                                          <--  HDR, SK{[N(USE_TRANSPORT_MODE)], SA, Nr, [KEr], TSi, TSr}
//                                          <--  or SK{N(error)}
import type { Secret } from '../../bytes/secret.ts'
import { failed, ok, type Result } from '../../bytes/result.ts'
import { later } from '../../contract/units.ts'
import { exchange } from '../../iana/exchanges.ts'
import { notify } from '../../iana/notify.ts'
import { firstKeyExchange } from '../../policy/proposal-choice.ts'
import type { KePayload, NoncePayload, NotifyPayload, Payload } from '../../wire/message.ts'
import {
  type AcceptedChild,
  acceptChild,
  type ChildAttempt,
  type ChildFailure,
  childRequestPayloads,
  offeredForRekey,
  offeredInCreateChildSa,
  protocolOfAnswer,
  spiOctets,
  whyNotAsked,
} from '../child/child-request.ts'
import { type ChildSa, prepareChild, removeChild, retireOutbound, saKey } from '../child/child-sa.ts'
import { mappingOf } from '../child/overlaps.ts'
import { type Context, emit } from '../context.ts'
import { firstError } from '../notifications.ts'
import { isAwaitingChild, isRedundant, lowestNonce } from '../sa/collisions.ts'
import { sendRequest } from '../sa/exchange.ts'
import type { CreateChildIntention, IkeSa } from '../sa/ike-sa.ts'
import { intend, intendFirst } from '../sa/intend.ts'
import type { Session } from '../sa/states.ts'
import { timers } from '../timers.ts'
import { nonceLength } from './ike-sa-init.initiator.ts'
import { kePayload } from './key-agreement.ts'
import { nextGroup, postpone } from './retry.ts'

export function beginCreateChild(context: Context, sa: IkeSa, session: Session, intention: CreateChildIntention): void {
  const { request, replaces, groups } = intention
  const old = replaces === undefined ? undefined : sa.children.get(replaces)
  // In the meantime the peer has replaced it, or one of us has deleted it.
  if (replaces !== undefined && old?.life.kind !== 'alive') return context.releaseSpi(request.spi)
  const obstacle = old === undefined ? whyNotAsked(request, sa.path) : undefined
  if (obstacle !== undefined) {
    context.releaseSpi(request.spi)
    return tellFailure(context, sa, intention, obstacle)
  }
  const offered = old === undefined ? offeredInCreateChildSa(request, sa.path) : offeredForRekey(request, sa.path, old)
  const group = groups.at(-1) ?? firstKeyExchange(offered.templates)
  const keyPair = group === undefined ? undefined : context.provider.keyExchange(group)?.generate(context.random)
  // RFC 7296 §3.4: without a group in the proposals there is no KE payload.
  const keyExchange = group === undefined || keyPair === undefined ? undefined : { group, keyPair }
  const attempt: ChildAttempt = { offered, nonce: context.random(nonceLength), keyExchange }
  sendRequest(context, sa, session, exchange.CREATE_CHILD_SA, { kind: 'create-child-sa', intention, attempt }, [
    ...(old === undefined ? [] : [rekeyNotification(old)]),
    ...childRequestPayloads(offered, [
      { kind: 'NONCE', critical: false, nonce: attempt.nonce },
      ...(keyExchange === undefined ? [] : [kePayload(keyExchange.group, keyExchange.keyPair.publicValue)]),
    ]),
  ])
}

export function onCreateChildResponse(
  context: Context,
  sa: IkeSa,
  session: Session,
  intention: CreateChildIntention,
  attempt: ChildAttempt,
  payloads: readonly Payload[],
): void {
  // The IKE SA is closing: its Delete takes the Child SA with it, if there is one.
  if (sa.state.phase !== 'established' && sa.state.phase !== 'contested') return abandon(context, intention, attempt)
  const error = firstError(payloads)
  if (error?.type === notify.INVALID_KE_PAYLOAD) {
    const group = nextGroup(context, attempt.offered.proposals, attempt.keyExchange?.group, intention.groups, error.value)
    if (group !== undefined) {
      attempt.keyExchange?.keyPair.privateKey.wipe()
      return intendFirst(sa, { ...intention, groups: group })
    }
  }
  if (error !== undefined) return onRefused(context, sa, intention, attempt, error, payloads)
  const accepted = acceptChild(attempt.offered, sa.path, payloads)
  if (!accepted.ok) return onUnusable(context, sa, intention, attempt, payloads, accepted.fault)
  const isGone = sa.requests.forestalled.has(saKey(accepted.value.suite.protocol, accepted.value.outbound))
  if (!isAwaitingChild(sa)) sa.requests.forestalled.clear()
  // The peer's Delete for it has overtaken the answer that makes it.
  if (isGone) {
    abandon(context, intention, attempt)
    return tellFailure(context, sa, intention, unusable('the peer has deleted the Child SA before its answer came'))
  }
  const fresh = freshSecrets(context, accepted.value, attempt, payloads)
  if (!fresh.ok) return onUnusable(context, sa, intention, attempt, payloads, fresh.fault)
  const { request, replaces } = intention
  const old = replaces === undefined ? undefined : sa.children.get(replaces)
  const prepared = prepareChild(context, sa, session, {
    ...accepted.value,
    mapped: old === undefined ? mappingOf(context, sa, accepted.value) : old.mapped,
    id: request.id,
    config: request.config,
    inbound: request.spi,
    replaces,
    role: 'initiator',
    connection: sa.state.established.connection,
    nonceI: attempt.nonce,
    nonceR: fresh.value.nonceR,
    sharedSecret: fresh.value.sharedSecret,
  })
  fresh.value.sharedSecret?.wipe()
  attempt.keyExchange?.keyPair.privateKey.wipe()
  if (prepared === undefined)
    return onUnusable(context, sa, intention, attempt, payloads, unusable('the suite of the Child SA is not to be had'))
  prepared.installInbound()
  if (replaces !== undefined && old === undefined) {
    // The peer has granted our rekey, and deleted the old one since: its own rekey stays (RFC 7296 §2.8.1), or nothing is to.
    prepared.holdOutbound()
    return deleteChild(context, sa, prepared.child)
  }
  if (old === undefined) return prepared.installOutbound()
  const rival = old.successor === undefined ? undefined : sa.children.get(old.successor.child)
  if (
    old.successor !== undefined &&
    rival !== undefined &&
    isRedundant(lowestNonce(attempt.nonce, fresh.value.nonceR), old.successor.lowestNonce)
  ) {
    // RFC 7296 §2.8.1: who created the redundant one closes it; the peer closes the old one.
    prepared.holdOutbound()
    old.life = { kind: 'replaced', until: later(context.now, timers.replacedPatience) }
    return deleteChild(context, sa, prepared.child)
  }
  prepared.installOutbound()
  // RFC 7296 §2.8.1: the node that initiated the surviving SA deletes the replaced one; the peer, its own.
  if (rival !== undefined) rival.life = { kind: 'replaced', until: later(context.now, timers.replacedPatience) }
  deleteChild(context, sa, old)
}

/** Nothing more is sent through it, and the peer is told (RFC 7296 §1.4.1). */
export function deleteChild(context: Context, sa: IkeSa, child: ChildSa): void {
  if (child.life.kind === 'deleting') return
  child.life = { kind: 'deleting' }
  child.rekeyAt = undefined
  child.expiresAt = undefined
  retireOutbound(context, sa, child)
  intend(sa, { kind: 'delete-child-sa', child: child.id })
}

/** RFC 7296 §1.3.3: the SPI is the one that we expect in inbound packets. */
const rekeyNotification = (old: ChildSa): NotifyPayload => ({
  kind: 'N',
  critical: false,
  protocol: old.suite.protocol,
  spi: spiOctets(old.inbound),
  type: notify.REKEY_SA,
  value: new Uint8Array(0),
})

function freshSecrets(
  context: Context,
  accepted: AcceptedChild,
  attempt: ChildAttempt,
  payloads: readonly Payload[],
): Result<{ readonly nonceR: Uint8Array; readonly sharedSecret: Secret | undefined }, ChildFailure> {
  const nonce = payloads.find((payload): payload is NoncePayload => payload.kind === 'NONCE')
  if (nonce === undefined) return failed(unusable('the answer has no nonce'))
  if (accepted.keyExchange === undefined) return ok({ nonceR: nonce.nonce, sharedSecret: undefined })
  const ke = payloads.find((payload): payload is KePayload => payload.kind === 'KE')
  const ours = attempt.keyExchange
  // RFC 7296 §1.3: a group other than that of KEi is no answer.
  if (ke === undefined || ours === undefined || ours.group !== accepted.keyExchange || ke.method !== ours.group)
    return failed(unusable('the key exchange of the answer is not the one of the request'))
  const sharedSecret = context.provider.keyExchange(ours.group)?.agree(ours.keyPair.privateKey, ke.publicValue)
  return sharedSecret === undefined ? failed(unusable("the peer's public value is not valid")) : ok({ nonceR: nonce.nonce, sharedSecret })
}

/** The answer is no error, and nothing that we can use: the peer has a Child SA now that we have not (RFC 7296 §2.21). */
function onUnusable(
  context: Context,
  sa: IkeSa,
  intention: CreateChildIntention,
  attempt: ChildAttempt,
  payloads: readonly Payload[],
  failure: ChildFailure,
): void {
  if (failure.peer === 'peer-has-it')
    intend(sa, { kind: 'disown-child-sa', protocol: protocolOfAnswer(attempt.offered, payloads), spi: intention.request.spi })
  abandon(context, intention, attempt)
  tellFailure(context, sa, intention, failure)
}

function onRefused(
  context: Context,
  sa: IkeSa,
  intention: CreateChildIntention,
  attempt: ChildAttempt,
  error: NotifyPayload,
  payloads: readonly Payload[],
): void {
  const { replaces, request } = intention
  const old = replaces === undefined ? undefined : sa.children.get(replaces)
  const refusal = acceptChild(
    attempt.offered,
    sa.path,
    payloads.filter(({ kind }) => kind === 'N'),
  )
  const failure = refusal.ok ? unusable('the answer is an error and none') : refusal.fault
  if (replaces !== undefined && (old === undefined || old.successor !== undefined)) {
    // RFC 7296 §2.8.1: the peer has replaced it, or deleted it, before our request came: no harm is done.
    abandon(context, intention, attempt)
    if (old !== undefined) old.life = { kind: 'replaced', until: later(context.now, timers.replacedPatience) }
    return tellRekeyFailure(context, sa, intention, failure, 'superseded')
  }
  if (error.type === notify.TEMPORARY_FAILURE) {
    attempt.keyExchange?.keyPair.privateKey.wipe()
    if (replaces !== undefined) tellRekeyFailure(context, sa, intention, failure, 'retry')
    return postpone(context, sa, { ...intention, groups: [] })
  }
  if (error.type === notify.CHILD_SA_NOT_FOUND && old !== undefined) {
    // RFC 7296 §2.25: what the peer does not have is deleted silently, and a new one created from scratch.
    attempt.keyExchange?.keyPair.privateKey.wipe()
    tellRekeyFailure(context, sa, intention, failure, 'start-over')
    removeChild(context, sa, old, 'failure')
    return intend(sa, { ...intention, replaces: undefined, groups: [] })
  }
  abandon(context, intention, attempt)
  if (replaces === undefined) return tellFailure(context, sa, intention, failure)
  // RFC 7296 §2.8: where rekeying fails, new SAs are started from scratch: here before the old ones are closed.
  const next = context.reauthenticate(sa) === 'begun' ? 'start-over' : 'give-up'
  tellRekeyFailure(context, sa, { ...intention, request }, failure, next)
}

function abandon(context: Context, { request }: CreateChildIntention, attempt: ChildAttempt): void {
  attempt.keyExchange?.keyPair.privateKey.wipe()
  context.releaseSpi(request.spi)
}

function tellFailure(context: Context, sa: IkeSa, intention: CreateChildIntention, { fault, refusal }: ChildFailure): void {
  if (intention.replaces !== undefined) return tellRekeyFailure(context, sa, intention, { fault, refusal }, 'give-up')
  const connection = sa.state.phase === 'established' || sa.state.phase === 'contested' ? sa.state.established.connection.name : ''
  emit(context, { name: 'child-sa-failed', ikeSa: sa.id, child: intention.request.id, connection, fault, refusal })
}

function tellRekeyFailure(
  context: Context,
  sa: IkeSa,
  { replaces }: CreateChildIntention,
  { fault, refusal }: Pick<ChildFailure, 'fault' | 'refusal'>,
  next: 'retry' | 'start-over' | 'superseded' | 'give-up',
): void {
  emit(context, { name: 'rekey-failed', ikeSa: sa.id, child: replaces, fault, refusal, next })
}

const unusable = (message: string): ChildFailure => ({
  fault: { family: 'peer', code: 'PEER_PROPOSAL_ILLEGAL', message, rfc: 'RFC 7296 §1.3' },
  refusal: undefined,
  peer: 'peer-has-it',
})
