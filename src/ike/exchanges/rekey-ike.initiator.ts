// CREATE_CHILD_SA that rekeys the IKE SA, as initiator. RFC 7296 §1.3.2, §2.8, §2.8.2, §2.18.
import { toHex } from '../../bytes/bytes.ts'
import { failed, ok, type Result } from '../../bytes/result.ts'
import type { AfterFailedRekey } from '../../contract/events.ts'
import type { Fault } from '../../contract/faults.ts'
import type { Refusal } from '../../contract/refusal.ts'
import { ikeSpi } from '../../contract/units.ts'
import { ikeAlgorithms } from '../../crypto/suites.ts'
import { exchange } from '../../iana/exchanges.ts'
import { notify, notifyName } from '../../iana/notify.ts'
import { protocol } from '../../iana/protocols.ts'
import { checkAnswer, firstKeyExchange, ikeSuite, soleProposal, toWireProposals } from '../../policy/proposal-choice.ts'
import { sameIkeSuite } from '../../policy/same-suite.ts'
import type { KePayload, NoncePayload, NotifyPayload, Payload, SaPayload } from '../../wire/message.ts'
import { type Context, emit } from '../context.ts'
import { spiBytes } from '../nat-detection.ts'
import { firstError } from '../notifications.ts'
import { startClosing } from '../sa/close.ts'
import { isRedundant, lowestNonce } from '../sa/collisions.ts'
import { sendRequest } from '../sa/exchange.ts'
import type { IkeSa, RekeyIkeIntention } from '../sa/ike-sa.ts'
import { intendFirst } from '../sa/intend.ts'
import type { Established, IkeRekeyAttempt, Session } from '../sa/states.ts'
import { type AgreedIkeSa, inherit, makeSuccessor, outdo, settleContest } from '../sa/succession.ts'
import { noSpi, nonceLength } from './ike-sa-init.initiator.ts'
import { kePayload } from './key-agreement.ts'
import { nextGroup, postpone } from './retry.ts'

/** Nothing else of ours is out: all of it could be about Child SAs (RFC 7296 §2.25.1). */
export function beginIkeRekey(context: Context, sa: IkeSa, session: Session, intention: RekeyIkeIntention): void {
  if (sa.state.phase !== 'established') return
  const templates = sameIkeSuite(sa.state.established.connection.proposals, session.suite)
  const group = intention.groups.at(-1) ?? firstKeyExchange(templates) ?? session.suite.keyExchange.id
  const keyPair = context.provider.keyExchange(group)?.generate(context.random)
  if (keyPair === undefined) return
  const spi = context.newIkeSpi()
  const offered = toWireProposals(templates, protocol.IKE, spiBytes(spi))
  const attempt: IkeRekeyAttempt = { spi, offered, nonce: context.random(nonceLength), group, keyPair }
  sendRequest(context, sa, session, exchange.CREATE_CHILD_SA, { kind: 'rekey-ike-sa', intention, attempt }, [
    { kind: 'SA', critical: false, proposals: offered },
    { kind: 'NONCE', critical: false, nonce: attempt.nonce },
    kePayload(group, keyPair.publicValue),
  ])
}

export function onIkeRekeyResponse(
  context: Context,
  sa: IkeSa,
  session: Session,
  intention: RekeyIkeIntention,
  attempt: IkeRekeyAttempt,
  payloads: readonly Payload[],
): void {
  const error = firstError(payloads)
  if (error !== undefined) return onRefused(context, sa, intention, attempt, error)
  const agreed = agreedIkeSa(context, attempt, payloads)
  attempt.keyPair.privateKey.wipe()
  const { state } = sa
  if (!agreed.ok) {
    settleContest(context, sa)
    return tellFailure(context, sa, agreed.fault, undefined, startOver(context, sa))
  }
  const { nonceR, sharedSecret } = agreed.value
  const made = (established: Established): IkeSa => makeSuccessor(context, sa, session, established, agreed.value)
  switch (state.phase) {
    case 'established':
      inherit(context, sa, made(state.established))
      // RFC 7296 §2.8: the initiator deletes the old IKE SA.
      startClosing(context, sa)
      break
    case 'contested': {
      const own = made(state.established)
      if (isRedundant(lowestNonce(attempt.nonce, nonceR), state.heir.lowestNonce)) {
        // RFC 7296 §2.8.2: who created the redundant one deletes it; the other inherits, and the peer deletes the old one.
        settleContest(context, sa)
        startClosing(context, own)
        context.touch(own)
        break
      }
      outdo(context, sa)
      inherit(context, sa, own)
      startClosing(context, sa)
      break
    }
    case 'closing':
    case 'replaced':
      closeUnwanted(context, sa, session, agreed.value)
      break
    default:
  }
  sharedSecret.wipe()
}

