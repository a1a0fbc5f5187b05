// PRFs and integrity algorithms in JavaScript. HMAC: RFC 2104, RFC 2404, RFC 4868; AES-XCBC: RFC 3566, RFC 4434; AES-CMAC: RFC 4494, RFC 4615.
import { cbc } from '@noble/ciphers/aes.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { dangerReveal, type Secret } from '../../../bytes/secret.ts'
import { type BlockChain, blockMac, blockMacKey, blockPrf } from '../../block-mac.ts'
import { type IntegrityShape, isBlockMac, type MacName, type PrfShape } from '../../catalogue.ts'
import { KeyCache } from '../../key-cache.ts'
import type { KeyedMac, RegionMac } from '../../packet-cipher.ts'
import type { Integrity, Prf } from '../../provider.ts'
import { withoutPadding } from './ciphers.ts'

export const portablePrf = (shape: PrfShape): Prf => ({
  id: shape.id,
  keyLength: shape.length,
  outputLength: shape.length,
  nonceLength: shape.nonceLength,
  compute: (key, ...parts) => compute(shape.mac, key, parts),
})

export const portableIntegrity = (shape: IntegrityShape): Integrity => ({
  id: shape.id,
  keyLength: shape.keyLength,
  icvLength: shape.icvLength,
  compute: (key, ...parts) => compute(shape.mac, key, parts).subarray(0, shape.icvLength),
})

export function portableRegionMac(shape: IntegrityShape): RegionMac {
  const keyed = new KeyCache(generation, (secret) => keyedMac(shape.mac, secret))
  return { icvLength: shape.icvLength, prepare: (secret) => keyed.of(secret) }
}

/** At most twice as many keyed states of each algorithm are kept, of about a kilobyte: see `KeyCache`. */
const generation = 1024

const hashes = { sha1, sha256, sha384, sha512 } as const

function keyedMac(name: MacName, secret: Secret): KeyedMac {
  if (isBlockMac(name)) {
    const key = blockMacKey(aesCbc, name, dangerReveal(secret))
    return { mac: (arena, start, end) => blockMac(aesCbc, key, [arena.subarray(start, end)]) }
  }
  // HMAC that has absorbed its key: a copy of it saves two blocks of hashing for each packet.
  const state = hmac.create(hashes[name], dangerReveal(secret))
  return { mac: (arena, start, end) => state.clone().update(arena.subarray(start, end)).digest() }
}

function compute(name: MacName, key: Secret, parts: readonly Uint8Array[]): Uint8Array {
  if (isBlockMac(name)) return blockPrf(aesCbc, name, dangerReveal(key), parts)
  const state = hmac.create(hashes[name], dangerReveal(key))
  for (const part of parts) state.update(part)
  return state.digest()
}

const zeros = new Uint8Array(16)
const aesCbc: BlockChain<Uint8Array> = {
  // A copy: the caller wipes its own.
  keyOf: (octets) => octets.slice(),
  lastBlock: (key, blocks) => cbc(key, zeros, withoutPadding).encrypt(blocks).subarray(-16),
}
