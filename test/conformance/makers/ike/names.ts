// The algorithms of IKE by IANA's names, with the octets of their keys: what suites are put together from.

export interface PrfName {
  readonly prf: string
  /** Octets of its output, which are those of its preferred key. */
  readonly length: number
  /** In ids. */
  readonly word: string
}
export const prfs: readonly PrfName[] = [
  { prf: 'PRF_HMAC_SHA1', length: 20, word: 'sha1' },
  { prf: 'PRF_AES128_XCBC', length: 16, word: 'xcbc' },
  { prf: 'PRF_HMAC_SHA2_256', length: 32, word: 'sha256' },
  { prf: 'PRF_HMAC_SHA2_384', length: 48, word: 'sha384' },
  { prf: 'PRF_HMAC_SHA2_512', length: 64, word: 'sha512' },
  { prf: 'PRF_AES128_CMAC', length: 16, word: 'cmac' },
]

/** AES in CBC or CMAC: keys of other lengths than 16 octets are made into such. */
export const isBlockPrf = ({ length }: PrfName): boolean => length === 16

export interface IntegrityName {
  readonly integrity: string
  readonly keyLength: number
  readonly icvLength: number
  readonly word: string
}
export const integrities: readonly IntegrityName[] = [
  { integrity: 'AUTH_HMAC_SHA1_96', keyLength: 20, icvLength: 12, word: 'sha1' },
  { integrity: 'AUTH_AES_XCBC_96', keyLength: 16, icvLength: 12, word: 'xcbc' },
  { integrity: 'AUTH_AES_CMAC_96', keyLength: 16, icvLength: 12, word: 'cmac' },
  { integrity: 'AUTH_HMAC_SHA2_256_128', keyLength: 32, icvLength: 16, word: 'sha256' },
  { integrity: 'AUTH_HMAC_SHA2_384_192', keyLength: 48, icvLength: 24, word: 'sha384' },
  { integrity: 'AUTH_HMAC_SHA2_512_256', keyLength: 64, icvLength: 32, word: 'sha512' },
]

/** A cipher with its integrity, or an AEAD. */
export interface SuiteName {
  readonly suite: Readonly<Record<string, string | number>>
  /** Octets of SK_e and SK_a. */
  readonly encryption: number
  readonly integrity: number
  readonly ivLength: number
  readonly blockLength: number
  readonly icvLength: number
  readonly word: string
  /** The document of its use in IKE. */
  readonly made: string
  readonly section: string
}

const aesBits = [128, 192, 256] as const

const ciphers = [
  { name: 'ENCR_AES_CBC', word: 'cbc', salt: 0, ivLength: 16, blockLength: 16, made: 'RFC 7296', section: '3.14' },
  { name: 'ENCR_AES_CTR', word: 'ctr', salt: 4, ivLength: 8, blockLength: 1, made: 'RFC 5930', section: '2' },
] as const

const aeads = [
  { name: 'ENCR_AES_CCM_8', word: 'ccm8', salt: 3, icvLength: 8 },
  { name: 'ENCR_AES_CCM_12', word: 'ccm12', salt: 3, icvLength: 12 },
  { name: 'ENCR_AES_CCM_16', word: 'ccm16', salt: 3, icvLength: 16 },
  { name: 'ENCR_AES_GCM_8', word: 'gcm8', salt: 4, icvLength: 8 },
  { name: 'ENCR_AES_GCM_12', word: 'gcm12', salt: 4, icvLength: 12 },
  { name: 'ENCR_AES_GCM_16', word: 'gcm16', salt: 4, icvLength: 16 },
] as const

const aead = { integrity: 0, ivLength: 8, blockLength: 1 } as const

export const suites: readonly SuiteName[] = [
  ...ciphers.flatMap(({ name, word, salt, ...cipher }) =>
    aesBits.flatMap((bits) =>
      integrities.map((mac) => ({
        ...cipher,
        suite: { encryption: name, keyLength: bits, integrity: mac.integrity },
        encryption: bits / 8 + salt,
        integrity: mac.keyLength,
        icvLength: mac.icvLength,
        word: `${word}-${bits}-${mac.word}`,
      })),
    ),
  ),
  ...aeads.flatMap(({ name, word, salt, icvLength }) =>
    aesBits.map((bits) => ({
      ...aead,
      suite: { encryption: name, keyLength: bits },
      encryption: bits / 8 + salt,
      icvLength,
      word: `${word}-${bits}`,
      made: 'RFC 5282',
      section: '3 to 5, 7.1',
    })),
  ),
  {
    ...aead,
    suite: { encryption: 'ENCR_CHACHA20_POLY1305' },
    encryption: 36,
    icvLength: 16,
    word: 'chacha20',
    made: 'RFC 7634',
    section: '2',
  },
]

export function suiteNamed(word: string): SuiteName {
  const found = suites.find((suite) => suite.word === word)
  if (found === undefined) throw new Error(`no suite ${word}`)
  return found
}
