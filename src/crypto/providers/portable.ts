// The provider for any JavaScript: the audited noble libraries. Slower than a native one by an order of magnitude.
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { ed448, x448 } from '@noble/curves/ed448.js'
import { brainpoolP256r1, brainpoolP384r1, brainpoolP512r1 } from '@noble/curves/misc.js'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { sha1 } from '@noble/hashes/legacy.js'
import type { RandomSource } from '../../contract/random.ts'
import { keyExchange } from '../../iana/transforms.ts'
import { type AeadPart, assembleProvider } from '../assemble.ts'
import { type AeadShape, aeadShapes, cipherShapes, gmacShapes, integrityShapes, prfShapes } from '../catalogue.ts'
import { brainpool256, brainpool384, brainpool512, ecp256, ecp384, ecp521 } from '../ecp.ts'
import { modpGroups } from '../modp.ts'
import type { CryptoProvider } from '../provider.ts'
import { portableAlgorithm } from './portable/aeads.ts'
import { portableAead, portableCipher } from './portable/ciphers.ts'
import { portableGmac } from './portable/gmac.ts'
import { portableEcp, portableModp, portableMontgomery } from './portable/key-exchange.ts'
import { portableKems } from './portable/kem.ts'
import { portableIntegrity, portablePrf, portableRegionMac } from './portable/macs.ts'
import { portableRegionAead, portableRegionCipher, portableRegionGmac } from './portable/regions.ts'
import { portableEcdsa, portableEddsa } from './portable/signatures.ts'

export interface PortableProviderOptions {
  /** For the IVs of CBC packets: the system's CSPRNG in production. */
  readonly random: RandomSource
}

export function portableProvider(options: PortableProviderOptions): CryptoProvider {
  return assembleProvider({
    name: 'portable',
    prfs: prfShapes.map(portablePrf),
    integrities: integrityShapes.map((shape) => ({ whole: portableIntegrity(shape), region: portableRegionMac(shape) })),
    gmacs: gmacShapes.map(portableGmac),
    aeads: aeadShapes.map(aead),
    ciphers: cipherShapes.map((shape) => ({ shape, whole: portableCipher(shape), region: portableRegionCipher(shape, options.random) })),
    keyExchanges: [
      portableMontgomery(keyExchange.CURVE25519, x25519, 32),
      portableMontgomery(keyExchange.CURVE448, x448, 56),
      portableEcp(ecp256, p256),
      portableEcp(ecp384, p384),
      portableEcp(ecp521, p521),
      portableEcp(brainpool256, brainpoolP256r1),
      portableEcp(brainpool384, brainpoolP384r1),
      portableEcp(brainpool512, brainpoolP512r1),
      ...modpGroups.map(portableModp),
    ],
    kems: portableKems,
    signatures: [
      portableEcdsa('ecdsa-p256-sha256', p256),
      portableEcdsa('ecdsa-p384-sha384', p384),
      portableEcdsa('ecdsa-p521-sha512', p521),
      portableEddsa('ed25519', ed25519),
      portableEddsa('ed448', ed448),
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
