// Ciphers of IKE messages on node:crypto. AEADs: RFC 5282, RFC 7634. AES-CBC: RFC 3602. AES-CTR: RFC 5930. Camellia-CBC: RFC 5529. Triple DES: RFC 2451.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { concat } from '../../../bytes/bytes.ts'
import { dangerReveal, type Secret } from '../../../bytes/secret.ts'
import type { AeadShape, CipherShape } from '../../catalogue.ts'
import { fillCounterBlock, ivSourceOf } from '../../packet-cipher.ts'
import type { Aead, Cipher } from '../../provider.ts'
import type { NodeAead } from './aeads.ts'
import { plain } from './keys.ts'

export function nodeAead(shape: AeadShape, aead: NodeAead): Aead {
  const { saltLength, ivLength, icvLength } = shape
  // RFC 4106 §8.1: the salt ends the keying material. RFC 5282 §4, RFC 7634 §2: nonce = salt | IV.
  const keyOf = (secret: Secret): Uint8Array => dangerReveal(secret).subarray(0, -saltLength)
  const nonceOf = (secret: Secret, iv: Uint8Array): Uint8Array => concat(dangerReveal(secret).subarray(-saltLength), iv)
  return {
    kind: 'aead',
    id: shape.id,
    keyLength: shape.keyLength + saltLength,
    saltLength,
    ivLength,
    icvLength,
    seal(key, iv, aad, plaintext) {
      const cipher = aead.encipher(keyOf(key), nonceOf(key, iv))
      cipher.setAAD(aad, aead.aadOptions(plaintext.length))
      const ciphertext = cipher.update(plaintext)
      cipher.final()
      return concat(ciphertext, cipher.getAuthTag())
    },
    open(key, iv, aad, sealed) {
      const end = sealed.length - icvLength
      if (end < 0) return undefined
      return openWith(aead, aead.decipher(keyOf(key), nonceOf(key, iv)), aad, sealed.subarray(0, end), sealed.subarray(end))
    },
  }
}

/** `undefined` when the ICV is wrong; what was deciphered is wiped then. */
export function openWith(
  aead: NodeAead,
  cipher: ReturnType<NodeAead['decipher']>,
  aad: Uint8Array,
  ciphertext: Uint8Array,
  icv: Uint8Array,
): Uint8Array | undefined {
  cipher.setAuthTag(icv)
  cipher.setAAD(aad, aead.aadOptions(ciphertext.length))
  let plaintext: Buffer | undefined
  try {
    plaintext = cipher.update(ciphertext)
    cipher.final()
    return plain(plaintext)
  } catch {
    plaintext?.fill(0)
    return undefined
  }
}

export function nodeCipher(shape: CipherShape): Cipher {
  const name = cipherName(shape)
  return {
    kind: 'cipher',
    id: shape.id,
    keyLength: shape.keyLength + shape.saltLength,
    ivLength: shape.ivLength,
    ivSource: ivSourceOf(shape),
    blockLength: shape.blockLength,
    encrypt(key, iv, plaintext) {
      const cipher = createCipheriv(name, keyOf(shape, key), firstBlock(shape, key, iv)).setAutoPadding(false)
      const ciphertext = cipher.update(plaintext)
      cipher.final()
      return plain(ciphertext)
    },
    decrypt(key, iv, ciphertext) {
      const cipher = createDecipheriv(name, keyOf(shape, key), firstBlock(shape, key, iv)).setAutoPadding(false)
      const plaintext = cipher.update(ciphertext)
      cipher.final()
      return plain(plaintext)
    },
  }
}

/** As OpenSSL has it: `aes-128-cbc`, `camellia-256-cbc`, `des-ede3-cbc`. */
export const cipherName = ({ block, keyLength, mode }: CipherShape): string =>
  block === '3des' ? `des-ede3-${mode}` : `${block}-${8 * keyLength}-${mode}`

/** Whether the OpenSSL at hand can do it: it can be built without, or be told to keep away from old algorithms. */
export function hasCipher(shape: CipherShape): boolean {
  try {
    // Triple DES under three equal keys, as zeros are, is refused by an OpenSSL in FIPS mode.
    const key = Uint8Array.from({ length: shape.keyLength }, (_, i) => i)
    createCipheriv(cipherName(shape), key, new Uint8Array(shape.ivLength))
    return true
  } catch {
    return false
  }
}

const keyOf = (shape: CipherShape, secret: Secret): Uint8Array => dangerReveal(secret).subarray(0, shape.keyLength)

/** The IV of CBC, the first counter block of CTR. */
function firstBlock(shape: CipherShape, secret: Secret, iv: Uint8Array): Uint8Array {
  if (shape.mode === 'cbc') return iv
  const block = new Uint8Array(16)
  fillCounterBlock(block, dangerReveal(secret), iv, 0)
  return block
}
