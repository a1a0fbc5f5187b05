// What the standards require of each algorithm, word for word. IKEv2: RFC 8247 §2. ESP and AH: RFC 8221 §5 to §8. Deprecated: RFC 9395 §7.
// What those do not rate, and others do: RFC 7296 §5, RFC 4543 §5.3, RFC 4303 §2.2.1, RFC 4302 §2.5.1.
import { ipcompTransform } from './ipcomp.ts'
import { encryption, integrity, keyExchange, prf, sequenceNumbers, transformType } from './transforms.ts'

/** RFC 2119; `+` is expected to rise, `-` to fall (RFC 8247 §1.1). */
export type RequirementLevel = 'MUST' | 'MUST-' | 'SHOULD+' | 'SHOULD' | 'SHOULD-' | 'MAY' | 'SHOULD NOT' | 'MUST NOT'

/** `unmentioned`: no document rates it, so it MAY be used (RFC 8247 §1.3, RFC 9395 §1). */
export type StatedLevel = RequirementLevel | 'unmentioned'

export type AlgorithmUse = 'IKE' | 'ESP' | 'AH'

/** Where another level holds than in general: for the Internet of Things (RFC 8247 §4), or beside a combined-mode cipher. */
export interface LevelException {
  readonly where: 'IoT' | 'AEAD'
  readonly level: StatedLevel
}

export interface AlgorithmRequirement {
  readonly use: AlgorithmUse
  /** Transform Type 1 to 5. Additional key exchanges (6 to 12) are rated as Transform Type 4. */
  readonly type: number
  readonly id: number
  /** The lengths in bits that the row is about; `undefined`: every length, or none. */
  readonly keyLengths: readonly number[] | undefined
  /** In general use. */
  readonly level: StatedLevel
  readonly exception: LevelException | undefined
  /** `RFC 8247 §2.1` */
  readonly source: string
}

/** All that is said of one algorithm in one use. */
export interface AlgorithmStatus {
  readonly level: StatedLevel
  readonly exception: LevelException | undefined
  readonly source: string
  /** The document for which the registry has it as DEPRECATED (RFC 9395 §7): `RFC 9395` or `RFC 8247`. */
  readonly deprecatedBy: string | undefined
}

/** `keyLength` in bits, `undefined` where the algorithm has no Key Length attribute. */
export function algorithmStatus(
  use: AlgorithmUse,
  algorithm: { readonly type: number; readonly id: number; readonly keyLength: number | undefined },
): AlgorithmStatus {
  const { id, keyLength } = algorithm
  // RFC 9370 §2.2.1: the additional key exchanges are those of Transform Type 4.
  const type = algorithm.type > transformType.ESN ? transformType.KE : algorithm.type
  const row = algorithmRequirements.find(
    (each) =>
      each.use === use &&
      each.type === type &&
      each.id === id &&
      (each.keyLengths === undefined || (keyLength !== undefined && each.keyLengths.includes(keyLength))),
  )
  const deprecatedBy = deprecatedAlgorithms.find((each) => each.type === type && each.id === id)?.by
  const silent = use === 'IKE' || type === transformType.KE ? 'RFC 8247 §1.3' : 'RFC 9395 §1'
  return {
    level: row?.level ?? 'unmentioned',
    exception: row?.exception,
    source: row?.source ?? silent,
    deprecatedBy,
  }
}

