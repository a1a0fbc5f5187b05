// AES-GMAC of AH in JavaScript: AES-GCM without plaintext. RFC 4543 §2, §4.
import { gcm } from '@noble/ciphers/aes.js'
import { dangerReveal } from '../../../bytes/secret.ts'
import type { GmacShape } from '../../catalogue.ts'
import { gmacOf } from '../../gmac.ts'
import type { PacketMac } from '../../provider.ts'

export const portableGmac = (shape: GmacShape): PacketMac =>
  gmacOf(shape, (key) => {
    const withoutSalt = dangerReveal(key).subarray(0, shape.keyLength)
    return (nonce, octets) => gcm(withoutSalt, nonce, octets).encrypt(noText)
  })

const noText = new Uint8Array(0)
