// What to answer when exchanges of both ends are about the same SA, and which of two SAs stays. One function for each rule.
// RFC 7296 §2.8.1, §2.8.2, §2.25.
import type { ChildSa } from '../child/child-sa.ts'
import { limits } from '../limits.ts'
import type { IkeSa, RequestPurpose } from './ike-sa.ts'

export type Verdict = 'grant' | 'TEMPORARY_FAILURE' | 'CHILD_SA_NOT_FOUND' | 'NO_ADDITIONAL_SAS'

/** The peer wants a new Child SA. */
export function judgeNewChild(sa: IkeSa): Verdict {
  // RFC 7296 §2.25.2: closing the IKE SA, or rekeying it.
  if (isLeaving(sa) || isRekeyingIke(sa)) return 'TEMPORARY_FAILURE'
  return sa.children.size >= limits.childrenPerIkeSa ? 'NO_ADDITIONAL_SAS' : 'grant'
}

/** The peer wants to rekey this Child SA; `undefined`: there is none with that SPI. */
export function judgeChildRekey(sa: IkeSa, child: ChildSa | undefined): Verdict {
  // RFC 7296 §2.25.2: a peer that is rekeying the IKE SA, or closing it, puts off the Child SAs.
  if (isLeaving(sa) || isRekeyingIke(sa)) return 'TEMPORARY_FAILURE'
  // RFC 7296 §2.25.1. But what the peer has just granted us, and we do not know of yet, is not to be told from what there is not: that is
  // temporary (§2.25), and CHILD_SA_NOT_FOUND would have the peer delete it.
  if (child === undefined) return isAwaitingChild(sa) ? 'TEMPORARY_FAILURE' : 'CHILD_SA_NOT_FOUND'
  if (isBeingDeleted(child)) return 'TEMPORARY_FAILURE'
  // One rekey of the peer's at a time: the one before has put another in its place, and its Delete has not come.
  if (child.successor !== undefined) return 'TEMPORARY_FAILURE'
  return sa.children.size >= limits.childrenPerIkeSa ? 'NO_ADDITIONAL_SAS' : 'grant'
}

/** The peer wants to rekey the IKE SA. `predecessor`: the one that this one replaces, while it is still there. */
export function judgeIkeRekey(sa: IkeSa, predecessor: IkeSa | undefined): Verdict {
  // RFC 7296 §2.25.2, and §2.8.2: one that has been rekeyed already is one that is being closed.
  if (isLeaving(sa) || sa.state.phase === 'contested') return 'TEMPORARY_FAILURE'
  // RFC 7296 §2.25.1.
  if (isBusyWithChildren(sa)) return 'TEMPORARY_FAILURE'
  // Whoever rekeys again and again, and never deletes, has us keep two IKE SAs at most.
  return predecessor?.state.phase === 'replaced' ? 'TEMPORARY_FAILURE' : 'grant'
}

/** RFC 7296 §2.25.1: the answer to a Delete names the other half, unless our own Delete for it is out. */
export const namesOtherHalf = (child: ChildSa): boolean => !isBeingDeleted(child)

/**
 * RFC 7296 §2.8.1: of two SAs that two rekeys at once have made, the one with the lowest of the four nonces is redundant, and closed by
 * who made it. Each argument is the lower nonce of one exchange.
 */
export const isRedundant = (nonce: Uint8Array, rival: Uint8Array): boolean => compareNonces(nonce, rival) < 0

export const lowestNonce = (one: Uint8Array, other: Uint8Array): Uint8Array => (compareNonces(one, other) < 0 ? one : other)

/** Octet by octet; where one ends, it is the lower. RFC 7296 §2.8.1. */
export function compareNonces(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length)
  for (let i = 0; i < length; i++) {
    const difference = (one[i] ?? 0) - (other[i] ?? 0)
    if (difference !== 0) return difference
  }
  return one.length - other.length
}

/** Our request to rekey the IKE SA is out. */
export const isRekeyingIke = (sa: IkeSa): boolean => isOut(sa, ({ kind }) => kind === 'rekey-ike-sa')

/** Our request to rekey this Child SA is out. */
export const isRekeyingChild = (sa: IkeSa, child: ChildSa): boolean =>
  isOut(sa, (purpose) => purpose.kind === 'create-child-sa' && purpose.intention.replaces === child.id)

/** Our request for a Child SA is out: the peer may have it already. */
export const isAwaitingChild = (sa: IkeSa): boolean => isOut(sa, ({ kind }) => kind === 'create-child-sa')

/** RFC 7296 §2.25.1: creating, rekeying, or closing a Child SA. */
const isBusyWithChildren = (sa: IkeSa): boolean =>
  isOut(sa, ({ kind }) => kind === 'create-child-sa' || kind === 'delete-child-sa' || kind === 'disown-child-sa')

const isOut = (sa: IkeSa, about: (purpose: RequestPurpose) => boolean): boolean =>
  sa.requests.outstanding.some(({ purpose }) => about(purpose))

const isLeaving = ({ state }: IkeSa): boolean => state.phase === 'closing' || state.phase === 'replaced'

const isBeingDeleted = ({ life }: ChildSa): boolean => life.kind === 'deleting'
