// Ciphers of IKE messages on node:crypto. AEADs: RFC 5282, RFC 7634. AES-CBC: RFC 3602.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { concat } from '../../../bytes/bytes.ts'
import { dangerReveal, type Secret } from '../../../bytes/secret.ts'
import { aeadLengths, cbcLengths, type EncryptionShape } from '../../catalogue.ts'
import type { Aead, Cipher } from '../../provider.ts'
import { aadOptions, type NodeAead } from './aeads.ts'
import { plain } from './keys.ts'

const { saltLength, ivLength, icvLength } = aeadLengths

export function nodeAead(shape: EncryptionShape, aead: NodeAead): Aead {
  return {
    kind: 'aead',
    id: shape.id,
    keyLength: shape.keyLength + saltLength,
    saltLength,
    ivLength,
    icvLength,
    seal(key, iv, aad, plaintext) {
      const cipher = aead.encipher(unsalted(key), nonce(key, iv))
      cipher.setAAD(aad, aadOptions)
      const ciphertext = cipher.update(plaintext)
      cipher.final()
      return concat(ciphertext, cipher.getAuthTag())
    },
    open: (key, iv, aad, sealed) => open(aead, unsalted(key), nonce(key, iv), aad, sealed),
  }
}

export function nodeCbc(shape: EncryptionShape): Cipher {
  const name = cbcName(shape)
  return {
    kind: 'cipher',
    id: shape.id,
    keyLength: shape.keyLength,
    ...cbcLengths,
    encrypt(key, iv, plaintext) {
      const cipher = createCipheriv(name, dangerReveal(key), iv).setAutoPadding(false)
      const ciphertext = cipher.update(plaintext)
      cipher.final()
      return plain(ciphertext)
    },
    decrypt(key, iv, ciphertext) {
      const cipher = createDecipheriv(name, dangerReveal(key), iv).setAutoPadding(false)
      const plaintext = cipher.update(ciphertext)
      cipher.final()
      return plain(plaintext)
    },
  }
}

export const cbcName = (shape: EncryptionShape): string => `aes-${8 * shape.keyLength}-cbc`

function open(aead: NodeAead, key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const end = sealed.length - icvLength
  if (end < 0) return undefined
  const cipher = aead.decipher(key, nonce)
  cipher.setAAD(aad, aadOptions)
  cipher.setAuthTag(sealed.subarray(end))
  const plaintext = cipher.update(sealed.subarray(0, end))
  try {
    cipher.final()
    return plain(plaintext)
  } catch {
    plaintext.fill(0)
    return undefined
  }
}

/** RFC 4106 §8.1: the salt ends the keying material. */
const unsalted = (key: Secret): Uint8Array => dangerReveal(key).subarray(0, -saltLength)

/** RFC 5282 §4, RFC 7634 §2: salt | IV. */
function nonce(key: Secret, iv: Uint8Array): Uint8Array {
  return concat(dangerReveal(key).subarray(-saltLength), iv)
}
