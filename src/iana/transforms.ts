// Transform Types, and the Transform IDs of each. RFC 7296 §3.3.2; statuses (DEPRECATED): RFC 8247, RFC 9395.
import { type Registry, registry } from './registry.ts'

export const transformType = {
  ENCR: 1,
  PRF: 2,
  INTEG: 3,
  /** Diffie-Hellman Group (D-H) before RFC 9370. */
  KE: 4,
  ESN: 5,
  ADDKE1: 6,
  ADDKE2: 7,
  ADDKE3: 8,
  ADDKE4: 9,
  ADDKE5: 10,
  ADDKE6: 11,
  ADDKE7: 12,
} as const

/** Transform Type 1. */
export const encryption = {
  ENCR_DES_IV64: 1,
  ENCR_DES: 2,
  ENCR_3DES: 3,
  ENCR_RC5: 4,
  ENCR_IDEA: 5,
  ENCR_CAST: 6,
  ENCR_BLOWFISH: 7,
  ENCR_3IDEA: 8,
  ENCR_DES_IV32: 9,
  ENCR_NULL: 11,
  ENCR_AES_CBC: 12,
  ENCR_AES_CTR: 13,
  ENCR_AES_CCM_8: 14,
  ENCR_AES_CCM_12: 15,
  ENCR_AES_CCM_16: 16,
  ENCR_AES_GCM_8: 18,
  ENCR_AES_GCM_12: 19,
  ENCR_AES_GCM_16: 20,
  ENCR_NULL_AUTH_AES_GMAC: 21,
  ENCR_CAMELLIA_CBC: 23,
  ENCR_CAMELLIA_CTR: 24,
  ENCR_CAMELLIA_CCM_8: 25,
  ENCR_CAMELLIA_CCM_12: 26,
  ENCR_CAMELLIA_CCM_16: 27,
  ENCR_CHACHA20_POLY1305: 28,
  ENCR_AES_CCM_8_IIV: 29,
  ENCR_AES_GCM_16_IIV: 30,
  ENCR_CHACHA20_POLY1305_IIV: 31,
  ENCR_KUZNYECHIK_MGM_KTREE: 32,
  ENCR_MAGMA_MGM_KTREE: 33,
  ENCR_KUZNYECHIK_MGM_MAC_KTREE: 34,
  ENCR_MAGMA_MGM_MAC_KTREE: 35,
} as const

/** Transform Type 2. */
export const prf = {
  PRF_HMAC_MD5: 1,
  PRF_HMAC_SHA1: 2,
  PRF_HMAC_TIGER: 3,
  PRF_AES128_XCBC: 4,
  PRF_HMAC_SHA2_256: 5,
  PRF_HMAC_SHA2_384: 6,
  PRF_HMAC_SHA2_512: 7,
  PRF_AES128_CMAC: 8,
  PRF_HMAC_STREEBOG_512: 9,
} as const

/** Transform Type 3. */
export const integrity = {
  NONE: 0,
  AUTH_HMAC_MD5_96: 1,
  AUTH_HMAC_SHA1_96: 2,
  AUTH_DES_MAC: 3,
  AUTH_KPDK_MD5: 4,
  AUTH_AES_XCBC_96: 5,
  AUTH_HMAC_MD5_128: 6,
  AUTH_HMAC_SHA1_160: 7,
  AUTH_AES_CMAC_96: 8,
  AUTH_AES_128_GMAC: 9,
  AUTH_AES_192_GMAC: 10,
  AUTH_AES_256_GMAC: 11,
  AUTH_HMAC_SHA2_256_128: 12,
  AUTH_HMAC_SHA2_384_192: 13,
  AUTH_HMAC_SHA2_512_256: 14,
} as const

/** Transform Types 4 and 6 to 12 (RFC 9370 §2.2.1). */
export const keyExchange = {
  NONE: 0,
  MODP_768: 1,
  MODP_1024: 2,
  MODP_1536: 5,
  MODP_2048: 14,
  MODP_3072: 15,
  MODP_4096: 16,
  MODP_6144: 17,
  MODP_8192: 18,
  ECP_256: 19,
  ECP_384: 20,
  ECP_521: 21,
  MODP_1024_SUBGROUP_160: 22,
  MODP_2048_SUBGROUP_224: 23,
  MODP_2048_SUBGROUP_256: 24,
  ECP_192: 25,
  ECP_224: 26,
  BRAINPOOL_P224R1: 27,
  BRAINPOOL_P256R1: 28,
  BRAINPOOL_P384R1: 29,
  BRAINPOOL_P512R1: 30,
  CURVE25519: 31,
  CURVE448: 32,
  GOST3410_2012_256: 33,
  GOST3410_2012_512: 34,
  ML_KEM_512: 35,
  ML_KEM_768: 36,
  ML_KEM_1024: 37,
} as const

