// PRFs and integrity algorithms in JavaScript. RFC 2104, RFC 4868.
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { dangerReveal, type Secret } from '../../../bytes/secret.ts'
import type { HashName, IntegrityShape, PrfShape } from '../../catalogue.ts'
import { KeyCache } from '../../key-cache.ts'
import type { RegionMac } from '../../packet-cipher.ts'
import type { Integrity, Prf } from '../../provider.ts'

export const portablePrf = (shape: PrfShape): Prf => ({
  id: shape.id,
  keyLength: shape.length,
  outputLength: shape.length,
  compute: (key, ...parts) => compute(shape.hash, key, parts),
})

export const portableIntegrity = (shape: IntegrityShape): Integrity => ({
  id: shape.id,
  keyLength: shape.keyLength,
  icvLength: shape.icvLength,
  compute: (key, ...parts) => compute(shape.hash, key, parts).subarray(0, shape.icvLength),
})

/** HMAC that has absorbed its key: a copy of it saves two blocks of hashing for each packet. */
type Keyed = ReturnType<typeof hmac.create>

export function portableRegionMac(shape: IntegrityShape): RegionMac<Keyed> {
  const keyed = new KeyCache(generation, (key) => hmac.create(hashes[shape.hash], dangerReveal(key)))
  return {
    icvLength: shape.icvLength,
    prepare: (secret) => keyed.of(secret),
    mac: (key, arena, start, end) => key.clone().update(arena.subarray(start, end)).digest(),
  }
}

/** At most twice as many keyed states of each algorithm are kept, of about a kilobyte: see `KeyCache`. */
const generation = 1024

const hashes = { sha256, sha384, sha512 } as const

function compute(hash: HashName, key: Secret, parts: readonly Uint8Array[]): Uint8Array {
  const state = hmac.create(hashes[hash], dangerReveal(key))
  for (const part of parts) state.update(part)
  return state.digest()
}
