// The algorithms that both providers have, with their lengths. Numbers: IANA, "IKEv2 Parameters", Transform Types 1 to 4.
// Key lengths: RFC 3602 §2.2, RFC 4106 §8.1, RFC 4868 §2.1, RFC 5282 §7.1, RFC 7634 §2, RFC 7296 §2.13.
import { encryption, integrity, prf } from '../iana/transforms.ts'
import type { BlockMacName } from './block-mac.ts'

export type HashName = 'sha1' | 'sha256' | 'sha384' | 'sha512'
/** HMAC with a hash, or a MAC made of AES-128. */
export type MacName = HashName | BlockMacName

/** The preferred key length is the length of the output (RFC 7296 §2.13). Octets. */
export interface PrfShape {
  readonly id: number
  readonly mac: MacName
  readonly length: number
  /** RFC 7296 §2.14: so much of each nonce makes the key of SKEYSEED; `undefined`: all of it. */
  readonly nonceLength: number | undefined
}
/** A MAC truncated to its beginning: RFC 2404 §2, RFC 3566 §4, RFC 4494 §2, RFC 4868 §2.3. Octets. */
export interface IntegrityShape {
  readonly id: number
  readonly mac: MacName
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

export const prfShapes: readonly PrfShape[] = [
  { id: prf.PRF_HMAC_SHA1, mac: 'sha1', length: 20, nonceLength: undefined },
  { id: prf.PRF_AES128_XCBC, mac: 'aes-xcbc', length: 16, nonceLength: 8 },
  { id: prf.PRF_HMAC_SHA2_256, mac: 'sha256', length: 32, nonceLength: undefined },
  { id: prf.PRF_HMAC_SHA2_384, mac: 'sha384', length: 48, nonceLength: undefined },
  { id: prf.PRF_HMAC_SHA2_512, mac: 'sha512', length: 64, nonceLength: undefined },
  { id: prf.PRF_AES128_CMAC, mac: 'aes-cmac', length: 16, nonceLength: 8 },
]

export const integrityShapes: readonly IntegrityShape[] = [
  { id: integrity.AUTH_HMAC_SHA1_96, mac: 'sha1', keyLength: 20, icvLength: 12 },
  { id: integrity.AUTH_AES_XCBC_96, mac: 'aes-xcbc', keyLength: 16, icvLength: 12 },
  { id: integrity.AUTH_AES_CMAC_96, mac: 'aes-cmac', keyLength: 16, icvLength: 12 },
  { id: integrity.AUTH_HMAC_SHA2_256_128, mac: 'sha256', keyLength: 32, icvLength: 16 },
  { id: integrity.AUTH_HMAC_SHA2_384_192, mac: 'sha384', keyLength: 48, icvLength: 24 },
  { id: integrity.AUTH_HMAC_SHA2_512_256, mac: 'sha512', keyLength: 64, icvLength: 32 },
]

export const isBlockMac = (mac: MacName): mac is BlockMacName => mac === 'aes-cmac' || mac === 'aes-xcbc'

/** RFC 3602 §2.2: 128-bit keys are required, 192 and 256 optional. */
export const cbcShapes: readonly EncryptionShape[] = [
  { id: encryption.ENCR_AES_CBC, keyBits: 128, keyLength: 16 },
  { id: encryption.ENCR_AES_CBC, keyBits: 192, keyLength: 24 },
  { id: encryption.ENCR_AES_CBC, keyBits: 256, keyLength: 32 },
]
/** By bits of the key. */
export const gcmShapes: Readonly<Record<128 | 192 | 256, EncryptionShape>> = {
  128: { id: encryption.ENCR_AES_GCM_16, keyBits: 128, keyLength: 16 },
  192: { id: encryption.ENCR_AES_GCM_16, keyBits: 192, keyLength: 24 },
  256: { id: encryption.ENCR_AES_GCM_16, keyBits: 256, keyLength: 32 },
}
/** RFC 7634 §2: the key has 256 bits. RFC 7296 §3.3.5: so the Key Length attribute MUST NOT be used. */
export const chachaShape: EncryptionShape = { id: encryption.ENCR_CHACHA20_POLY1305, keyBits: undefined, keyLength: 32 }

/** Both AEADs: RFC 4106 §4 and §3.1, RFC 7634 §2. Octets. */
export const aeadLengths = { saltLength: 4, ivLength: 8, nonceLength: 12, icvLength: 16 } as const
/** AES-CBC: RFC 3602 §2.4, §3. Octets. */
export const cbcLengths = { blockLength: 16, ivLength: 16 } as const

/** Where an algorithm is found: one word for identifier and key length. */
export const encryptionName = (id: number, keyBits: number | undefined): string => `${id}/${keyBits ?? '-'}`
