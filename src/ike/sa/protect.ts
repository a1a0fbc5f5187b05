// The Encrypted payload and the Encrypted Fragment payload: messages in, protected octets out, and back.
// RFC 7296 §3.14, RFC 5282 §3 to §5, RFC 7383 §2.5.
import { concat, equalConstantTime, putU32 } from '../../bytes/bytes.ts'
import { failed, ok, type Result } from '../../bytes/result.ts'
import type { Role } from '../../contract/events.ts'
import { Bug, type Fault } from '../../contract/faults.ts'
import type { RandomSource } from '../../contract/random.ts'
import type { Secret } from '../../bytes/secret.ts'
import type { IkeKeys, IkeKeyUsers } from '../../crypto/key-schedule.ts'
import { decodeMessage, decodePayloads, encodeMessage, encodePayloads } from '../../wire/codec.ts'
import type { EncryptedFragmentPayload, EncryptedPayload, Header, Payload } from '../../wire/message.ts'

/** What an IKE SA protects its messages with. */
export interface Protection {
  readonly algorithms: Pick<IkeKeyUsers, 'encryption' | 'integrity'>
  readonly keys: Pick<IkeKeys, 'skEi' | 'skEr' | 'skAi' | 'skAr'>
  /** Messages sealed so far: the explicit IV of AEADs, which must never repeat (RFC 5282 §3). */
  sealed: number
}

/** What an Encrypted payload holds: encoded payloads, and the type of the first. */
export interface Content {
  readonly firstType: number
  readonly bytes: Uint8Array
}

/** The message with all of `payloads` inside SK, from the first octet of the IKE header. `sender` is the sender's original role. */
export function sealMessage(
  session: Protection,
  sender: Role,
  header: Header,
  payloads: readonly Payload[],
  random: RandomSource,
): Uint8Array {
  return sealWhole(session, sender, header, encodePayloads(payloads), random)
}

/**
 * The same in pieces of at most `room` octets each, in order: one message with SK where that fits, else messages with SKF
 * (RFC 7383 §2.5). A `room` that leaves none for content gives fragments of the least content that there can be.
 */
export function sealPieces(
  session: Protection,
  sender: Role,
  header: Header,
  payloads: readonly Payload[],
  random: RandomSource,
  room: number,
): readonly Uint8Array[] {
  return divide(session, sender, header, encodePayloads(payloads), random, room)
}

/**
 * What we sealed ourselves in `pieces`, in smaller ones: `undefined` when a smaller `room` does not make more of them. RFC 7383 §2.5.2:
 * Total Fragments has to be really increased, by which the recipient tells the sets apart.
 */
export function resealSmaller(
  session: Protection,
  sender: Role,
  pieces: readonly Uint8Array[],
  random: RandomSource,
  room: number,
): readonly Uint8Array[] | undefined {
  const { header, content } = ownContent(session, sender, pieces)
  if (piecesNeeded(session, content.bytes.length, room) <= pieces.length) return undefined
  return divide(session, sender, header, content, random, room)
}

/** The payloads inside SK. `message` is the whole message as received and ends with the body of `sk`. */
export function openMessage(
  session: Protection,
  sender: Role,
  message: Uint8Array,
  sk: EncryptedPayload,
): Result<readonly Payload[], Fault> {
  const opened = openBody(session, sender, message, sk)
  return opened.ok ? decodePayloads(sk.firstPayload, opened.value) : opened
}

/** The part of a message's content that is inside SKF, boundaries of payloads notwithstanding (RFC 7383 §2.5). */
export function openFragment(
  session: Protection,
  sender: Role,
  message: Uint8Array,
  skf: EncryptedFragmentPayload,
): Result<Uint8Array, Fault> {
  return openBody(session, sender, message, skf)
}

