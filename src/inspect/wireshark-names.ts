// How Wireshark names algorithms in its tables of keys, and what IANA calls them: one table for writing (wireshark-keys.ts) and reading
// (wireshark-tables.ts). Names are those of Wireshark 4.0, and of later versions where 4.0 has none.
import { encryption, integrity } from '../iana/transforms.ts'

/** Transform Type 1. */
export interface EncryptionName {
  readonly name: string
  readonly id: number
  /** In bits, where the name says it. */
  readonly keyBits: number | undefined
  /** Octets of keying material that go with it, salt included. */
  readonly keyLengths: readonly number[]
  /** Wireshark 4.0 refuses a whole table with a name that it does not know: only those that it knows are written. */
  readonly spoken: 'since 4.0' | 'later'
}

/** Transform Type 3. */
export interface IntegrityName {
  readonly name: string
  /** `undefined`: any of this length. */
  readonly id: number | undefined
  /** Octets of the ICV on the wire. */
  readonly icvLength: number
  readonly checking: 'checked' | 'unchecked'
}

const aes = [16, 24, 32]
const salted = (octets: number): readonly number[] => aes.map((length) => length + octets)

/** Column "Encryption" of `esp_sa`. The key's length tells AES-128 from AES-256. */
export const espEncryptionNames: readonly EncryptionName[] = [
  anyKey('NULL', encryption.ENCR_NULL, [0]),
  anyKey('TripleDES-CBC [RFC2451]', encryption.ENCR_3DES, [24]),
  anyKey('AES-CBC [RFC3602]', encryption.ENCR_AES_CBC, aes),
  anyKey('AES-CTR [RFC3686]', encryption.ENCR_AES_CTR, salted(4)),
  anyKey('DES-CBC [RFC2405]', encryption.ENCR_DES, [8]),
  anyKey('CAST5-CBC [RFC2144]', encryption.ENCR_CAST, [5, 10, 16]),
  anyKey('BLOWFISH-CBC [RFC2451]', encryption.ENCR_BLOWFISH, [5, 16, 32, 56]),
  anyKey('AES-GCM with 16 octet ICV [RFC4106]', encryption.ENCR_AES_GCM_16, salted(4)),
  anyKey('AES-GCM with 12 octet ICV [RFC4106]', encryption.ENCR_AES_GCM_12, salted(4)),
  anyKey('AES-GCM with 8 octet ICV [RFC4106]', encryption.ENCR_AES_GCM_8, salted(4)),
  anyKey('AES-GCM [RFC4106]', encryption.ENCR_AES_GCM_16, salted(4)),
  { ...anyKey('ChaCha20 with Poly1305 [RFC7634]', encryption.ENCR_CHACHA20_POLY1305, [36]), spoken: 'later' },
]

/** Column "Authentication" of `esp_sa`. */
export const espIntegrityNames: readonly IntegrityName[] = [
  { name: 'NULL', id: integrity.NONE, icvLength: 0, checking: 'checked' },
  mac('HMAC-SHA-1-96 [RFC2404]', integrity.AUTH_HMAC_SHA1_96, 12),
  mac('HMAC-SHA-256-128 [RFC4868]', integrity.AUTH_HMAC_SHA2_256_128, 16),
  mac('HMAC-SHA-384-192 [RFC4868]', integrity.AUTH_HMAC_SHA2_384_192, 24),
  mac('HMAC-SHA-512-256 [RFC4868]', integrity.AUTH_HMAC_SHA2_512_256, 32),
  mac('HMAC-MD5-96 [RFC2403]', integrity.AUTH_HMAC_MD5_96, 12),
  unchecked('HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]', 12),
  unchecked('MAC-RIPEMD-160-96 [RFC2857]', 12),
  ...[64, 96, 128, 192, 256].map((bits) => unchecked(`ANY ${bits} bit authentication [no checking]`, bits / 8)),
]

