// AEADs in JavaScript that noble does not have: AES-CCM (RFC 3610), and AES-GCM with shorter ICVs (RFC 4106 §6).
import { cbc, ctr, gcm } from '@noble/ciphers/aes.js'
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { concat, equalConstantTime, putU32 } from '../../../bytes/bytes.ts'
import type { AeadShape } from '../../catalogue.ts'

/** As noble has it: the ciphertext ends with the ICV; `decrypt` throws when that is wrong, and releases nothing. */
export type PortableAead = (
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
) => {
  encrypt(plaintext: Uint8Array): Uint8Array
  decrypt(sealed: Uint8Array): Uint8Array
}

/** GMAC is GCM without plaintext (RFC 4543 §2). */
export function portableAlgorithm({ mode, icvLength }: AeadShape): PortableAead {
  if (mode === 'chacha20-poly1305') return chacha20poly1305
  if (mode === 'ccm') return ccm(icvLength)
  return icvLength === 16 ? gcm : shortGcm(icvLength)
}

/** AES-CCM with nonces of 7 to 13 octets. RFC 3610 §2; `icvLength` is its M. */
export function ccm(icvLength: number): PortableAead {
  return (key, nonce, aad) => ({
    encrypt(plaintext) {
      const icv = ccmIcv(key, nonce, aad, plaintext, icvLength)
      const [ciphertext, mask] = ccmStream(key, nonce, plaintext)
      return concat(ciphertext, masked(icv, mask))
    },
    decrypt(sealed) {
      const end = sealed.length - icvLength
      if (end < 0) throw new Error('the text is shorter than an ICV')
      const [plaintext, mask] = ccmStream(key, nonce, sealed.subarray(0, end))
      const icv = masked(ccmIcv(key, nonce, aad, plaintext, icvLength), mask)
      return released(plaintext, icv, sealed.subarray(end))
    },
  })
}

/** The ICV is the beginning of the whole one. Noble checks whole ones only: the text is opened by the counter mode that GCM is made of. */
function shortGcm(icvLength: number): PortableAead {
  return (key, nonce, aad) => ({
    encrypt: (plaintext) =>
      gcm(key, nonce, aad)
        .encrypt(plaintext)
        .slice(0, plaintext.length + icvLength),
    decrypt(sealed) {
      const end = sealed.length - icvLength
      if (end < 0) throw new Error('the text is shorter than an ICV')
      // NIST SP 800-38D §7.2: the first block of the text has the counter 2.
      const counter = concat(nonce, Uint8Array.of(0, 0, 0, 2))
      const plaintext = ctr(key, counter).decrypt(sealed.subarray(0, end))
      const icv = gcm(key, nonce, aad)
        .encrypt(plaintext)
        .slice(end, end + icvLength)
      return released(plaintext, icv, sealed.subarray(end))
    },
  })
}

function released(plaintext: Uint8Array, icv: Uint8Array, received: Uint8Array): Uint8Array {
  if (equalConstantTime(icv, received)) return plaintext
  plaintext.fill(0)
  throw new Error('the ICV is wrong')
}

const blockLength = 16
const zeros = new Uint8Array(blockLength)
const blocksOf = (length: number): number => Math.ceil(length / blockLength) * blockLength

/** RFC 3610 §2.2: CBC-MAC over B_0, the additional data behind their length, and the text, each part padded to whole blocks. */
function ccmIcv(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, text: Uint8Array, icvLength: number): Uint8Array {
  // Additional data of IKE and ESP are short; those of 2^16 - 2^8 octets and more have a longer length field.
  const lengthField = aad.length === 0 ? 0 : aad.length < 0xff00 ? 2 : 6
  const textAt = blockLength + blocksOf(lengthField + aad.length)
  const blocks = new Uint8Array(textAt + blocksOf(text.length))
  const lengthLength = blockLength - 1 - nonce.length
  blocks[0] = (aad.length > 0 ? 0x40 : 0) | (((icvLength - 2) / 2) << 3) | (lengthLength - 1)
  blocks.set(nonce, 1)
  for (let i = 0, left = text.length; i < lengthLength; i++, left = Math.floor(left / 256)) blocks[blockLength - 1 - i] = left % 256
  if (lengthField === 2) {
    blocks[blockLength] = aad.length >>> 8
    blocks[blockLength + 1] = aad.length
  } else if (lengthField === 6) {
    blocks[blockLength] = 0xff
    blocks[blockLength + 1] = 0xfe
    putU32(blocks, blockLength + 2, aad.length)
  }
  blocks.set(aad, blockLength + lengthField)
  blocks.set(text, textAt)
  const icv = cbc(key, zeros, { disablePadding: true }).encrypt(blocks).slice(-blockLength)
  blocks.fill(0)
  return icv.subarray(0, icvLength)
}

/** The text under the counters from 1 on, and the key stream of counter 0, which masks the ICV. RFC 3610 §2.3. */
function ccmStream(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): readonly [text: Uint8Array, mask: Uint8Array] {
  const counter = new Uint8Array(blockLength)
  counter[0] = blockLength - 2 - nonce.length
  counter.set(nonce, 1)
  const stream = ctr(key, counter).encrypt(concat(zeros, text))
  return [stream.subarray(blockLength), stream.subarray(0, blockLength)]
}

function masked(icv: Uint8Array, mask: Uint8Array): Uint8Array {
  return icv.map((octet, i) => octet ^ (mask[i] ?? 0))
}
