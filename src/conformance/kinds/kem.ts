// Key encapsulation: ML-KEM. FIPS 203 §7; draft-ietf-ipsecme-ikev2-mlkem §2.
import * as z from 'zod'
import { toHex } from '../../bytes/bytes.ts'
import type { Secret } from '../../bytes/secret.ts'
import type { Kem } from '../../crypto/provider.ts'
import { keyExchange } from '../../iana/transforms.ts'
import { dangerHex } from '../danger-octets.ts'
import { type Kind, kind } from '../kind.ts'
import { hex, key, octets } from '../shapes/basic.ts'
import { type Answer, invalid, outputs, unimplemented } from '../vector.ts'

const algorithm = z.enum(['ML_KEM_512', 'ML_KEM_768', 'ML_KEM_1024']).transform((name) => keyExchange[name])

export const kem: Kind = kind({
  name: 'kem',
  title: 'Keys for encapsulation, and the secret that is encapsulated',
  rfc: 'FIPS 203 §7; draft-ietf-ipsecme-ikev2-mlkem §2',
  inputs: z.discriminatedUnion('operation', [
    /** `seed`: d | z. */
    z.strictObject({ operation: z.literal('generate'), algorithm, seed: octets }),
    /** `randomness`: m. */
    z.strictObject({ operation: z.literal('encapsulate'), algorithm, publicValue: octets, randomness: octets }),
    /** `privateKey`: the decapsulation key as FIPS 203 §7.1 gives it. */
    z.strictObject({ operation: z.literal('decapsulate'), algorithm, privateKey: key, ciphertext: octets }),
    z.strictObject({ operation: z.literal('decapsulate-by-seed'), algorithm, seed: octets, ciphertext: octets }),
  ]),
  outputs: z.strictObject({
    publicValue: hex.optional(),
    privateKey: hex.optional(),
    ciphertext: hex.optional(),
    sharedSecret: hex.optional(),
  }),
  answer(provider, inputs) {
    const found = provider.kem(inputs.algorithm)
    if (found === undefined) return unimplemented(`${provider.name} has no ML-KEM`)
    if (inputs.operation === 'encapsulate') {
      if (inputs.randomness.length !== randomnessLength) return invalid('crypto', 'randomness')
      const made = found.encapsulate(inputs.publicValue, () => inputs.randomness.slice())
      if (made === undefined) return invalid('crypto', 'publicValue')
      return outputs({ ciphertext: toHex(made.ciphertext), sharedSecret: dangerHex(made.sharedSecret) })
    }
    if (inputs.operation === 'decapsulate') return decapsulated(found, inputs.privateKey, inputs.ciphertext)
    if (inputs.seed.length !== seedLength) return invalid('crypto', 'seed')
    const { privateKey, publicValue } = found.generate(() => inputs.seed.slice())
    if (inputs.operation === 'generate') return outputs({ publicValue: toHex(publicValue), privateKey: dangerHex(privateKey) })
    return decapsulated(found, privateKey, inputs.ciphertext)
  },
})

const randomnessLength = 32
const seedLength = 64

function decapsulated(found: Kem, privateKey: Secret, ciphertext: Uint8Array): Answer {
  if (ciphertext.length !== found.ciphertextLength) return invalid('crypto', 'ciphertext')
  const sharedSecret = found.decapsulate(privateKey, ciphertext)
  return sharedSecret === undefined ? invalid('crypto', 'privateKey') : outputs({ sharedSecret: dangerHex(sharedSecret) })
}
