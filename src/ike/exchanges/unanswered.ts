// An operation that nobody answers: the IKE SA that waits for it fails. RFC 7296 §2.21.2.
import type { OperationFault } from '../../contract/faults.ts'
import type { Context } from '../context.ts'
import { failIkeSa } from '../sa/close.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import type { IkeSaState } from '../sa/states.ts'
import { denyResponder } from './ike-auth.initiator.ts'
import { denyInitiator } from './ike-auth.responder.ts'

/** Fails closed: who cannot be verified is not authenticated, whatever the reason. */
export function onUnanswered(
  context: Context,
  sa: IkeSa,
  state: IkeSaState & { phase: 'auth-signing' | 'auth-verifying' | 'peer-verifying' | 'own-signing' },
): void {
  const { kind, since } = state.operation
  const elapsed = context.now - since
  const message = `nobody answered the operation ${kind} for ${elapsed} ms`
  const fault: OperationFault = { family: 'operation', code: 'OPERATION_UNANSWERED', operation: kind, elapsed, message }
  switch (state.phase) {
    case 'auth-signing':
      // IKE_AUTH has not begun: the responder forgets its half-open IKE SA by itself.
      return failIkeSa(context, sa, fault, undefined)
    case 'auth-verifying':
      return denyResponder(context, sa, state.session, fault, undefined)
    case 'peer-verifying':
    case 'own-signing':
      // RFC 7296 §2.21.2: "for whatever reason" authentication fails, AUTHENTICATION_FAILED is what is said, and no more.
      return denyInitiator(context, sa, state.session, state.request, fault, undefined)
  }
}
