// ESP's use of ciphers on whole bursts, in place in an arena: layouts, additional data, extended sequence numbers. A provider
// contributes what it does to one region of octets (`RegionAead`, `RegionCipher`, `RegionMac`); everything else is here, once.
// RFC 4303 §2, §3.2, §3.3; RFC 4106 §3 to §5; RFC 4309 §3 to §5; RFC 7634 §2; RFC 8750 §4; RFC 3602 §3; RFC 4312 §3; RFC 2451 §3; RFC 3686 §4; RFC 4868 §2.3.
import { dangerReveal, type Secret } from '../bytes/secret.ts'
import { putU32 } from '../bytes/bytes.ts'
import { ApiMisuse } from '../contract/faults.ts'
import type { AeadShape, CipherShape } from './catalogue.ts'
import type { CipherJobs, PacketCipher } from './provider.ts'

/** Works on `length` octets of the arena from `start`, with the ICV behind them. `Key` is whatever the provider prepares of a secret. */
export interface RegionAead<Key> {
  /** Of a secret that ends with a salt. */
  prepare(secret: Secret): Key
  seal(key: Key, nonce: Uint8Array, aad: Uint8Array, arena: Uint8Array, start: number, length: number): void
  /** False when the ICV is wrong; the region then holds no plaintext. */
  open(key: Key, nonce: Uint8Array, aad: Uint8Array, arena: Uint8Array, start: number, length: number): boolean
}

/** Over `length` octets of the arena from `start`. `iv`: of CBC the IV, one block; of CTR the first counter block. */
export interface RegionCipher<Key> {
  /** Of a secret that may end with a salt. */
  prepare(secret: Secret): Key
  encrypt(key: Key, iv: Uint8Array, arena: Uint8Array, start: number, length: number): void
  decrypt(key: Key, iv: Uint8Array, arena: Uint8Array, start: number, length: number): void
  /** Writes an unpredictable IV (RFC 3602 §3) of the cipher's length into the arena. For CBC. */
  drawIv(arena: Uint8Array, at: number): void
}

export interface RegionMac {
  readonly icvLength: number
  prepare(secret: Secret): KeyedMac
}
export interface KeyedMac {
  /** The MAC of the arena from `start` to `end`: its first `icvLength` octets count. Valid until the next call. */
  mac(arena: Uint8Array, start: number, end: number): Uint8Array
}

/** Octets of SPI and sequence number. */
const headerLength = 8

/**
 * ESP with an AEAD: the IV is the caller's counter, or else the sequence number (RFC 8750 §4); the additional data are
 * SPI | sequence number (RFC 4106 §5, RFC 4309 §5, RFC 7634 §2.1).
 */
export function aeadPacketCipher<Key>(shape: AeadShape, aead: RegionAead<Key>, secret: Secret): PacketCipher {
  const { icvLength } = shape
  const ivLength = shape.iv === 'implicit' ? 0 : shape.ivLength
  return {
    ivLength,
    icvLength,
    blockLength: 1,
    ivSource: shape.iv === 'implicit' ? 'none' : 'counter',
    seal(jobs) {
      const key = aead.prepare(secret)
      const nonce = startNonce(shape, secret)
      for (let i = 0; i < jobs.count; i++) {
        const at = jobs.header[i] ?? 0
        const aad = fillAead(shape, nonce, jobs, i, at)
        aead.seal(key, nonce, aad, jobs.arena, at + headerLength + ivLength, jobs.textLength[i] ?? 0)
      }
    },
    open(jobs) {
      const key = aead.prepare(secret)
      const nonce = startNonce(shape, secret)
      for (let i = 0; i < jobs.count; i++) {
        const at = jobs.header[i] ?? 0
        const aad = fillAead(shape, nonce, jobs, i, at)
        jobs.accepted[i] = aead.open(key, nonce, aad, jobs.arena, at + headerLength + ivLength, jobs.textLength[i] ?? 0) ? 1 : 0
      }
    },
  }
}

