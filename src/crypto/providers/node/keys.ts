// Node's key objects for the packet path, prepared of secrets at first use. One costs about 825 octets; a raw key costs time at each use.
import { createSecretKey, type KeyObject } from 'node:crypto'
import { dangerReveal } from '../../../bytes/secret.ts'
import { aeadLengths } from '../../catalogue.ts'
import { KeyCache } from '../../key-cache.ts'

/** At most twice as many key objects of each kind are kept: see `KeyCache`. */
export const generation = 4096

export interface NodeKeys {
  /** Of the whole secret. */
  readonly whole: KeyCache<KeyObject>
  /** Of the secret without the salt at its end (RFC 4106 §8.1). */
  readonly unsalted: KeyCache<KeyObject>
}

export function nodeKeys(): NodeKeys {
  return {
    whole: new KeyCache(generation, (key) => createSecretKey(dangerReveal(key))),
    unsalted: new KeyCache(generation, (key) => createSecretKey(dangerReveal(key).subarray(0, -aeadLengths.saltLength))),
  }
}

/** The same octets as a plain `Uint8Array`: no Buffer leaves this room. */
export const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
