// Ciphers of ESP packets on node:crypto, in an arena. Node gives each result in a buffer of its own: it is copied into place.
import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto'
import { concat } from '../../../bytes/bytes.ts'
import type { RandomSource } from '../../../contract/random.ts'
import type { AeadShape, CipherShape } from '../../catalogue.ts'
import type { RegionAead, RegionCipher } from '../../packet-cipher.ts'
import type { NodeAead } from './aeads.ts'
import { cipherName, openWith } from './ciphers.ts'
import type { NodeKeys } from './keys.ts'

export function nodeRegionAead({ saltLength, icvLength }: AeadShape, aead: NodeAead, keys: NodeKeys): RegionAead<KeyObject> {
  return {
    prepare: (secret) => keys[saltLength].of(secret),
    seal(key, nonce, aad, arena, start, length) {
      const cipher = aead.encipher(key, nonce)
      cipher.setAAD(aad, aead.aadOptions(length))
      arena.set(cipher.update(arena.subarray(start, start + length)), start)
      cipher.final()
      arena.set(cipher.getAuthTag(), start + length)
    },
    open(key, nonce, aad, arena, start, length) {
      const end = start + length
      const cipher = aead.decipher(key, nonce)
      const plaintext = openWith(aead, cipher, aad, arena.subarray(start, end), arena.subarray(end, end + icvLength))
      if (plaintext === undefined) return false
      arena.set(plaintext, start)
      return true
    },
  }
}

/** RFC 4543 §3.3: all is additional data, the IV before the text included. */
export function nodeRegionGmac({ saltLength, ivLength, icvLength }: AeadShape, aead: NodeAead, keys: NodeKeys): RegionAead<KeyObject> {
  const covered = (aad: Uint8Array, arena: Uint8Array, start: number, length: number): Uint8Array =>
    concat(aad, arena.subarray(start - ivLength, start + length))
  return {
    prepare: (secret) => keys[saltLength].of(secret),
    seal(key, nonce, aad, arena, start, length) {
      const cipher = aead.encipher(key, nonce)
      cipher.setAAD(covered(aad, arena, start, length), aead.aadOptions(0))
      cipher.final()
      arena.set(cipher.getAuthTag(), start + length)
    },
    open(key, nonce, aad, arena, start, length) {
      const end = start + length
      const cipher = aead.decipher(key, nonce)
      return openWith(aead, cipher, covered(aad, arena, start, length), noText, arena.subarray(end, end + icvLength)) !== undefined
    },
  }
}

export function nodeRegionCipher(shape: CipherShape, keys: NodeKeys, random: RandomSource | undefined): RegionCipher<KeyObject> {
  const name = cipherName(shape)
  return {
    prepare: (secret) => keys[shape.saltLength].of(secret),
    encrypt(key, iv, arena, start, length) {
      const cipher = createCipheriv(name, key, iv).setAutoPadding(false)
      arena.set(cipher.update(arena.subarray(start, start + length)), start)
    },
    decrypt(key, iv, arena, start, length) {
      const cipher = createDecipheriv(name, key, iv).setAutoPadding(false)
      arena.set(cipher.update(arena.subarray(start, start + length)), start)
    },
    drawIv:
      random === undefined ? (arena, at) => drawSystemIv(arena, at, shape.ivLength) : (arena, at) => arena.set(random(shape.ivLength), at),
  }
}

const noText = new Uint8Array(0)

/** A call of the system's CSPRNG costs a microsecond: many IVs are drawn at once. Each octet is used once and cleared. */
const pool = new Uint8Array(4096)
let used = pool.length

function drawSystemIv(arena: Uint8Array, at: number, length: number): void {
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  for (let k = 0; k < length; k++) {
    arena[at + k] = pool[used + k] ?? 0
    pool[used + k] = 0
  }
  used += length
}
