// What a provider cannot do without: its calls of cipher and MAC for one packet, nothing else. ESP and AH are compared with these.
// Nonces, additional data and views of the octets are made beforehand; results are dropped.
import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { cbc, gcm } from '@noble/ciphers/aes.js'
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'

/** The calls for packet `i` of a burst. */
export interface Primitives {
  seal(i: number): void
  open(i: number): void
}
/** One packet: text as it is before sealing, and what the MAC covers: header, IV and text. */
export interface Piece {
  readonly text: Uint8Array
  readonly covered: Uint8Array
}
export type MakePrimitives = (pieces: readonly Piece[]) => Primitives

const aad = new Uint8Array(8).fill(1)
const nonce = new Uint8Array(12).fill(2)
const iv = new Uint8Array(16).fill(3)
const nothing = new Uint8Array(0)

/** By provider and suite. */
export const primitives: Readonly<Record<string, Readonly<Record<string, MakePrimitives>>>> = {
  node: {
    aes128gcm16: nodeGcm('aes-128-gcm', 16),
    aes256gcm16: nodeGcm('aes-256-gcm', 32),
    chacha20poly1305: nodeChaCha,
    'aes128-sha256': nodeCbcHmac('aes-128-cbc', 16, 'sha256', 32),
    'aes256-sha512': nodeCbcHmac('aes-256-cbc', 32, 'sha512', 64),
    'null-sha256': nodeHmac('sha256', 32),
    'ah-sha256': nodeHmac('sha256', 32),
    'ah-aes128gmac': nodeGmac,
  },
  portable: {
    aes128gcm16: portableAead(gcm, 16),
    aes256gcm16: portableAead(gcm, 32),
    chacha20poly1305: portableAead(chacha20poly1305, 32),
    'aes128-sha256': portableCbcHmac(16, sha256, 32),
    'aes256-sha512': portableCbcHmac(32, sha512, 64),
    'null-sha256': portableHmac(sha256, 32),
    'ah-sha256': portableHmac(sha256, 32),
    'ah-aes128gmac': portableGmac,
  },
}

const tagged = { authTagLength: 16 } as const
const lengthless = { plaintextLength: 0 } as const
const randomKey = (length: number): KeyObject => createSecretKey(randomBytes(length))

function nodeGcm(name: CipherGCMTypes, keyLength: number): MakePrimitives {
  return (pieces) => {
    const key = randomKey(keyLength)
    const sealed = pieces.map(({ text }) => {
      const cipher = createCipheriv(name, key, nonce, tagged)
      cipher.setAAD(aad)
      const ciphertext = cipher.update(text)
      cipher.final()
      return { ciphertext, tag: cipher.getAuthTag() }
    })
    return {
      seal(i) {
        const cipher = createCipheriv(name, key, nonce, tagged)
        cipher.setAAD(aad)
        cipher.update(at(pieces, i).text)
        cipher.final()
        cipher.getAuthTag()
      },
      open(i) {
        const cipher = createDecipheriv(name, key, nonce, tagged)
        cipher.setAAD(aad)
        cipher.setAuthTag(at(sealed, i).tag)
        cipher.update(at(sealed, i).ciphertext)
        cipher.final()
      },
    }
  }
}

function nodeChaCha(pieces: readonly Piece[]): Primitives {
  const name = 'chacha20-poly1305'
  const key = randomKey(32)
  const sealed = pieces.map(({ text }) => {
    const cipher = createCipheriv(name, key, nonce, tagged)
    cipher.setAAD(aad, lengthless)
    const ciphertext = cipher.update(text)
    cipher.final()
    return { ciphertext, tag: cipher.getAuthTag() }
  })
  return {
    seal(i) {
      const cipher = createCipheriv(name, key, nonce, tagged)
      cipher.setAAD(aad, lengthless)
      cipher.update(at(pieces, i).text)
      cipher.final()
      cipher.getAuthTag()
    },
    open(i) {
      const cipher = createDecipheriv(name, key, nonce, tagged)
      cipher.setAAD(aad, lengthless)
      cipher.setAuthTag(at(sealed, i).tag)
      cipher.update(at(sealed, i).ciphertext)
      cipher.final()
    },
  }
}

function nodeHmac(hash: string, keyLength: number): MakePrimitives {
  return (pieces) => {
    const key = randomKey(keyLength)
    const mac = (i: number): void => void createHmac(hash, key).update(at(pieces, i).covered).digest()
    return { seal: mac, open: mac }
  }
}

function nodeGmac(pieces: readonly Piece[]): Primitives {
  const key = randomKey(16)
  const mac = (i: number): void => {
    const cipher = createCipheriv('aes-128-gcm', key, nonce, tagged)
    cipher.setAAD(at(pieces, i).covered)
    cipher.final()
    cipher.getAuthTag()
  }
  return { seal: mac, open: mac }
}

function portableGmac(pieces: readonly Piece[]): Primitives {
  const key = new Uint8Array(randomBytes(16))
  const mac = (i: number): void => void gcm(key, nonce, at(pieces, i).covered).encrypt(nothing)
  return { seal: mac, open: mac }
}

function nodeCbcHmac(name: string, keyLength: number, hash: string, macKeyLength: number): MakePrimitives {
  return (pieces) => {
    const key = randomKey(keyLength)
    const mac = nodeHmac(hash, macKeyLength)(pieces)
    return {
      seal(i) {
        createCipheriv(name, key, iv).setAutoPadding(false).update(at(pieces, i).text)
        mac.seal(i)
      },
      open(i) {
        mac.open(i)
        createDecipheriv(name, key, iv).setAutoPadding(false).update(at(pieces, i).text)
      },
    }
  }
}

function portableAead(aead: typeof gcm | typeof chacha20poly1305, keyLength: number): MakePrimitives {
  return (pieces) => {
    const key = new Uint8Array(randomBytes(keyLength))
    const sealed = pieces.map(({ text }) => aead(key, nonce, aad).encrypt(text))
    return {
      seal: (i) => void aead(key, nonce, aad).encrypt(at(pieces, i).text),
      open: (i) => void aead(key, nonce, aad).decrypt(at(sealed, i)),
    }
  }
}

function portableHmac(hash: typeof sha256 | typeof sha512, keyLength: number): MakePrimitives {
  return (pieces) => {
    const keyed = hmac.create(hash, new Uint8Array(randomBytes(keyLength)))
    const mac = (i: number): void => void keyed.clone().update(at(pieces, i).covered).digest()
    return { seal: mac, open: mac }
  }
}

function portableCbcHmac(keyLength: number, hash: typeof sha256 | typeof sha512, macKeyLength: number): MakePrimitives {
  return (pieces) => {
    const key = new Uint8Array(randomBytes(keyLength))
    const mac = portableHmac(hash, macKeyLength)(pieces)
    const unpadded = { disablePadding: true }
    return {
      seal(i) {
        cbc(key, iv, unpadded).encrypt(at(pieces, i).text)
        mac.seal(i)
      },
      open(i) {
        mac.open(i)
        cbc(key, iv, unpadded).decrypt(at(pieces, i).text)
      },
    }
  }
}

function at<T>(list: readonly T[], i: number): T {
  const found = list[i]
  if (found === undefined) throw new RangeError(`no packet ${i}`)
  return found
}