/**
 * While the request was out we have begun to close the IKE SA, and the peer may have moved everything to the new one: that is closed as
 * well. Or the peer has chosen its own already.
 */
function closeUnwanted(context: Context, sa: IkeSa, session: Session, agreed: AgreedIkeSa): void {
  if ((sa.state.phase !== 'closing' && sa.state.phase !== 'replaced') || sa.state.established === undefined) return
  const own = makeSuccessor(context, sa, session, sa.state.established, agreed)
  startClosing(context, own)
  context.touch(own)
}

function agreedIkeSa(context: Context, attempt: IkeRekeyAttempt, payloads: readonly Payload[]): Result<AgreedIkeSa, Fault> {
  const answer = payloads.find((payload): payload is SaPayload => payload.kind === 'SA')
  const ke = payloads.find((payload): payload is KePayload => payload.kind === 'KE')
  const nonce = payloads.find((payload): payload is NoncePayload => payload.kind === 'NONCE')
  if (answer === undefined || ke === undefined || nonce === undefined) return failed(illegal('the answer lacks SA, KE or nonce'))
  const sole = soleProposal(answer.proposals)
  const chosen = sole.ok ? checkAnswer(sole.value, attempt.offered) : sole
  if (!chosen.ok) return failed(chosen.fault)
  const suite = ikeSuite(chosen.value)
  const responderSpi = ikeSpi(toHex(chosen.value.spi))
  if (chosen.value.spi.length !== 8 || responderSpi === noSpi) return failed(illegal('the SPI of the answer is not one of an IKE SA'))
  if (suite.keyExchange.id !== attempt.group || ke.method !== attempt.group)
    return failed(illegal('the answer is for another key exchange'))
  const algorithms = ikeAlgorithms(context.provider, suite)
  const sharedSecret = context.provider.keyExchange(attempt.group)?.agree(attempt.keyPair.privateKey, ke.publicValue)
  if (algorithms === undefined || sharedSecret === undefined) return failed(illegal("the peer's public value is not valid"))
  const { spi: initiatorSpi, nonce: nonceI } = attempt
  return ok({ role: 'initiator', suite, algorithms, initiatorSpi, responderSpi, nonceI, nonceR: nonce.nonce, sharedSecret })
}

function onRefused(context: Context, sa: IkeSa, intention: RekeyIkeIntention, attempt: IkeRekeyAttempt, error: NotifyPayload): void {
  attempt.keyPair.privateKey.wipe()
  const refusal: Refusal = {
    kind: 'notify',
    type: error.type,
    value: error.value,
    protected: 'protected',
    offered: sa.state.phase === 'established' ? sa.state.established.connection.proposals : [],
    selectors: undefined,
  }
  const fault: Fault = {
    family: 'peer',
    code: 'PEER_REFUSED',
    message: `the peer answered ${notifyName(error.type)} to the rekey of the IKE SA`,
    rfc: 'RFC 7296 §1.3.2',
  }
  if (sa.state.phase === 'contested') {
    // RFC 7296 §2.8.2: the peer did not see two rekeys at once, and has finished with its own.
    settleContest(context, sa)
    return tellFailure(context, sa, fault, refusal, 'superseded')
  }
  if (sa.state.phase !== 'established') return
  if (error.type === notify.INVALID_KE_PAYLOAD) {
    const groups = nextGroup(context, attempt.offered, attempt.group, intention.groups, error.value)
    if (groups !== undefined) return intendFirst(sa, { ...intention, groups })
  }
  if (error.type === notify.TEMPORARY_FAILURE) {
    tellFailure(context, sa, fault, refusal, 'retry')
    return postpone(context, sa, { ...intention, groups: [] })
  }
  tellFailure(context, sa, fault, refusal, startOver(context, sa))
}

/** RFC 7296 §2.8: where rekeying fails, new SAs are started from scratch: here before the old ones are closed. */
const startOver = (context: Context, sa: IkeSa): AfterFailedRekey => (context.reauthenticate(sa) === 'begun' ? 'start-over' : 'give-up')

function tellFailure(context: Context, sa: IkeSa, fault: Fault, refusal: Refusal | undefined, next: AfterFailedRekey): void {
  emit(context, { name: 'rekey-failed', ikeSa: sa.id, child: undefined, fault, refusal, next })
}

const illegal = (message: string): Fault => ({ family: 'peer', code: 'PEER_PROPOSAL_ILLEGAL', message, rfc: 'RFC 7296 §1.3.2' })
