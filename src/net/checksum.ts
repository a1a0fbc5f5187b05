// The Internet checksum: RFC 1071; pseudo headers: RFC 768, RFC 9293 §3.1, RFC 8200 §8.1; incremental update: RFC 1624.
// A "sum" here is the ones' complement sum, not complemented and folded to 16 bits; a "checksum" is its complement.

/** Ones' complement sum of `length` octets, begun with `initial`. An odd last octet counts as if a zero octet followed (RFC 1071 §4.1). */
export function onesSum(bytes: Uint8Array, offset: number, length: number, initial: number): number {
  let sum = initial
  const end = offset + length
  const even = end - (length & 1)
  for (let i = offset; i < even; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)
  if (even !== end) sum += (bytes[even] ?? 0) << 8
  return fold(sum)
}

/** The checksum of `length` octets with the sum of a pseudo header, or 0, as `initial`. */
export function checksum(bytes: Uint8Array, offset: number, length: number, initial: number): number {
  return ~onesSum(bytes, offset, length, initial) & 0xffff
}

/**
 * Sum of the pseudo header. The addresses, of 4 or 16 octets, are read from `bytes`. The two versions lay it out differently, and the
 * sum is the same: addresses, upper-layer length, protocol.
 */
export function pseudoHeaderSum(
  bytes: Uint8Array,
  source: number,
  destination: number,
  addressLength: number,
  protocol: number,
  upperLength: number,
): number {
  const addresses = onesSum(bytes, source, addressLength, onesSum(bytes, destination, addressLength, 0))
  return fold(addresses + protocol + (upperLength >>> 16) + (upperLength & 0xffff))
}

/** RFC 1624 [Eqn. 3]: HC' = ~(~HC + ~m + m'), where `removed` is the sum of what goes and `added` the sum of what comes. */
export function updateChecksum(old: number, removed: number, added: number): number {
  return ~fold((~old & 0xffff) + (~removed & 0xffff) + added) & 0xffff
}

/** Carries added back in until 16 bits are left. */
function fold(sum: number): number {
  let folded = (sum >>> 16) + (sum & 0xffff)
  folded = (folded >>> 16) + (folded & 0xffff)
  return (folded >>> 16) + (folded & 0xffff)
}
