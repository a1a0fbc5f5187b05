// Transforms and proposals in vectors: algorithms by the names of IANA's registries, what nobody has named by number. RFC 7296 §3.3.
import * as z from 'zod'
import type { TransformChoice } from '../../contract/transforms.ts'
import { transformAttribute } from '../../iana/transform-attributes.ts'
import { protocol } from '../../iana/protocols.ts'
import { sequenceNumbers, transformIds, transformType } from '../../iana/transforms.ts'
import type { JsonObject } from '../../inspect/describe.ts'
import type { Attribute, Proposal, Transform } from '../../wire/message.ts'
import { encryptionName, integrityName, keyExchangeName, keyLength, prfName } from './basic.ts'

const u16 = z.int().min(0).max(65_535)

const named: z.ZodType<TransformChoice> = z.union([
  z
    .strictObject({ encryption: encryptionName, keyLength })
    .transform(({ encryption: id, keyLength: bits }) => ({ type: transformType.ENCR, id, keyLength: bits })),
  z.strictObject({ prf: prfName }).transform(({ prf: id }) => choice(transformType.PRF, id)),
  z.strictObject({ integrity: integrityName }).transform(({ integrity: id }) => choice(transformType.INTEG, id)),
  z.strictObject({ keyExchange: keyExchangeName }).transform(({ keyExchange: id }) => choice(transformType.KE, id)),
  z
    .strictObject({ sequenceNumbers: z.enum(['NO_ESN', 'ESN']) })
    .transform(({ sequenceNumbers: name }) => choice(transformType.ESN, sequenceNumbers[name])),
])

/** Any transform, whether it makes sense or not. Attributes are in the short form (RFC 7296 §3.3.5). */
const numbered: z.ZodType<Transform> = z.strictObject({
  type: z.int().min(1).max(255),
  id: u16,
  attributes: z
    .array(z.strictObject({ type: z.int().min(0).max(32_767), value: u16 }))
    .max(4)
    .default([]),
})

const protocolName = z.enum(['IKE', 'AH', 'ESP'])

/** A protocol, read into its number. */
export const protocolShape: z.ZodType<number, string> = protocolName.transform((name) => protocol[name])

/** Without its SPI. */
export const proposalShape: z.ZodType<Proposal> = z
  .strictObject({
    number: z.int().min(1).max(255),
    protocol: protocolShape,
    transforms: z.array(z.union([numbered, named.transform(toWire)])).max(64),
  })
  .transform((read) => ({ ...read, spi: new Uint8Array(0) }))

/** What one side is ready to use, the preferred of each type first. */
export const templateShape: z.ZodType<{ readonly protocol: number; readonly transforms: readonly TransformChoice[] }> = z.strictObject({
  protocol: protocolShape,
  transforms: z.array(named).min(1).max(64),
})

/** As an output has a transform. */
export const transformText: z.ZodType = z.union([
  z.strictObject({ encryption: z.string(), keyLength }),
  z.strictObject({ prf: z.string() }),
  z.strictObject({ integrity: z.string() }),
  z.strictObject({ keyExchange: z.string() }),
  z.strictObject({ sequenceNumbers: z.string() }),
  /** Of a type that has no name here. */
  z.strictObject({ type: z.int(), id: z.int() }),
])

/** The words of a transform of one of the five types. */
export function describeTransform({ type, id, attributes }: Transform): JsonObject {
  const name = transformIds(type)?.notation(id) ?? `unknown (${id})`
  const word = words[type]
  if (word === undefined) return { type, id }
  const length = attributes.find((attribute) => attribute.type === transformAttribute.KEY_LENGTH)?.value
  return { [word]: name, ...(typeof length === 'number' ? { keyLength: length } : {}) }
}

const words: Readonly<Record<number, string>> = {
  [transformType.ENCR]: 'encryption',
  [transformType.PRF]: 'prf',
  [transformType.INTEG]: 'integrity',
  [transformType.KE]: 'keyExchange',
  [transformType.ESN]: 'sequenceNumbers',
}

const choice = (type: number, id: number): TransformChoice => ({ type, id, keyLength: undefined })

function toWire({ type, id, keyLength: bits }: TransformChoice): Transform {
  const attributes: readonly Attribute[] = bits === undefined ? [] : [{ type: transformAttribute.KEY_LENGTH, value: bits }]
  return { type, id, attributes }
}
