// Ciphers of ESP packets in JavaScript, in an arena.
import { cbc } from '@noble/ciphers/aes.js'
import { dangerReveal } from '../../../bytes/secret.ts'
import type { RandomSource } from '../../../contract/random.ts'
import { aeadLengths, cbcLengths } from '../../catalogue.ts'
import type { RegionAead, RegionCipher } from '../../packet-cipher.ts'
import { type PortableAead, unsalted, withoutPadding } from './ciphers.ts'

const { icvLength } = aeadLengths

export const portableRegionAead = (aead: PortableAead): RegionAead<Uint8Array> => ({
  prepare: unsalted,
  seal(key, nonce, aad, arena, start, length) {
    arena.set(aead(key, nonce, aad).encrypt(arena.subarray(start, start + length)), start)
  },
  open(key, nonce, aad, arena, start, length) {
    const cipher = aead(key, nonce, aad)
    try {
      // Both AEADs check the ICV before they decrypt.
      arena.set(cipher.decrypt(arena.subarray(start, start + length + icvLength)), start)
      return true
    } catch {
      return false
    }
  },
})

export const portableRegionCbc = (random: RandomSource): RegionCipher<Uint8Array> => ({
  ...cbcLengths,
  prepare: dangerReveal,
  encrypt(key, iv, arena, start, length) {
    arena.set(cbc(key, iv, withoutPadding).encrypt(arena.subarray(start, start + length)), start)
  },
  decrypt(key, iv, arena, start, length) {
    arena.set(cbc(key, iv, withoutPadding).decrypt(arena.subarray(start, start + length)), start)
  },
  drawIv: (arena, at) => arena.set(random(cbcLengths.ivLength), at),
})
