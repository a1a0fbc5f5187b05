// PRFs and integrity algorithms on node:crypto. HMAC: RFC 2104, RFC 2404, RFC 4868; AES-XCBC: RFC 3566, RFC 4434; AES-CMAC: RFC 4494, RFC 4615.
import { createCipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { dangerReveal, type Secret } from '../../../bytes/secret.ts'
import { type BlockChain, blockMac, blockMacKey, blockPrf } from '../../block-mac.ts'
import { type IntegrityShape, isBlockMac, type MacName, type PrfShape } from '../../catalogue.ts'
import { KeyCache } from '../../key-cache.ts'
import type { KeyedMac, RegionMac } from '../../packet-cipher.ts'
import type { Integrity, Prf } from '../../provider.ts'
import { generation, plain } from './keys.ts'

export const nodePrf = (shape: PrfShape): Prf => ({
  id: shape.id,
  keyLength: shape.length,
  outputLength: shape.length,
  nonceLength: shape.nonceLength,
  compute: (key, ...parts) => compute(shape.mac, key, parts),
})

export const nodeIntegrity = (shape: IntegrityShape): Integrity => ({
  id: shape.id,
  keyLength: shape.keyLength,
  icvLength: shape.icvLength,
  compute: (key, ...parts) => compute(shape.mac, key, parts).subarray(0, shape.icvLength),
})

export function nodeRegionMac(shape: IntegrityShape): RegionMac {
  const keyed = new KeyCache(generation, (secret) => keyedMac(shape.mac, secret))
  return { icvLength: shape.icvLength, prepare: (secret) => keyed.of(secret) }
}

function keyedMac(name: MacName, secret: Secret): KeyedMac {
  if (isBlockMac(name)) {
    const key = blockMacKey(aesCbc, name, dangerReveal(secret))
    return { mac: (arena, start, end) => blockMac(aesCbc, key, [arena.subarray(start, end)]) }
  }
  const key = createSecretKey(dangerReveal(secret))
  return { mac: (arena, start, end) => createHmac(name, key).update(arena.subarray(start, end)).digest() }
}

// Keys of IKE are used a few times each: they are not worth a place among the prepared keys of packets.
function compute(name: MacName, key: Secret, parts: readonly Uint8Array[]): Uint8Array {
  if (isBlockMac(name)) return blockPrf(aesCbc, name, dangerReveal(key), parts)
  const state = createHmac(name, dangerReveal(key))
  for (const part of parts) state.update(part)
  return plain(state.digest())
}

const zeros = new Uint8Array(16)
const aesCbc: BlockChain<KeyObject> = {
  keyOf: (octets) => createSecretKey(octets),
  lastBlock(key, blocks) {
    const chained = createCipheriv('aes-128-cbc', key, zeros).setAutoPadding(false).update(blocks)
    return plain(chained.subarray(-16))
  },
}
