// Opening what IKE and ESP sealed, with keys that somebody else knew: SK (RFC 7296 §3.14, RFC 5282 §3 to §5), ESP (RFC 4303 §3.4).
// Only here may an ICV go unchecked; what was opened so is marked `not-authenticated`, and never leaves inspection.
import { concat, equalConstantTime } from '../../bytes/bytes.ts'
import type { IkeSpi } from '../../contract/units.ts'
import type { Cipher, CryptoProvider } from '../../crypto/provider.ts'
import { encryption as cipherId, encryptionIds, integrityIds } from '../../iana/transforms.ts'
import type { Address } from '../../net/address.ts'
import type { Authentication, RegionFault } from '../span.ts'
import type { IkeFragments } from './ike-fragments.ts'
import type { EspKeys, IkeKeys, KeyedEncryption, KeyedIntegrity } from '../wireshark-tables.ts'

/** Keys, and what to open things with. */
export interface Decryption {
  readonly crypto: CryptoProvider
  readonly keys: KeySource
  /** Puts fragments of IKE messages together (RFC 7383); left out: each is shown by itself. */
  readonly fragments?: IkeFragments
}

export interface KeySource {
  ike(initiatorSpi: IkeSpi, responderSpi: IkeSpi): IkeKeys | undefined
  /** `path`: addresses of the IP header, as far as there is one. */
  esp(spi: number, path: Path | undefined): EspKeys | undefined
}
export interface Path {
  readonly source: Address
  readonly destination: Address
}

/** IV, ciphertext and ICV one after another, and what else the ICV covers. */
export interface Sealed {
  readonly body: Uint8Array
  /** Before the IV: associated data of an AEAD, the beginning of what a MAC covers. */
  readonly before: Uint8Array
  /** Where an AEAD has other associated data than what stands before the IV. */
  readonly associated: Uint8Array
  /** Behind the ciphertext, for a MAC: the high half of a sequence number that is not sent (RFC 4303 §2.2.1). */
  readonly behind: Uint8Array
}

/** Lengths in octets. */
export type Opened =
  | {
      readonly kind: 'opened'
      readonly ivLength: number
      readonly icvLength: number
      readonly plaintext: Uint8Array
      readonly authentication: Authentication
      /** Of the ICV. */
      readonly verdict: string
    }
  | { readonly kind: 'wrong-icv'; readonly ivLength: number; readonly icvLength: number }
  /** Too short, or no whole blocks. */
  | { readonly kind: 'misshapen'; readonly says: string }
  | { readonly kind: 'unavailable'; readonly says: string | undefined }

export function open(provider: CryptoProvider, encryption: KeyedEncryption, integrity: KeyedIntegrity, sealed: Sealed): Opened {
  const cipher = encryption.id === cipherId.ENCR_NULL ? nullCipher : provider.encryption(encryption.id, encryption.keyBits)
  if (cipher === undefined || (cipher !== nullCipher && cipher.keyLength !== encryption.key.length))
    return { kind: 'unavailable', says: `${encryptionIds.notation(encryption.id)} cannot be opened here` }
  const { body } = sealed
  const { ivLength } = cipher
  const icvLength = cipher.kind === 'aead' ? cipher.icvLength : integrity.kind === 'none' ? 0 : integrity.icvLength
  const blockLength = cipher.kind === 'aead' ? 1 : cipher.blockLength
  const end = body.length - icvLength
  if (end - ivLength < blockLength || (end - ivLength) % blockLength !== 0)
    return {
      kind: 'misshapen',
      says: `an IV of ${ivLength} octets, whole blocks of ${blockLength} and an ICV of ${icvLength} do not make ${body.length}`,
    }
  const iv = body.subarray(0, ivLength)
  if (cipher.kind === 'aead') {
    const plaintext = cipher.open(encryption.key, iv, sealed.associated, body.subarray(ivLength))
    if (plaintext === undefined) return { kind: 'wrong-icv', ivLength, icvLength }
    return { kind: 'opened', ivLength, icvLength, plaintext, authentication: 'authenticated', verdict: 'correct' }
  }
  const check = checkIcv(provider, integrity, sealed, end)
  if (check === undefined) return { kind: 'wrong-icv', ivLength, icvLength }
  return { kind: 'opened', ivLength, icvLength, plaintext: cipher.decrypt(encryption.key, iv, body.subarray(ivLength, end)), ...check }
}

/** The fault of a region whose ICV starts at `offset`. */
export const wrongIcv = (offset: number, rfc: string): RegionFault => ({
  family: 'peer',
  code: 'PEER_INTEGRITY_CHECK_FAILED',
  offset,
  rfc,
  message: 'the integrity check value is not the one that these keys give',
})

/** RFC 7296 §3.14, RFC 4303 §3.4.4: the ICV is that of the ciphertext. `undefined`: it is wrong. */
function checkIcv(
  provider: CryptoProvider,
  integrity: KeyedIntegrity,
  { body, before, behind }: Sealed,
  end: number,
): { readonly authentication: Authentication; readonly verdict: string } | undefined {
  if (integrity.kind !== 'checked') return { authentication: 'not-authenticated', verdict: 'not checked' }
  const mac = provider.integrity(integrity.id)
  if (mac === undefined || mac.keyLength !== integrity.key.length)
    return { authentication: 'not-authenticated', verdict: `not checked: ${integrityIds.notation(integrity.id)} is not available here` }
  const expected = mac.compute(integrity.key, concat(before, body.subarray(0, end), behind))
  return equalConstantTime(expected, body.subarray(end)) ? { authentication: 'authenticated', verdict: 'correct' } : undefined
}

/** RFC 2410 §2. */
const nullCipher: Pick<Cipher, 'kind' | 'ivLength' | 'blockLength' | 'decrypt' | 'keyLength'> = {
  kind: 'cipher',
  keyLength: 0,
  ivLength: 0,
  blockLength: 1,
  decrypt: (_key, _iv, ciphertext) => ciphertext,
}
