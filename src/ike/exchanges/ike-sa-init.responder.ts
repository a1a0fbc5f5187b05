// IKE_SA_INIT as responder. RFC 7296 §1.2, §2.6, §2.7.
//
//   HDR(SPIi, 0), [N(COOKIE)], SAi1, KEi, Ni, N(NAT_DETECTION_*)  -->
//                                          <--  HDR(SPIi, SPIr), SAr1, KEr, Nr, N(NAT_DETECTION_*)
//                                          <--  or HDR(SPIi, 0), N(error)
//
// Cookies, limits and retransmissions are the endpoint's (`endpoint/`): what comes here is worth an IKE SA or an answer that refuses one.
import { failed, ok, type Result } from '../../bytes/result.ts'
import type { Role } from '../../contract/events.ts'
import type { Fault } from '../../contract/faults.ts'
import type { Refusal } from '../../contract/refusal.ts'
import type { IkeSpi } from '../../contract/units.ts'
import { ikeKeys } from '../../crypto/key-schedule.ts'
import { ikeAlgorithms } from '../../crypto/suites.ts'
import { notify } from '../../iana/notify.ts'
import { protocol } from '../../iana/protocols.ts'
import type { Connection } from '../../policy/connection.ts'
import { chooseProposal, ikeSuite } from '../../policy/proposal-choice.ts'
import { encodeMessage } from '../../wire/codec.ts'
import type { KePayload, Message, NoncePayload, NotifyPayload, Payload, SaPayload } from '../../wire/message.ts'
import type { Context } from '../context.ts'
import { detectNat, natDetectionPayloads } from '../nat-detection.ts'
import { invalidKe, notification } from '../notifications.ts'
import { type Arrival, header, labelsOf, type SentMessage } from '../sa/exchange.ts'
import { agreedFragmentation, fragmentationPayloads } from '../sa/fragmentation.ts'
import type { NatSituation } from '../sa/ike-sa.ts'
import type { ResponderAuth, Session } from '../sa/states.ts'
import { nonceLength } from './ike-sa-init.initiator.ts'

/** A half-open IKE SA in the making. */
export interface AnsweredInit {
  readonly answer: SentMessage
  readonly auth: ResponderAuth
  readonly session: Session
  readonly nat: NatSituation
}
export interface DeniedInit {
  /** What to say; `undefined` when RFC 7296 wants silence. */
  readonly notify: NotifyPayload | undefined
  readonly fault: Fault
  readonly refusal: Refusal | undefined
}

/** Decides about a request; `candidates` are the connections that may serve its sender. */
export function answerInit(
  context: Context,
  candidates: readonly Connection[],
  responderSpi: IkeSpi,
  message: Message,
  bytes: Uint8Array,
  arrival: Arrival,
): Result<AnsweredInit, DeniedInit> {
  const { payloads } = message
  const sa = payloads.find((payload): payload is SaPayload => payload.kind === 'SA')
  const ke = payloads.find((payload): payload is KePayload => payload.kind === 'KE')
  const nonce = payloads.find((payload): payload is NoncePayload => payload.kind === 'NONCE')
  if (sa === undefined || ke === undefined || nonce === undefined)
    return silence('PEER_PAYLOAD_MISSING', 'IKE_SA_INIT lacks SA, KE or nonce', '1.2')
  const choice = firstChoice(candidates, sa, ke.method)
  if (!choice.ok) return choice
  const { chosen, acceptable } = choice.value
  const suite = ikeSuite(chosen)
  if (suite.keyExchange.id !== ke.method)
    return denied(invalidKe(suite.keyExchange.id), keyExchangeRefusal(ke.method, suite.keyExchange.id))
  const algorithms = ikeAlgorithms(context.provider, suite)
  if (algorithms === undefined) return denied(notification(notify.NO_PROPOSAL_CHOSEN), undefined)
  const pair = algorithms.keyExchange.generate(context.random)
  const sharedSecret = algorithms.keyExchange.agree(pair.privateKey, ke.publicValue)
  pair.privateKey.wipe()
  if (sharedSecret === undefined) return silence('PEER_KEY_EXCHANGE_INVALID', "the peer's public value is not valid", '2.7')
  const nonceR = context.random(nonceLength)
  const spis = { initiatorSpi: message.header.initiatorSpi, responderSpi }
  const keys = ikeKeys(algorithms, { nonceI: nonce.nonce, nonceR, spiI: spis.initiatorSpi, spiR: spis.responderSpi, sharedSecret })
  sharedSecret.wipe()
  const wish = acceptable.some((connection) => connection.encapsulation === 'force') ? 'force' : 'when-needed'
  const found = detectNat(context.provider, message.header, arrival.local, arrival.remote, payloads)
  const fragmentation = agreedFragmentation(acceptable, payloads)
  const answers: readonly Payload[] = [
    { kind: 'SA', critical: false, proposals: [chosen.reply] },
    { kind: 'KE', critical: false, method: ke.method, publicValue: pair.publicValue },
    { kind: 'NONCE', critical: false, nonce: nonceR },
    ...natDetectionPayloads(context.provider, context.random, spis, arrival.local, arrival.remote, wish),
    // RFC 7383 §2.3: in the response, if the initiator said so too.
    ...(fragmentation === undefined ? [] : fragmentationPayloads(acceptable)),
    ...(acceptable.some(({ childless }) => childless !== 'never') ? [notification(notify.CHILDLESS_IKEV2_SUPPORTED)] : []),
  ]
  const answer = clearAnswer('responder', spis, message, answers)
  const [initResponse] = answer.pieces
  const encapsulated =
    found.supported === 'supported' && (wish === 'force' || found.local === 'behind-nat' || found.remote === 'behind-nat')
  return ok({
    answer,
    auth: { candidates: acceptable, nonceI: nonce.nonce.slice(), nonceR, initRequests: [bytes.slice()], initResponse },
    session: { suite, algorithms, keys, sealed: 0, fragmentation },
    nat: { local: found.local, remote: found.remote, encapsulation: encapsulated ? 'udp' : 'none' },
  })
}

