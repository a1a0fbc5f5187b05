// Names for transforms: strongSwan's words, and those of the registries. The first word of a row is the one that is written.
// strongSwan has no words for implicit IVs (RFC 8750): ours end with `iiv`.
import type { TransformChoice } from '../contract/transforms.ts'
import {
  encryption,
  integrity,
  keyExchange,
  prf,
  sequenceNumbers,
  transformIds,
  transformType,
  transformTypeNotation,
} from '../iana/transforms.ts'

export interface AlgorithmWord {
  readonly words: readonly [string, ...string[]]
  readonly choice: TransformChoice
}

/** All that we implement; ML-KEM as an algorithm only, which no proposal may name yet. */
export const algorithmWords: readonly AlgorithmWord[] = [
  row(transformType.ENCR, encryption.ENCR_AES_CBC, 128, 'aes128', 'aes'),
  row(transformType.ENCR, encryption.ENCR_AES_CBC, 192, 'aes192'),
  row(transformType.ENCR, encryption.ENCR_AES_CBC, 256, 'aes256'),
  ...aesRows(encryption.ENCR_AES_CTR, 'ctr'),
  row(transformType.ENCR, encryption.ENCR_CAMELLIA_CBC, 128, 'camellia128', 'camellia'),
  row(transformType.ENCR, encryption.ENCR_CAMELLIA_CBC, 192, 'camellia192'),
  row(transformType.ENCR, encryption.ENCR_CAMELLIA_CBC, 256, 'camellia256'),
  row(transformType.ENCR, encryption.ENCR_3DES, undefined, '3des'),
  ...aesRows(encryption.ENCR_AES_GCM_16, 'gcm16', 'gcm128', 'gcm'),
  ...aesRows(encryption.ENCR_AES_GCM_12, 'gcm12', 'gcm96'),
  ...aesRows(encryption.ENCR_AES_GCM_8, 'gcm8', 'gcm64'),
  ...aesRows(encryption.ENCR_AES_GCM_16_IIV, 'gcm16iiv'),
  ...aesRows(encryption.ENCR_AES_CCM_16, 'ccm16', 'ccm128', 'ccm'),
  ...aesRows(encryption.ENCR_AES_CCM_12, 'ccm12', 'ccm96'),
  ...aesRows(encryption.ENCR_AES_CCM_8, 'ccm8', 'ccm64'),
  ...aesRows(encryption.ENCR_AES_CCM_8_IIV, 'ccm8iiv'),
  ...aesRows(encryption.ENCR_NULL_AUTH_AES_GMAC, 'gmac'),
  row(transformType.ENCR, encryption.ENCR_CHACHA20_POLY1305, undefined, 'chacha20poly1305'),
  row(transformType.ENCR, encryption.ENCR_CHACHA20_POLY1305_IIV, undefined, 'chacha20poly1305iiv'),
  // RFC 4303 §1: ESP without encryption MUST be negotiable and configurable.
  row(transformType.ENCR, encryption.ENCR_NULL, undefined, 'null'),
  row(transformType.PRF, prf.PRF_HMAC_SHA1, undefined, 'prfsha1'),
  row(transformType.PRF, prf.PRF_AES128_XCBC, undefined, 'prfaesxcbc'),
  row(transformType.PRF, prf.PRF_AES128_CMAC, undefined, 'prfaescmac'),
  row(transformType.PRF, prf.PRF_HMAC_SHA2_256, undefined, 'prfsha256'),
  row(transformType.PRF, prf.PRF_HMAC_SHA2_384, undefined, 'prfsha384'),
  row(transformType.PRF, prf.PRF_HMAC_SHA2_512, undefined, 'prfsha512'),
  row(transformType.INTEG, integrity.AUTH_HMAC_SHA1_96, undefined, 'sha1', 'sha'),
  row(transformType.INTEG, integrity.AUTH_AES_XCBC_96, undefined, 'aesxcbc'),
  row(transformType.INTEG, integrity.AUTH_AES_CMAC_96, undefined, 'aescmac'),
  row(transformType.INTEG, integrity.AUTH_AES_128_GMAC, undefined, 'aes_128_gmac'),
  row(transformType.INTEG, integrity.AUTH_AES_192_GMAC, undefined, 'aes_192_gmac'),
  row(transformType.INTEG, integrity.AUTH_AES_256_GMAC, undefined, 'aes_256_gmac'),
  row(transformType.INTEG, integrity.AUTH_HMAC_SHA2_256_128, undefined, 'sha256', 'sha2_256'),
  row(transformType.INTEG, integrity.AUTH_HMAC_SHA2_384_192, undefined, 'sha384', 'sha2_384'),
  row(transformType.INTEG, integrity.AUTH_HMAC_SHA2_512_256, undefined, 'sha512', 'sha2_512'),
  row(transformType.KE, keyExchange.CURVE25519, undefined, 'x25519', 'curve_25519'),
  row(transformType.KE, keyExchange.ECP_256, undefined, 'ecp256'),
  row(transformType.KE, keyExchange.ECP_384, undefined, 'ecp384'),
  row(transformType.KE, keyExchange.ECP_521, undefined, 'ecp521'),
  row(transformType.KE, keyExchange.CURVE448, undefined, 'x448', 'curve_448', 'curve448'),
  row(transformType.KE, keyExchange.BRAINPOOL_P256R1, undefined, 'ecp256bp'),
  row(transformType.KE, keyExchange.BRAINPOOL_P384R1, undefined, 'ecp384bp'),
  row(transformType.KE, keyExchange.BRAINPOOL_P512R1, undefined, 'ecp512bp'),
  row(transformType.KE, keyExchange.MODP_1536, undefined, 'modp1536'),
  row(transformType.KE, keyExchange.MODP_2048, undefined, 'modp2048'),
  row(transformType.KE, keyExchange.MODP_3072, undefined, 'modp3072'),
  row(transformType.KE, keyExchange.MODP_4096, undefined, 'modp4096'),
  row(transformType.KE, keyExchange.MODP_6144, undefined, 'modp6144'),
  row(transformType.KE, keyExchange.MODP_8192, undefined, 'modp8192'),
  row(transformType.KE, keyExchange.ML_KEM_512, undefined, 'mlkem512'),
  row(transformType.KE, keyExchange.ML_KEM_768, undefined, 'mlkem768'),
  row(transformType.KE, keyExchange.ML_KEM_1024, undefined, 'mlkem1024'),
  row(transformType.ESN, sequenceNumbers.ESN, undefined, 'esn'),
  row(transformType.ESN, sequenceNumbers.NO_ESN, undefined, 'noesn'),
]

