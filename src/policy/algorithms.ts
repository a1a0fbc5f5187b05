// What the choice of proposals has to know about algorithms beyond their numbers. RFC 5282 §8, RFC 4543 §4, RFC 7634 §4, RFC 8750, RFC 9227.
import type { ChildSuite, TransformChoice } from '../contract/transforms.ts'
import { encryption, integrity, keyExchange, transformType } from '../iana/transforms.ts'

/** Combined-mode ciphers, which protect integrity themselves. */
const combinedMode: ReadonlySet<number> = new Set([
  encryption.ENCR_AES_CCM_8,
  encryption.ENCR_AES_CCM_12,
  encryption.ENCR_AES_CCM_16,
  encryption.ENCR_AES_GCM_8,
  encryption.ENCR_AES_GCM_12,
  encryption.ENCR_AES_GCM_16,
  encryption.ENCR_NULL_AUTH_AES_GMAC,
  encryption.ENCR_CAMELLIA_CCM_8,
  encryption.ENCR_CAMELLIA_CCM_12,
  encryption.ENCR_CAMELLIA_CCM_16,
  encryption.ENCR_CHACHA20_POLY1305,
  encryption.ENCR_AES_CCM_8_IIV,
  encryption.ENCR_AES_GCM_16_IIV,
  encryption.ENCR_CHACHA20_POLY1305_IIV,
  encryption.ENCR_KUZNYECHIK_MGM_KTREE,
  encryption.ENCR_MAGMA_MGM_KTREE,
  encryption.ENCR_KUZNYECHIK_MGM_MAC_KTREE,
  encryption.ENCR_MAGMA_MGM_MAC_KTREE,
])

/** A cipher that MUST NOT have an integrity algorithm beside it (RFC 5282 §8). */
export function isAead(transform: { readonly type: number; readonly id: number }): boolean {
  return transform.type === transformType.ENCR && combinedMode.has(transform.id)
}

/** A cipher that must have one (RFC 8221 §6, RFC 7296 §3.3.3). */
export function isClassicCipher(transform: { readonly type: number; readonly id: number }): boolean {
  return transform.type === transformType.ENCR && !combinedMode.has(transform.id)
}

/** Whether what it protects is hidden: AH, NULL and GMAC authenticate only (RFC 4302 §1, RFC 2410, RFC 4543 §3). */
export function encrypts({ encryption: cipher }: ChildSuite): boolean {
  return cipher !== undefined && encryptsBy(cipher.id)
}

/** Of ciphers of ESP. */
export const encryptsBy = (id: number): boolean => id !== encryption.ENCR_NULL && id !== encryption.ENCR_NULL_AUTH_AES_GMAC

/** Of a cipher that has no place in IKE: why. `undefined` of others. */
export function whyEspOnly(id: number): string | undefined {
  return espOnly.get(id)
}

/** Of an integrity algorithm that has a place in AH alone: why. `undefined` of others. */
export function whyAhOnly(id: number): string | undefined {
  return gmacOfAh.has(id) ? 'is for AH alone, and MUST NOT be used with ESP, which has a cipher of that name (RFC 4543 §5.3)' : undefined
}

/** What AH has of GMAC, by the key length of what ESP has (RFC 4543 §5.3). */
export function gmacForAh(cipher: TransformChoice): number | undefined {
  if (cipher.type !== transformType.ENCR || cipher.id !== encryption.ENCR_NULL_AUTH_AES_GMAC) return undefined
  return [...gmacOfAh].find(([, keyBits]) => keyBits === cipher.keyLength)?.[0]
}

const gmacOfAh: ReadonlyMap<number, number> = new Map([
  [integrity.AUTH_AES_128_GMAC, 128],
  [integrity.AUTH_AES_192_GMAC, 192],
  [integrity.AUTH_AES_256_GMAC, 256],
])

/** Of a key exchange method that cannot be agreed on yet: why. `undefined` of others. */
export function whyNoKeyExchange(id: number): string | undefined {
  return kems.has(id) ? whyNoKem : undefined
}

/** Without the exchanges of RFC 9370, taken for a Diffie-Hellman group it would be offered and then not be done. */
const whyNoKem =
  'is a key encapsulation mechanism, no Diffie-Hellman group: it needs an exchange of its own (IKE_INTERMEDIATE, RFC 9370), which is not implemented yet'
const kems: ReadonlySet<number> = new Set([keyExchange.ML_KEM_512, keyExchange.ML_KEM_768, keyExchange.ML_KEM_1024])

const implicitIv = 'is for ESP: the messages of IKE have no number that could be their IV (RFC 8750 §7)'

const espOnly: ReadonlyMap<number, string> = new Map([
  [encryption.ENCR_NULL, 'is for ESP: IKE is never without encryption (RFC 7296 §5)'],
  [encryption.ENCR_NULL_AUTH_AES_GMAC, 'is for ESP: it does not encrypt (RFC 4543 §3), and IKE is never without encryption (RFC 7296 §5)'],
  [encryption.ENCR_AES_CCM_8_IIV, implicitIv],
  [encryption.ENCR_AES_GCM_16_IIV, implicitIv],
  [encryption.ENCR_CHACHA20_POLY1305_IIV, implicitIv],
])
