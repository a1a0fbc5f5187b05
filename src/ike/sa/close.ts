// How IKE SAs end. RFC 7296 §1.4.1, §2.21.
import type { Fault } from '../../contract/faults.ts'
import type { Refusal } from '../../contract/refusal.ts'
import { later } from '../../contract/units.ts'
import { protocol } from '../../iana/protocols.ts'
import type { DeletePayload } from '../../wire/message.ts'
import { removeChild, retireOutbound } from '../child/child-sa.ts'
import { chance } from '../child/lifetime.ts'
import { type Context, emit } from '../context.ts'
import { timers } from '../timers.ts'
import { type IkeSa, transition } from './ike-sa.ts'
import { dropAssemblies } from './reassembly.ts'
import { intend } from './intend.ts'
import type { Session } from './states.ts'

/** It could not be set up, or broke: gone at once, with its Child SAs. */
export function failIkeSa(context: Context, sa: IkeSa, fault: Fault, refusal: Refusal | undefined): void {
  reportFailure(context, sa, fault, refusal)
  retryReauthentication(context, sa)
  forget(context, sa, 'failure')
}

/** It could not be set up, and the peer has been told: what it sends again is answered again (RFC 7296 §2.1). */
export function failAndLinger(context: Context, sa: IkeSa, session: Session, fault: Fault, refusal: Refusal | undefined): void {
  reportFailure(context, sa, fault, refusal)
  linger(context, sa, session, 'failure')
}

/** The end that was agreed on; answers to retransmitted requests are still given. */
export function linger(context: Context, sa: IkeSa, session: Session, by: 'us' | 'peer' | 'failure'): void {
  cancelOperation(context, sa)
  closeHeir(context, sa)
  removeChildren(context, sa, by)
  dropAssemblies(sa)
  dropRequests(context, sa)
  emit(context, { name: 'ike-sa-closed', ikeSa: sa.id, by })
  // Answering again takes SK_e and SK_a, and nothing else.
  if (context.keepAnswers(sa, session) === 'nothing') wipeKeys(sa)
  else for (const key of [session.keys.skD, session.keys.skPi, session.keys.skPr]) key.wipe()
  transition(sa, { phase: 'closed' })
}

/** Gone: nothing is kept. */
export function forget(context: Context, sa: IkeSa, by: 'us' | 'peer' | 'failure'): void {
  cancelOperation(context, sa)
  closeHeir(context, sa)
  removeChildren(context, sa, by)
  releasePlannedSpi(context, sa)
  emit(context, { name: 'ike-sa-closed', ikeSa: sa.id, by })
  dropRequests(context, sa)
  wipeKeys(sa)
  transition(sa, { phase: 'closed' })
}

/** Tells the peer with a Delete payload, and waits for its answer (RFC 7296 §1.4.1). */
export function startClosing(context: Context, sa: IkeSa): void {
  beginClosing(context, sa, () => removeChildren(context, sa, 'us'))
}

/** The same where another IKE SA has everything that it had: until the peer has answered, it may send through the Child SAs. */
export function startSuperseding(context: Context, sa: IkeSa): void {
  beginClosing(context, sa, () => {
    for (const child of sa.children.values()) child.life = { kind: 'deleting' }
    for (const child of sa.children.values()) retireOutbound(context, sa, child)
  })
}

function beginClosing(context: Context, sa: IkeSa, endChildren: () => void): void {
  closeHeir(context, sa)
  const { state } = sa
  if (state.phase !== 'established' && state.phase !== 'replaced') return
  const { session, established } = state
  endChildren()
  dropPlans(context, sa)
  sa.lifetime = { rekeyAt: undefined, reauthenticateAt: undefined, expiresAt: undefined }
  transition(sa, { phase: 'closing', session, established })
  intend(sa, { kind: 'delete-ike-sa' })
}

/** What a rekey of the peer's has made of one that ends, while that was not decided, ends with it. */
function closeHeir(context: Context, sa: IkeSa): void {
  if (sa.state.phase !== 'contested') return
  const { session, established, heir: promised } = sa.state
  const heir = context.ikeSaById(promised.ikeSa)
  transition(sa, { phase: 'established', session, established })
  if (heir === undefined) return
  startClosing(context, heir)
  context.touch(heir)
}

