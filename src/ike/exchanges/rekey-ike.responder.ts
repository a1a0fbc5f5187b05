// CREATE_CHILD_SA that rekeys the IKE SA, as responder. RFC 7296 §1.3.2, §2.8.2, §2.18.
//
//   HDR, SK{SA, Ni, KEi}  -->
//                                          <--  HDR, SK{SA, Nr, KEr}, or SK{N(error)}
import { ikeSpi } from '../../contract/units.ts'
import { toHex } from '../../bytes/bytes.ts'
import type { Refusal } from '../../contract/refusal.ts'
import { ikeAlgorithms } from '../../crypto/suites.ts'
import { notify } from '../../iana/notify.ts'
import { protocol } from '../../iana/protocols.ts'
import { chooseProposal, ikeSuite } from '../../policy/proposal-choice.ts'
import type { KePayload, NoncePayload, Payload, SaPayload } from '../../wire/message.ts'
import { type Context, emit } from '../context.ts'
import { spiBytes } from '../nat-detection.ts'
import { invalidKe, notification } from '../notifications.ts'
import { failAndLinger } from '../sa/close.ts'
import { isRekeyingIke, lowestNonce } from '../sa/collisions.ts'
import { type IkeSa, transition } from '../sa/ike-sa.ts'
import type { Session } from '../sa/states.ts'
import { makeSuccessor, yieldTo } from '../sa/succession.ts'
import { noSpi, nonceLength } from './ike-sa-init.initiator.ts'
import { agree, kePayload } from './key-agreement.ts'

/** The request may be granted as far as other exchanges are concerned. */
export function answerIkeRekey(
  context: Context,
  sa: IkeSa,
  session: Session,
  payloads: readonly Payload[],
  respond: (answers: readonly Payload[]) => void,
): void {
  if (sa.state.phase !== 'established') return respond([notification(notify.TEMPORARY_FAILURE)])
  const { established } = sa.state
  const offer = payloads.find((payload): payload is SaPayload => payload.kind === 'SA')
  const ke = payloads.find((payload): payload is KePayload => payload.kind === 'KE')
  const nonce = payloads.find((payload): payload is NoncePayload => payload.kind === 'NONCE')
  // RFC 7296 §1.3.2: the KEi payload MUST be included.
  if (offer === undefined || ke === undefined || nonce === undefined)
    return refuseFatally(context, sa, session, respond, 'lacks SA, KE or nonce')
  const chosen = chooseProposal(offer.proposals, established.connection.proposals, protocol.IKE, ke.method)
  if (!chosen.ok) return refuse(context, sa, respond, chosen.fault)
  const suite = ikeSuite(chosen.value)
  if (suite.keyExchange.id !== ke.method) return respond([invalidKe(suite.keyExchange.id)])
  const initiatorSpi = ikeSpi(toHex(chosen.value.spi))
  // RFC 7296 §3.3.1: 8 octets; §3.1: an SPI MUST NOT be zero.
  if (chosen.value.spi.length !== 8 || initiatorSpi === noSpi) return refuse(context, sa, respond, undefined)
  const algorithms = ikeAlgorithms(context.provider, suite)
  if (algorithms === undefined) return refuse(context, sa, respond, undefined)
  const agreement = agree(context, ke)
  if (agreement === 'invalid') return refuseFatally(context, sa, session, respond, 'has a public value that is not valid')
  const nonceR = context.random(nonceLength)
  const responderSpi = context.newIkeSpi()
  const heir = makeSuccessor(context, sa, session, established, {
    role: 'responder',
    suite,
    algorithms,
    initiatorSpi,
    responderSpi,
    nonceI: nonce.nonce,
    nonceR,
    sharedSecret: agreement.sharedSecret,
  })
  agreement.sharedSecret.wipe()
  respond([
    { kind: 'SA', critical: false, proposals: [{ ...chosen.value.reply, spi: spiBytes(responderSpi) }] },
    { kind: 'NONCE', critical: false, nonce: nonceR },
    kePayload(ke.method, agreement.publicValue),
  ])
  if (!isRekeyingIke(sa)) return yieldTo(context, sa, heir)
  // RFC 7296 §2.8.2: which of the two inherits will be seen when ours is answered.
  transition(sa, {
    phase: 'contested',
    session,
    established,
    heir: { ikeSa: heir.id, lowestNonce: lowestNonce(nonce.nonce, nonceR) },
  })
}

function refuse(context: Context, sa: IkeSa, respond: (answers: readonly Payload[]) => void, refusal: Refusal | undefined): void {
  respond([notification(notify.NO_PROPOSAL_CHOSEN)])
  emit(context, {
    name: 'rekey-failed',
    ikeSa: sa.id,
    child: undefined,
    fault: { family: 'policy', code: 'POLICY_NO_PROPOSAL_CHOSEN', message: 'no proposal for the new IKE SA is acceptable' },
    refusal,
    next: 'give-up',
  })
}

function refuseFatally(context: Context, sa: IkeSa, session: Session, respond: (answers: readonly Payload[]) => void, what: string): void {
  respond([notification(notify.INVALID_SYNTAX)])
  const message = `the request to rekey the IKE SA ${what}`
  failAndLinger(context, sa, session, { family: 'peer', code: 'PEER_PAYLOAD_MISSING', message, rfc: 'RFC 7296 §1.3.2' }, undefined)
}
