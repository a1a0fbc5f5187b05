// How many requests at once: SET_WINDOW_SIZE. RFC 7296 §2.3.
import { putU32, u32 } from '../../bytes/bytes.ts'
import { notify } from '../../iana/notify.ts'
import type { Connection } from '../../policy/connection.ts'
import type { NotifyPayload, Payload } from '../../wire/message.ts'
import { limits } from '../limits.ts'
import { notification, notifications } from '../notifications.ts'
import type { IkeSa } from './ike-sa.ts'
import { intend } from './intend.ts'

/** We keep our word from the moment that we give it: what is said in a request or an answer holds for who hears it. */
export function windowNotification(sa: IkeSa, { windowSize }: Connection): readonly NotifyPayload[] {
  if (windowSize <= 1) return []
  sa.responses.size = Math.min(windowSize, limits.window)
  const value = new Uint8Array(4)
  putU32(value, 0, sa.responses.size)
  return [notification(notify.SET_WINDOW_SIZE, value)]
}

/** RFC 7296 §2.3: a window can only grow; one of zero would be none. */
export function hearWindow(sa: IkeSa, payloads: readonly Payload[]): void {
  for (const { value } of notifications(payloads, notify.SET_WINDOW_SIZE)) {
    if (value.length === 4) sa.requests.size = Math.max(sa.requests.size, Math.min(u32(value, 0), limits.window))
  }
}

/** RFC 7296 §2.3: an IKE SA that was made by a rekey starts with a window of 1 again. */
export function intendWindow(sa: IkeSa, { windowSize }: Connection): void {
  if (windowSize > 1) intend(sa, { kind: 'announce-window' })
}