/** Every row of the tables, and what the text around them adds. A length or an algorithm without a row is unmentioned. */
export const algorithmRequirements: readonly AlgorithmRequirement[] = [
  ...rows(['IKE'], transformType.ENCR, 'RFC 8247 §2.1', [
    // Footnote (*): "192-bit keys remain at the MAY level."
    [encryption.ENCR_AES_CBC, 'MUST', { bits: [128, 256] }],
    [encryption.ENCR_AES_CBC, 'MAY', { bits: [192] }],
    [encryption.ENCR_CHACHA20_POLY1305, 'SHOULD'],
    [encryption.ENCR_AES_GCM_16, 'SHOULD', { bits: [128, 256] }],
    [encryption.ENCR_AES_GCM_16, 'MAY', { bits: [192] }],
    // "the 8- and 12-octet ICVs remain at the MAY level"
    [encryption.ENCR_AES_GCM_12, 'MAY'],
    [encryption.ENCR_AES_GCM_8, 'MAY'],
    // Footnote (IoT): "Only 128-bit keys are at the SHOULD level. 192-bit and 256-bit remain at the MAY level."
    [encryption.ENCR_AES_CCM_8, 'unmentioned', { bits: [128], iot: 'SHOULD' }],
    [encryption.ENCR_AES_CCM_8, 'MAY', { bits: [192, 256] }],
    [encryption.ENCR_3DES, 'MAY'],
    [encryption.ENCR_DES, 'MUST NOT'],
    [encryption.ENCR_NULL, 'MUST NOT'],
  ]),
  ...rows(['IKE'], transformType.ENCR, 'RFC 8247 §2.5', [[encryption.ENCR_AES_CTR, 'MAY']]),
  ...rows(['IKE'], transformType.PRF, 'RFC 8247 §2.2', [
    [prf.PRF_HMAC_SHA2_256, 'MUST'],
    [prf.PRF_HMAC_SHA2_512, 'SHOULD+'],
    [prf.PRF_HMAC_SHA1, 'MUST-'],
    // "For the non-IoT VPN deployment, it has been downgraded from SHOULD in RFC 4307 to MAY"
    [prf.PRF_AES128_XCBC, 'MAY', { iot: 'SHOULD' }],
    [prf.PRF_HMAC_MD5, 'MUST NOT'],
  ]),
  ...rows(['IKE'], transformType.INTEG, 'RFC 8247 §2.3', [
    [integrity.AUTH_HMAC_SHA2_256_128, 'MUST'],
    [integrity.AUTH_HMAC_SHA2_512_256, 'SHOULD'],
    [integrity.AUTH_HMAC_SHA1_96, 'MUST-'],
    // As for the PRF.
    [integrity.AUTH_AES_XCBC_96, 'MAY', { iot: 'SHOULD' }],
    [integrity.AUTH_HMAC_MD5_96, 'MUST NOT'],
    [integrity.AUTH_DES_MAC, 'MUST NOT'],
    [integrity.AUTH_KPDK_MD5, 'MUST NOT'],
  ]),
  // Beside a combined-mode cipher: RFC 7296 §3.3 allows it, and recommends to leave it out.
  ...rows(['IKE'], transformType.INTEG, 'RFC 7296 §5', [[integrity.NONE, 'MUST NOT', { aead: 'unmentioned' }]]),
  // The key exchange of a Child SA is IKEv2's too.
  ...rows(['IKE', 'ESP', 'AH'], transformType.KE, 'RFC 8247 §2.4', [
    [keyExchange.MODP_2048, 'MUST'],
    [keyExchange.ECP_256, 'SHOULD'],
    [keyExchange.MODP_1536, 'SHOULD NOT'],
    [keyExchange.MODP_1024, 'SHOULD NOT'],
    [keyExchange.MODP_768, 'MUST NOT'],
    [keyExchange.MODP_1024_SUBGROUP_160, 'MUST NOT'],
    [keyExchange.MODP_2048_SUBGROUP_224, 'SHOULD NOT'],
    [keyExchange.MODP_2048_SUBGROUP_256, 'SHOULD NOT'],
  ]),
  ...rows(['ESP'], transformType.ENCR, 'RFC 8221 §5', [
    [encryption.ENCR_DES_IV64, 'MUST NOT'],
    [encryption.ENCR_DES, 'MUST NOT'],
    [encryption.ENCR_3DES, 'SHOULD NOT'],
    [encryption.ENCR_BLOWFISH, 'MUST NOT'],
    [encryption.ENCR_3IDEA, 'MUST NOT'],
    [encryption.ENCR_DES_IV32, 'MUST NOT'],
    [encryption.ENCR_NULL, 'MUST'],
    // Footnote [1]: "This requirement level is for 128-bit and 256-bit keys. 192-bit keys remain at the MAY level."
    [encryption.ENCR_AES_CBC, 'MUST', { bits: [128, 256] }],
    [encryption.ENCR_AES_CBC, 'MAY', { bits: [192] }],
    // Footnote (IoT): "Only 128-bit keys are at the given level."
    [encryption.ENCR_AES_CCM_8, 'unmentioned', { bits: [128], iot: 'SHOULD' }],
    [encryption.ENCR_AES_GCM_16, 'MUST', { bits: [128, 256] }],
    [encryption.ENCR_AES_GCM_16, 'MAY', { bits: [192] }],
    [encryption.ENCR_CHACHA20_POLY1305, 'SHOULD'],
  ]),
  ...rows(['ESP'], transformType.ENCR, 'RFC 8221 §8', [[encryption.ENCR_AES_CTR, 'MAY']]),
  ...rows(['ESP'], transformType.INTEG, 'RFC 8221 §6', [[integrity.NONE, 'MUST NOT', { aead: 'MUST' }]]),
  // AH has no cipher beside it.
  ...rows(['AH'], transformType.INTEG, 'RFC 8221 §6', [[integrity.NONE, 'MUST NOT']]),
  ...rows(['ESP', 'AH'], transformType.INTEG, 'RFC 8221 §6', [
    [integrity.AUTH_HMAC_MD5_96, 'MUST NOT'],
    [integrity.AUTH_HMAC_SHA1_96, 'MUST-'],
    [integrity.AUTH_DES_MAC, 'MUST NOT'],
    [integrity.AUTH_KPDK_MD5, 'MUST NOT'],
    [integrity.AUTH_AES_XCBC_96, 'MAY', { iot: 'SHOULD' }],
    [integrity.AUTH_HMAC_SHA2_256_128, 'MUST'],
    [integrity.AUTH_HMAC_SHA2_512_256, 'SHOULD'],
  ]),
  // The table has the lengths 128 and 256, the text beside it 192 too: "should only be used for AH and not for ESP".
  ...rows(['AH'], transformType.INTEG, 'RFC 8221 §6', gmac('MAY')),
  // "This transform MUST NOT be used with ESP."
  ...rows(['ESP'], transformType.INTEG, 'RFC 4543 §5.3', gmac('MUST NOT')),
  ...rows(['ESP'], transformType.ESN, 'RFC 4303 §2.2.1', [[sequenceNumbers.ESN, 'SHOULD']]),
  ...rows(['AH'], transformType.ESN, 'RFC 4302 §2.5.1', [[sequenceNumbers.ESN, 'SHOULD']]),
]

