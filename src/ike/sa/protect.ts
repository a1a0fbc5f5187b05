// The Encrypted payload: messages in, protected octets out, and back. RFC 7296 §3.14, RFC 5282 §3 to §5.
import { equalConstantTime, putU32 } from '../../bytes/bytes.ts'
import { failed, type Result } from '../../bytes/result.ts'
import type { Role } from '../../contract/events.ts'
import type { Fault } from '../../contract/faults.ts'
import type { RandomSource } from '../../contract/random.ts'
import type { Secret } from '../../bytes/secret.ts'
import type { IkeKeys, IkeKeyUsers } from '../../crypto/key-schedule.ts'
import { decodePayloads, encodeMessage, encodePayloads } from '../../wire/codec.ts'
import type { EncryptedPayload, Header, Payload } from '../../wire/message.ts'

/** What an IKE SA protects its messages with. */
export interface Protection {
  readonly algorithms: Pick<IkeKeyUsers, 'encryption' | 'integrity'>
  readonly keys: Pick<IkeKeys, 'skEi' | 'skEr' | 'skAi' | 'skAr'>
  /** Messages sealed so far: the explicit IV of AEADs, which must never repeat (RFC 5282 §3). */
  sealed: number
}

/** The message with all of `payloads` inside SK, from the first octet of the IKE header. `sender` is the sender's original role. */
export function sealMessage(
  session: Protection,
  sender: Role,
  header: Header,
  payloads: readonly Payload[],
  random: RandomSource,
): Uint8Array {
  const { encryption, integrity } = session.algorithms
  const keys = directionKeys(session, sender)
  const inner = encodePayloads(payloads)
  const blockLength = encryption.kind === 'aead' ? 1 : encryption.blockLength
  // RFC 7296 §3.14: payloads | padding | pad length fill whole blocks; RFC 5282 §3: an AEAD needs no padding.
  const padLength = (blockLength - ((inner.bytes.length + 1) % blockLength)) % blockLength
  const plaintext = new Uint8Array(inner.bytes.length + padLength + 1)
  plaintext.set(inner.bytes)
  plaintext[plaintext.length - 1] = padLength
  const icvLength = encryption.kind === 'aead' ? encryption.icvLength : (integrity?.icvLength ?? 0)
  const bodyLength = encryption.ivLength + plaintext.length + icvLength
  const sk: EncryptedPayload = { kind: 'SK', critical: false, firstPayload: inner.firstType, body: new Uint8Array(bodyLength) }
  const message = encodeMessage({ header, payloads: [sk] })
  const bodyAt = message.length - bodyLength
  const counts = encryption.kind === 'aead' || encryption.ivSource === 'counter'
  const iv = counts ? counterIv(session, encryption.ivLength) : random(encryption.ivLength)
  message.set(iv, bodyAt)
  const textAt = bodyAt + encryption.ivLength
  if (encryption.kind === 'aead') {
    // RFC 5282 §5.1: the associated data run from the IKE header to the end of the SK payload's generic header.
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

/** The payloads inside SK. `message` is the whole message as received and ends with the body of `sk`. */
export function openMessage(
  session: Protection,
  sender: Role,
  message: Uint8Array,
  sk: EncryptedPayload,
): Result<readonly Payload[], Fault> {
  const { encryption, integrity } = session.algorithms
  const keys = directionKeys(session, sender)
  const bodyAt = message.length - sk.body.length
  const textAt = bodyAt + encryption.ivLength
  const iv = message.subarray(bodyAt, textAt)
  let plaintext: Uint8Array
  if (encryption.kind === 'aead') {
    if (sk.body.length < encryption.ivLength + encryption.icvLength + 1) return integrityFault
    const opened = encryption.open(keys.encryption, iv, message.subarray(0, bodyAt), message.subarray(textAt))
    if (opened === undefined) return integrityFault
    plaintext = opened
  } else {
    if (integrity === undefined || keys.integrity === undefined) return integrityFault
    const textLength = sk.body.length - encryption.ivLength - integrity.icvLength
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
      field: 'SK.padLength',
      rfc: 'RFC 7296 §3.14',
      message: `the pad length ${padLength} is more than the ${plaintext.length - 1} octets before it`,
    })
  }
  return decodePayloads(sk.firstPayload, plaintext.subarray(0, plaintext.length - padLength - 1))
}

const integrityFault: { readonly ok: false; readonly fault: Fault } = failed({
  family: 'peer',
  code: 'PEER_INTEGRITY_CHECK_FAILED',
  rfc: 'RFC 7296 §3.14',
  message: 'the integrity check value of the message is wrong',
})

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