/** Inside SK or SKF, padding removed. */
function openBody(
  session: Protection,
  sender: Role,
  message: Uint8Array,
  { kind, body }: EncryptedPayload | EncryptedFragmentPayload,
): Result<Uint8Array, Fault> {
  const { encryption, integrity } = session.algorithms
  const keys = directionKeys(session, sender)
  const bodyAt = message.length - body.length
  const textAt = bodyAt + encryption.ivLength
  const iv = message.subarray(bodyAt, textAt)
  let plaintext: Uint8Array
  if (encryption.kind === 'aead') {
    if (body.length < encryption.ivLength + encryption.icvLength + 1) return integrityFault
    const opened = encryption.open(keys.encryption, iv, message.subarray(0, bodyAt), message.subarray(textAt))
    if (opened === undefined) return integrityFault
    plaintext = opened
  } else {
    if (integrity === undefined || keys.integrity === undefined) return integrityFault
    const textLength = body.length - encryption.ivLength - integrity.icvLength
    if (textLength < encryption.blockLength || textLength % encryption.blockLength !== 0) return integrityFault
    const icvAt = message.length - integrity.icvLength
    const expected = integrity.compute(keys.integrity, message.subarray(0, icvAt))
    if (!equalConstantTime(expected, message.subarray(icvAt))) return integrityFault
    plaintext = encryption.decrypt(keys.encryption, iv, message.subarray(textAt, icvAt))
  }
  const padLength = plaintext[plaintext.length - 1] ?? 0
  if (padLength + 1 > plaintext.length) {
    return failed({
      family: 'wire',
      code: 'WIRE_LENGTH_MISMATCH',
      offset: message.length,
      field: `${kind}.padLength`,
      rfc: 'RFC 7296 §3.14',
      message: `the pad length ${padLength} is more than the ${plaintext.length - 1} octets before it`,
    })
  }
  return ok(plaintext.subarray(0, plaintext.length - padLength - 1))
}

const integrityFault: { readonly ok: false; readonly fault: Fault } = failed({
  family: 'peer',
  code: 'PEER_INTEGRITY_CHECK_FAILED',
  rfc: 'RFC 7296 §3.14',
  message: 'the integrity check value of the message is wrong',
})

// ---- in pieces -------------------------------------------------------------------------------------------------------------

function divide(
  session: Protection,
  sender: Role,
  header: Header,
  content: Content,
  random: RandomSource,
  room: number,
): readonly Uint8Array[] {
  const totalFragments = piecesNeeded(session, content.bytes.length, room)
  if (totalFragments === 1) return [sealWhole(session, sender, header, content, random)]
  const length = contentOfFragment(session, room)
  return Array.from({ length: totalFragments }, (_, i) => {
    const chunk = content.bytes.subarray(i * length, (i + 1) * length)
    // RFC 7383 §2.5: Next Payload is that of the Encrypted payload in the first fragment, and zero in the rest.
    const firstPayload = i === 0 ? content.firstType : 0
    return sealBody(session, sender, random, chunk, (body) =>
      encodeMessage({ header, payloads: [{ kind: 'SKF', critical: false, firstPayload, fragmentNumber: i + 1, totalFragments, body }] }),
    )
  })
}

/** RFC 7383 §2.4: what is small enough is not fragmented. */
function piecesNeeded(session: Protection, contentLength: number, room: number): number {
  if (skOverhead + bodyLengthOf(session, contentLength) <= room) return 1
  return Math.ceil(contentLength / contentOfFragment(session, room))
}

/** How much of the content goes into a fragment of at most `room` octets. */
function contentOfFragment(session: Protection, room: number): number {
  const { encryption } = session.algorithms
  const blockLength = encryption.kind === 'aead' ? 1 : encryption.blockLength
  const blocks = Math.floor((room - skfOverhead - bodyLengthOf(session, 0) + blockLength) / blockLength)
  return Math.max(1, blocks * blockLength - 1)
}

/** IKE header and generic payload header; in SKF also Fragment Number and Total Fragments. */
const skOverhead = 28 + 4
const skfOverhead = skOverhead + 4

