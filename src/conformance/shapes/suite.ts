// Suites as inputs, and the keys that they need as outputs.
import * as z from 'zod'
import type { ChildSuite, IkeSuite, TransformChoice } from '../../contract/transforms.ts'
import type { ChildKeys, IkeKeys } from '../../crypto/key-schedule.ts'
import { protocol } from '../../iana/protocols.ts'
import { transformType } from '../../iana/transforms.ts'
import type { JsonObject } from '../../inspect/describe.ts'
import { dangerHex } from '../danger-octets.ts'
import { encryptionName, hex, integrityName, keyLength, prfName } from './basic.ts'

const protection = {
  encryption: encryptionName,
  keyLength,
  /** Left out beside an AEAD (RFC 5282 §8). */
  integrity: integrityName.optional(),
}

type Transforms = Pick<IkeSuite, 'encryption' | 'integrity'>

/** Of messages. */
export const protectionSuite: z.ZodType<Transforms> = z.strictObject(protection).transform(transforms)

/** Of an IKE SA, but for the key exchange. */
export const ikeSuite: z.ZodType<Omit<IkeSuite, 'keyExchange'>> = z
  .strictObject({ prf: prfName, ...protection })
  .transform((suite) => ({ ...transforms(suite), prf: transform(transformType.PRF, suite.prf, undefined) }))

/** Of a Child SA, whose keys do not depend on extended sequence numbers. AH has no encryption. */
export const childSuite: z.ZodType<ChildSuite> = z.discriminatedUnion('protocol', [
  z
    .strictObject({ protocol: z.literal('ESP'), ...protection })
    .transform((suite) => ({ protocol: protocol.ESP, extendedSequence: 'no-esn' as const, ...transforms(suite) })),
  z.strictObject({ protocol: z.literal('AH'), integrity: integrityName }).transform((suite) => ({
    protocol: protocol.AH,
    extendedSequence: 'no-esn' as const,
    encryption: undefined,
    integrity: transform(transformType.INTEG, suite.integrity, undefined),
  })),
])

interface Names {
  readonly encryption: number
  readonly keyLength?: number | undefined
  readonly integrity?: number | undefined
}

function transforms(suite: Names): Transforms {
  return {
    encryption: transform(transformType.ENCR, suite.encryption, suite.keyLength),
    integrity: suite.integrity === undefined ? undefined : transform(transformType.INTEG, suite.integrity, undefined),
  }
}

const transform = (type: number, id: number, keyBits: number | undefined): TransformChoice => ({ type, id, keyLength: keyBits })

/** Left out where there is no such key. */
export const ikeKeysShape: Readonly<Record<'skD' | 'skEi' | 'skEr' | 'skPi' | 'skPr', z.ZodString>> &
  Readonly<Record<'skAi' | 'skAr', z.ZodOptional<z.ZodString>>> = {
  skD: hex,
  skAi: hex.optional(),
  skAr: hex.optional(),
  skEi: hex,
  skEr: hex,
  skPi: hex,
  skPr: hex,
}

const direction = z.strictObject({ encryption: hex.optional(), integrity: hex.optional() })
/** By who sends. */
export const childKeysShape: z.ZodType = z.strictObject({ initiator: direction, responder: direction })

export function dangerIkeKeysJson(keys: IkeKeys): JsonObject {
  const { skD, skAi, skAr, skEi, skEr, skPi, skPr } = keys
  return present({ skD, skAi, skAr, skEi, skEr, skPi, skPr })
}

export const dangerChildKeysJson = ({ initiator, responder }: ChildKeys): JsonObject => ({
  initiator: present({ encryption: initiator.encryption, integrity: initiator.integrity }),
  responder: present({ encryption: responder.encryption, integrity: responder.integrity }),
})

function present(keys: Readonly<Record<string, IkeKeys['skAi']>>): JsonObject {
  return Object.fromEntries(Object.entries(keys).flatMap(([name, secret]) => (secret === undefined ? [] : [[name, dangerHex(secret)]])))
}
