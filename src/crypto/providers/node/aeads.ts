// The AEADs of node:crypto behind one shape: its types have an overload for each.
import { type CipherCCMTypes, type CipherGCMTypes, createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import type { AeadShape } from '../../catalogue.ts'

export interface NodeAead {
  encipher(key: NodeKey, nonce: Uint8Array): AeadEncipher
  decipher(key: NodeKey, nonce: Uint8Array): AeadDecipher
  /** For texts of so many octets. */
  aadOptions(length: number): AadOptions
}
export type NodeKey = KeyObject | Uint8Array

export interface AeadEncipher {
  setAAD(aad: Uint8Array, options: AadOptions): unknown
  update(plaintext: Uint8Array): Buffer
  final(): Buffer
  getAuthTag(): Buffer
}
export interface AeadDecipher {
  /** Before `setAAD`, as CCM wants it. */
  setAuthTag(icv: Uint8Array): unknown
  setAAD(aad: Uint8Array, options: AadOptions): unknown
  update(ciphertext: Uint8Array): Buffer
  /** Throws when the ICV is wrong. */
  final(): Buffer
}

/** Only CCM heeds it, but the types of Node ask for it with ChaCha20-Poly1305 too. */
export interface AadOptions {
  readonly plaintextLength: number
}

/** GMAC is GCM without plaintext (RFC 4543 §2). */
export function nodeAlgorithm(shape: AeadShape): NodeAead {
  if (shape.mode === 'chacha20-poly1305') return chaCha(shape)
  return shape.mode === 'ccm' ? ccm(shape) : gcm(shape)
}

export function gcm({ keyLength, icvLength }: Pick<AeadShape, 'keyLength' | 'icvLength'>): NodeAead {
  const name = sized<CipherGCMTypes>(keyLength, { 16: 'aes-128-gcm', 24: 'aes-192-gcm', 32: 'aes-256-gcm' })
  const options = { authTagLength: icvLength } as const
  return {
    encipher: (key, nonce) => createCipheriv(name, key, nonce, options),
    decipher: (key, nonce) => createDecipheriv(name, key, nonce, options),
    aadOptions: heedless,
  }
}

function ccm({ keyLength, icvLength }: AeadShape): NodeAead {
  const name = sized<CipherCCMTypes>(keyLength, { 16: 'aes-128-ccm', 24: 'aes-192-ccm', 32: 'aes-256-ccm' })
  const options = { authTagLength: icvLength } as const
  return {
    encipher: (key, nonce) => createCipheriv(name, key, nonce, options),
    decipher: (key, nonce) => createDecipheriv(name, key, nonce, options),
    // RFC 3610 §2.2: the length of the message is in the first block that is authenticated.
    aadOptions: (length) => ({ plaintextLength: length }),
  }
}

function chaCha({ icvLength }: AeadShape): NodeAead {
  const options = { authTagLength: icvLength } as const
  return {
    encipher: (key, nonce) => createCipheriv('chacha20-poly1305', key, nonce, options),
    decipher: (key, nonce) => createDecipheriv('chacha20-poly1305', key, nonce, options),
    aadOptions: heedless,
  }
}

function sized<Name>(keyLength: number, names: { readonly 16: Name; readonly 24: Name; readonly 32: Name }): Name {
  return names[keyLength === 16 ? 16 : keyLength === 24 ? 24 : 32]
}

const noLength: AadOptions = { plaintextLength: 0 }
const heedless = (): AadOptions => noLength
