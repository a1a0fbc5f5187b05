// A whole negotiation with a pre-shared key, and every value that lies between its octets. RFC 7296 §1.2, §2.13 to §2.17, §3.14.
import * as z from 'zod'
import { toHex } from '../../bytes/bytes.ts'
import type { TransformChoice } from '../../contract/transforms.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { transformIds } from '../../iana/transforms.ts'
import type { JsonObject } from '../../inspect/describe.ts'
import { encodePayloads } from '../../wire/codec.ts'
import { type Kind, kind } from '../kind.ts'
import { openAll, retraceAuth } from '../retrace/authentication.ts'
import { openPackets, retraceChildSa } from '../retrace/child-sa.ts'
import { sortDatagrams } from '../retrace/datagrams.ts'
import { retraceIkeSa } from '../retrace/ike-sa.ts'
import { hex, key, octets } from '../shapes/basic.ts'
import { childKeysShape, dangerChildKeysJson, dangerIkeKeysJson, ikeKeysShape } from '../shapes/suite.ts'
import { type Answer, outputs } from '../vector.ts'

const role = z.enum(['initiator', 'responder'])
const address = z.string().max(45)

const questions = z.strictObject({
  /** Of the outer headers, for who draws a capture of it; no value depends on them. */
  addresses: z.strictObject({ initiator: address, responder: address }),
  /** The pre-shared key. Throw-away, like all keys here. */
  sharedSecret: key,
  /** Of the last key exchange: scalars of RFC 7748 as they are, other numbers big-endian. */
  privateKeyI: key,
  privateKeyR: key,
  /** In the order in which they were sent. */
  datagrams: z
    .array(
      z.strictObject({
        from: role,
        /** `ike`: UDP port 500. `nat-t`: UDP port 4500, with a Non-ESP Marker before IKE. `esp`: IP protocol 50. */
        channel: z.enum(['ike', 'nat-t', 'esp']),
        octets,
      }),
    )
    .max(100),
})

const name = z.string()
const suite = { encryption: name, keyLength: z.int().optional(), integrity: name.optional() }
const signature = z.strictObject({ signedOctets: hex, auth: hex })

export const transcript: Kind = kind({
  name: 'transcript',
  title: 'From the pre-shared key, both private keys and the datagrams to every value of a negotiation',
  rfc: 'RFC 7296 §1.2, §2.13 to §2.17, §3.14; RFC 4303',
  inputs: questions,
  outputs: z.strictObject({
    suite: z.strictObject({ ...suite, prf: name, keyExchange: name }),
    spiI: hex,
    spiR: hex,
    nonceI: hex,
    nonceR: hex,
    /** g^ir. */
    sharedSecret: hex,
    skeyseed: hex,
    keys: z.strictObject(ikeKeysShape),
    initiator: signature,
    responder: signature,
    /** What is inside the Encrypted payloads, in the order of the messages. */
    messages: z.array(z.strictObject({ firstPayload: z.int(), payloads: hex })),
    child: z.strictObject({
      suite: z.strictObject({ ...suite, sequenceNumbers: z.enum(['esn', 'no-esn']) }),
      /** By who receives with it. */
      spis: z.strictObject({ initiator: hex, responder: hex }),
      /** By who sends with them. */
      keys: childKeysShape,
    }),
    packets: z.array(z.strictObject({ spi: hex, sequence: z.int(), nextHeader: z.int(), payload: hex })),
  }),
  answer: retrace,
})

function retrace(provider: CryptoProvider, inputs: z.infer<typeof questions>): Answer {
  const sorted = sortDatagrams(inputs.datagrams)
  if (!sorted.ok) return sorted.fault
  const { messages, packets } = sorted.value
  const ikeSa = retraceIkeSa(provider, messages, inputs)
  if (!ikeSa.ok) return ikeSa.fault
  const opened = openAll(ikeSa.value, messages)
  if (!opened.ok) return opened.fault
  const initiator = retraceAuth(provider, ikeSa.value, opened.value, inputs.sharedSecret, 'initiator')
  if (!initiator.ok) return initiator.fault
  const responder = retraceAuth(provider, ikeSa.value, opened.value, inputs.sharedSecret, 'responder')
  if (!responder.ok) return responder.fault
  const child = retraceChildSa(provider, ikeSa.value, opened.value)
  if (!child.ok) return child.fault
  const plain = openPackets(provider, child.value, packets)
  if (!plain.ok) return plain.fault
  const { sharedSecret, skeyseed, keys, suite: agreed, response, nonceI, nonceR } = ikeSa.value
  return outputs({
    suite: { ...protectionJson(agreed), prf: notation(agreed.prf), keyExchange: notation(agreed.keyExchange) },
    spiI: response.message.header.initiatorSpi,
    spiR: response.message.header.responderSpi,
    nonceI: toHex(nonceI),
    nonceR: toHex(nonceR),
    sharedSecret,
    skeyseed,
    keys: dangerIkeKeysJson(keys),
    initiator: { ...initiator.value },
    responder: { ...responder.value },
    messages: opened.value.map(({ payloads }) => {
      const { firstType, bytes } = encodePayloads(payloads)
      return { firstPayload: firstType, payloads: toHex(bytes) }
    }),
    child: {
      suite: { ...protectionJson(child.value.suite), sequenceNumbers: child.value.suite.extendedSequence },
      spis: { ...child.value.spis },
      keys: dangerChildKeysJson(child.value.keys),
    },
    packets: plain.value,
  })
}

interface Protecting {
  readonly encryption: TransformChoice | undefined
  readonly integrity: TransformChoice | undefined
}

function protectionJson({ encryption, integrity }: Protecting): JsonObject {
  return {
    ...(encryption === undefined ? {} : { encryption: notation(encryption) }),
    ...(encryption?.keyLength === undefined ? {} : { keyLength: encryption.keyLength }),
    ...(integrity === undefined ? {} : { integrity: notation(integrity) }),
  }
}

/** `ENCR_AES_GCM_16` */
const notation = ({ type, id }: TransformChoice): string => transformIds(type)?.notation(id) ?? `${id}`
