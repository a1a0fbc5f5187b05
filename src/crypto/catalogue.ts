// The algorithms that both providers have, with their lengths. Numbers: IANA, "IKEv2 Parameters", Transform Types 1 to 4.
// Key lengths: RFC 3602 §2.1, RFC 4106 §8.1, RFC 4868 §2, RFC 5282 §7.1, RFC 7634 §2, RFC 7296 §2.13.

export type HashName = 'sha256' | 'sha384' | 'sha512'

/** A PRF built on HMAC: the preferred key length is the length of the hash (RFC 7296 §2.13). Octets. */
export interface PrfShape {
  readonly id: number
  readonly hash: HashName
  readonly length: number
}
/** HMAC truncated to its first half (RFC 4868 §2.3). Octets. */
export interface IntegrityShape {
  readonly id: number
  readonly hash: HashName
  readonly keyLength: number
  readonly icvLength: number
}

/** `keyBits` is the Key Length attribute; `undefined` where the cipher has one length only and must not carry it (RFC 7296 §3.3.5). */
export interface EncryptionShape {
  readonly id: number
  readonly keyBits: number | undefined
  /** Octets of the key proper, without the salt. */
  readonly keyLength: number
}

export const encryptionIds = { NULL: 11, AES_CBC: 12, AES_GCM_16: 20, CHACHA20_POLY1305: 28 } as const
export const keyExchangeIds = {
  MODP_2048: 14,
  MODP_3072: 15,
  ECP_256: 19,
  ECP_384: 20,
  ECP_521: 21,
  CURVE25519: 31,
} as const

export const prfShapes: readonly PrfShape[] = [
  { id: 5, hash: 'sha256', length: 32 },
  { id: 6, hash: 'sha384', length: 48 },
  { id: 7, hash: 'sha512', length: 64 },
]

export const integrityShapes: readonly IntegrityShape[] = [
  { id: 12, hash: 'sha256', keyLength: 32, icvLength: 16 },
  { id: 13, hash: 'sha384', keyLength: 48, icvLength: 24 },
  { id: 14, hash: 'sha512', keyLength: 64, icvLength: 32 },
]

/** RFC 3602 §2.1: 128-bit keys are required, 192 and 256 optional. */
export const cbcShapes: readonly EncryptionShape[] = [
  { id: encryptionIds.AES_CBC, keyBits: 128, keyLength: 16 },
  { id: encryptionIds.AES_CBC, keyBits: 192, keyLength: 24 },
  { id: encryptionIds.AES_CBC, keyBits: 256, keyLength: 32 },
]
/** By bits of the key. */
export const gcmShapes: Readonly<Record<128 | 192 | 256, EncryptionShape>> = {
  128: { id: encryptionIds.AES_GCM_16, keyBits: 128, keyLength: 16 },
  192: { id: encryptionIds.AES_GCM_16, keyBits: 192, keyLength: 24 },
  256: { id: encryptionIds.AES_GCM_16, keyBits: 256, keyLength: 32 },
}
/** RFC 7634 §4: the key has one length, so the Key Length attribute is not sent. */
export const chachaShape: EncryptionShape = { id: encryptionIds.CHACHA20_POLY1305, keyBits: undefined, keyLength: 32 }

/** Both AEADs: RFC 4106 §4 and §3.1, RFC 7634 §2. Octets. */
export const aeadLengths = { saltLength: 4, ivLength: 8, nonceLength: 12, icvLength: 16 } as const
/** AES-CBC: RFC 3602 §2.4. Octets. */
export const cbcLengths = { blockLength: 16, ivLength: 16 } as const

/** Where an algorithm is found: one word for identifier and key length. */
export const encryptionName = (id: number, keyBits: number | undefined): string => `${id}/${keyBits ?? '-'}`
