// The AEADs of node:crypto behind one shape: its types have an overload for each.
import { type CipherGCMTypes, createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import { aeadLengths } from '../../catalogue.ts'

export interface NodeAead {
  encipher(key: NodeKey, nonce: Uint8Array): AeadEncipher
  decipher(key: NodeKey, nonce: Uint8Array): AeadDecipher
}
export type NodeKey = KeyObject | Uint8Array

export interface AeadEncipher {
  setAAD(aad: Uint8Array, options: AadOptions): unknown
  update(plaintext: Uint8Array): Buffer
  final(): Buffer
  getAuthTag(): Buffer
}
export interface AeadDecipher {
  setAAD(aad: Uint8Array, options: AadOptions): unknown
  setAuthTag(icv: Uint8Array): unknown
  update(ciphertext: Uint8Array): Buffer
  /** Throws when the ICV is wrong. */
  final(): Buffer
}

/** Only CCM heeds it, but the types of Node ask for it with ChaCha20-Poly1305 too. */
export interface AadOptions {
  readonly plaintextLength: number
}
export const aadOptions: AadOptions = { plaintextLength: 0 }

const options = { authTagLength: aeadLengths.icvLength } as const

export const nodeGcm = (name: CipherGCMTypes): NodeAead => ({
  encipher: (key, nonce) => createCipheriv(name, key, nonce, options),
  decipher: (key, nonce) => createDecipheriv(name, key, nonce, options),
})

export const nodeChaCha: NodeAead = {
  encipher: (key, nonce) => createCipheriv('chacha20-poly1305', key, nonce, options),
  decipher: (key, nonce) => createDecipheriv('chacha20-poly1305', key, nonce, options),
}