export interface DeprecatedAlgorithm {
  readonly type: number
  readonly id: number
  readonly by: 'RFC 8247' | 'RFC 9395'
}

/** The tables of RFC 9395 §7: what the registries have as DEPRECATED, and for which document. */
export const deprecatedAlgorithms: readonly DeprecatedAlgorithm[] = [
  { type: transformType.ENCR, id: encryption.ENCR_DES_IV64, by: 'RFC 9395' },
  { type: transformType.ENCR, id: encryption.ENCR_DES, by: 'RFC 8247' },
  { type: transformType.ENCR, id: encryption.ENCR_RC5, by: 'RFC 9395' },
  { type: transformType.ENCR, id: encryption.ENCR_IDEA, by: 'RFC 9395' },
  { type: transformType.ENCR, id: encryption.ENCR_CAST, by: 'RFC 9395' },
  { type: transformType.ENCR, id: encryption.ENCR_BLOWFISH, by: 'RFC 9395' },
  { type: transformType.ENCR, id: encryption.ENCR_3IDEA, by: 'RFC 9395' },
  { type: transformType.ENCR, id: encryption.ENCR_DES_IV32, by: 'RFC 9395' },
  { type: transformType.PRF, id: prf.PRF_HMAC_MD5, by: 'RFC 8247' },
  { type: transformType.PRF, id: prf.PRF_HMAC_TIGER, by: 'RFC 9395' },
  { type: transformType.INTEG, id: integrity.AUTH_HMAC_MD5_96, by: 'RFC 8247' },
  { type: transformType.INTEG, id: integrity.AUTH_DES_MAC, by: 'RFC 8247' },
  { type: transformType.INTEG, id: integrity.AUTH_KPDK_MD5, by: 'RFC 8247' },
  { type: transformType.INTEG, id: integrity.AUTH_HMAC_MD5_128, by: 'RFC 9395' },
  { type: transformType.INTEG, id: integrity.AUTH_HMAC_SHA1_160, by: 'RFC 9395' },
  { type: transformType.KE, id: keyExchange.MODP_768, by: 'RFC 8247' },
  { type: transformType.KE, id: keyExchange.MODP_1024_SUBGROUP_160, by: 'RFC 8247' },
]

/** RFC 8221 §7: IPComp beside ESP and AH. It is negotiated by notifications, not by transforms (RFC 7296 §2.22). */
export const compressionRequirements: readonly { readonly id: number; readonly level: RequirementLevel; readonly source: string }[] = [
  { id: ipcompTransform.IPCOMP_OUI, level: 'MUST NOT', source: 'RFC 8221 §7' },
  { id: ipcompTransform.IPCOMP_DEFLATE, level: 'MAY', source: 'RFC 8221 §7' },
  { id: ipcompTransform.IPCOMP_LZS, level: 'MAY', source: 'RFC 8221 §7' },
  { id: ipcompTransform.IPCOMP_LZJH, level: 'MAY', source: 'RFC 8221 §7' },
]

interface Footnotes {
  readonly bits?: readonly number[]
  readonly iot?: StatedLevel
  readonly aead?: StatedLevel
}

type Row = readonly [id: number, level: StatedLevel, footnotes?: Footnotes]

function rows(uses: readonly AlgorithmUse[], type: number, source: string, table: readonly Row[]): readonly AlgorithmRequirement[] {
  return uses.flatMap((use) =>
    table.map(([id, level, footnotes]) => ({
      use,
      type,
      id,
      keyLengths: footnotes?.bits,
      level,
      exception: exceptionOf(footnotes),
      source,
    })),
  )
}

function exceptionOf(footnotes: Footnotes | undefined): LevelException | undefined {
  if (footnotes?.iot !== undefined) return { where: 'IoT', level: footnotes.iot }
  return footnotes?.aead === undefined ? undefined : { where: 'AEAD', level: footnotes.aead }
}

function gmac(level: RequirementLevel): readonly Row[] {
  return [integrity.AUTH_AES_128_GMAC, integrity.AUTH_AES_192_GMAC, integrity.AUTH_AES_256_GMAC].map((id) => [id, level])
}
