// The life of an IKE SA as data. `test/ike/transitions.test.ts` fails when an edge is never travelled.
import { Bug } from '../../contract/faults.ts'
import type { Phase } from './states.ts'

/** From each phase, where one step may lead. Any phase may lead to `closed`. */
export const transitions: Readonly<Record<Phase, readonly Phase[]>> = {
  // initiator
  'init-sent': ['auth-signing', 'closed'],
  'auth-signing': ['auth-sent', 'closed'],
  'auth-sent': ['auth-verifying', 'closing', 'closed'],
  'auth-verifying': ['established', 'closing', 'closed'],
  // responder
  'init-answered': ['peer-verifying', 'closed'],
  // AUTH may be over another version of the request.
  'peer-verifying': ['peer-verifying', 'own-signing', 'closed'],
  'own-signing': ['established', 'closed'],
  // both
  established: ['contested', 'replaced', 'closing', 'closed'],
  // It is decided, for one or the other; or what the peer's rekey made is closed, and all else follows.
  contested: ['established', 'replaced'],
  replaced: ['closing', 'closed'],
  closing: ['closed'],
  closed: [],
}

/** RFC 7296 leaves no other way: a step that is not in the table is a bug of ours. */
export function assertTransition(from: Phase, to: Phase): void {
  if (!transitions[from].includes(to)) throw new Bug(`an IKE SA cannot go from ${from} to ${to}`)
}
