// Ciphers that need a MAC beside them. RFC 3602 (CBC), RFC 3686 (CTR), RFC 2410 (NULL).
import * as z from 'zod'
import { toHex } from '../../bytes/bytes.ts'
import type { CryptoProvider } from '../../crypto/provider.ts'
import { encryption } from '../../iana/transforms.ts'
import { throughNull } from '../esp-null.ts'
import { type Kind, kind } from '../kind.ts'
import { encryptionName, hex, key, keyLength, octets } from '../shapes/basic.ts'
import { type Answer, invalid, outputs, unimplemented } from '../vector.ts'

const common = {
  algorithm: encryptionName,
  keyLength,
  /** With the nonce of counter mode behind it (RFC 3686 §5.1). */
  key,
  iv: octets,
}

const shape = z.discriminatedUnion('operation', [
  z.strictObject({ operation: z.literal('encrypt'), ...common, plaintext: octets }),
  z.strictObject({ operation: z.literal('decrypt'), ...common, ciphertext: octets }),
])

export const cipher: Kind = kind({
  name: 'cipher',
  title: 'Encryption or decryption without authentication, as ESP and IKE use it',
  rfc: 'RFC 2410 §2, RFC 3602 §2, RFC 3686 §3 to §5',
  inputs: shape,
  outputs: z.strictObject({ ciphertext: hex.optional(), plaintext: hex.optional() }),
  answer(provider, inputs) {
    if (inputs.algorithm === encryption.ENCR_NULL) return answerNull(provider, inputs)
    const found = provider.encryption(inputs.algorithm, inputs.keyLength)
    if (found === undefined || found.kind !== 'cipher') return unimplemented(`${provider.name} has no such cipher`)
    if (inputs.key.length !== found.keyLength) return invalid('crypto', 'key')
    if (inputs.iv.length !== found.ivLength) return invalid('crypto', 'iv')
    if (inputs.operation === 'encrypt') {
      if (inputs.plaintext.length % found.blockLength !== 0) return invalid('crypto', 'plaintext')
      return outputs({ ciphertext: toHex(found.encrypt(inputs.key, inputs.iv, inputs.plaintext)) })
    }
    if (inputs.ciphertext.length % found.blockLength !== 0) return invalid('crypto', 'ciphertext')
    return outputs({ plaintext: toHex(found.decrypt(inputs.key, inputs.iv, inputs.ciphertext)) })
  },
})

/** RFC 2410 §2: no key, no IV, the identity function. */
function answerNull(provider: CryptoProvider, inputs: z.infer<typeof shape>): Answer {
  if (inputs.key.length > 0) return invalid('crypto', 'key')
  if (inputs.iv.length > 0) return invalid('crypto', 'iv')
  const [direction, text] = inputs.operation === 'encrypt' ? (['seal', inputs.plaintext] as const) : (['open', inputs.ciphertext] as const)
  const through = throughNull(provider, direction, text)
  if (through === undefined) return unimplemented(`${provider.name} has no NULL encryption`)
  return outputs(direction === 'seal' ? { ciphertext: toHex(through) } : { plaintext: toHex(through) })
}
