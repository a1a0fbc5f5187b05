// AES-GMAC of AH on node:crypto: AES-GCM without plaintext. RFC 4543 §2, §4.
import type { GmacShape } from '../../catalogue.ts'
import { gmacOf } from '../../gmac.ts'
import type { PacketMac } from '../../provider.ts'
import { gcm } from './aeads.ts'
import { type NodeKeys, plain } from './keys.ts'

export function nodeGmac(shape: GmacShape, keys: NodeKeys): PacketMac {
  const aead = gcm(shape)
  return gmacOf(shape, (key) => {
    const prepared = keys[shape.saltLength].of(key)
    return (nonce, octets) => {
      const cipher = aead.encipher(prepared, nonce)
      cipher.setAAD(octets, aead.aadOptions(0))
      cipher.final()
      return plain(cipher.getAuthTag())
    }
  })
}
