// Sealing without honesty: any octets, with lies in lengths and padding, under the right keys. RFC 7296 §3.14, RFC 5282 §3, RFC 4303 §2.
import { concat, fromHex, putU16, putU32 } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import type { ChildSuite } from '../../src/contract/transforms.ts'
import type { CryptoProvider, PacketKeys } from '../../src/crypto/provider.ts'
import type { IkeAlgorithms } from '../../src/crypto/suites.ts'
import { payloadType } from '../../src/iana/payloads.ts'

/** How one side of an IKE SA seals. */
export interface IkeSeal {
  readonly algorithms: IkeAlgorithms
  readonly encryption: Secret
  readonly integrity: Secret | undefined
}

/** All that an IKE message says outside its ciphertext. */
export interface Outside {
  readonly initiatorSpi: string
  readonly responderSpi: string
  readonly version: number
  readonly exchangeType: number
  readonly flags: number
  readonly messageId: number
  readonly before: Uint8Array
  readonly beforeType: number
  readonly firstPayload: number
  readonly fragment: { readonly number: number; readonly total: number } | undefined
  readonly lengthLie: number
  readonly skLengthLie: number
}

/** `plaintext` is payloads, padding and pad length; where the cipher has blocks, it is filled to whole ones from the front of the padding. */
export function sealIke(seal: IkeSeal, outside: Outside, plaintext: Uint8Array, iv: Uint8Array): Uint8Array {
  const { encryption, integrity } = seal.algorithms
  const text = encryption.kind === 'aead' ? plaintext : wholeBlocks(plaintext, encryption.blockLength)
  const icvLength = encryption.kind === 'aead' ? encryption.icvLength : (integrity?.icvLength ?? 0)
  const bodyLength = encryption.ivLength + text.length + icvLength
  const head = headOf(outside, bodyLength)
  const own = iv.subarray(0, encryption.ivLength)
  if (encryption.kind === 'aead') return concat(head, own, encryption.seal(seal.encryption, own, head, text))
  const covered = concat(head, own, encryption.encrypt(seal.encryption, own, text))
  const icv = integrity === undefined || seal.integrity === undefined ? new Uint8Array(0) : integrity.compute(seal.integrity, covered)
  return concat(covered, icv)
}

/** From the IKE header to the generic header of SK, or to the numbers of SKF. */
function headOf(outside: Outside, bodyLength: number): Uint8Array {
  const { before, beforeType, fragment } = outside
  const clear = before.slice()
  const envelope = fragment === undefined ? payloadType.SK : payloadType.SKF
  const envelopeLength = fragment === undefined ? 4 : 8
  if (clear.length > 0) clear[0] = envelope
  const length = 28 + clear.length + envelopeLength + bodyLength
  const head = new Uint8Array(28)
  head.set(fromHex(outside.initiatorSpi) ?? [], 0)
  head.set(fromHex(outside.responderSpi) ?? [], 8)
  head[16] = clear.length > 0 ? beforeType : envelope
  head[17] = outside.version
  head[18] = outside.exchangeType
  head[19] = outside.flags
  putU32(head, 20, outside.messageId)
  putU32(head, 24, length + outside.lengthLie)
  const sk = new Uint8Array(envelopeLength)
  sk[0] = outside.firstPayload
  putU16(sk, 2, bodyLength + envelopeLength + outside.skLengthLie)
  if (fragment !== undefined) {
    putU16(sk, 4, fragment.number)
    putU16(sk, 6, fragment.total)
  }
  return concat(head, clear, sk)
}

/** The last octet, which is the pad length, stays last and tells of what was filled in. */
function wholeBlocks(plaintext: Uint8Array, blockLength: number): Uint8Array {
  const missing = (blockLength - (plaintext.length % blockLength)) % blockLength
  const last = plaintext.length - 1
  return concat(plaintext.subarray(0, last), new Uint8Array(missing), Uint8Array.of((plaintext[last] ?? 0) + missing))
}

/** One direction of a Child SA. */
export interface EspSeal {
  readonly provider: CryptoProvider
  readonly suite: ChildSuite
  readonly keys: PacketKeys
}

/** `text` is payload and trailer, in whole blocks of any cipher: a multiple of 16 octets. */
export function sealEsp({ provider, suite, keys }: EspSeal, spi: number, sequence: number, text: Uint8Array): Uint8Array {
  const cipher = provider.packetCipher(suite, keys)
  if (cipher === undefined) throw new Error('the suite was used a moment ago')
  const arena = new Uint8Array(8 + cipher.ivLength + text.length + cipher.icvLength)
  putU32(arena, 0, spi)
  putU32(arena, 4, sequence)
  if (cipher.ivSource === 'counter') putU32(arena, 8 + cipher.ivLength - 4, sequence)
  arena.set(text, 8 + cipher.ivLength)
  cipher.seal({
    arena,
    count: 1,
    header: Int32Array.of(0),
    textLength: Int32Array.of(text.length),
    sequence: suite.extendedSequence,
    sequenceHigh: Uint32Array.of(0),
    accepted: Uint8Array.of(0),
  })
  return arena
}
