// The window is open: what waited becomes requests. RFC 7296 §2.3.
import { exchange } from '../../iana/exchanges.ts'
import type { Context } from '../context.ts'
import { isWindowOpen, sendRequest } from '../sa/exchange.ts'
import type { IkeSa, Intention } from '../sa/ike-sa.ts'
import { deletePayload } from './informational.ts'
import { deleteIkeSa } from '../sa/close.ts'
import type { Session } from '../sa/states.ts'

/** Sends as much as the window allows. */
export function sendWaiting(context: Context, sa: IkeSa): void {
  const { waiting } = sa.requests
  while (waiting.length > 0 && isWindowOpen(sa)) {
    const { state } = sa
    if (state.phase !== 'established' && state.phase !== 'closing') return
    const [next] = waiting
    // RFC 7296 §2.8: the Delete for the IKE SA is the last request; what is out before it is answered first.
    if (next === undefined || (next.kind === 'delete-ike-sa' && sa.requests.outstanding.length > 0)) return
    waiting.shift()
    send(context, sa, state.session, next)
  }
}

function send(context: Context, sa: IkeSa, session: Session, intention: Intention): void {
  switch (intention.kind) {
    case 'liveness':
      return sendRequest(context, sa, session, exchange.INFORMATIONAL, intention, [])
    case 'delete-ike-sa':
      return sendRequest(context, sa, session, exchange.INFORMATIONAL, intention, [deleteIkeSa])
    case 'delete-child-sa': {
      const child = sa.children.get(intention.child)
      if (child !== undefined) sendRequest(context, sa, session, exchange.INFORMATIONAL, intention, [deletePayload([child])])
    }
  }
}
