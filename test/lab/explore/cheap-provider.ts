// Cryptography that protects nothing and costs next to nothing, under the numbers of real transforms: what the explorer's hosts use. MACs
// and the PRF are a hash of 32 bits, Diffie-Hellman is a multiplication, ciphers leave the text as it is. A wrong key, or another octet,
// is still noticed.
import { putU32, u32 } from '../../../src/bytes/bytes.ts'
import { dangerReveal, Secret } from '../../../src/bytes/secret.ts'
import { encryption, integrity, keyExchange, prf } from '../../../src/iana/transforms.ts'
import { assembleProvider } from '../../../src/crypto/assemble.ts'
import type { AeadShape } from '../../../src/crypto/catalogue.ts'
import type { CryptoProvider } from '../../../src/crypto/provider.ts'

export interface CheapProvider {
  readonly provider: CryptoProvider
  /** Messages sealed so far. */
  readonly sealed: number
}

/** Words for a proposal that it has all of. */
export const cheapIke = 'aes128gcm16-prfsha256-x25519'
export const cheapEsp = 'aes128gcm16-noesn'
export const cheapAh = 'sha256-noesn'

const ivLength = 8
const icvLength = 4

export function cheapProvider(): CheapProvider {
  let sealed = 0
  const provider = assembleProvider<Uint8Array, never>({
    name: 'cheap',
    prfs: [
      {
        id: prf.PRF_HMAC_SHA2_256,
        keyLength: macLength,
        outputLength: macLength,
        nonceLength: undefined,
        compute: (key, ...parts) => stretched(digest(dangerReveal(key), ...parts), macLength),
      },
    ],
    integrities: [],
    // For AH alone.
    gmacs: [
      {
        id: integrity.AUTH_HMAC_SHA2_256_128,
        keyLength: macLength,
        ivLength: 0,
        ivSource: 'none',
        icvLength: macLength / 2,
        compute: (key, _, ...parts) => stretched(digest(dangerReveal(key), ...parts), macLength / 2),
        prepare: (key) => ({
          mac: (arena, start, end) => stretched(digest(dangerReveal(key), arena.subarray(start, end)), macLength / 2),
        }),
      },
    ],
    aeads: [
      {
        shape: aeadShape,
        whole: {
          kind: 'aead',
          id: aeadShape.id,
          keyLength: aeadShape.keyLength + aeadShape.saltLength,
          saltLength: aeadShape.saltLength,
          ivLength,
          icvLength,
          seal(key, iv, aad, plaintext) {
            sealed++
            const text = new Uint8Array(plaintext.length + icvLength)
            text.set(plaintext)
            putU32(text, plaintext.length, digest(dangerReveal(key), iv, aad, plaintext))
            return text
          },
          open(key, iv, aad, text) {
            const plaintext = text.subarray(0, text.length - icvLength)
            return u32(text, plaintext.length) === digest(dangerReveal(key), iv, aad, plaintext) ? plaintext.slice() : undefined
          },
        },
        region: {
          prepare: (secret) => dangerReveal(secret).slice(),
          seal: (key, nonce, aad, arena, start, length) =>
            putU32(arena, start + length, digest(key, nonce, aad, arena.subarray(start, start + length))),
          open: (key, nonce, aad, arena, start, length) =>
            u32(arena, start + length) === digest(key, nonce, aad, arena.subarray(start, start + length)),
        },
      },
    ],
    ciphers: [],
    keyExchanges: [
      {
        id: keyExchange.CURVE25519,
        publicLength: 6,
        generate(random) {
          const octets = random(6)
          return { privateKey: new Secret(octets), publicValue: times(octets, generator) }
        },
        publicValueOf: (privateKey) => times(dangerReveal(privateKey), generator),
        agree: (privateKey, peerPublic) => new Secret(times(dangerReveal(privateKey), u32(peerPublic, 2))),
      },
    ],
    kems: [],
    signatures: [],
    sha1: (octets) => stretched(digest(octets), 20),
  })
  return {
    provider,
    get sealed() {
      return sealed
    },
  }
}

/** The payloads inside SK, which are not encrypted. */
export function clearText(body: Uint8Array): Uint8Array {
  const text = body.subarray(ivLength, body.length - icvLength)
  return text.subarray(0, text.length - 1 - (text[text.length - 1] ?? 0))
}

const macLength = 16
const aeadShape: AeadShape = {
  id: encryption.ENCR_AES_GCM_16,
  mode: 'gcm',
  keyBits: 128,
  keyLength: 16,
  saltLength: 4,
  ivLength,
  iv: 'explicit',
  icvLength,
  use: 'ike-and-esp',
}

/** Odd: products of odd numbers are odd, so that none is zero. */
const generator = 0x9e3779b1

/** Of the last four octets, modulo 2^32. The first two octets tell a public value from an SPI. */
function times(octets: Uint8Array, factor: number): Uint8Array {
  const product = new Uint8Array(6)
  putU32(product, 2, Math.imul(u32(octets, 2) | 1, factor))
  return product
}

/** FNV-1a by words where there are whole ones, mixed at the end. */
function digest(...parts: readonly Uint8Array[]): number {
  let hash = 0x811c9dc5
  for (const part of parts) {
    let at = 0
    for (; at + 4 <= part.length; at += 4) hash = Math.imul(hash ^ u32(part, at), 0x01000193) ^ (hash >>> 15)
    for (; at < part.length; at++) hash = Math.imul(hash ^ (part[at] ?? 0), 0x01000193) ^ (hash >>> 15)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function stretched(word: number, length: number): Uint8Array {
  const octets = new Uint8Array(length)
  let next = word
  for (let at = 0; at < length; at += 4) {
    putU32(octets, at, next >>> 0)
    next = Math.imul(next ^ (next >>> 15), 0x2c1b3c6d) + 0x9e3779b9
  }
  return octets
}