/** Transform Type 5. */
export const sequenceNumbers = {
  NO_ESN: 0,
  ESN: 1,
} as const

export const transformTypes: Registry = registry({
  title: 'Transform Type Values',
  numbers: transformType,
  source: 'RFC 7296',
  sources: { 'RFC 9370': ['KE', 'ADDKE1', 'ADDKE2', 'ADDKE3', 'ADDKE4', 'ADDKE5', 'ADDKE6', 'ADDKE7'] },
  names: {
    ENCR: 'Encryption Algorithm (ENCR)',
    PRF: 'Pseudorandom Function (PRF)',
    INTEG: 'Integrity Algorithm (INTEG)',
    KE: 'Key Exchange Method (KE)',
    ESN: 'Extended Sequence Numbers (ESN)',
    ADDKE1: 'Additional Key Exchange 1 (ADDKE1)',
    ADDKE2: 'Additional Key Exchange 2 (ADDKE2)',
    ADDKE3: 'Additional Key Exchange 3 (ADDKE3)',
    ADDKE4: 'Additional Key Exchange 4 (ADDKE4)',
    ADDKE5: 'Additional Key Exchange 5 (ADDKE5)',
    ADDKE6: 'Additional Key Exchange 6 (ADDKE6)',
    ADDKE7: 'Additional Key Exchange 7 (ADDKE7)',
  },
  privateUse: [[241, 255]],
})

export const encryptionIds: Registry = registry({
  title: 'Transform Type 1 - Encryption Algorithm Transform IDs',
  numbers: encryption,
  source: 'RFC 7296',
  sources: {
    'RFC 2405': ['ENCR_DES'],
    'RFC 2451': ['ENCR_3DES', 'ENCR_RC5', 'ENCR_IDEA', 'ENCR_CAST', 'ENCR_BLOWFISH'],
    'RFC 2410': ['ENCR_NULL'],
    'RFC 3602': ['ENCR_AES_CBC'],
    'RFC 3686': ['ENCR_AES_CTR'],
    'RFC 4309': ['ENCR_AES_CCM_8', 'ENCR_AES_CCM_12', 'ENCR_AES_CCM_16'],
    'RFC 4106': ['ENCR_AES_GCM_8', 'ENCR_AES_GCM_12', 'ENCR_AES_GCM_16'],
    'RFC 4543': ['ENCR_NULL_AUTH_AES_GMAC'],
    'RFC 5529': ['ENCR_CAMELLIA_CBC', 'ENCR_CAMELLIA_CTR', 'ENCR_CAMELLIA_CCM_8', 'ENCR_CAMELLIA_CCM_12', 'ENCR_CAMELLIA_CCM_16'],
    'RFC 7634': ['ENCR_CHACHA20_POLY1305'],
    'RFC 8750': ['ENCR_AES_CCM_8_IIV', 'ENCR_AES_GCM_16_IIV', 'ENCR_CHACHA20_POLY1305_IIV'],
    'RFC 9227': ['ENCR_KUZNYECHIK_MGM_KTREE', 'ENCR_MAGMA_MGM_KTREE', 'ENCR_KUZNYECHIK_MGM_MAC_KTREE', 'ENCR_MAGMA_MGM_MAC_KTREE'],
  },
  privateUse: [[1024, 65535]],
})

export const prfIds: Registry = registry({
  title: 'Transform Type 2 - Pseudorandom Function Transform IDs',
  numbers: prf,
  source: 'RFC 7296',
  sources: {
    'RFC 2104': ['PRF_HMAC_MD5', 'PRF_HMAC_SHA1'],
    'RFC 4434': ['PRF_AES128_XCBC'],
    'RFC 4868': ['PRF_HMAC_SHA2_256', 'PRF_HMAC_SHA2_384', 'PRF_HMAC_SHA2_512'],
    'RFC 4615': ['PRF_AES128_CMAC'],
    'RFC 9385': ['PRF_HMAC_STREEBOG_512'],
  },
  privateUse: [[1024, 65535]],
})

export const integrityIds: Registry = registry({
  title: 'Transform Type 3 - Integrity Algorithm Transform IDs',
  numbers: integrity,
  source: 'RFC 7296',
  sources: {
    'RFC 2403': ['AUTH_HMAC_MD5_96'],
    'RFC 2404': ['AUTH_HMAC_SHA1_96'],
    'RFC 3566': ['AUTH_AES_XCBC_96'],
    'RFC 4595': ['AUTH_HMAC_MD5_128', 'AUTH_HMAC_SHA1_160'],
    'RFC 4494': ['AUTH_AES_CMAC_96'],
    'RFC 4543': ['AUTH_AES_128_GMAC', 'AUTH_AES_192_GMAC', 'AUTH_AES_256_GMAC'],
    'RFC 4868': ['AUTH_HMAC_SHA2_256_128', 'AUTH_HMAC_SHA2_384_192', 'AUTH_HMAC_SHA2_512_256'],
  },
  privateUse: [[1024, 65535]],
})