/** strongSwan's words for what we do not implement, as patterns of whole words. */
const elsewhere: readonly RegExp[] = [
  /^des$/,
  /^camellia(128|192|256)?(ctr|ccm(8|12|16|64|96|128)?)$/,
  /^(blowfish|serpent|twofish)(128|192|256)?$/,
  /^cast128$/,
  /^(prf)?(md5|camelliaxcbc)$/,
  /^(md5_128|sha1_160|sha256_96|sha2_256_96)$/,
  /^modp(768|1024|1024s160|2048s224|2048s256|none)$/,
  /^ecp(192|224|224bp)$/,
  /^kyber\w+$/,
  /^ke[1-7]_\w+$/,
]

/** The transform that a word names, in whatever case. */
export function algorithmOf(word: string): TransformChoice | undefined {
  return byWord.get(word.toLowerCase())
}

export function isImplementedElsewhere(word: string): boolean {
  const lower = word.toLowerCase()
  return elsewhere.some((pattern) => pattern.test(lower))
}

/** `aes256gcm16`; the registry's name of what has no word here: `ENCR_CAMELLIA_CBC_128`, `KE MODP_1024`, `INTEG NONE`, `ENCR unknown (99)`. */
export function formatTransform(choice: TransformChoice): string {
  const known = algorithmWords.find(
    ({ choice: { type, id, keyLength } }) => type === choice.type && id === choice.id && keyLength === choice.keyLength,
  )
  return known === undefined ? registryName(choice) : known.words[0]
}

const byWord: ReadonlyMap<string, TransformChoice> = new Map(
  algorithmWords.flatMap(({ words, choice }) => [...words, ...registryWords(choice)].map((word) => [word.toLowerCase(), choice])),
)

function row(type: number, id: number, keyLength: number | undefined, ...words: [string, ...string[]]): AlgorithmWord {
  return { words, choice: { type, id, keyLength } }
}

/** `aes128ctr`, `aes192ctr`, `aes256ctr`. */
function aesRows(id: number, ...modes: [string, ...string[]]): readonly AlgorithmWord[] {
  const [first, ...more] = modes
  return [128, 192, 256].map((bits) => row(transformType.ENCR, id, bits, `aes${bits}${first}`, ...more.map((mode) => `aes${bits}${mode}`)))
}

/** `ENCR_AES_CBC_128`, `AES_CBC_128` as strongSwan's log has it, and both with the length after a slash: `ENCR_AES_CBC/128`. */
function registryWords({ type, id, keyLength }: TransformChoice): readonly string[] {
  const name = transformIds(type)?.notation(id) ?? ''
  return [name, name.replace(/^(ENCR|AUTH)_/, '')].flatMap((each) =>
    keyLength === undefined ? [each] : [withKeyLength(each, keyLength), `${each}/${keyLength}`],
  )
}

function registryName({ type, id, keyLength }: TransformChoice): string {
  const registry = transformIds(type)
  const name = withKeyLength(registry?.notation(id) ?? `unknown (${id})`, keyLength)
  return /^(ENCR|PRF|AUTH)_/.test(name) ? name : `${transformTypeNotation(type)} ${name}`
}

function withKeyLength(name: string, keyLength: number | undefined): string {
  return keyLength === undefined ? name : `${name}_${keyLength}`
}
