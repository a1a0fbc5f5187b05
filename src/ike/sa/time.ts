// What an IKE SA does when time passes: retransmission, giving up, operations that nobody answers, liveness, NAT keepalives.
// RFC 7296 §2.1, §2.4; RFC 3948 §4.
import { earliest, type Instant, later } from '../../contract/units.ts'
import type { Context } from '../context.ts'
import { followCookie, giveUpAttempt } from '../exchanges/ike-sa-init.initiator.ts'
import { onUnanswered } from '../exchanges/unanswered.ts'
import { timers } from '../timers.ts'
import { failIkeSa, forget, startClosing } from './close.ts'
import { retransmit } from './exchange.ts'
import { intend } from './intend.ts'
import { isInForce, lifetimeDue, onLifetime } from './renewal.ts'
import type { IkeSa, OutstandingRequest } from './ike-sa.ts'
import { dropExpired, isAnsweredInPart, reassemblyDue } from './reassembly.ts'

/** When to call `onTime`; `undefined` when nothing is waited for. */
export function deadlineOf(sa: IkeSa): Instant | undefined {
  const timed = earliest(earliest(livenessDue(sa), keepaliveDue(sa)), reassemblyDue(sa))
  const own = earliest(earliest(retransmissionDue(sa), stateDeadline(sa)), timed)
  return isInForce(sa) ? earliest(own, lifetimeDue(sa)) : own
}

/** Does all that is due at `context.now`; nothing is due then any more. */
export function onTime(context: Context, sa: IkeSa): void {
  const { now } = context
  const { state } = sa
  const due = stateDeadline(sa)
  if (due !== undefined && due <= now) {
    if (state.phase === 'init-sent') return giveUpAttempt(context, sa, state.attempt)
    if ('operation' in state) return onUnanswered(context, sa, state)
    if (state.phase === 'replaced' && state.because === 'inherited') return startClosing(context, sa)
    return forget(context, sa, 'failure')
  }
  for (const request of sa.requests.outstanding) {
    if (request.nextAt > now) continue
    if (state.phase === 'init-sent' && state.attempt.spareCookie !== undefined)
      return followCookie(context, sa, state.attempt, state.attempt.spareCookie)
    if (request.transmissions - request.startedOver > timers.retransmitTimes) return giveUp(context, sa, request)
    retransmit(context, sa, request)
  }
  dropExpired(context, sa)
  const liveness = livenessDue(sa)
  if (liveness !== undefined && liveness <= now) intend(sa, { kind: 'liveness' })
  const keepalive = keepaliveDue(sa)
  if (keepalive !== undefined && keepalive <= now) sendKeepalive(context, sa)
  if (isInForce(sa)) onLifetime(context, sa)
}

/** RFC 7296 §2.4: a peer that leaves repeated attempts unanswered has failed, and its SAs go. */
function giveUp(context: Context, sa: IkeSa, request: OutstandingRequest): void {
  if (sa.state.phase === 'closing') return forget(context, sa, 'us')
  const { exchangeType } = request.message
  failIkeSa(
    context,
    sa,
    { family: 'peer', code: 'PEER_SILENT', message: `no answer to ${request.transmissions} transmissions`, rfc: 'RFC 7296 §2.4' },
    {
      kind: 'silence',
      exchangeType,
      transmissions: request.transmissions,
      elapsed: context.now - request.firstSent,
      remote: sa.path.remote,
      heardFrom: sa.heardFrom,
      hint: isAnsweredInPart(sa, request.message.messageId) ? 'answered-in-part' : request.hint,
    },
  )
}

function retransmissionDue({ requests }: IkeSa): Instant | undefined {
  return requests.outstanding.reduce<Instant | undefined>((first, { nextAt }) => earliest(first, nextAt), undefined)
}

function stateDeadline(sa: IkeSa): Instant | undefined {
  const { state } = sa
  if (state.phase === 'init-sent') return state.attempt.doubt?.until
  if (state.phase === 'init-answered' || state.phase === 'replaced') return state.expires
  if ('operation' in state) return later(state.operation.since, timers.operationPatience)
  return undefined
}

function livenessDue(sa: IkeSa): Instant | undefined {
  if (sa.state.phase !== 'established' || sa.requests.outstanding.length > 0) return undefined
  const { livenessDelay } = sa.state.established.connection
  return livenessDelay === undefined ? undefined : later(sa.lastReceived, livenessDelay)
}

/** RFC 3948 §4: sent by the peer that is behind the NAT, when it has sent nothing else for a while. */
function keepaliveDue(sa: IkeSa): Instant | undefined {
  const { state, path } = sa
  if (state.phase !== 'established' && state.phase !== 'contested') return undefined
  const { keepaliveInterval } = state.established.connection
  if (keepaliveInterval === undefined || path.channel !== 'nat-t' || path.nat.local === 'no-nat') return undefined
  return later(sa.lastSent, keepaliveInterval)
}

function sendKeepalive(context: Context, sa: IkeSa): void {
  sa.lastSent = context.now
  const { channel, local, remote } = sa.path
  context.out.push({ kind: 'send', datagram: { channel, local, remote, bytes: Uint8Array.of(0xff) } })
}
