// Randomness is injected: the system's in production, a seed's in the lab.

/** Gives `length` fresh random octets. In production it is the system's CSPRNG; who knows a seed knows every key. */
export type RandomSource = (length: number) => Uint8Array
