// The window is open: what waited becomes requests. RFC 7296 §2.3.
import { exchange } from '../../iana/exchanges.ts'
import type { Context } from '../context.ts'
import { isWindowOpen, sendRequest } from '../sa/exchange.ts'
import type { IkeSa, Intention, RequestPurpose } from '../sa/ike-sa.ts'
import { beginCreateChild } from './create-child.initiator.ts'
import { deletePayload } from './informational.ts'
import { beginIkeRekey } from './rekey-ike.initiator.ts'
import { windowNotification } from '../sa/window.ts'
import { limits } from '../limits.ts'
import { deleteIkeSa, startClosing } from '../sa/close.ts'
import { startIkeRekey } from '../sa/renewal.ts'
import type { Session } from '../sa/states.ts'

/** Sends as much as the window allows. */
export function sendWaiting(context: Context, sa: IkeSa): void {
  const { waiting, outstanding } = sa.requests
  endBeforeIds(context, sa)
  while (waiting.length > 0 && isWindowOpen(sa)) {
    const { state } = sa
    if (state.phase !== 'established' && state.phase !== 'contested' && state.phase !== 'closing') return
    const [next] = waiting
    if (next === undefined || outstanding.some(({ purpose }) => isAlone(purpose) || mustPrecede(purpose, next))) return
    waiting.shift()
    send(context, sa, state.session, next)
  }
}

/** RFC 7296 §2.2: an IKE SA whose Message IDs come to their end MUST be rekeyed or closed. */
function endBeforeIds(context: Context, sa: IkeSa): void {
  const { nextId } = sa.requests
  if (sa.state.phase !== 'established' || nextId < limits.messageIdsBeforeRekey) return
  if (nextId >= limits.lastMessageId) startClosing(context, sa)
  else startIkeRekey(sa)
}

/**
 * A rekey of the IKE SA waits for all that is out, since all of it may be about Child SAs (RFC 7296 §2.25.1). Its Delete waits for what may
 * have made something that is to be deleted as well; what else is out matters no more.
 */
const mustPrecede = ({ kind }: RequestPurpose, next: Intention): boolean =>
  next.kind === 'rekey-ike-sa' || (next.kind === 'delete-ike-sa' && (kind === 'create-child-sa' || kind === 'rekey-ike-sa'))

/** RFC 7296 §2.8: the Delete for the IKE SA is the last request. §1.3.2: while the IKE SA is rekeyed, no other exchanges are started. */
const isAlone = ({ kind }: Intention | RequestPurpose): boolean => kind === 'delete-ike-sa' || kind === 'rekey-ike-sa'

function send(context: Context, sa: IkeSa, session: Session, intention: Intention): void {
  switch (intention.kind) {
    case 'liveness':
      return sendRequest(context, sa, session, exchange.INFORMATIONAL, intention, [])
    case 'delete-ike-sa':
      return sendRequest(context, sa, session, exchange.INFORMATIONAL, intention, [deleteIkeSa])
    case 'announce-window':
      if (sa.state.phase !== 'established') return
      return sendRequest(context, sa, session, exchange.INFORMATIONAL, intention, windowNotification(sa, sa.state.established.connection))
    case 'disown-child-sa':
      return sendRequest(context, sa, session, exchange.INFORMATIONAL, intention, [deletePayload(intention.protocol, [intention.spi])])
    case 'create-child-sa':
      return beginCreateChild(context, sa, session, intention)
    case 'rekey-ike-sa':
      return beginIkeRekey(context, sa, session, intention)
    case 'delete-child-sa': {
      const child = sa.children.get(intention.child)
      if (child === undefined) return
      sendRequest(context, sa, session, exchange.INFORMATIONAL, intention, [deletePayload(child.suite.protocol, [child.inbound])])
    }
  }
}
