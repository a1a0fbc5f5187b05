// AEADs as IKE uses them: the key ends in the salt, the nonce is salt | IV. RFC 5282, RFC 7634.
import * as z from 'zod'
import { toHex } from '../../bytes/bytes.ts'
import { type Kind, kind } from '../kind.ts'
import { encryptionName, hex, key, keyLength, octets } from '../shapes/basic.ts'
import { invalid, outputs, unimplemented } from '../vector.ts'

const common = {
  algorithm: encryptionName,
  keyLength,
  /** Key | salt (RFC 4106 §8.1, RFC 4309 §7.1, RFC 7634 §2). */
  key,
  iv: octets,
  aad: octets,
}

export const aead: Kind = kind({
  name: 'aead',
  title: 'Authenticated encryption of a text under a key with its salt',
  rfc: 'RFC 5282 §3 to §5, RFC 4106, RFC 4309, RFC 7634',
  inputs: z.discriminatedUnion('operation', [
    z.strictObject({ operation: z.literal('seal'), ...common, plaintext: octets }),
    /** `sealed`: ciphertext | ICV. */
    z.strictObject({ operation: z.literal('open'), ...common, sealed: octets }),
  ]),
  outputs: z.strictObject({ sealed: hex.optional(), plaintext: hex.optional() }),
  answer(provider, inputs) {
    const found = provider.encryption(inputs.algorithm, inputs.keyLength)
    if (found === undefined || found.kind !== 'aead') return unimplemented(`${provider.name} has no such AEAD`)
    if (inputs.key.length !== found.keyLength) return invalid('crypto', 'key')
    if (inputs.iv.length !== found.ivLength) return invalid('crypto', 'iv')
    if (inputs.operation === 'seal') return outputs({ sealed: toHex(found.seal(inputs.key, inputs.iv, inputs.aad, inputs.plaintext)) })
    const opened = found.open(inputs.key, inputs.iv, inputs.aad, inputs.sealed)
    return opened === undefined ? invalid('integrity', 'sealed') : outputs({ plaintext: toHex(opened) })
  },
})
