// Ciphers of IKE messages in JavaScript. AEADs: RFC 5282, RFC 7634. AES-CBC: RFC 3602. AES-CTR: RFC 5930.
import { cbc, ctr } from '@noble/ciphers/aes.js'
import { concat } from '../../../bytes/bytes.ts'
import { dangerReveal, type Secret } from '../../../bytes/secret.ts'
import type { AeadShape, CipherShape } from '../../catalogue.ts'
import { fillCounterBlock, ivSourceOf } from '../../packet-cipher.ts'
import type { Aead, Cipher } from '../../provider.ts'
import type { PortableAead } from './aeads.ts'

export function portableAead(shape: AeadShape, aead: PortableAead): Aead {
  const { saltLength, ivLength, icvLength } = shape
  // RFC 5282 §4, RFC 7634 §2: nonce = salt | IV.
  const keyed = (key: Secret, iv: Uint8Array, aad: Uint8Array): ReturnType<PortableAead> =>
    aead(unsalted(shape, key), concat(dangerReveal(key).subarray(-saltLength), iv), aad)
  return {
    kind: 'aead',
    id: shape.id,
    keyLength: shape.keyLength + saltLength,
    saltLength,
    ivLength,
    icvLength,
    seal: (key, iv, aad, plaintext) => keyed(key, iv, aad).encrypt(plaintext),
    open(key, iv, aad, sealed) {
      if (sealed.length < icvLength) return undefined
      const cipher = keyed(key, iv, aad)
      try {
        return cipher.decrypt(sealed)
      } catch {
        return undefined
      }
    },
  }
}

export function portableCipher(shape: CipherShape): Cipher {
  const keyed = (key: Secret, iv: Uint8Array): ReturnType<typeof ctr> => {
    if (shape.mode === 'cbc') return cbc(unsalted(shape, key), iv, withoutPadding)
    const block = new Uint8Array(16)
    fillCounterBlock(block, dangerReveal(key), iv, 0)
    return ctr(unsalted(shape, key), block)
  }
  return {
    kind: 'cipher',
    id: shape.id,
    keyLength: shape.keyLength + shape.saltLength,
    ivLength: shape.ivLength,
    ivSource: ivSourceOf(shape),
    blockLength: shape.blockLength,
    encrypt: (key, iv, plaintext) => keyed(key, iv).encrypt(plaintext),
    decrypt: (key, iv, ciphertext) => keyed(key, iv).decrypt(ciphertext),
  }
}

/** ESP and IKE pad by themselves. */
export const withoutPadding = { disablePadding: true } as const

/** RFC 4106 §8.1: the salt ends the keying material. */
export const unsalted = (shape: AeadShape | CipherShape, key: Secret): Uint8Array => dangerReveal(key).subarray(0, shape.keyLength)
