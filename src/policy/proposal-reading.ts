// What a word of a proposal stands for, also where we do not implement it: strongSwan's words and the registries' names, with key lengths.
// RFC 7296 §3.3.5 says which ciphers have a Key Length attribute.
import type { TransformChoice } from '../contract/transforms.ts'
import type { AlgorithmUse } from '../iana/algorithm-requirements.ts'
import {
  encryption,
  encryptionIds,
  integrity,
  integrityIds,
  keyExchange,
  keyExchangeIds,
  prf,
  prfIds,
  transformType,
} from '../iana/transforms.ts'
import { algorithmOf } from './algorithm-words.ts'

export type WordReading =
  | { readonly kind: 'algorithm'; readonly choice: TransformChoice }
  /** A cipher whose key length is missing, is one that it does not have, or is given where it has none. `choice` is what was written. */
  | { readonly kind: 'key-length'; readonly flaw: 'missing' | 'impossible' | 'not-allowed'; readonly choice: TransformChoice }
  /** A word of other implementations for what the registries have no number for. */
  | { readonly kind: 'unregistered'; readonly type: number; readonly keyLength: number | undefined }

/** `undefined`: the word means nothing. `aes128gmac` is a cipher in ESP and an integrity algorithm in AH (RFC 4543 §5.3). */
export function readAlgorithmWord(word: string, use: AlgorithmUse): WordReading | undefined {
  const lower = word.toLowerCase()
  const gmac = ahGmac.get(lower)
  if (gmac !== undefined) return use === 'AH' ? algorithm(transformType.INTEG, gmac) : cipherWord(lower)
  const ours = algorithmOf(lower) ?? strongSwanWords.get(lower)
  if (ours !== undefined) return { kind: 'algorithm', choice: ours }
  return additionalKeyExchange(lower, use) ?? cipherWord(lower) ?? registryName(lower) ?? unregistered(lower)
}

/** Lengths in bits that a cipher can have; none for one that has no Key Length attribute. `undefined`: anything, also nothing. */
export function keyLengthsOf(cipher: number): readonly number[] | undefined {
  if (variableLength.has(cipher)) return undefined
  return fixedLength.has(cipher) ? [] : [128, 192, 256]
}

const { ENCR, PRF, INTEG, KE, ADDKE1 } = transformType

const ahGmac: ReadonlyMap<string, number> = new Map([
  ['aes128gmac', integrity.AUTH_AES_128_GMAC],
  ['aes192gmac', integrity.AUTH_AES_192_GMAC],
  ['aes256gmac', integrity.AUTH_AES_256_GMAC],
])

/** RFC 7296 §3.3.5, RFC 2451: they have a default. */
const variableLength: ReadonlySet<number> = new Set([encryption.ENCR_RC5, encryption.ENCR_CAST, encryption.ENCR_BLOWFISH])

/** RFC 7296 §3.3.5: the attribute MUST NOT be used with a key of fixed length. */
const fixedLength: ReadonlySet<number> = new Set([
  encryption.ENCR_DES_IV64,
  encryption.ENCR_DES,
  encryption.ENCR_3DES,
  encryption.ENCR_IDEA,
  encryption.ENCR_3IDEA,
  encryption.ENCR_DES_IV32,
  encryption.ENCR_NULL,
  encryption.ENCR_CHACHA20_POLY1305,
  encryption.ENCR_CHACHA20_POLY1305_IIV,
  encryption.ENCR_KUZNYECHIK_MGM_KTREE,
  encryption.ENCR_MAGMA_MGM_KTREE,
  encryption.ENCR_KUZNYECHIK_MGM_MAC_KTREE,
  encryption.ENCR_MAGMA_MGM_MAC_KTREE,
])

