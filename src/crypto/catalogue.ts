// The algorithms, with their lengths. Both providers have all of them, but for `scarceCipherShapes`. Numbers: IANA, "IKEv2 Parameters", Transform Types 1 to 4.
// Key lengths: RFC 3602 §2.2, RFC 3686 §5.1, RFC 4106 §8.1, RFC 4309 §7.1, RFC 5529 §4.1, RFC 2451 §2.2, RFC 4543 §5.4, RFC 4868 §2.1, RFC 5282 §7.1, RFC 7634 §2, RFC 7296 §2.13, FIPS 203 §8.
import { encryption, integrity, keyExchange, prf } from '../iana/transforms.ts'
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

/** AES-GMAC as AH has it: RFC 4543 §4, §5.4. Each key length has a number of its own, so no Key Length attribute (§5.3). Octets. */
export interface GmacShape {
  readonly id: number
  /** Of the key proper, without the salt. */
  readonly keyLength: number
  readonly saltLength: 4
  readonly ivLength: number
  readonly icvLength: number
}

/** Octets. RFC 4309 §4; RFC 3686 §4, RFC 4106 §4, RFC 7634 §2. */
export type SaltLength = 0 | 3 | 4

/** `keyBits` is the Key Length attribute; `undefined` where the cipher has one length only and must not carry it (RFC 7296 §3.3.5). */
export interface EncryptionShape {
  readonly id: number
  readonly keyBits: number | undefined
  /** Octets of the key proper, without the salt. */
  readonly keyLength: number
  /** Octets behind the key in the keying material, that begin each nonce. */
  readonly saltLength: SaltLength
}

export type AeadMode = 'gcm' | 'ccm' | 'chacha20-poly1305' | 'gmac'

/** An AEAD in one of its uses. Octets. */
export interface AeadShape extends EncryptionShape {
  readonly mode: AeadMode
  readonly ivLength: number
  /** `implicit`: the IV of a packet is its sequence number and is not sent (RFC 8750 §4). */
  readonly iv: 'explicit' | 'implicit'
  readonly icvLength: number
  /** RFC 4543 §3, RFC 8750 §7: not all of them are for IKE. */
  readonly use: 'ike-and-esp' | 'esp'
}