/** RFC 7383 §2.5: the header is taken intact from the original message, its Length and Next Payload excepted. */
function ownContent(
  session: Protection,
  sender: Role,
  pieces: readonly Uint8Array[],
): { readonly header: Header; readonly content: Content } {
  const opened = pieces.map((message) => {
    const decoded = decodeMessage(message)
    const last = decoded.ok ? decoded.value.payloads.at(-1) : undefined
    if (!decoded.ok || (last?.kind !== 'SK' && last?.kind !== 'SKF')) throw new Bug('a message of ours is not protected')
    const body = openBody(session, sender, message, last)
    if (!body.ok) throw new Bug('a message of ours cannot be opened')
    return { header: decoded.value.header, firstType: last.firstPayload, bytes: body.value }
  })
  const [first] = opened
  if (first === undefined) throw new Bug('a message of ours has no piece')
  return { header: first.header, content: { firstType: first.firstType, bytes: concat(...opened.map(({ bytes }) => bytes)) } }
}

// ---- one body --------------------------------------------------------------------------------------------------------------

function sealWhole(session: Protection, sender: Role, header: Header, { firstType, bytes }: Content, random: RandomSource): Uint8Array {
  return sealBody(session, sender, random, bytes, (body) =>
    encodeMessage({ header, payloads: [{ kind: 'SK', critical: false, firstPayload: firstType, body }] }),
  )
}

/** `around` encodes the message that ends with a body of such a length. */
function sealBody(
  session: Protection,
  sender: Role,
  random: RandomSource,
  content: Uint8Array,
  around: (body: Uint8Array) => Uint8Array,
): Uint8Array {
  const { encryption, integrity } = session.algorithms
  const keys = directionKeys(session, sender)
  const bodyLength = bodyLengthOf(session, content.length)
  const icvLength = icvLengthOf(session)
  const plaintext = new Uint8Array(bodyLength - encryption.ivLength - icvLength)
  plaintext.set(content)
  plaintext[plaintext.length - 1] = plaintext.length - content.length - 1
  const message = around(new Uint8Array(bodyLength))
  const bodyAt = message.length - bodyLength
  const counts = encryption.kind === 'aead' || encryption.ivSource === 'counter'
  const iv = counts ? counterIv(session, encryption.ivLength) : random(encryption.ivLength)
  message.set(iv, bodyAt)
  const textAt = bodyAt + encryption.ivLength
  if (encryption.kind === 'aead') {
    // RFC 5282 §5.1: the associated data run from the IKE header to the octet before the IV: with SKF, which RFC 7383 §2.5 has treated
    // the same, Fragment Number and Total Fragments are among them.
    message.set(encryption.seal(keys.encryption, iv, message.subarray(0, bodyAt), plaintext), textAt)
  } else {
    message.set(encryption.encrypt(keys.encryption, iv, plaintext), textAt)
    if (integrity !== undefined && keys.integrity !== undefined) {
      // RFC 7296 §3.14: the ICV covers the message from the header to the padding, and is computed over the ciphertext.
      const icvAt = message.length - icvLength
      message.set(integrity.compute(keys.integrity, message.subarray(0, icvAt)), icvAt)
    }
  }
  return message
}

/** IV, content, padding, pad length, ICV. RFC 7296 §3.14: the middle fills whole blocks; RFC 5282 §3: an AEAD needs no padding. */
function bodyLengthOf(session: Protection, contentLength: number): number {
  const { encryption } = session.algorithms
  const blockLength = encryption.kind === 'aead' ? 1 : encryption.blockLength
  return encryption.ivLength + Math.ceil((contentLength + 1) / blockLength) * blockLength + icvLengthOf(session)
}

function icvLengthOf({ algorithms: { encryption, integrity } }: Protection): number {
  return encryption.kind === 'aead' ? encryption.icvLength : (integrity?.icvLength ?? 0)
}

function directionKeys(session: Protection, sender: Role): { readonly encryption: Secret; readonly integrity: Secret | undefined } {
  const { keys } = session
  return sender === 'initiator' ? { encryption: keys.skEi, integrity: keys.skAi } : { encryption: keys.skEr, integrity: keys.skAr }
}

/** RFC 5282 §3.1, RFC 5930 §2: the IV must be unique for a key; a counter is. Both ends have keys of their own. */
function counterIv(session: Protection, length: number): Uint8Array {
  const iv = new Uint8Array(length)
  session.sealed++
  putU32(iv, length - 8, Math.floor(session.sealed / 0x1_0000_0000))
  putU32(iv, length - 4, session.sealed >>> 0)
  return iv
}
