// Ciphers of IKE messages in JavaScript. AEADs: RFC 5282, RFC 7634. AES-CBC: RFC 3602.
import { cbc } from '@noble/ciphers/aes.js'
import type { gcm } from '@noble/ciphers/aes.js'
import type { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { concat } from '../../../bytes/bytes.ts'
import { dangerReveal, type Secret } from '../../../bytes/secret.ts'
import { aeadLengths, cbcLengths, type EncryptionShape } from '../../catalogue.ts'
import type { Aead, Cipher } from '../../provider.ts'

const { saltLength, ivLength, icvLength } = aeadLengths

export type PortableAead = typeof gcm | typeof chacha20poly1305

export function portableAead(shape: EncryptionShape, aead: PortableAead): Aead {
  return {
    kind: 'aead',
    id: shape.id,
    keyLength: shape.keyLength + saltLength,
    saltLength,
    ivLength,
    icvLength,
    seal: (key, iv, aad, plaintext) => aead(unsalted(key), nonce(key, iv), aad).encrypt(plaintext),
    open(key, iv, aad, sealed) {
      if (sealed.length < icvLength) return undefined
      const cipher = aead(unsalted(key), nonce(key, iv), aad)
      try {
        // Both AEADs check the ICV before they decrypt.
        return cipher.decrypt(sealed)
      } catch {
        return undefined
      }
    },
  }
}

export const portableCbc = (shape: EncryptionShape): Cipher => ({
  kind: 'cipher',
  id: shape.id,
  keyLength: shape.keyLength,
  ...cbcLengths,
  encrypt: (key, iv, plaintext) => cbc(dangerReveal(key), iv, withoutPadding).encrypt(plaintext),
  decrypt: (key, iv, ciphertext) => cbc(dangerReveal(key), iv, withoutPadding).decrypt(ciphertext),
})

/** ESP and IKE pad by themselves. */
export const withoutPadding = { disablePadding: true } as const

/** RFC 4106 §8.1: the salt ends the keying material. */
export const unsalted = (key: Secret): Uint8Array => dangerReveal(key).subarray(0, -saltLength)

/** RFC 5282 §4, RFC 7634 §2: salt | IV. */
function nonce(key: Secret, iv: Uint8Array): Uint8Array {
  return concat(dangerReveal(key).subarray(-saltLength), iv)
}