export const keyExchangeIds: Registry = registry({
  title: 'Transform Type 4 - Key Exchange Method Transform IDs',
  numbers: keyExchange,
  source: 'RFC 7296',
  sources: {
    'RFC 3526': ['MODP_1536', 'MODP_2048', 'MODP_3072', 'MODP_4096', 'MODP_6144', 'MODP_8192'],
    'RFC 5903': ['ECP_256', 'ECP_384', 'ECP_521'],
    'RFC 5114': ['MODP_1024_SUBGROUP_160', 'MODP_2048_SUBGROUP_224', 'MODP_2048_SUBGROUP_256', 'ECP_192', 'ECP_224'],
    'RFC 6954': ['BRAINPOOL_P224R1', 'BRAINPOOL_P256R1', 'BRAINPOOL_P384R1', 'BRAINPOOL_P512R1'],
    'RFC 8031': ['CURVE25519', 'CURVE448'],
    'RFC 9385': ['GOST3410_2012_256', 'GOST3410_2012_512'],
    'draft-ietf-ipsecme-ikev2-mlkem': ['ML_KEM_512', 'ML_KEM_768', 'ML_KEM_1024'],
  },
  names: {
    MODP_768: '768-bit MODP Group',
    MODP_1024: '1024-bit MODP Group',
    MODP_1536: '1536-bit MODP Group',
    MODP_2048: '2048-bit MODP Group',
    MODP_3072: '3072-bit MODP Group',
    MODP_4096: '4096-bit MODP Group',
    MODP_6144: '6144-bit MODP Group',
    MODP_8192: '8192-bit MODP Group',
    ECP_256: '256-bit random ECP group',
    ECP_384: '384-bit random ECP group',
    ECP_521: '521-bit random ECP group',
    MODP_1024_SUBGROUP_160: '1024-bit MODP Group with 160-bit Prime Order Subgroup',
    MODP_2048_SUBGROUP_224: '2048-bit MODP Group with 224-bit Prime Order Subgroup',
    MODP_2048_SUBGROUP_256: '2048-bit MODP Group with 256-bit Prime Order Subgroup',
    ECP_192: '192-bit Random ECP Group',
    ECP_224: '224-bit Random ECP Group',
    BRAINPOOL_P224R1: 'brainpoolP224r1',
    BRAINPOOL_P256R1: 'brainpoolP256r1',
    BRAINPOOL_P384R1: 'brainpoolP384r1',
    BRAINPOOL_P512R1: 'brainpoolP512r1',
    CURVE25519: 'Curve25519',
    CURVE448: 'Curve448',
    ML_KEM_512: 'ml-kem-512',
    ML_KEM_768: 'ml-kem-768',
    ML_KEM_1024: 'ml-kem-1024',
  },
  privateUse: [[1024, 65535]],
})

export const sequenceNumberIds: Registry = registry({
  title: 'Transform Type 5 - Extended Sequence Numbers Transform IDs',
  numbers: sequenceNumbers,
  source: 'RFC 7296',
  names: { NO_ESN: 'No Extended Sequence Numbers', ESN: 'Extended Sequence Numbers' },
  privateUse: [],
})

/** `Encryption Algorithm (ENCR)` */
export const transformTypeName = (type: number): string => transformTypes.name(type)
/** `ENCR` */
export const transformTypeNotation = (type: number): string => transformTypes.notation(type)

/** The registry that the Transform IDs of a Transform Type come from; `undefined` for a type that we do not know. */
export function transformIds(type: number): Registry | undefined {
  switch (type) {
    case transformType.ENCR:
      return encryptionIds
    case transformType.PRF:
      return prfIds
    case transformType.INTEG:
      return integrityIds
    case transformType.ESN:
      return sequenceNumberIds
    default:
      // RFC 9370 §2.2.1: the additional key exchanges take their IDs from the registry of Transform Type 4.
      return type === transformType.KE || (type >= transformType.ADDKE1 && type <= transformType.ADDKE7) ? keyExchangeIds : undefined
  }
}

/** `ENCR_AES_GCM_16` for 1 and 20. */
export const transformIdName = (type: number, id: number): string => transformIds(type)?.name(id) ?? `unknown (${id})`

export const encryptionName = (id: number): string => encryptionIds.name(id)
export const prfName = (id: number): string => prfIds.name(id)
export const integrityName = (id: number): string => integrityIds.name(id)
export const keyExchangeName = (id: number): string => keyExchangeIds.name(id)
export const sequenceNumbersName = (id: number): string => sequenceNumberIds.name(id)
