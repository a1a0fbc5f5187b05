// What is inside the Encrypted payloads of a negotiation, and whether AUTH of both sides is right. RFC 7296 §2.15, §3.14.
import { equalConstantTime, toHex } from '../../bytes/bytes.ts'
import { failed, ok, type Result } from '../../bytes/result.ts'
import type { Secret } from '../../bytes/secret.ts'
import type { Role } from '../../contract/events.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { sharedKeyMac } from '../../crypto/suites.ts'
import { exchange } from '../../iana/exchanges.ts'
import { initiatorSignedOctets, responderSignedOctets } from '../../ike/auth/signed-octets.ts'
import { openMessage } from '../../ike/sa/protect.ts'
import { isFromInitiator } from '../../wire/flags.ts'
import type { Payload } from '../../wire/message.ts'
import { type Answer, invalid } from '../vector.ts'
import type { SentMessage } from './datagrams.ts'
import { payloadOf, type RetracedIkeSa } from './ike-sa.ts'

export interface OpenedMessage {
  readonly from: Role
  readonly exchangeType: number
  readonly payloads: readonly Payload[]
}

export function openAll(ikeSa: RetracedIkeSa, messages: readonly SentMessage[]): Result<readonly OpenedMessage[], Answer> {
  const opened: OpenedMessage[] = []
  for (const { from, bytes, message } of messages) {
    const { exchangeType, flags } = message.header
    if (exchangeType === exchange.IKE_SA_INIT) continue
    const field = `messages[${opened.length}]`
    const sk = payloadOf(message.payloads, 'SK')
    if (sk === undefined) return failed(invalid('ike', `${field}.SK`))
    const inner = openMessage({ ...ikeSa, sealed: 0 }, isFromInitiator(flags) ? 'initiator' : 'responder', bytes, sk)
    if (!inner.ok) {
      const { fault } = inner
      return failed(fault.family === 'wire' ? invalid('wire', `${field}.${fault.field}`) : invalid('integrity', `${field}.SK`))
    }
    opened.push({ from, exchangeType, payloads: inner.value })
  }
  return ok(opened)
}

/** In hexadecimal. */
export interface RetracedAuth {
  readonly signedOctets: string
  readonly auth: string
}

export function retraceAuth(
  provider: CryptoProvider,
  ikeSa: RetracedIkeSa,
  opened: readonly OpenedMessage[],
  sharedSecret: Secret,
  role: Role,
): Result<RetracedAuth, Answer> {
  const payloads = authPayloads(opened, role)
  const id = payloadOf(payloads, role === 'initiator' ? 'IDi' : 'IDr')
  const authentication = payloadOf(payloads, 'AUTH')
  if (id === undefined || authentication === undefined) return failed(invalid('ike', 'IKE_AUTH'))
  const signed =
    role === 'initiator'
      ? initiatorSignedOctets(ikeSa, ikeSa.request.bytes, ikeSa.nonceR, id)
      : responderSignedOctets(ikeSa, ikeSa.response.bytes, ikeSa.nonceI, id)
  const auth = sharedKeyMac(provider, ikeSa.suite.prf.id, sharedSecret, signed)
  if (!equalConstantTime(auth, authentication.value)) return failed(invalid('integrity', `${role}.auth`))
  return ok({ signedOctets: toHex(signed), auth: toHex(auth) })
}

/** Of the IKE_AUTH message of `role`; none where there is no such message. */
export const authPayloads = (opened: readonly OpenedMessage[], role: Role): readonly Payload[] =>
  opened.find(({ from, exchangeType }) => from === role && exchangeType === exchange.IKE_AUTH)?.payloads ?? []
