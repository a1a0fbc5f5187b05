// The Encrypted payload in its message. RFC 7296 §3.14, RFC 5282 §3 to §5, RFC 5930 §2, RFC 7634 §2.
import * as z from 'zod'
import { toHex, u32 } from '../../bytes/bytes.ts'
import type { Fault } from '../../contract/faults.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { messageAlgorithms } from '../../crypto/suites.ts'
import { openMessage, type Protection, sealMessage } from '../../ike/sa/protect.ts'
import { decodeMessage, decodePayloads, encodePayloads } from '../../wire/codec.ts'
import { isFromInitiator } from '../../wire/flags.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, ikeSpi, key, octets } from '../shapes/basic.ts'
import { protectionSuite } from '../shapes/suite.ts'
import { type Answer, invalid, outputs, unimplemented } from '../vector.ts'

const common = {
  suite: protectionSuite,
  /** Of both directions: the Initiator flag of the message says which (RFC 7296 §2.14). */
  skEi: key,
  skEr: key,
  skAi: key.optional(),
  skAr: key.optional(),
}
const octet = z.int().min(0).max(255)
const messageId = z.int().min(0).max(0xffff_ffff)
/** RFC 7296 §3.1: the initiator's SPI is not zero. */
const initiatorSpi = ikeSpi.refine((spi) => /[^0]/.test(spi), 'not zero')

const seal = z.strictObject({
  operation: z.literal('seal'),
  ...common,
  iv: octets,
  header: z.strictObject({ initiatorSpi, responderSpi: ikeSpi, exchangeType: octet, flags: octet, messageId }),
  /** The type of the first payload inside; 0 where there is none. */
  firstPayload: octet,
  /** What is to be inside: whole payloads. */
  payloads: octets,
})

export const skPayload: Kind = kind({
  name: 'sk-payload',
  title: 'A message whose payloads are encrypted: opened, or sealed with no more padding than is needed, all of it zeros',
  rfc: 'RFC 7296 §3.14; RFC 5282 §3 to §5; RFC 5930 §2; RFC 7634 §2',
  inputs: z.discriminatedUnion('operation', [seal, z.strictObject({ operation: z.literal('open'), ...common, message: octets })]),
  outputs: z.strictObject({ message: hex.optional(), firstPayload: octet.optional(), payloads: hex.optional() }),
  answer(provider, inputs) {
    const protection = protectionFor(provider, inputs)
    if (protection === 'none') return unimplemented(`${provider.name} has no such suite`)
    if ('kind' in protection) return protection
    return inputs.operation === 'seal' ? sealed(protection, inputs) : opened(protection, inputs.message)
  },
})

type Common = z.infer<typeof seal>

function protectionFor(provider: CryptoProvider, inputs: Pick<Common, keyof typeof common>): Protection | Answer | 'none' {
  const algorithms = messageAlgorithms(provider, inputs.suite)
  if (algorithms === undefined) return 'none'
  const { skEi, skEr, skAi, skAr } = inputs
  const { encryption, integrity } = algorithms
  if (skEi.length !== encryption.keyLength) return invalid('crypto', 'skEi')
  if (skEr.length !== encryption.keyLength) return invalid('crypto', 'skEr')
  if (skAi?.length !== integrity?.keyLength) return invalid('crypto', 'skAi')
  if (skAr?.length !== integrity?.keyLength) return invalid('crypto', 'skAr')
  return { algorithms, keys: { skEi, skEr, skAi, skAr }, sealed: 0 }
}

function opened(protection: Protection, message: Uint8Array): Answer {
  const decoded = decodeMessage(message)
  if (!decoded.ok) return refused(decoded.fault)
  const { header, payloads } = decoded.value
  const sk = payloads.find((payload) => payload.kind === 'SK')
  if (sk?.kind !== 'SK') return invalid('ike', 'SK')
  const inner = openMessage(protection, isFromInitiator(header.flags) ? 'initiator' : 'responder', message, sk)
  if (!inner.ok) return refused(inner.fault)
  const encoded = encodePayloads(inner.value)
  return outputs({ firstPayload: encoded.firstType, payloads: toHex(encoded.bytes) })
}

/** What cannot be verified says no more than that: nothing in it is to be believed. */
const refused = (fault: Fault): Answer => (fault.family === 'wire' ? invalid('wire', fault.field) : invalid('integrity', 'SK'))

/** What fits into the length fields, with IV, padding and ICV. */
const mostOctets = 65_000

function sealed(protection: Protection, { header, iv, firstPayload, payloads }: Common): Answer {
  const { encryption } = protection.algorithms
  if (iv.length !== encryption.ivLength) return invalid('crypto', 'iv')
  const inner = decodePayloads(firstPayload, payloads)
  if (!inner.ok) return invalid('wire', inner.fault.field)
  if (payloads.length > mostOctets) return invalid('wire', 'payloads')
  const counts = encryption.kind === 'aead' || encryption.ivSource === 'counter'
  const count = 0x1_0000_0000 * u32(iv, iv.length - 8) + u32(iv, iv.length - 4)
  if (counts && !Number.isSafeInteger(count)) return unimplemented('the IV is a counter below 2^53 here')
  // RFC 5282 §3.1: ours is a counter, which goes up before it is used.
  const ready = { ...protection, sealed: count - 1 }
  const whole = { ...header, majorVersion: 2, minorVersion: 0 }
  const sender = isFromInitiator(header.flags) ? 'initiator' : 'responder'
  return outputs({ message: toHex(sealMessage(ready, sender, whole, inner.value, () => iv)) })
}
