// What an authenticated-only ESP packet can look like: the lengths of its ICV and IV, and which algorithms have them. RFC 5879 §8.1.

/** Lengths in octets. */
export interface Candidate {
  readonly icvLength: number
  readonly ivLength: 0 | 8
  /** Notations of the IANA registries. */
  readonly algorithms: readonly string[]
}

/**
 * RFC 5879 §8.2: from the shortest ICV to the longest, since padding is found in clear payload by accident more easily than in the octets
 * of a longer ICV. An algorithm with an ICV of another length is taken for encryption (§3): it needs a line here.
 */
export const candidates: readonly Candidate[] = [
  {
    icvLength: 12,
    ivLength: 0,
    algorithms: ['AUTH_HMAC_MD5_96', 'AUTH_HMAC_SHA1_96', 'AUTH_AES_XCBC_96', 'AUTH_AES_CMAC_96'],
  },
  { icvLength: 16, ivLength: 0, algorithms: ['AUTH_HMAC_SHA2_256_128'] },
  { icvLength: 16, ivLength: 8, algorithms: ['ENCR_NULL_AUTH_AES_GMAC'] },
  { icvLength: 24, ivLength: 0, algorithms: ['AUTH_HMAC_SHA2_384_192'] },
  { icvLength: 32, ivLength: 0, algorithms: ['AUTH_HMAC_SHA2_512_256'] },
]
