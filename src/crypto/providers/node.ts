// The provider for Node: OpenSSL behind node:crypto. The only file of `crypto/`, with its parts in `node/`, that needs Node.
import { hash, type KeyObject } from 'node:crypto'
import type { RandomSource } from '../../contract/random.ts'
import { keyExchange } from '../../iana/transforms.ts'
import { type AeadPart, assembleProvider } from '../assemble.ts'
import { type AeadShape, aeadShapes, cipherShapes, gmacShapes, integrityShapes, prfShapes, scarceCipherShapes } from '../catalogue.ts'
import { brainpool256, brainpool384, brainpool512, ecp256, ecp384, ecp521 } from '../ecp.ts'
import { modpGroups } from '../modp.ts'
import type { CryptoProvider } from '../provider.ts'
import { ecdsaSchemes, eddsaSchemes, rsaSchemes } from '../signature-schemes.ts'
import { nodeAlgorithm } from './node/aeads.ts'
import { hasCipher, nodeAead, nodeCipher } from './node/ciphers.ts'
import { nodeGmac } from './node/gmac.ts'
import { nodeEcp, nodeModp, nodeMontgomery } from './node/key-exchange.ts'
import { type NodeKeys, nodeKeys, plain } from './node/keys.ts'
import { nodeIntegrity, nodePrf, nodeRegionMac } from './node/macs.ts'
import { curve25519, curve448 } from './node/montgomery-keys.ts'
import { nodeRegionAead, nodeRegionCipher, nodeRegionGmac } from './node/regions.ts'
import { portableKems } from './portable/kem.ts'
import { nodeEcdsa, nodeEddsa, nodeRsa } from './node/signatures.ts'

export interface NodeProviderOptions {
  /** For the IVs of CBC packets, in the lab. Left out: the system's CSPRNG. */
  readonly random?: RandomSource
}

export function nodeProvider(options: NodeProviderOptions = {}): CryptoProvider {
  const keys = nodeKeys()
  return assembleProvider({
    name: 'node',
    prfs: prfShapes.map(nodePrf),
    integrities: integrityShapes.map((shape) => ({ whole: nodeIntegrity(shape), region: nodeRegionMac(shape) })),
    gmacs: gmacShapes.map((shape) => nodeGmac(shape, keys)),
    aeads: aeadShapes.map((shape) => aead(shape, keys)),
    ciphers: [...cipherShapes, ...scarceCipherShapes.filter(hasCipher)].map((shape) => ({
      shape,
      whole: nodeCipher(shape),
      region: nodeRegionCipher(shape, keys, options.random),
    })),
    keyExchanges: [
      nodeMontgomery(keyExchange.CURVE25519, curve25519),
      nodeMontgomery(keyExchange.CURVE448, curve448),
      nodeEcp(ecp256, 'prime256v1'),
      nodeEcp(ecp384, 'secp384r1'),
      nodeEcp(ecp521, 'secp521r1'),
      nodeEcp(brainpool256, 'brainpoolP256r1'),
      nodeEcp(brainpool384, 'brainpoolP384r1'),
      nodeEcp(brainpool512, 'brainpoolP512r1'),
      ...modpGroups.map(nodeModp),
    ],
    // node:crypto of Node 20 has no ML-KEM.
    kems: portableKems,
    signatures: [...ecdsaSchemes.map(nodeEcdsa), ...eddsaSchemes.map(nodeEddsa), ...rsaSchemes.map(nodeRsa)],
    sha1: (octets) => plain(hash('sha1', octets, 'buffer')),
  })
}

function aead(shape: AeadShape, keys: NodeKeys): AeadPart<KeyObject> {
  const algorithm = nodeAlgorithm(shape)
  return {
    shape,
    whole: shape.use === 'esp' ? undefined : nodeAead(shape, algorithm),
    region: shape.mode === 'gmac' ? nodeRegionGmac(shape, algorithm, keys) : nodeRegionAead(shape, algorithm, keys),
  }
}
