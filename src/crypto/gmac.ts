// The nonce of AES-GMAC in AH: salt | IV. RFC 4543 §3.2, §5.4. A provider contributes the MAC itself.
import { concat } from '../bytes/bytes.ts'
import { dangerReveal, type Secret } from '../bytes/secret.ts'
import { ApiMisuse } from '../contract/faults.ts'
import type { GmacShape } from './catalogue.ts'
import type { PacketMac } from './provider.ts'

/** `tagWith` gives AES-GMAC of octets under a key, which still ends with the salt. */
export function gmacOf(shape: GmacShape, tagWith: (key: Secret) => (nonce: Uint8Array, octets: Uint8Array) => Uint8Array): PacketMac {
  const { id, saltLength, ivLength, icvLength } = shape
  const keyLength = shape.keyLength + saltLength
  const check = (key: Secret, iv: Uint8Array): void => {
    // A salt that is taken from the wrong place, or no salt at all, would go unnoticed until a nonce repeats.
    if (iv.length !== ivLength) throw new ApiMisuse(`an IV of AES-GMAC has ${ivLength} octets, not ${iv.length} (RFC 4543 §3.1)`)
    if (key.length !== keyLength) throw new ApiMisuse(`a key of integrity algorithm ${id} has ${keyLength} octets, not ${key.length}`)
  }
  const nonce = new Uint8Array(saltLength + ivLength)
  return {
    id,
    keyLength,
    ivLength,
    ivSource: 'counter',
    icvLength,
    compute(key, iv, ...parts) {
      check(key, iv)
      return tagWith(key)(concat(dangerReveal(key).subarray(-saltLength), iv), concat(...parts))
    },
    prepare(key) {
      const tag = tagWith(key)
      return {
        mac(arena, start, end, iv) {
          check(key, iv)
          const octets = dangerReveal(key)
          for (let i = 0; i < saltLength; i++) nonce[i] = octets[shape.keyLength + i] ?? 0
          for (let i = 0; i < ivLength; i++) nonce[saltLength + i] = iv[i] ?? 0
          return tag(nonce, arena.subarray(start, end))
        },
      }
    },
  }
}
