// CRC32c, the checksum of SCTP. RFC 9260 appendix A.

const table = Uint32Array.from({ length: 256 }, (_, octet) => {
  let remainder = octet
  for (let bit = 0; bit < 8; bit++) remainder = (remainder & 1) === 0 ? remainder >>> 1 : (remainder >>> 1) ^ 0x82f63b78
  return remainder
})

/** As a number whose least significant octet is sent first. */
export function crc32c(octets: Uint8Array): number {
  let remainder = 0xffffffff
  for (const octet of octets) remainder = (table[(remainder ^ octet) & 0xff] ?? 0) ^ (remainder >>> 8)
  return ~remainder >>> 0
}