/** An answer in clear, outside any IKE SA of ours. */
export function clearAnswer(
  role: Role,
  spis: { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi },
  request: Pick<Message, 'header'>,
  payloads: readonly Payload[],
): SentMessage & { readonly pieces: readonly [Uint8Array] } {
  const { exchangeType, messageId } = request.header
  const { initiatorSpi, responderSpi } = spis
  const bytes = encodeMessage({ header: header({ role, initiatorSpi, responderSpi }, exchangeType, messageId, 'response'), payloads })
  return { pieces: [bytes], exchangeType, role: 'response', messageId, labels: labelsOf(payloads) }
}

/** The first connection with an acceptable proposal chooses; those that would accept its choice stay candidates until identities are known. */
function firstChoice(candidates: readonly Connection[], sa: SaPayload, keyExchange: number) {
  let refusal: Refusal | undefined
  for (const connection of candidates) {
    const chosen = chooseProposal(sa.proposals, connection.proposals, protocol.IKE, keyExchange)
    if (!chosen.ok) {
      refusal ??= chosen.fault
      continue
    }
    const reply = [chosen.value.reply]
    const accepts = (other: Connection): boolean => chooseProposal(reply, other.proposals, protocol.IKE, keyExchange).ok
    const acceptable = candidates.filter((other) => other === connection || accepts(other))
    return ok({ chosen: chosen.value, acceptable })
  }
  return denied(notification(notify.NO_PROPOSAL_CHOSEN), refusal)
}

const keyExchangeRefusal = (got: number, wanted: number): Refusal => ({
  kind: 'key-exchange',
  got,
  wanted: [wanted],
  reason: 'group-not-accepted',
})

function denied(notifyPayload: NotifyPayload, refusal: Refusal | undefined): { readonly ok: false; readonly fault: DeniedInit } {
  const fault: Fault = { family: 'policy', code: 'POLICY_NO_PROPOSAL_CHOSEN', message: 'no proposal for the IKE SA is acceptable' }
  return failed({ notify: notifyPayload, fault, refusal })
}

/** RFC 7296 §3.10.1: INVALID_SYNTAX is only for messages whose integrity was checked, so a malformed request in clear gets no answer. */
function silence(
  code: 'PEER_PAYLOAD_MISSING' | 'PEER_KEY_EXCHANGE_INVALID',
  message: string,
  section: string,
): { readonly ok: false; readonly fault: DeniedInit } {
  return failed({ notify: undefined, fault: { family: 'peer', code, message, rfc: `RFC 7296 §${section}` }, refusal: undefined })
}
