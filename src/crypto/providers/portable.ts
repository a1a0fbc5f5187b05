// The provider for any JavaScript: the audited noble libraries. Slower than a native one by an order of magnitude.
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { sha1 } from '@noble/hashes/legacy.js'
import type { RandomSource } from '../../contract/random.ts'
import { type AeadPart, assembleProvider } from '../assemble.ts'
import { type AeadShape, aeadShapes, cipherShapes, integrityShapes, prfShapes } from '../catalogue.ts'
import { ecp256, ecp384, ecp521 } from '../ecp.ts'
import { modp2048, modp3072 } from '../modp.ts'
import type { CryptoProvider } from '../provider.ts'
import { portableAlgorithm } from './portable/aeads.ts'
import { portableAead, portableCipher } from './portable/ciphers.ts'
import { portableEcp, portableModp, portableX25519 } from './portable/key-exchange.ts'
import { portableIntegrity, portablePrf, portableRegionMac } from './portable/macs.ts'
import { portableRegionAead, portableRegionCipher, portableRegionGmac } from './portable/regions.ts'

export interface PortableProviderOptions {
  /** For the IVs of CBC packets: the system's CSPRNG in production. */
  readonly random: RandomSource
}

export function portableProvider(options: PortableProviderOptions): CryptoProvider {
  return assembleProvider({
    name: 'portable',
    prfs: prfShapes.map(portablePrf),
    integrities: integrityShapes.map((shape) => ({ whole: portableIntegrity(shape), region: portableRegionMac(shape) })),
    aeads: aeadShapes.map(aead),
    ciphers: cipherShapes.map((shape) => ({ shape, whole: portableCipher(shape), region: portableRegionCipher(shape, options.random) })),
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

function aead(shape: AeadShape): AeadPart<Uint8Array> {
  const algorithm = portableAlgorithm(shape)
  return {
    shape,
    whole: shape.use === 'esp' ? undefined : portableAead(shape, algorithm),
    region: shape.mode === 'gmac' ? portableRegionGmac(shape, algorithm) : portableRegionAead(shape, algorithm),
  }
}
