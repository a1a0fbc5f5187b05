// Messages with an Encrypted payload, sealed part by part, so that every part of them can be wrong. RFC 7296 §3.14, RFC 5282 §3 to §5.
import { concat, fromHex, putU16, putU32, toHex } from '../../../../src/bytes/bytes.ts'
import { Secret } from '../../../../src/bytes/secret.ts'
import { nodeProvider } from '../../../../src/crypto/providers/node.ts'
import { encryption, integrity } from '../../../../src/iana/transforms.ts'
import type { JsonObject } from '../../../../src/inspect/describe.ts'
import { encodePayloads } from '../../../../src/wire/codec.ts'
import type { Payload } from '../../../../src/wire/message.ts'
import { chance } from './draft.ts'
import type { SuiteName } from './names.ts'

export const octets = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array(0)

export type Keys = Readonly<Record<'skEi' | 'skEr', string>> & Readonly<Partial<Record<'skAi' | 'skAr', string>>>

export function keysFor(name: string, { encryption: e, integrity: a }: SuiteName): Keys {
  const keys = { skEi: chance(`${name} SK_ei`, e), skEr: chance(`${name} SK_er`, e) }
  return a === 0 ? keys : { ...keys, skAi: chance(`${name} SK_ai`, a), skAr: chance(`${name} SK_ar`, a) }
}

export interface Inner {
  readonly firstPayload: number
  readonly payloads: Uint8Array
}

export const nothing: Inner = { firstPayload: 0, payloads: new Uint8Array(0) }

export function inside(...payloads: readonly Payload[]): Inner {
  const { firstType, bytes } = encodePayloads(payloads)
  return { firstPayload: firstType, payloads: bytes }
}

/** A private notification (RFC 7296 §3.10.1) with so many octets of data: 8 octets longer than they are. */
export const notification = (name: string, length: number): Payload => ({
  kind: 'N',
  critical: false,
  protocol: 0,
  spi: new Uint8Array(0),
  type: 40_960,
  value: octets(chance(`${name} notification`, length)),
})

export interface HeaderParts {
  readonly initiatorSpi: string
  readonly responderSpi: string
  readonly exchangeType: number
  readonly flags: number
  readonly messageId: number
}

export const headerOf = (name: string, flags: number, exchangeType = 37, messageId = 2): HeaderParts => ({
  initiatorSpi: chance(`${name} SPIi`, 8),
  responderSpi: chance(`${name} SPIr`, 8),
  exchangeType,
  flags,
  messageId,
})

export interface SealParts {
  readonly suite: SuiteName
  readonly keys: Keys
  readonly header: HeaderParts
  readonly iv: string
  readonly inner: Inner
  /** The padding; the least of zeros when left out. */
  readonly padding?: Uint8Array
  /** What the Pad Length field says; the truth when left out. `none`: there is no such field. */
  readonly padLength?: number | 'none'
  /** Payloads before the Encrypted payload, as octets, of this type first. */
  readonly before?: Inner
  /** The second octet of the generic header: critical bit, RESERVED. */
  readonly reserved?: number
  /** Octets that the ICV is shortened by, with all lengths right. */
  readonly shortenIcv?: number
}

/** All that follows from the parts, whether a receiver may accept it or not. */
export function sealed(parts: SealParts): string {
  const { suite, inner, header, before = nothing } = parts
  const padding = parts.padding ?? new Uint8Array(-(inner.payloads.length + 1) & (suite.blockLength - 1))
  const trailer = parts.padLength === 'none' ? new Uint8Array(0) : Uint8Array.of(parts.padLength ?? padding.length)
  const plaintext = concat(inner.payloads, padding, trailer)
  const icvLength = suite.icvLength - (parts.shortenIcv ?? 0)
  const payloadLength = 4 + suite.ivLength + plaintext.length + icvLength
  const generic = Uint8Array.of(inner.firstPayload, parts.reserved ?? 0, 0, 0)
  putU16(generic, 2, payloadLength)
  const begin = new Uint8Array(28)
  begin.set(octets(header.initiatorSpi))
  begin.set(octets(header.responderSpi), 8)
  begin.set([before.firstPayload === 0 ? 46 : before.firstPayload, 0x20, header.exchangeType, header.flags], 16)
  putU32(begin, 20, header.messageId)
  putU32(begin, 24, 28 + before.payloads.length + payloadLength)
  const covered = concat(begin, before.payloads, generic)
  const text = protect(parts, covered, plaintext)
  return toHex(concat(covered, octets(parts.iv), text.subarray(0, text.length - (parts.shortenIcv ?? 0))))
}

const provider = nodeProvider()

function protect({ suite, keys, header, iv }: SealParts, covered: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const { encryption: name, keyLength, integrity: macName } = suite.suite
  const id = Object.entries(encryption).find(([each]) => each === name)?.[1] ?? 0
  const found = provider.encryption(id, typeof keyLength === 'number' ? keyLength : undefined)
  const [e, a] = (header.flags & 0x08) === 0 ? [keys.skEr, keys.skAr] : [keys.skEi, keys.skAi]
  if (found?.kind === 'aead') return found.seal(new Secret(octets(e)), octets(iv), covered, plaintext)
  const macId = Object.entries(integrity).find(([each]) => each === macName)?.[1] ?? 0
  const mac = provider.integrity(macId)
  if (found === undefined || mac === undefined || a === undefined) throw new Error(`no suite ${suite.word}`)
  // A text that does not fill its blocks is for the receiver to refuse: what of it does not fill one stays as it is.
  const whole = plaintext.length - (plaintext.length % found.blockLength)
  const ciphertext = concat(found.encrypt(new Secret(octets(e)), octets(iv), plaintext.subarray(0, whole)), plaintext.subarray(whole))
  return concat(ciphertext, mac.compute(new Secret(octets(a)), covered, octets(iv), ciphertext))
}

export const openInputs = (suite: SuiteName, keys: Keys, message: string): JsonObject => ({
  operation: 'open',
  suite: suite.suite,
  ...keys,
  message,
})
