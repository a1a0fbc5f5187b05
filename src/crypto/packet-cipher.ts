// ESP's use of ciphers on whole bursts, in place in an arena: layouts, additional data, extended sequence numbers. A provider
// contributes what it does to one region of octets (`RegionAead`, `RegionCipher`, `RegionMac`); everything else is here, once.
// RFC 4303 §2, §3.2, §3.3; RFC 4106 §3 to §5; RFC 7634 §2; RFC 3602 §3; RFC 4868 §2.3.
import { dangerReveal, type Secret } from '../bytes/secret.ts'
import { putU32 } from '../bytes/bytes.ts'
import { ApiMisuse } from '../contract/faults.ts'
import { aeadLengths } from './catalogue.ts'
import type { CipherJobs, PacketCipher } from './provider.ts'

/** Works on `length` octets of the arena from `start`, with the ICV behind them. `Key` is whatever the provider prepares of a secret. */
export interface RegionAead<Key> {
  /** Of a secret that ends with a salt. */
  prepare(secret: Secret): Key
  seal(key: Key, nonce: Uint8Array, aad: Uint8Array, arena: Uint8Array, start: number, length: number): void
  /** False when the ICV is wrong; the region then holds no plaintext. */
  open(key: Key, nonce: Uint8Array, aad: Uint8Array, arena: Uint8Array, start: number, length: number): boolean
}

/** CBC over `length` octets of the arena from `start`. */
export interface RegionCipher<Key> {
  readonly blockLength: number
  readonly ivLength: number
  prepare(secret: Secret): Key
  encrypt(key: Key, iv: Uint8Array, arena: Uint8Array, start: number, length: number): void
  decrypt(key: Key, iv: Uint8Array, arena: Uint8Array, start: number, length: number): void
  /** Writes an unpredictable IV (RFC 3602 §3) into the arena. */
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

/** ESP with an AEAD: the IV is the caller's counter, the additional data SPI | sequence number (RFC 4106 §5, RFC 7634 §2.1). */
export function aeadPacketCipher<Key>(aead: RegionAead<Key>, secret: Secret): PacketCipher {
  const { ivLength, icvLength } = aeadLengths
  return {
    ivLength,
    icvLength,
    blockLength: 1,
    ivSource: 'counter',
    seal(jobs) {
      const key = aead.prepare(secret)
      const aad = startAead(secret, jobs)
      for (let i = 0; i < jobs.count; i++) {
        const at = jobs.header[i] ?? 0
        fillAead(aad, jobs, i, at)
        aead.seal(key, nonce, aad, jobs.arena, at + headerLength + ivLength, jobs.textLength[i] ?? 0)
      }
    },
    open(jobs) {
      const key = aead.prepare(secret)
      const aad = startAead(secret, jobs)
      for (let i = 0; i < jobs.count; i++) {
        const at = jobs.header[i] ?? 0
        fillAead(aad, jobs, i, at)
        jobs.accepted[i] = aead.open(key, nonce, aad, jobs.arena, at + headerLength + ivLength, jobs.textLength[i] ?? 0) ? 1 : 0
      }
    },
  }
}

/** ESP with a cipher and a MAC, or with the MAC alone (`cipher` undefined: NULL encryption, RFC 2410). */
export function macPacketCipher<CipherKey>(
  cipher: { readonly region: RegionCipher<CipherKey>; readonly secret: Secret } | undefined,
  mac: { readonly region: RegionMac; readonly secret: Secret },
): PacketCipher {
  const ivLength = cipher?.region.ivLength ?? 0
  const icvLength = mac.region.icvLength
  return {
    ivLength,
    icvLength,
    blockLength: cipher?.region.blockLength ?? 1,
    ivSource: cipher === undefined ? 'none' : 'random',
    seal(jobs) {
      if (cipher !== undefined) encryptAll(cipher.region, cipher.secret, jobs)
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
      if (cipher !== undefined) decryptAccepted(cipher.region, cipher.secret, jobs)
    },
  }
}

// Everything runs synchronously, one packet after the other: these few octets serve all SAs.
const nonce = new Uint8Array(aeadLengths.nonceLength)
const shortAad = new Uint8Array(8)
const longAad = new Uint8Array(12)
const iv16 = new Uint8Array(16)
const received = new Uint8Array(64)

/** RFC 4106 §4: nonce = salt | IV; the salt ends the keying material (§8.1). */
function startAead(secret: Secret, jobs: CipherJobs): Uint8Array {
  const { saltLength } = aeadLengths
  const octets = dangerReveal(secret)
  for (let k = 0; k < saltLength; k++) nonce[k] = octets[octets.length - saltLength + k] ?? 0
  return jobs.sequence === 'esn' ? longAad : shortAad
}

/** RFC 4106 §5: SPI | 32-bit sequence number, or SPI | 64-bit sequence number. */
function fillAead(aad: Uint8Array, jobs: CipherJobs, i: number, at: number): void {
  const { arena } = jobs
  for (let k = 0; k < 4; k++) aad[k] = arena[at + k] ?? 0
  const low = aad.length - 4
  if (low === 8) putU32(aad, 4, jobs.sequenceHigh[i] ?? 0)
  for (let k = 0; k < 4; k++) aad[low + k] = arena[at + 4 + k] ?? 0
  for (let k = 0; k < aeadLengths.ivLength; k++) nonce[aeadLengths.saltLength + k] = arena[at + headerLength + k] ?? 0
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

function encryptAll<Key>(region: RegionCipher<Key>, secret: Secret, jobs: CipherJobs): void {
  const key = region.prepare(secret)
  const { arena } = jobs
  for (let i = 0; i < jobs.count; i++) {
    const at = (jobs.header[i] ?? 0) + headerLength
    const length = jobs.textLength[i] ?? 0
    // `seal` gets its lengths from our own padding: an odd one is a bug of the caller, not of a peer.
    if (length % region.blockLength !== 0) throw new ApiMisuse(`a text of ${length} octets is not whole blocks of ${region.blockLength}`)
    region.drawIv(arena, at)
    for (let k = 0; k < region.ivLength; k++) iv16[k] = arena[at + k] ?? 0
    region.encrypt(key, iv16, arena, at + region.ivLength, length)
  }
}

function decryptAccepted<Key>(region: RegionCipher<Key>, secret: Secret, jobs: CipherJobs): void {
  const key = region.prepare(secret)
  const { arena } = jobs
  for (let i = 0; i < jobs.count; i++) {
    if (jobs.accepted[i] !== 1) continue
    const at = (jobs.header[i] ?? 0) + headerLength
    const length = jobs.textLength[i] ?? 0
    // An authentic packet that is not whole blocks cannot be decrypted: the peer's fault, dropped like a wrong ICV.
    if (length % region.blockLength !== 0) {
      jobs.accepted[i] = 0
      continue
    }
    for (let k = 0; k < region.ivLength; k++) iv16[k] = arena[at + k] ?? 0
    region.decrypt(key, iv16, arena, at + region.ivLength, length)
  }
}