/** A cipher with its key, for one SA. */
export interface KeyedCipher<Key> {
  readonly shape: CipherShape
  readonly region: RegionCipher<Key>
  readonly secret: Secret
}

/** ESP with a cipher and a MAC, or with the MAC alone (`cipher` undefined: NULL encryption, RFC 2410). */
export function macPacketCipher<CipherKey>(
  cipher: KeyedCipher<CipherKey> | undefined,
  mac: { readonly region: RegionMac; readonly secret: Secret },
): PacketCipher {
  const ivLength = cipher?.shape.ivLength ?? 0
  const icvLength = mac.region.icvLength
  return {
    ivLength,
    icvLength,
    blockLength: cipher?.shape.blockLength ?? 1,
    ivSource: cipher === undefined ? 'none' : ivSourceOf(cipher.shape),
    seal(jobs) {
      if (cipher !== undefined) encryptAll(cipher, jobs)
      const key = mac.region.prepare(mac.secret)
      const { arena } = jobs
      for (let i = 0; i < jobs.count; i++) {
        const start = jobs.header[i] ?? 0
        const end = start + headerLength + ivLength + (jobs.textLength[i] ?? 0)
        const icv = key.mac(arena, start, coveredEnd(jobs, i, end))
        for (let k = 0; k < icvLength; k++) arena[end + k] = icv[k] ?? 0
      }
    },
    open(jobs) {
      const key = mac.region.prepare(mac.secret)
      const { arena } = jobs
      for (let i = 0; i < jobs.count; i++) {
        const start = jobs.header[i] ?? 0
        const end = start + headerLength + ivLength + (jobs.textLength[i] ?? 0)
        for (let k = 0; k < icvLength; k++) received[k] = arena[end + k] ?? 0
        const icv = key.mac(arena, start, coveredEnd(jobs, i, end))
        let difference = 0
        for (let k = 0; k < icvLength; k++) difference |= (received[k] ?? 0) ^ (icv[k] ?? 0)
        for (let k = 0; k < 4; k++) arena[end + k] = received[k] ?? 0
        jobs.accepted[i] = difference === 0 ? 1 : 0
      }
      if (cipher !== undefined) decryptAccepted(cipher, jobs)
    },
  }
}

/** RFC 3686 §3.1: any IV that does not repeat; RFC 3602 §3: one that cannot be predicted. */
export const ivSourceOf = (shape: CipherShape): 'counter' | 'random' => (shape.mode === 'ctr' ? 'counter' : 'random')

/** Writes salt | IV | 1, the first counter block of AES-CTR. `secret`: the keying material. RFC 3686 §4. */
export function fillCounterBlock(block: Uint8Array, secret: Uint8Array, iv: Uint8Array, ivAt: number): void {
  for (let k = 0; k < 4; k++) block[k] = secret[secret.length - 4 + k] ?? 0
  for (let k = 0; k < 8; k++) block[4 + k] = iv[ivAt + k] ?? 0
  putU32(block, 12, 1)
}

// Everything runs synchronously, one packet after the other: these few octets serve all SAs.
/** By length of the salt. */
const nonces = { 0: new Uint8Array(8), 3: new Uint8Array(11), 4: new Uint8Array(12) } as const
const shortAad = new Uint8Array(8)
const longAad = new Uint8Array(12)
/** By length of the block. */
const ivs = { 8: new Uint8Array(8), 16: new Uint8Array(16) } as const
const received = new Uint8Array(64)

/** RFC 4106 §4, RFC 4309 §4: nonce = salt | IV; the salt ends the keying material (RFC 4106 §8.1). */
function startNonce({ saltLength }: AeadShape, secret: Secret): Uint8Array {
  const nonce = nonces[saltLength]
  const octets = dangerReveal(secret)
  for (let k = 0; k < saltLength; k++) nonce[k] = octets[octets.length - saltLength + k] ?? 0
  return nonce
}

