// Ciphers of ESP packets in JavaScript, in an arena.
import { cbc, ctr } from '@noble/ciphers/aes.js'
import { concat } from '../../../bytes/bytes.ts'
import type { RandomSource } from '../../../contract/random.ts'
import type { AeadShape, CipherShape } from '../../catalogue.ts'
import type { RegionAead, RegionCipher } from '../../packet-cipher.ts'
import type { PortableAead } from './aeads.ts'
import { unsalted, withoutPadding } from './ciphers.ts'

export const portableRegionAead = (shape: AeadShape, aead: PortableAead): RegionAead<Uint8Array> => ({
  prepare: (secret) => unsalted(shape, secret),
  seal(key, nonce, aad, arena, start, length) {
    arena.set(aead(key, nonce, aad).encrypt(arena.subarray(start, start + length)), start)
  },
  open(key, nonce, aad, arena, start, length) {
    const cipher = aead(key, nonce, aad)
    try {
      arena.set(cipher.decrypt(arena.subarray(start, start + length + shape.icvLength)), start)
      return true
    } catch {
      return false
    }
  },
})

/** RFC 4543 §3.3: all is additional data, the IV before the text included. */
export function portableRegionGmac(shape: AeadShape, aead: PortableAead): RegionAead<Uint8Array> {
  const { ivLength, icvLength } = shape
  const covered = (aad: Uint8Array, arena: Uint8Array, start: number, length: number): Uint8Array =>
    concat(aad, arena.subarray(start - ivLength, start + length))
  return {
    prepare: (secret) => unsalted(shape, secret),
    seal(key, nonce, aad, arena, start, length) {
      arena.set(aead(key, nonce, covered(aad, arena, start, length)).encrypt(noText), start + length)
    },
    open(key, nonce, aad, arena, start, length) {
      const end = start + length
      const cipher = aead(key, nonce, covered(aad, arena, start, length))
      try {
        cipher.decrypt(arena.subarray(end, end + icvLength))
        return true
      } catch {
        return false
      }
    },
  }
}

export const portableRegionCipher = (shape: CipherShape, random: RandomSource): RegionCipher<Uint8Array> => {
  const keyed = (key: Uint8Array, iv: Uint8Array): ReturnType<typeof ctr> =>
    shape.mode === 'cbc' ? cbc(key, iv, withoutPadding) : ctr(key, iv)
  return {
    prepare: (secret) => unsalted(shape, secret),
    encrypt(key, iv, arena, start, length) {
      arena.set(keyed(key, iv).encrypt(arena.subarray(start, start + length)), start)
    },
    decrypt(key, iv, arena, start, length) {
      arena.set(keyed(key, iv).decrypt(arena.subarray(start, start + length)), start)
    },
    drawIv: (arena, at) => arena.set(random(shape.ivLength), at),
  }
}

const noText = new Uint8Array(0)
