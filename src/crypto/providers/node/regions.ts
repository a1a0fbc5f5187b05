// Ciphers of ESP packets on node:crypto, in an arena. Node gives each result in a buffer of its own: it is copied into place.
import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto'
import type { RandomSource } from '../../../contract/random.ts'
import { aeadLengths, cbcLengths, type EncryptionShape } from '../../catalogue.ts'
import type { RegionAead, RegionCipher } from '../../packet-cipher.ts'
import { aadOptions, type NodeAead } from './aeads.ts'
import { cbcName } from './ciphers.ts'
import type { NodeKeys } from './keys.ts'

const { icvLength } = aeadLengths

export function nodeRegionAead(aead: NodeAead, keys: NodeKeys): RegionAead<KeyObject> {
  return {
    prepare: (secret) => keys.unsalted.of(secret),
    seal(key, nonce, aad, arena, start, length) {
      const cipher = aead.encipher(key, nonce)
      cipher.setAAD(aad, aadOptions)
      arena.set(cipher.update(arena.subarray(start, start + length)), start)
      cipher.final()
      arena.set(cipher.getAuthTag(), start + length)
    },
    open(key, nonce, aad, arena, start, length) {
      const cipher = aead.decipher(key, nonce)
      cipher.setAAD(aad, aadOptions)
      cipher.setAuthTag(arena.subarray(start + length, start + length + icvLength))
      const plaintext = cipher.update(arena.subarray(start, start + length))
      try {
        cipher.final()
      } catch {
        plaintext.fill(0)
        return false
      }
      arena.set(plaintext, start)
      return true
    },
  }
}

export function nodeRegionCbc(shape: EncryptionShape, keys: NodeKeys, random: RandomSource | undefined): RegionCipher<KeyObject> {
  const name = cbcName(shape)
  return {
    ...cbcLengths,
    prepare: (secret) => keys.whole.of(secret),
    encrypt(key, iv, arena, start, length) {
      const cipher = createCipheriv(name, key, iv).setAutoPadding(false)
      arena.set(cipher.update(arena.subarray(start, start + length)), start)
    },
    decrypt(key, iv, arena, start, length) {
      const cipher = createDecipheriv(name, key, iv).setAutoPadding(false)
      arena.set(cipher.update(arena.subarray(start, start + length)), start)
    },
    drawIv: random === undefined ? drawSystemIv : (arena, at) => arena.set(random(cbcLengths.ivLength), at),
  }
}

/** A call of the system's CSPRNG costs a microsecond: many IVs are drawn at once. Each octet is used once and cleared. */
const pool = new Uint8Array(4096)
let used = pool.length

function drawSystemIv(arena: Uint8Array, at: number): void {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  for (let k = 0; k < cbcLengths.ivLength; k++) {
    arena[at + k] = pool[used + k] ?? 0
    pool[used + k] = 0
  }
  used += cbcLengths.ivLength
}