/** Column "Encryption algorithm" of `ikev2_decryption_table`. */
export const ikeEncryptionNames: readonly EncryptionName[] = [
  anyKey('3DES [RFC2451]', encryption.ENCR_3DES, [24]),
  ...aes.map((length) => sized(`AES-CBC-${8 * length} [RFC3602]`, encryption.ENCR_AES_CBC, length, 0)),
  anyKey('NULL [RFC2410]', encryption.ENCR_NULL, [0]),
  ...aes.map((length) => sized(`AES-CTR-${8 * length} [RFC5930]`, encryption.ENCR_AES_CTR, length, 4)),
  ...aead('GCM', [encryption.ENCR_AES_GCM_8, encryption.ENCR_AES_GCM_12, encryption.ENCR_AES_GCM_16], 4),
  ...aead('CCM', [encryption.ENCR_AES_CCM_8, encryption.ENCR_AES_CCM_12, encryption.ENCR_AES_CCM_16], 3),
  { ...anyKey('CHACHA20_POLY1305 [RFC7634]', encryption.ENCR_CHACHA20_POLY1305, [36]), spoken: 'later' },
]

/** Column "Integrity algorithm" of `ikev2_decryption_table`. */
export const ikeIntegrityNames: readonly IntegrityName[] = [
  mac('HMAC_MD5_96 [RFC2403]', integrity.AUTH_HMAC_MD5_96, 12),
  mac('HMAC_SHA1_96 [RFC2404]', integrity.AUTH_HMAC_SHA1_96, 12),
  mac('HMAC_MD5_128 [RFC4595]', integrity.AUTH_HMAC_MD5_128, 16),
  mac('HMAC_SHA1_160 [RFC4595]', integrity.AUTH_HMAC_SHA1_160, 20),
  mac('HMAC_SHA2_256_128 [RFC4868]', integrity.AUTH_HMAC_SHA2_256_128, 16),
  mac('HMAC_SHA2_384_192 [RFC4868]', integrity.AUTH_HMAC_SHA2_384_192, 24),
  mac('HMAC_SHA2_512_256 [RFC4868]', integrity.AUTH_HMAC_SHA2_512_256, 32),
  { name: 'NONE [RFC4306]', id: integrity.NONE, icvLength: 0, checking: 'checked' },
  ...[64, 96, 128, 160, 192, 256].map((bits) => unchecked(`ANY ${bits}-bits of Authentication [No Checking]`, bits / 8)),
]

/** What to write for an algorithm; `undefined` where Wireshark 4.0 has no name. The first name that fits is the right one. */
export function encryptionNameOf(names: readonly EncryptionName[], id: number, keyBits: number | undefined): string | undefined {
  return names.find(
    (entry) => entry.spoken === 'since 4.0' && entry.id === id && (entry.keyBits === undefined || entry.keyBits === keyBits),
  )?.name
}

export const integrityNameOf = (names: readonly IntegrityName[], id: number): string | undefined =>
  names.find((entry) => entry.id === id)?.name

function anyKey(name: string, id: number, keyLengths: readonly number[]): EncryptionName {
  return { name, id, keyBits: undefined, keyLengths, spoken: 'since 4.0' }
}

function sized(name: string, id: number, keyLength: number, saltLength: number): EncryptionName {
  return { name, id, keyBits: 8 * keyLength, keyLengths: [keyLength + saltLength], spoken: 'since 4.0' }
}

function aead(mode: string, ids: readonly [number, number, number], saltLength: number): readonly EncryptionName[] {
  const icvLengths = [8, 12, 16]
  return ids.flatMap((id, i) =>
    aes.map((length) => sized(`AES-${mode}-${8 * length} with ${icvLengths[i]} octet ICV [RFC5282]`, id, length, saltLength)),
  )
}

function mac(name: string, id: number, icvLength: number): IntegrityName {
  return { name, id, icvLength, checking: 'checked' }
}

function unchecked(name: string, icvLength: number): IntegrityName {
  return { name, id: undefined, icvLength, checking: 'unchecked' }
}
