// The shape of an IKE message as JSON, which `message-json.ts` writes.
import * as z from 'zod'
import { fixedHex, hex } from './basic.ts'

/** A name of one of IANA's registries, or the number where it has none. */
const name = z.union([z.string().min(1), z.int().min(0).max(65_535)])
const u16 = z.int().min(0).max(65_535)
const octet = z.int().min(0).max(255)

export const headerShape: z.ZodType = z.strictObject({
  initiatorSpi: fixedHex(8),
  responderSpi: fixedHex(8),
  exchangeType: name,
  /** The bits I and R of the flags. */
  initiator: z.boolean(),
  response: z.boolean(),
  messageId: z.int().min(0).max(0xffffffff),
})

/** A number is an attribute in the form TV, octets are one in the form TLV (RFC 7296 §3.3.5). */
const transformAttribute = z.strictObject({ type: name, value: z.union([u16, hex]) })
const transform = z.strictObject({ type: name, id: name, attributes: z.array(transformAttribute) })
const proposal = z.strictObject({ number: octet, protocol: name, spi: hex, transforms: z.array(transform) })

const selector = z.union([
  z.strictObject({ type: name, protocol: octet, startPort: u16, endPort: u16, startAddress: z.string(), endAddress: z.string() }),
  /** Of a type that is not known: `body` is what follows its length. */
  z.strictObject({ type: name, protocolOrReserved: octet, body: hex }),
])

export const payloadShape: z.ZodType = z.union([
  z.strictObject({ payload: z.literal('SA'), proposals: z.array(proposal) }),
  z.strictObject({ payload: z.literal('KE'), method: name, publicValue: hex }),
  z.strictObject({ payload: z.enum(['IDi', 'IDr']), type: name, value: hex }),
  z.strictObject({ payload: z.literal('CERT'), encoding: name, certificate: hex }),
  z.strictObject({ payload: z.literal('CERTREQ'), encoding: name, authority: hex }),
  z.strictObject({ payload: z.literal('AUTH'), method: name, value: hex }),
  z.strictObject({ payload: z.literal('NONCE'), nonce: hex }),
  /** `protocol` and `spi` when there is an SPI. */
  z.strictObject({ payload: z.literal('N'), type: name, protocol: name.optional(), spi: hex.optional(), value: hex }),
  z.strictObject({ payload: z.literal('D'), protocol: name, spis: z.array(hex) }),
  z.strictObject({ payload: z.literal('V'), vendorId: hex }),
  z.strictObject({ payload: z.enum(['TSi', 'TSr']), selectors: z.array(selector) }),
  /** `body`: IV, ciphertext and ICV. */
  z.strictObject({ payload: z.literal('SK'), firstPayload: name, body: hex }),
  z.strictObject({ payload: z.literal('SKF'), firstPayload: name, fragmentNumber: u16, totalFragments: u16, body: hex }),
  z.strictObject({ payload: z.literal('CP'), type: name, attributes: z.array(z.strictObject({ type: name, value: hex })) }),
  /** From its Code on. */
  z.strictObject({ payload: z.literal('EAP'), message: hex }),
  /** Of a type that is not known. */
  z.strictObject({ payload: name, critical: z.boolean(), body: hex }),
])
