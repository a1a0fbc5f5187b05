// PRFs and integrity algorithms on node:crypto. RFC 2104, RFC 4868.
import { createHmac, type KeyObject } from 'node:crypto'
import { dangerReveal, type Secret } from '../../../bytes/secret.ts'
import type { HashName, IntegrityShape, PrfShape } from '../../catalogue.ts'
import type { RegionMac } from '../../packet-cipher.ts'
import type { Integrity, Prf } from '../../provider.ts'
import { type NodeKeys, plain } from './keys.ts'

export const nodePrf = (shape: PrfShape): Prf => ({
  id: shape.id,
  keyLength: shape.length,
  outputLength: shape.length,
  compute: (key, ...parts) => hmac(shape.hash, key, parts),
})

export const nodeIntegrity = (shape: IntegrityShape): Integrity => ({
  id: shape.id,
  keyLength: shape.keyLength,
  icvLength: shape.icvLength,
  compute: (key, ...parts) => hmac(shape.hash, key, parts).subarray(0, shape.icvLength),
})

export const nodeRegionMac = (shape: IntegrityShape, keys: NodeKeys): RegionMac<KeyObject> => ({
  icvLength: shape.icvLength,
  prepare: (secret) => keys.whole.of(secret),
  mac: (key, arena, start, end) => createHmac(shape.hash, key).update(arena.subarray(start, end)).digest(),
})

// Keys of IKE are used a few times each: they are not worth a place among the prepared keys of packets.
function hmac(hash: HashName, key: Secret, parts: readonly Uint8Array[]): Uint8Array {
  const state = createHmac(hash, dangerReveal(key))
  for (const part of parts) state.update(part)
  return plain(state.digest())
}
