// From the messages of IKE_SA_INIT and the private keys of both sides to the keys of the IKE SA. RFC 7296 §1.2, §2.7, §2.14.
import { equal } from '../../bytes/bytes.ts'
import { failed, ok, type Result } from '../../bytes/result.ts'
import type { Secret } from '../../bytes/secret.ts'
import { expandIkeKeys, type IkeKeys, skeyseed } from '../../crypto/key-schedule.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { type IkeAlgorithms, ikeAlgorithms } from '../../crypto/suites.ts'
import type { IkeSuite } from '../../contract/transforms.ts'
import { exchange } from '../../iana/exchanges.ts'
import { protocol } from '../../iana/protocols.ts'
import { checkAnswer, ikeSuite, soleProposal } from '../../policy/proposal-choice.ts'
import { isResponse } from '../../wire/flags.ts'
import type { Payload } from '../../wire/message.ts'
import { dangerHex, dangerKeyPair } from '../danger-octets.ts'
import { type Answer, invalid, unimplemented } from '../vector.ts'
import type { SentMessage } from './datagrams.ts'

export interface RetracedIkeSa {
  readonly request: SentMessage
  readonly response: SentMessage
  readonly suite: IkeSuite
  readonly algorithms: IkeAlgorithms
  readonly nonceI: Uint8Array
  readonly nonceR: Uint8Array
  /** In hexadecimal. */
  readonly sharedSecret: string
  readonly skeyseed: string
  readonly keys: IkeKeys
}

export interface PrivateKeys {
  readonly privateKeyI: Secret
  readonly privateKeyR: Secret
}

export function retraceIkeSa(
  provider: CryptoProvider,
  messages: readonly SentMessage[],
  privateKeys: PrivateKeys,
): Result<RetracedIkeSa, Answer> {
  const initMessages = messages.filter(({ message }) => message.header.exchangeType === exchange.IKE_SA_INIT)
  // RFC 7296 §2.6, §2.7: what went before the answer with a proposal, and the request before it, is done with.
  const response = initMessages.find(({ message }) => isResponse(message.header.flags) && payloadOf(message.payloads, 'SA') !== undefined)
  const before = response === undefined ? [] : initMessages.slice(0, initMessages.indexOf(response))
  const request = before.findLast(({ message }) => !isResponse(message.header.flags))
  if (request === undefined || response === undefined) return failed(invalid('ike', 'IKE_SA_INIT'))
  const [asked, answered] = [initPayloads(request), initPayloads(response)]
  if (asked === undefined || answered === undefined) return failed(invalid('ike', 'IKE_SA_INIT'))
  const sole = soleProposal(answered.sa.proposals)
  const chosen = sole.ok ? checkAnswer(sole.value, asked.sa.proposals) : sole
  if (!chosen.ok || chosen.value.protocol !== protocol.IKE) return failed(invalid('ike', 'IKE_SA_INIT.SA'))
  const suite = ikeSuite(chosen.value)
  const algorithms = ikeAlgorithms(provider, suite)
  if (algorithms === undefined) return failed(unimplemented(`${provider.name} has no such suite`))
  const { keyExchange } = algorithms
  if (asked.ke.method !== keyExchange.id || answered.ke.method !== keyExchange.id) return failed(invalid('ike', 'IKE_SA_INIT.KE'))
  const pairI = dangerKeyPair(keyExchange, privateKeys.privateKeyI)
  if (pairI === undefined || !equal(pairI.publicValue, asked.ke.publicValue)) return failed(invalid('crypto', 'privateKeyI'))
  const pairR = dangerKeyPair(keyExchange, privateKeys.privateKeyR)
  if (pairR === undefined || !equal(pairR.publicValue, answered.ke.publicValue)) return failed(invalid('crypto', 'privateKeyR'))
  const secret = keyExchange.agree(pairI.privateKey, answered.ke.publicValue)
  if (secret === undefined) return failed(invalid('crypto', 'IKE_SA_INIT.KE'))
  const nonces = { nonceI: asked.nonce.nonce, nonceR: answered.nonce.nonce }
  const seed = skeyseed(algorithms.prf, nonces.nonceI, nonces.nonceR, secret)
  const spis = { spiI: response.message.header.initiatorSpi, spiR: response.message.header.responderSpi }
  return ok({
    request,
    response,
    suite,
    algorithms,
    ...nonces,
    sharedSecret: dangerHex(secret),
    skeyseed: dangerHex(seed),
    keys: expandIkeKeys(algorithms, seed, { ...nonces, ...spis }),
  })
}

/** The first payload of a kind. */
export function payloadOf<K extends Payload['kind']>(payloads: readonly Payload[], kind: K): Extract<Payload, { kind: K }> | undefined {
  return payloads.find((payload): payload is Extract<Payload, { kind: K }> => payload.kind === kind)
}

function initPayloads({ message: { payloads } }: SentMessage) {
  const [sa, ke, nonce] = [payloadOf(payloads, 'SA'), payloadOf(payloads, 'KE'), payloadOf(payloads, 'NONCE')]
  return sa === undefined || ke === undefined || nonce === undefined ? undefined : { sa, ke, nonce }
}