/** RFC 4106 §5: SPI | 32-bit sequence number, or SPI | 64-bit sequence number. */
function fillAead(shape: AeadShape, nonce: Uint8Array, jobs: CipherJobs, i: number, at: number): Uint8Array {
  const { arena } = jobs
  const high = jobs.sequence === 'esn' ? (jobs.sequenceHigh[i] ?? 0) : 0
  const aad = jobs.sequence === 'esn' ? longAad : shortAad
  const low = aad.length - 4
  for (let k = 0; k < 4; k++) aad[k] = arena[at + k] ?? 0
  if (low === 8) putU32(aad, 4, high)
  for (let k = 0; k < 4; k++) aad[low + k] = arena[at + 4 + k] ?? 0
  const { saltLength, ivLength } = shape
  if (shape.iv === 'implicit') {
    // RFC 8750 §4: four octets of zeros | 32-bit sequence number, or the 64-bit sequence number.
    putU32(nonce, saltLength, high)
    for (let k = 0; k < 4; k++) nonce[saltLength + 4 + k] = arena[at + 4 + k] ?? 0
  } else for (let k = 0; k < ivLength; k++) nonce[saltLength + k] = arena[at + headerLength + k] ?? 0
  return aad
}

/**
 * RFC 4303 §2.2.1: with ESN and a separate MAC, the high 32 bits are appended to what the MAC covers. They are written where
 * the ICV goes, or was: the MAC then runs over one piece of the arena.
 */
function coveredEnd(jobs: CipherJobs, i: number, end: number): number {
  if (jobs.sequence === 'no-esn') return end
  putU32(jobs.arena, end, jobs.sequenceHigh[i] ?? 0)
  return end + 4
}

/** Of the packet whose IV is at `at`. */
function filledIv({ shape, secret }: KeyedCipher<unknown>, arena: Uint8Array, at: number): Uint8Array {
  const iv = ivs[shape.mode === 'cbc' && shape.ivLength === 8 ? 8 : 16]
  if (shape.mode === 'ctr') fillCounterBlock(iv, dangerReveal(secret), arena, at)
  else for (let k = 0; k < iv.length; k++) iv[k] = arena[at + k] ?? 0
  return iv
}

function encryptAll<Key>(cipher: KeyedCipher<Key>, jobs: CipherJobs): void {
  const { shape, region } = cipher
  const key = region.prepare(cipher.secret)
  const { arena } = jobs
  for (let i = 0; i < jobs.count; i++) {
    const at = (jobs.header[i] ?? 0) + headerLength
    const length = jobs.textLength[i] ?? 0
    // `seal` gets its lengths from our own padding: an odd one is a bug of the caller, not of a peer.
    if (length % shape.blockLength !== 0) throw new ApiMisuse(`a text of ${length} octets is not whole blocks of ${shape.blockLength}`)
    if (shape.mode === 'cbc') region.drawIv(arena, at)
    region.encrypt(key, filledIv(cipher, arena, at), arena, at + shape.ivLength, length)
  }
}

/** RFC 4303 §3.4.4.1: those alone whose ICV was right, so that nothing else is passed on. */
function decryptAccepted<Key>(cipher: KeyedCipher<Key>, jobs: CipherJobs): void {
  const { shape, region } = cipher
  const key = region.prepare(cipher.secret)
  const { arena } = jobs
  for (let i = 0; i < jobs.count; i++) {
    if (jobs.accepted[i] !== 1) continue
    const at = (jobs.header[i] ?? 0) + headerLength
    const length = jobs.textLength[i] ?? 0
    // An authentic packet that is not whole blocks cannot be decrypted: the peer's fault, dropped like a wrong ICV.
    if (length % shape.blockLength !== 0) {
      jobs.accepted[i] = 0
      continue
    }
    region.decrypt(key, filledIv(cipher, arena, at), arena, at + shape.ivLength, length)
  }
}
