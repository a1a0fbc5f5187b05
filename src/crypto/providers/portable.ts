// The provider for any JavaScript: the audited noble libraries. Slower than a native one by an order of magnitude.
import { gcm } from '@noble/ciphers/aes.js'
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { sha1 } from '@noble/hashes/legacy.js'
import type { RandomSource } from '../../contract/random.ts'
import { assembleProvider } from '../assemble.ts'
import { cbcShapes, chachaShape, type EncryptionShape, gcmShapes, integrityShapes, prfShapes } from '../catalogue.ts'
import { ecp256, ecp384, ecp521 } from '../ecp.ts'
import { modp2048, modp3072 } from '../modp.ts'
import type { CryptoProvider } from '../provider.ts'
import { type PortableAead, portableAead, portableCbc } from './portable/ciphers.ts'
import { portableEcp, portableModp, portableX25519 } from './portable/key-exchange.ts'
import { portableIntegrity, portablePrf, portableRegionMac } from './portable/macs.ts'
import { portableRegionAead, portableRegionCbc } from './portable/regions.ts'

export interface PortableProviderOptions {
  /** For the IVs of CBC packets: the system's CSPRNG in production. */
  readonly random: RandomSource
}

export function portableProvider(options: PortableProviderOptions): CryptoProvider {
  const aead = (shape: EncryptionShape, algorithm: PortableAead) => ({
    keyBits: shape.keyBits,
    whole: portableAead(shape, algorithm),
    region: portableRegionAead(algorithm),
  })
  return assembleProvider({
    name: 'portable',
    prfs: prfShapes.map(portablePrf),
    integrities: integrityShapes.map((shape) => ({ whole: portableIntegrity(shape), region: portableRegionMac(shape) })),
    aeads: [aead(gcmShapes[128], gcm), aead(gcmShapes[192], gcm), aead(gcmShapes[256], gcm), aead(chachaShape, chacha20poly1305)],
    ciphers: cbcShapes.map((shape) => ({
      keyBits: shape.keyBits,
      whole: portableCbc(shape),
      region: portableRegionCbc(options.random),
    })),
    keyExchanges: [
      portableX25519(),
      portableEcp(ecp256, p256),
      portableEcp(ecp384, p384),
      portableEcp(ecp521, p521),
      portableModp(modp2048),
      portableModp(modp3072),
    ],
    sha1: (octets) => sha1(octets),
  })
}
