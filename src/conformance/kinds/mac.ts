// MACs and pseudorandom functions. RFC 2104, RFC 3566, RFC 4434, RFC 4493, RFC 4494, RFC 4615, RFC 4868.
import * as z from 'zod'
import { equalConstantTime, toHex } from '../../bytes/bytes.ts'
import { integrityShapes, isBlockMac } from '../../crypto/catalogue.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, integrityName, key, octets, prfName } from '../shapes/basic.ts'
import { invalid, outputs, unimplemented } from '../vector.ts'
import type { CryptoProvider, Integrity, Prf } from '../../crypto/provider.ts'

const algorithm = z.union([
  z.strictObject({ prf: prfName }),
  /** Truncated as it goes on the wire. */
  z.strictObject({ integrity: integrityName }),
])

export const mac: Kind = kind({
  name: 'mac',
  title: 'The MAC of some data under a key, computed or verified',
  rfc: 'RFC 7296 §2.13; RFC 2104, 3566, 4434, 4494, 4615, 4868',
  inputs: z.discriminatedUnion('operation', [
    /** `length`: so many octets from the beginning are asked for, where a document prints no more. */
    z.strictObject({ operation: z.literal('compute'), algorithm, key, data: octets, length: z.int().min(1).max(64).optional() }),
    z.strictObject({ operation: z.literal('verify'), algorithm, key, data: octets, mac: octets }),
  ]),
  outputs: z.strictObject({ mac: hex.optional() }),
  answer(provider, inputs) {
    const found = algorithmOf(provider, inputs.algorithm)
    if (found === undefined) return unimplemented(`${provider.name} has no such algorithm`)
    if (!takes(inputs.algorithm, inputs.key.length)) return invalid('crypto', 'key')
    const computed = found.compute(inputs.key, inputs.data)
    if (inputs.operation === 'compute') return outputs({ mac: toHex(computed.subarray(0, inputs.length)) })
    return equalConstantTime(computed, inputs.mac) ? outputs({}) : invalid('integrity', 'mac')
  },
})

function algorithmOf(provider: CryptoProvider, name: z.infer<typeof algorithm>): Prf | Integrity | undefined {
  return 'prf' in name ? provider.prf(name.prf) : provider.integrity(name.integrity)
}

/** RFC 3566 §4, RFC 4494 §2: 128 bits, no more and no less. HMAC and the PRFs take keys of any length. */
function takes(name: z.infer<typeof algorithm>, length: number): boolean {
  const shape = 'integrity' in name ? integrityShapes.find(({ id }) => id === name.integrity) : undefined
  return shape === undefined || !isBlockMac(shape.mac) || length === shape.keyLength
}
