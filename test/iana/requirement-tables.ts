// The tables of RFC 8247, RFC 8221 and RFC 9395 as they are printed, line by line.

export const requirementTables: Readonly<Record<string, string>> = {
  'RFC 8247 §2.1': `
| Name | Status | AEAD? | Comment |
| ENCR_AES_CBC | MUST | No | (*) |
| ENCR_CHACHA20_POLY1305 | SHOULD | Yes | |
| ENCR_AES_GCM_16 | SHOULD | Yes | (*) |
| ENCR_AES_CCM_8 | SHOULD | Yes | (IoT) |
| ENCR_3DES | MAY | No | |
| ENCR_DES | MUST NOT | No | |
| ENCR_NULL | MUST NOT | No | |
`,
  'RFC 8247 §2.2': `
| Name | Status | Comment |
| PRF_HMAC_SHA2_256 | MUST | |
| PRF_HMAC_SHA2_512 | SHOULD+ | |
| PRF_HMAC_SHA1 | MUST- | |
| PRF_AES128_XCBC | SHOULD | (IoT) |
| PRF_HMAC_MD5 | MUST NOT | |
`,
  'RFC 8247 §2.3': `
| Name | Status | Comment |
| AUTH_HMAC_SHA2_256_128 | MUST | |
| AUTH_HMAC_SHA2_512_256 | SHOULD | |
| AUTH_HMAC_SHA1_96 | MUST- | |
| AUTH_AES_XCBC_96 | SHOULD | (IoT) |
| AUTH_HMAC_MD5_96 | MUST NOT | |
| AUTH_DES_MAC | MUST NOT | |
| AUTH_KPDK_MD5 | MUST NOT | |
`,
  'RFC 8247 §2.4': `
| Number | Description | Status |
| 14 | 2048-bit MODP Group | MUST |
| 19 | 256-bit random ECP group | SHOULD |
| 5 | 1536-bit MODP Group | SHOULD NOT |
| 2 | 1024-bit MODP Group | SHOULD NOT |
| 1 | 768-bit MODP Group | MUST NOT |
| 22 | 1024-bit MODP Group with 160-bit Prime | MUST NOT |
| | Order Subgroup | |
| 23 | 2048-bit MODP Group with 224-bit Prime | SHOULD NOT |
| | Order Subgroup | |
| 24 | 2048-bit MODP Group with 256-bit Prime | SHOULD NOT |
| | Order Subgroup | |
`,
  'RFC 8221 §5': `
| Name | Status | AEAD | Comment |
| ENCR_DES_IV64 | MUST NOT | No | UNSPECIFIED |
| ENCR_DES | MUST NOT | No | [RFC2405] |
| ENCR_3DES | SHOULD NOT | No | [RFC2451] |
| ENCR_BLOWFISH | MUST NOT | No | [RFC2451] |
| ENCR_3IDEA | MUST NOT | No | UNSPECIFIED |
| ENCR_DES_IV32 | MUST NOT | No | UNSPECIFIED |
| ENCR_NULL | MUST | No | [RFC2410] |
| ENCR_AES_CBC | MUST | No | [RFC3602][1] |
| ENCR_AES_CCM_8 | SHOULD | Yes | [RFC4309](IoT) |
| ENCR_AES_GCM_16 | MUST | Yes | [RFC4106][1] |
| ENCR_CHACHA20_POLY1305 | SHOULD | Yes | [RFC7634] |
`,
  'RFC 8221 §6': `
| Name | Status | Comment |
| AUTH_NONE | MUST / | [RFC7296][RFC5282] |
| | MUST NOT | AEAD-only |
| AUTH_HMAC_MD5_96 | MUST NOT | [RFC2403][RFC7296] |
| AUTH_HMAC_SHA1_96 | MUST- | [RFC2404][RFC7296] |
| AUTH_DES_MAC | MUST NOT | UNSPECIFIED |
| AUTH_KPDK_MD5 | MUST NOT | UNSPECIFIED |
| AUTH_AES_XCBC_96 | SHOULD / MAY | [RFC3566][RFC7296] |
| | | (IoT) |
| AUTH_AES_128_GMAC | MAY | [RFC4543] |
| AUTH_AES_256_GMAC | MAY | [RFC4543] |
| AUTH_HMAC_SHA2_256_128 | MUST | [RFC4868] |
| AUTH_HMAC_SHA2_512_256 | SHOULD | [RFC4868] |
`,
  'RFC 8221 §7': `
| Name | Status | Comment |
| IPCOMP_OUI | MUST NOT | UNSPECIFIED |
| IPCOMP_DEFLATE | MAY | [RFC3173] |
| IPCOMP_LZS | MAY | [RFC2395] |
| IPCOMP_LZJH | MAY | [RFC3051] |
`,
  'RFC 9395 §7': `
| Number | Name | Status |
| 1 | ENCR_DES_IV64 | DEPRECATED (RFC 9395) |
| 2 | ENCR_DES | DEPRECATED [RFC8247] |
| 4 | ENCR_RC5 | DEPRECATED (RFC 9395) |
| 5 | ENCR_IDEA | DEPRECATED (RFC 9395) |
| 6 | ENCR_CAST | DEPRECATED (RFC 9395) |
| 7 | ENCR_BLOWFISH | DEPRECATED (RFC 9395) |
| 8 | ENCR_3IDEA | DEPRECATED (RFC 9395) |
| 9 | ENCR_DES_IV32 | DEPRECATED (RFC 9395) |
| Number | Name | Status |
| 1 | PRF_HMAC_MD5 | DEPRECATED [RFC8247] |
| 3 | PRF_HMAC_TIGER | DEPRECATED (RFC 9395) |
| Number | Name | Status |
| 1 | AUTH_HMAC_MD5_96 | DEPRECATED [RFC8247] |
| 3 | AUTH_DES_MAC | DEPRECATED [RFC8247] |
| 4 | AUTH_KPDK_MD5 | DEPRECATED [RFC8247] |
| 6 | AUTH_HMAC_MD5_128 | DEPRECATED (RFC 9395) |
| 7 | AUTH_HMAC_SHA1_160 | DEPRECATED (RFC 9395) |
| Number | Name | Status |
| 1 | 768-bit MODP Group | DEPRECATED [RFC8247] |
| 22 | 1024-bit MODP Group with | DEPRECATED [RFC8247] |
| | 160-bit Prime Order Subgroup | |
`,
}