/** Nothing that was asked or meant to be asked matters any more. */
function dropRequests(context: Context, sa: IkeSa): void {
  for (const { purpose } of sa.requests.outstanding) {
    if (purpose.kind === 'create-child-sa') {
      context.releaseSpi(purpose.intention.request.spi)
      purpose.attempt.keyExchange?.keyPair.privateKey.wipe()
    } else if (purpose.kind === 'rekey-ike-sa') purpose.attempt.keyPair.privateKey.wipe()
    else if (purpose.kind === 'disown-child-sa') context.releaseSpi(purpose.spi)
  }
  sa.requests.outstanding.length = 0
  dropPlans(context, sa)
}

function dropPlans(context: Context, { requests }: IkeSa): void {
  for (const intention of [...requests.waiting, ...requests.postponed.map(({ intention }) => intention)]) {
    if (intention.kind === 'create-child-sa') context.releaseSpi(intention.request.spi)
    else if (intention.kind === 'disown-child-sa') context.releaseSpi(intention.spi)
  }
  requests.waiting.length = 0
  requests.postponed.length = 0
}

/** RFC 7296 §3.11: deleting the IKE SA itself takes no SPIs. */
export const deleteIkeSa: DeletePayload = { kind: 'D', critical: false, protocol: protocol.IKE, spiSize: 0, spis: [] }

function reportFailure(context: Context, sa: IkeSa, fault: Fault, refusal: Refusal | undefined): void {
  emit(context, { name: 'ike-sa-failed', ikeSa: sa.id, connection: connectionName(sa), fault, refusal })
}

/** RFC 7296 §2.8.3: it was to take the place of another, which lives on for now. */
function retryReauthentication(context: Context, sa: IkeSa): void {
  const old = sa.reauthenticates === undefined ? undefined : context.ikeSaById(sa.reauthenticates)
  sa.reauthenticates = undefined
  if (old?.state.phase !== 'established' && old?.state.phase !== 'contested') return
  const wait = timers.reauthenticationRetry + chance(context, timers.reauthenticationRetry / 2)
  old.reauthenticatedBy = undefined
  old.lifetime.reauthenticateAt = later(context.now, wait)
  context.touch(old)
}

function connectionName(sa: IkeSa): string | undefined {
  const { state } = sa
  switch (state.phase) {
    case 'init-sent':
      return state.attempt.connection.name
    case 'auth-signing':
    case 'auth-sent':
    case 'auth-verifying':
      return state.auth.connection.name
    case 'peer-verifying':
      return state.request.connection?.name
    case 'own-signing':
      return state.connection.name
    case 'established':
    case 'contested':
      return state.established.connection.name
    default:
      return undefined
  }
}

/** RFC 7296 §2.12: keys that are needed no more are forgotten. */
function wipeKeys({ state }: IkeSa): void {
  if (state.phase === 'init-sent') state.attempt.keyPair.privateKey.wipe()
  if (!('session' in state)) return
  const { skD, skAi, skAr, skEi, skEr, skPi, skPr } = state.session.keys
  for (const key of [skD, skAi, skAr, skEi, skEr, skPi, skPr]) key?.wipe()
}

/** What is under way for it is wanted no more. */
export function cancelOperation(context: Context, sa: IkeSa): void {
  const { state } = sa
  // What came of it may be what ends the IKE SA.
  if ('operation' in state && context.dropOperation(state.operation.id)) context.out.push({ kind: 'cancel', id: state.operation.id })
}

/** The SPI of a Child SA that was asked for, and does not come. */
function releasePlannedSpi(context: Context, { state }: IkeSa): void {
  const child =
    state.phase === 'init-sent'
      ? state.attempt.child
      : state.phase === 'auth-signing' || state.phase === 'auth-sent' || state.phase === 'auth-verifying'
        ? state.auth.child
        : undefined
  if (child !== undefined) context.releaseSpi(child.spi)
}

function removeChildren(context: Context, sa: IkeSa, by: 'us' | 'peer' | 'failure'): void {
  // None of them takes over from another.
  for (const child of sa.children.values()) child.life = { kind: 'deleting' }
  for (const child of sa.children.values()) removeChild(context, sa, child, by)
}
