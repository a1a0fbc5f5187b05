// ML-KEM in JavaScript. FIPS 203; draft-ietf-ipsecme-ikev2-mlkem. Its running time is not promised to be constant: where an attacker can
// measure time finely, a native provider is better, as soon as one has it.
import { ml_kem1024, ml_kem512, ml_kem768 } from '@noble/post-quantum/ml-kem.js'
import { dangerReveal, Secret } from '../../../bytes/secret.ts'
import { ApiMisuse } from '../../../contract/faults.ts'
import type { RandomSource } from '../../../contract/random.ts'
import { keyExchange } from '../../../iana/transforms.ts'
import { type KemShape, kemShapes } from '../../catalogue.ts'
import type { Kem } from '../../provider.ts'

/** What noble's three parameter sets have in common. */
type MlKem = typeof ml_kem768

const parameterSets: ReadonlyMap<number, MlKem> = new Map([
  [keyExchange.ML_KEM_512, ml_kem512],
  [keyExchange.ML_KEM_768, ml_kem768],
  [keyExchange.ML_KEM_1024, ml_kem1024],
])

/** For the provider `node` too, as long as node:crypto has none. */
export const portableKems: readonly Kem[] = kemShapes.flatMap((shape) => {
  const set = parameterSets.get(shape.id)
  return set === undefined ? [] : [portableKem(shape, set)]
})

function portableKem({ id, publicLength, ciphertextLength, privateLength }: KemShape, set: MlKem): Kem {
  return {
    id,
    publicLength,
    ciphertextLength,
    generate(random) {
      // FIPS 203 §7.1: d | z, each 32 octets of randomness.
      const seed = drawn(random, 64)
      const { publicKey, secretKey } = set.keygen(seed)
      seed.fill(0)
      return { privateKey: new Secret(secretKey), publicValue: publicKey }
    },
    encapsulate(peerPublic, random) {
      // FIPS 203 §7.2, type check.
      if (peerPublic.length !== publicLength) return undefined
      const message = drawn(random, 32)
      try {
        // FIPS 203 §7.2, modulus check: noble throws where a coefficient is not reduced.
        const { cipherText, sharedSecret } = set.encapsulate(peerPublic, message)
        return { ciphertext: cipherText, sharedSecret: new Secret(sharedSecret) }
      } catch {
        return undefined
      } finally {
        message.fill(0)
      }
    },
    decapsulate(privateKey, ciphertext) {
      if (privateKey.wiped) throw new ApiMisuse('a key was used after it had been wiped')
      // FIPS 203 §7.3, type checks.
      if (ciphertext.length !== ciphertextLength || privateKey.length !== privateLength) return undefined
      try {
        // FIPS 203 §7.3, hash check: noble throws where the decapsulation key is not what it was.
        return new Secret(set.decapsulate(ciphertext, dangerReveal(privateKey)))
      } catch {
        return undefined
      }
    },
  }
}

/** A source that gives another number of octets would have the secret guessed. */
function drawn(random: RandomSource, length: number): Uint8Array {
  const octets = random(length)
  if (octets.length !== length) throw new ApiMisuse(`the source of randomness gave ${octets.length} octets instead of ${length}`)
  return octets
}
