// How IKE SAs end. RFC 7296 §1.4.1, §2.21.
import type { Fault } from '../../contract/faults.ts'
import type { Refusal } from '../../contract/refusal.ts'
import { later } from '../../contract/units.ts'
import { protocol } from '../../iana/protocols.ts'
import type { DeletePayload } from '../../wire/message.ts'
import { removeChild } from '../child/child-sa.ts'
import { type Context, emit } from '../context.ts'
import { timers } from '../timers.ts'
import { type IkeSa, transition } from './ike-sa.ts'
import { dropAssemblies } from './reassembly.ts'
import { intend } from './intend.ts'
import type { Session } from './states.ts'

/** It could not be set up, or broke: gone at once, with its Child SAs. */
export function failIkeSa(context: Context, sa: IkeSa, fault: Fault, refusal: Refusal | undefined): void {
  reportFailure(context, sa, fault, refusal)
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
  removeChildren(context, sa, by)
  dropAssemblies(sa)
  sa.requests.outstanding.length = 0
  sa.requests.waiting.length = 0
  emit(context, { name: 'ike-sa-closed', ikeSa: sa.id, by })
  // Answering again takes SK_e and SK_a, and nothing else.
  for (const key of [session.keys.skD, session.keys.skPi, session.keys.skPr]) key.wipe()
  transition(sa, { phase: 'lingering', session, expires: later(context.now, timers.lingerLifetime) })
}

/** Gone: nothing is kept. */
export function forget(context: Context, sa: IkeSa, by: 'us' | 'peer' | 'failure'): void {
  cancelOperation(context, sa)
  removeChildren(context, sa, by)
  releasePlannedSpi(context, sa)
  if (sa.state.phase !== 'lingering') emit(context, { name: 'ike-sa-closed', ikeSa: sa.id, by })
  sa.requests.outstanding.length = 0
  sa.requests.waiting.length = 0
  wipeKeys(sa)
  transition(sa, { phase: 'closed' })
}

/** One that lingers is gone before its time; there is nothing to tell. */
export function dismiss(sa: IkeSa): void {
  wipeKeys(sa)
  transition(sa, { phase: 'closed' })
}

/** Tells the peer with a Delete payload, and waits for its answer (RFC 7296 §1.4.1). */
export function startClosing(context: Context, sa: IkeSa): void {
  if (sa.state.phase !== 'established') return
  const { session } = sa.state
  removeChildren(context, sa, 'us')
  sa.requests.waiting.length = 0
  transition(sa, { phase: 'closing', session })
  intend(sa, { kind: 'delete-ike-sa' })
}

/** RFC 7296 §3.11: deleting the IKE SA itself takes no SPIs. */
export const deleteIkeSa: DeletePayload = { kind: 'D', critical: false, protocol: protocol.IKE, spiSize: 0, spis: [] }

function reportFailure(context: Context, sa: IkeSa, fault: Fault, refusal: Refusal | undefined): void {
  emit(context, { name: 'ike-sa-failed', ikeSa: sa.id, connection: connectionName(sa), fault, refusal })
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
  if (state.phase === 'init-sent') context.releaseSpi(state.attempt.child.spi)
  else if (state.phase === 'auth-signing' || state.phase === 'auth-sent' || state.phase === 'auth-verifying')
    context.releaseSpi(state.auth.child.spi)
}

function removeChildren(context: Context, sa: IkeSa, by: 'us' | 'peer' | 'failure'): void {
  for (const child of sa.children.values()) removeChild(context, sa, child, by)
}
