// What policy has to know about numbers of the registries beyond their names.
// https://www.iana.org/assignments/ikev2-parameters; RFC 7296 §3.3.1, §3.3.2; RFC 5282 §7.2; RFC 7634 §4.

export const protocol = { ike: 1, ah: 2, esp: 3 } as const
export const transformType = { encryption: 1, prf: 2, integrity: 3, keyExchange: 4, sequenceNumbers: 5 } as const

/** RFC 7296 §3.3.5. */
export const keyLengthAttribute = 14
/** NONE of Transform Types 3 and 4. */
export const none = 0
/** Of Transform Type 5. */
export const extendedSequenceNumbers = 1

/** Ciphers of Transform Type 1 that protect integrity themselves: AES-CCM, AES-GCM, NULL with AES-GMAC, Camellia-CCM, ChaCha20-Poly1305, implicit IV (RFC 8750). */
export const aeadCiphers: ReadonlySet<number> = new Set([14, 15, 16, 18, 19, 20, 21, 25, 26, 27, 28, 29, 30, 31])
