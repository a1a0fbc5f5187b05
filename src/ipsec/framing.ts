// What surrounds an ESP packet where it is handed over.

/**
 * `esp`: from the SPI to the ICV, as a UDP socket or an ESP socket carries it.
 * `ip`: a whole outer IP packet, with a UDP header in it where the SA encapsulates (RFC 3948 §2.1).
 */
export type Framing = 'esp' | 'ip'

/** RFC 4303 §2: SPI and Sequence Number. */
export const espHeaderLength = 8
export const espSequenceOffset = 4
/** Pad Length and Next Header. */
export const espTrailerLength = 2
