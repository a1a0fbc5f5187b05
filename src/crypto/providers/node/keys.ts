// Node's key objects for the packet path, prepared of secrets at first use. One costs about 825 octets; a raw key costs time at each use.
import { createSecretKey, type KeyObject } from 'node:crypto'
import { dangerReveal } from '../../../bytes/secret.ts'
import type { SaltLength } from '../../catalogue.ts'
import { KeyCache } from '../../key-cache.ts'

/** At most twice as many key objects of each kind are kept: see `KeyCache`. */
export const generation = 4096

/** Of secrets without the salt of so many octets at their end (RFC 4106 §8.1, RFC 4309 §7.1). */
export interface NodeKeys {
  readonly 0: KeyCache<KeyObject>
  readonly 3: KeyCache<KeyObject>
  readonly 4: KeyCache<KeyObject>
}

export const nodeKeys = (): NodeKeys => ({ 0: unsalted(0), 3: unsalted(3), 4: unsalted(4) })

function unsalted(saltLength: SaltLength): KeyCache<KeyObject> {
  return new KeyCache(generation, (secret) => {
    const octets = dangerReveal(secret)
    return createSecretKey(octets.subarray(0, octets.length - saltLength))
  })
}

/** The same octets as a plain `Uint8Array`: no Buffer leaves this room. */
export const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
