// Whether later fragments go through a tunnel whose selectors name ports: both sides have to say so. RFC 7296 §1.3.1, RFC 4301 §7.3.
import type { TrafficSelector } from '../../contract/selectors.ts'
import { notify } from '../../iana/notify.ts'
import type { ChildConfig } from '../../policy/connection.ts'
import type { Payload } from '../../wire/message.ts'
import { hasNotification, notification } from '../notifications.ts'

export type LaterFragments = 'agreed' | 'not-agreed'
/** Of one side, as yet. */
export type LaterFragmentsWish = 'wanted' | 'not-wanted'

/** Where selectors leave ports open there is nothing to negotiate (RFC 4301 §7.1). */
export function laterFragmentsWish({ mode, path }: ChildConfig, ...selectors: readonly TrafficSelector[]): LaterFragmentsWish {
  return mode === 'tunnel' && path.laterFragments === 'negotiate' && selectors.some(looksAtPorts) ? 'wanted' : 'not-wanted'
}

/** `[N(NON_FIRST_FRAGMENTS_ALSO)]` */
export const laterFragmentsPayloads = (word: LaterFragmentsWish | LaterFragments): readonly Payload[] =>
  word === 'wanted' || word === 'agreed' ? [notification(notify.NON_FIRST_FRAGMENTS_ALSO)] : []

/** RFC 7296 §1.3.1: enabled only if it is in both the request and the response. */
export const laterFragmentsOf = (ours: LaterFragmentsWish, payloads: readonly Payload[]): LaterFragments =>
  ours === 'wanted' && hasNotification(payloads, notify.NON_FIRST_FRAGMENTS_ALSO) ? 'agreed' : 'not-agreed'

/** ANY and OPAQUE are no ports. */
function looksAtPorts({ startPort, endPort }: TrafficSelector): boolean {
  return !(startPort === 0 && endPort === 0xffff) && !(startPort === 0xffff && endPort === 0)
}
