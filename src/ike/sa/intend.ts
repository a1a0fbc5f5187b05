// What we mean to ask of the peer, until the window is open. `exchanges/intentions.ts` makes requests of it. RFC 7296 §2.3.
import { limits } from '../limits.ts'
import type { IkeSa, Intention } from './ike-sa.ts'

/** To be sent at the end of the step, or when the window is open. One of a kind is enough of what concerns the IKE SA as a whole. */
export function intend(sa: IkeSa, intention: Intention): void {
  const { waiting } = sa.requests
  if (waiting.length >= limits.waitingRequests && intention.kind !== 'delete-ike-sa') return
  if (intention.kind === 'liveness' && waiting.some(({ kind }) => kind === 'liveness')) return
  waiting.push(intention)
}