/** A cipher that has an integrity algorithm beside it. Octets. */
export interface CipherShape extends EncryptionShape {
  readonly block: 'aes' | 'camellia' | '3des'
  readonly mode: 'cbc' | 'ctr'
  readonly ivLength: number
  readonly blockLength: number
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

/** RFC 4543 §3.1, §3.2, §3.4: IVs of 8 octets, salts of 4, whole tags of 16. For AH alone. */
export const gmacShapes: readonly GmacShape[] = [
  { id: integrity.AUTH_AES_128_GMAC, keyLength: 16, saltLength: 4, ivLength: 8, icvLength: 16 },
  { id: integrity.AUTH_AES_192_GMAC, keyLength: 24, saltLength: 4, ivLength: 8, icvLength: 16 },
  { id: integrity.AUTH_AES_256_GMAC, keyLength: 32, saltLength: 4, ivLength: 8, icvLength: 16 },
]

export const isBlockMac = (mac: MacName): mac is BlockMacName => mac === 'aes-cmac' || mac === 'aes-xcbc'

type AeadKind = Pick<AeadShape, 'id' | 'mode' | 'icvLength'> & Partial<AeadShape>

/** RFC 3602 §2.2: 128-bit keys are required, 192 and 256 optional; the same in RFC 3686 §2.2, RFC 4106 §8.3, RFC 4309 §7.4. */
const aesKeyBits = [128, 192, 256] as const

/** AES-GCM: RFC 4106 §3.1, §4, §6. AES-CCM: RFC 4309 §3, §4. GMAC: RFC 4543 §3. Without IV on the wire: RFC 8750. ChaCha20: RFC 7634 §2. */
export const aeadShapes: readonly AeadShape[] = [
  ...aesAead({ id: encryption.ENCR_AES_GCM_8, mode: 'gcm', icvLength: 8 }),
  ...aesAead({ id: encryption.ENCR_AES_GCM_12, mode: 'gcm', icvLength: 12 }),
  ...aesAead({ id: encryption.ENCR_AES_GCM_16, mode: 'gcm', icvLength: 16 }),
  ...aesAead({ id: encryption.ENCR_AES_GCM_16_IIV, mode: 'gcm', icvLength: 16, iv: 'implicit', use: 'esp' }),
  ...aesAead({ id: encryption.ENCR_AES_CCM_8, mode: 'ccm', saltLength: 3, icvLength: 8 }),
  ...aesAead({ id: encryption.ENCR_AES_CCM_12, mode: 'ccm', saltLength: 3, icvLength: 12 }),
  ...aesAead({ id: encryption.ENCR_AES_CCM_16, mode: 'ccm', saltLength: 3, icvLength: 16 }),
  ...aesAead({ id: encryption.ENCR_AES_CCM_8_IIV, mode: 'ccm', saltLength: 3, icvLength: 8, iv: 'implicit', use: 'esp' }),
  ...aesAead({ id: encryption.ENCR_NULL_AUTH_AES_GMAC, mode: 'gmac', icvLength: 16, use: 'esp' }),
  // RFC 7634 §2: the key has 256 bits. RFC 7296 §3.3.5: so the Key Length attribute MUST NOT be used.
  aead({ id: encryption.ENCR_CHACHA20_POLY1305, mode: 'chacha20-poly1305', icvLength: 16 }),
  aead({ id: encryption.ENCR_CHACHA20_POLY1305_IIV, mode: 'chacha20-poly1305', icvLength: 16, iv: 'implicit', use: 'esp' }),
]

/** CBC: RFC 3602 §2.4, §3. CTR: RFC 3686 §3.1, §5.1, RFC 5930 §2. */
export const cipherShapes: readonly CipherShape[] = aesKeyBits.flatMap((keyBits): readonly CipherShape[] => [
  { ...cbc(encryption.ENCR_AES_CBC, 'aes', 16), keyBits, keyLength: keyBits / 8 },
  { id: encryption.ENCR_AES_CTR, block: 'aes', mode: 'ctr', keyBits, keyLength: keyBits / 8, saltLength: 4, ivLength: 8, blockLength: 1 },
])

/**
 * What a provider may lack: noble has neither, and OpenSSL can be built or configured without. Camellia: RFC 4312 §2.2, RFC 5529 §4.1.
 * Triple DES: RFC 2451 §2.2, one length, so no Key Length attribute (RFC 7296 §3.3.5); parity bits are there and are not looked at.
 */
export const scarceCipherShapes: readonly CipherShape[] = [
  ...aesKeyBits.map((keyBits) => ({ ...cbc(encryption.ENCR_CAMELLIA_CBC, 'camellia', 16), keyBits, keyLength: keyBits / 8 })),
  { ...cbc(encryption.ENCR_3DES, '3des', 8), keyBits: undefined, keyLength: 24 },
]

/** FIPS 203 §8, table 3; draft-ietf-ipsecme-ikev2-mlkem §2.1. Octets. */
export interface KemShape {
  readonly id: number
  readonly publicLength: number
  readonly ciphertextLength: number
  /** Of the decapsulation key, which holds the encapsulation key and the secret of implicit rejection too. */
  readonly privateLength: number
}

export const kemShapes: readonly KemShape[] = [
  { id: keyExchange.ML_KEM_512, publicLength: 800, ciphertextLength: 768, privateLength: 1632 },
  { id: keyExchange.ML_KEM_768, publicLength: 1184, ciphertextLength: 1088, privateLength: 2400 },
  { id: keyExchange.ML_KEM_1024, publicLength: 1568, ciphertextLength: 1568, privateLength: 3168 },
]

/** Where an algorithm is found: one word for identifier and key length. */
export const encryptionName = (id: number, keyBits: number | undefined): string => `${id}/${keyBits ?? '-'}`

function aesAead(kind: AeadKind): readonly AeadShape[] {
  return aesKeyBits.map((keyBits) => aead({ keyBits, keyLength: keyBits / 8, ...kind }))
}

function aead(kind: AeadKind): AeadShape {
  return { keyBits: undefined, keyLength: 32, saltLength: 4, ivLength: 8, iv: 'explicit', use: 'ike-and-esp', ...kind }
}

/** The IV is a block. RFC 3602 §3, RFC 4312 §3, RFC 2451 §3. */
function cbc(id: number, block: CipherShape['block'], blockLength: number): Omit<CipherShape, 'keyBits' | 'keyLength'> {
  return { id, block, mode: 'cbc', saltLength: 0, ivLength: blockLength, blockLength }
}
