// CREATE_CHILD_SA as responder: a new Child SA, a rekey of one, or a rekey of the IKE SA. RFC 7296 §1.3, §2.8, §2.25.
import { u32 } from '../../bytes/bytes.ts'
import type { Fault } from '../../contract/faults.ts'
import { later } from '../../contract/units.ts'
import { exchange } from '../../iana/exchanges.ts'
import { notify } from '../../iana/notify.ts'
import { protocol } from '../../iana/protocols.ts'
import type { KePayload, NoncePayload, NotifyPayload, Payload, SaPayload } from '../../wire/message.ts'
import { type Asking, grantChild, grantPayloads } from '../child/child-answer.ts'
import { type ChildSa, prepareChild } from '../child/child-sa.ts'
import { type Context, emit } from '../context.ts'
import { invalidKe, notification, notifications } from '../notifications.ts'
import { failAndLinger } from '../sa/close.ts'
import { isRekeyingChild, judgeChildRekey, judgeIkeRekey, judgeNewChild, lowestNonce, type Verdict } from '../sa/collisions.ts'
import { type Arrival, answer } from '../sa/exchange.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import type { Established, Session } from '../sa/states.ts'
import { noteChoice } from '../sa/succession.ts'
import { timers } from '../timers.ts'
import { nonceLength } from './ike-sa-init.initiator.ts'
import { agree, kePayload } from './key-agreement.ts'
import { answerIkeRekey } from './rekey-ike.responder.ts'

/** A request of the peer's, decrypted. */
export function onCreateChildSaRequest(
  context: Context,
  sa: IkeSa,
  session: Session,
  arrival: Arrival,
  messageId: number,
  payloads: readonly Payload[],
): void {
  const respond = (answers: readonly Payload[]): void => answer(context, sa, session, arrival, exchange.CREATE_CHILD_SA, messageId, answers)
  const proposals = payloads.find((payload): payload is SaPayload => payload.kind === 'SA')?.proposals ?? []
  noteChoice(context, sa)
  if (proposals.some((proposal) => proposal.protocol === protocol.IKE)) {
    const verdict = judgeIkeRekey(sa, sa.replaces === undefined ? undefined : context.ikeSaById(sa.replaces))
    if (verdict !== 'grant') return respond([refusalOf(verdict)])
    return answerIkeRekey(context, sa, session, payloads, respond)
  }
  const rekey = notifications(payloads, notify.REKEY_SA)[0]
  const old = rekey === undefined ? undefined : namedChild(sa, rekey)
  const verdict = rekey === undefined ? judgeNewChild(sa) : judgeChildRekey(sa, old)
  if (verdict !== 'grant') return respond([refusalOf(verdict, rekey)])
  const { state } = sa
  if (state.phase !== 'established' && state.phase !== 'contested') return respond([refusalOf('TEMPORARY_FAILURE')])
  const granted = createChild(context, sa, session, state.established, payloads, old)
  if (granted.kind === 'fatal') {
    respond([notification(notify.INVALID_SYNTAX)])
    return failAndLinger(context, sa, session, granted.fault, undefined)
  }
  respond(granted.payloads)
  if (granted.kind === 'granted') granted.announce()
}

type Outcome =
  | { readonly kind: 'granted'; readonly payloads: readonly Payload[]; readonly announce: () => void }
  | { readonly kind: 'refused'; readonly payloads: readonly Payload[] }
  | { readonly kind: 'fatal'; readonly fault: Fault }

function createChild(
  context: Context,
  sa: IkeSa,
  session: Session,
  { connection }: Established,
  payloads: readonly Payload[],
  old: ChildSa | undefined,
): Outcome {
  const nonce = payloads.find((payload): payload is NoncePayload => payload.kind === 'NONCE')
  const ke = payloads.find((payload): payload is KePayload => payload.kind === 'KE')
  if (nonce === undefined) return fatal('a CREATE_CHILD_SA request without a nonce', '1.3')
  const keyExchange = ke?.method
  const asking: Asking = old === undefined ? { kind: 'create-child-sa', keyExchange } : { kind: 'rekey', keyExchange, old }
  const granted = grantChild(context, sa, connection, payloads, asking)
  if (!granted.ok) {
    const { fault, refusal, notify: type } = granted.fault
    if (old === undefined)
      emit(context, { name: 'child-sa-failed', ikeSa: sa.id, child: undefined, connection: connection.name, fault, refusal })
    else emit(context, { name: 'rekey-failed', ikeSa: sa.id, child: old.id, fault, refusal, next: 'give-up' })
    return { kind: 'refused', payloads: [notification(type)] }
  }
  const group = granted.value.keyExchange
  if (group !== undefined && group !== keyExchange) return { kind: 'refused', payloads: [invalidKe(group)] }
  const agreement = group === undefined || ke === undefined ? undefined : agree(context, ke)
  if (agreement === 'invalid') return fatal("the peer's public value is not valid", '2.7')
  const inbound = context.newSpi()
  const nonceR = context.random(nonceLength)
  const prepared = prepareChild(context, sa, session, {
    ...granted.value,
    id: context.newChildId(),
    role: 'responder',
    connection,
    inbound,
    replaces: old?.id,
    nonceI: nonce.nonce,
    nonceR,
    sharedSecret: agreement?.sharedSecret,
  })
  agreement?.sharedSecret.wipe()
  if (prepared === undefined) {
    context.releaseSpi(inbound)
    return { kind: 'refused', payloads: [notification(notify.NO_PROPOSAL_CHOSEN)] }
  }
  // RFC 7296 §2.8: ready to receive before the answer goes out.
  prepared.installInbound()
  if (old !== undefined) noteSuccessor(context, sa, old, prepared.child, lowestNonce(nonce.nonce, nonceR))
  const fresh: readonly Payload[] = [
    { kind: 'NONCE', critical: false, nonce: nonceR },
    ...(agreement === undefined || group === undefined ? [] : [kePayload(group, agreement.publicValue)]),
  ]
  return { kind: 'granted', payloads: grantPayloads(granted.value, inbound, fresh), announce: () => prepared.holdOutbound() }
}

/** RFC 7296 §2.8.1: while our own rekey of it is out, which one stays will be seen when that is answered. */
function noteSuccessor(context: Context, sa: IkeSa, old: ChildSa, child: ChildSa, lowest: Uint8Array): void {
  old.successor = { child: child.id, lowestNonce: lowest }
  old.rekeyAt = undefined
  if (!isRekeyingChild(sa, old)) old.life = { kind: 'replaced', until: later(context.now, timers.replacedPatience) }
}

/** RFC 7296 §2.25: CHILD_SA_NOT_FOUND names the SA as the request did. */
function refusalOf(verdict: Exclude<Verdict, 'grant'>, rekey?: NotifyPayload): NotifyPayload {
  const refusal = notification(notify[verdict])
  if (verdict !== 'CHILD_SA_NOT_FOUND' || rekey === undefined) return refusal
  return { ...refusal, protocol: rekey.protocol, spi: rekey.spi }
}

/** RFC 7296 §1.3.3: the SPI is the one that the peer receives with, and so the one that we send with. */
function namedChild(sa: IkeSa, rekey: NotifyPayload): ChildSa | undefined {
  if (rekey.spi.length !== 4) return undefined
  const spi = u32(rekey.spi, 0)
  return [...sa.children.values()].find((child) => child.outbound === spi && child.suite.protocol === rekey.protocol)
}

const fatal = (message: string, section: string): Outcome => ({
  kind: 'fatal',
  fault: { family: 'peer', code: 'PEER_PAYLOAD_MISSING', message, rfc: `RFC 7296 §${section}` },
})