/** strongSwan's words beside those in algorithm-words.ts, which go first. */
const strongSwanWords: ReadonlyMap<string, TransformChoice> = new Map([
  named('des', ENCR, encryption.ENCR_DES),
  named('3des', ENCR, encryption.ENCR_3DES),
  named('cast128', ENCR, encryption.ENCR_CAST, 128),
  named('blowfish', ENCR, encryption.ENCR_BLOWFISH, 128),
  ...[128, 192, 256].map((bits) => named(`blowfish${bits}`, ENCR, encryption.ENCR_BLOWFISH, bits)),
  named('camellia', ENCR, encryption.ENCR_CAMELLIA_CBC, 128),
  named('prfmd5', PRF, prf.PRF_HMAC_MD5),
  named('md5', INTEG, integrity.AUTH_HMAC_MD5_96),
  named('md5_128', INTEG, integrity.AUTH_HMAC_MD5_128),
  named('sha1_160', INTEG, integrity.AUTH_HMAC_SHA1_160),
  named('modp768', KE, keyExchange.MODP_768),
  named('modp1024', KE, keyExchange.MODP_1024),
  named('modp1024s160', KE, keyExchange.MODP_1024_SUBGROUP_160),
  named('modp2048s224', KE, keyExchange.MODP_2048_SUBGROUP_224),
  named('modp2048s256', KE, keyExchange.MODP_2048_SUBGROUP_256),
  named('ecp192', KE, keyExchange.ECP_192),
  named('ecp224', KE, keyExchange.ECP_224),
  named('ecp224bp', KE, keyExchange.BRAINPOOL_P224R1),
  named('modpnone', KE, keyExchange.NONE),
  named('mlkem512', KE, keyExchange.ML_KEM_512),
  named('mlkem768', KE, keyExchange.ML_KEM_768),
  named('mlkem1024', KE, keyExchange.ML_KEM_1024),
])

function named(word: string, type: number, id: number, keyLength?: number): readonly [string, TransformChoice] {
  return [word, { type, id, keyLength }]
}

/** `ke1_mlkem768`: Additional Key Exchange 1 (RFC 9370 §2.2.1). */
function additionalKeyExchange(word: string, use: AlgorithmUse): WordReading | undefined {
  const [, place, method] = /^ke([1-7])_(.+)$/.exec(word) ?? []
  if (place === undefined || method === undefined) return undefined
  const reading = readAlgorithmWord(method, use)
  if (reading?.kind !== 'algorithm' || reading.choice.type !== KE) return undefined
  return algorithm(ADDKE1 + Number(place) - 1, reading.choice.id)
}

/** `camellia256ccm16`; `aes512gcm16` and `aesgcm16`, whose key length is wrong or missing. */
function cipherWord(word: string): WordReading | undefined {
  const [, family, bits, mode = ''] = /^(aes|camellia)(\d*)((?:ctr|gcm|ccm|gmac)\w*)?$/.exec(word) ?? []
  const id = ciphersByMode.get(`${family}${mode}`)
  if (id === undefined) return undefined
  return withLength(id, bits === undefined || bits === '' ? undefined : Number(bits))
}

const ciphersByMode: ReadonlyMap<string, number> = new Map([
  ['aes', encryption.ENCR_AES_CBC],
  ['aesctr', encryption.ENCR_AES_CTR],
  ...modes('aesccm', encryption.ENCR_AES_CCM_8, encryption.ENCR_AES_CCM_12, encryption.ENCR_AES_CCM_16),
  ...modes('aesgcm', encryption.ENCR_AES_GCM_8, encryption.ENCR_AES_GCM_12, encryption.ENCR_AES_GCM_16),
  ['aesgmac', encryption.ENCR_NULL_AUTH_AES_GMAC],
  ['aesgcm16iiv', encryption.ENCR_AES_GCM_16_IIV],
  ['aesccm8iiv', encryption.ENCR_AES_CCM_8_IIV],
  ['camellia', encryption.ENCR_CAMELLIA_CBC],
  ['camelliactr', encryption.ENCR_CAMELLIA_CTR],
  ...modes('camelliaccm', encryption.ENCR_CAMELLIA_CCM_8, encryption.ENCR_CAMELLIA_CCM_12, encryption.ENCR_CAMELLIA_CCM_16),
])

