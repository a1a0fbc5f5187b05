// The provider for Node: OpenSSL behind node:crypto. The only file of `crypto/`, with its parts in `node/`, that needs Node.
import { createHash } from 'node:crypto'
import type { RandomSource } from '../../contract/random.ts'
import { assembleProvider } from '../assemble.ts'
import { cbcShapes, chachaShape, type EncryptionShape, gcmShapes, integrityShapes, prfShapes } from '../catalogue.ts'
import { ecp256, ecp384, ecp521 } from '../ecp.ts'
import { modp2048, modp3072 } from '../modp.ts'
import type { CryptoProvider } from '../provider.ts'
import { type NodeAead, nodeChaCha, nodeGcm } from './node/aeads.ts'
import { nodeAead, nodeCbc } from './node/ciphers.ts'
import { nodeEcp, nodeModp, nodeX25519 } from './node/key-exchange.ts'
import { nodeKeys, plain } from './node/keys.ts'
import { nodeIntegrity, nodePrf, nodeRegionMac } from './node/macs.ts'
import { nodeRegionAead, nodeRegionCbc } from './node/regions.ts'

export interface NodeProviderOptions {
  /** For the IVs of CBC packets, in the lab. Left out: the system's CSPRNG. */
  readonly random?: RandomSource
}

export function nodeProvider(options: NodeProviderOptions = {}): CryptoProvider {
  const keys = nodeKeys()
  const aead = (shape: EncryptionShape, algorithm: NodeAead) => ({
    keyBits: shape.keyBits,
    whole: nodeAead(shape, algorithm),
    region: nodeRegionAead(algorithm, keys),
  })
  return assembleProvider({
    name: 'node',
    prfs: prfShapes.map(nodePrf),
    integrities: integrityShapes.map((shape) => ({ whole: nodeIntegrity(shape), region: nodeRegionMac(shape) })),
    aeads: [
      aead(gcmShapes[128], nodeGcm('aes-128-gcm')),
      aead(gcmShapes[192], nodeGcm('aes-192-gcm')),
      aead(gcmShapes[256], nodeGcm('aes-256-gcm')),
      aead(chachaShape, nodeChaCha),
    ],
    ciphers: cbcShapes.map((shape) => ({
      keyBits: shape.keyBits,
      whole: nodeCbc(shape),
      region: nodeRegionCbc(shape, keys, options.random),
    })),
    keyExchanges: [
      nodeX25519(),
      nodeEcp(ecp256, 'prime256v1'),
      nodeEcp(ecp384, 'secp384r1'),
      nodeEcp(ecp521, 'secp521r1'),
      nodeModp(modp2048),
      nodeModp(modp3072),
    ],
    sha1: (octets) => plain(createHash('sha1').update(octets).digest()),
  })
}
