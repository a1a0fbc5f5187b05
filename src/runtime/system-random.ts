// Randomness of the system, for hosts in production.

/** Fresh octets from the system's CSPRNG, which gives at most 65,536 at a time. */
export function systemRandom(length: number): Uint8Array {
  const octets = new Uint8Array(length)
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(octets.subarray(at, at + 65_536))
  return octets
}
