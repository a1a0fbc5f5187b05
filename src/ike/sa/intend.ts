// What we mean to ask of the peer, until the window is open. `exchanges/intentions.ts` makes requests of it. RFC 7296 §2.3.
import type { ChildRequest } from '../child/child-request.ts'
import type { CreateChildIntention, IkeSa, Intention, RekeyIkeIntention } from './ike-sa.ts'

/** To be sent at the end of the step, or when the window is open. One of a kind is enough of what concerns the IKE SA as a whole. */
export function intend(sa: IkeSa, intention: Intention): void {
  const { waiting } = sa.requests
  if (isAboutAll(intention) && waiting.some(({ kind }) => kind === intention.kind)) return
  waiting.push(intention)
}

/** Before all else that waits: it is the same request again, in other words. */
export function intendFirst(sa: IkeSa, intention: Intention): void {
  sa.requests.waiting.unshift(intention)
}

const isAboutAll = ({ kind }: Intention): boolean => kind === 'liveness' || kind === 'rekey-ike-sa' || kind === 'delete-ike-sa'

export const newChild = (request: ChildRequest): CreateChildIntention => ({
  kind: 'create-child-sa',
  request,
  replaces: undefined,
  groups: [],
  refusedSince: undefined,
})

export const rekeyIkeSa: RekeyIkeIntention = { kind: 'rekey-ike-sa', groups: [], refusedSince: undefined }