/** By the octets of the ICV, by its bits, and the longest without either. */
function modes(family: string, icv8: number, icv12: number, icv16: number): readonly (readonly [string, number])[] {
  const sizes = [
    [`8`, icv8],
    [`64`, icv8],
    [`12`, icv12],
    [`96`, icv12],
    [`16`, icv16],
    [`128`, icv16],
    ['', icv16],
  ] as const
  return sizes.map(([size, id]) => [`${family}${size}`, id])
}

/** `ENCR_3DES`, `3DES`, `ENCR_AES_CBC_256`, `ENCR_AES_CBC/256`, `AUTH_HMAC_MD5_96`, `MODP_1024`. */
function registryName(word: string): WordReading | undefined {
  const whole = registryNames.get(word)
  if (whole !== undefined) return whole.type === ENCR ? withLength(whole.id, undefined) : { kind: 'algorithm', choice: whole }
  const [, name, separator, bits] = /^(\w+?)([_/])(\d{1,5})$/.exec(word) ?? []
  const found = registryNames.get(name ?? '')
  if (found === undefined || bits === undefined) return undefined
  if (found.type === ENCR) return withLength(found.id, Number(bits))
  return separator === '/' ? { kind: 'key-length', flaw: 'not-allowed', choice: { ...found, keyLength: Number(bits) } } : undefined
}

const registryNames: ReadonlyMap<string, TransformChoice> = new Map(
  // NONE of key exchange goes first, so that the word is the one of integrity (RFC 8221 §6).
  [
    { type: KE, registry: keyExchangeIds },
    { type: PRF, registry: prfIds },
    { type: INTEG, registry: integrityIds },
    { type: ENCR, registry: encryptionIds },
  ].flatMap(({ type, registry }) =>
    registry.entries.flatMap(({ number, notation }) => {
      const name = notation.toLowerCase()
      const names = [name, name.replace(/^(encr|auth)_/, ''), ...(type === INTEG && number === integrity.NONE ? ['auth_none'] : [])]
      return names.map((each) => named(each, type, number))
    }),
  ),
)

function withLength(id: number, keyLength: number | undefined): WordReading {
  const lengths = keyLengthsOf(id)
  const choice = { type: ENCR, id, keyLength }
  if (lengths === undefined) return { kind: 'algorithm', choice }
  if (keyLength === undefined) return lengths.length === 0 ? { kind: 'algorithm', choice } : { kind: 'key-length', flaw: 'missing', choice }
  if (lengths.includes(keyLength)) return { kind: 'algorithm', choice }
  return { kind: 'key-length', flaw: lengths.length === 0 ? 'not-allowed' : 'impossible', choice }
}

function unregistered(word: string): WordReading | undefined {
  const found = unregisteredWords.find(({ pattern }) => pattern.test(word))
  if (found === undefined) return undefined
  const [bits] = found.type === ENCR ? (/\d+$/.exec(word) ?? []) : []
  return { kind: 'unregistered', type: found.type, keyLength: bits === undefined ? undefined : Number(bits) }
}

const unregisteredWords: readonly { readonly pattern: RegExp; readonly type: number }[] = [
  { pattern: /^(serpent|twofish)(128|192|256)?$/, type: ENCR },
  { pattern: /^prfcamelliaxcbc$/, type: PRF },
  { pattern: /^(camelliaxcbc|sha256_96|sha2_256_96)$/, type: INTEG },
  { pattern: /^(modpnull|modpcustom|ntru(112|128|192|256)|newhope128|(ke[1-7]_)?(kyber[135]|frodo\w+|bike\w+|hqc\w+))$/, type: KE },
]

function algorithm(type: number, id: number): WordReading {
  return { kind: 'algorithm', choice: { type, id, keyLength: undefined } }
}
