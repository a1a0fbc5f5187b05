// The ESP trailer: Padding, Pad Length, Next Header. RFC 4303 §2.4 to §2.6.
import { espTrailerLength } from './framing.ts'

/** Length of payload and trailer together: a multiple of `alignment`, which is a power of two of at least 4 (RFC 4303 §2.4). */
export function paddedLength(payloadLength: number, alignment: number): number {
  return (payloadLength + espTrailerLength + alignment - 1) & -alignment
}

/** Writes the trailer behind the payload that ends at `at`; text and trailer end at `end`. */
export function writeTrailer(bytes: Uint8Array, at: number, end: number, nextHeader: number): void {
  const padLength = end - at - espTrailerLength
  // RFC 4303 §2.4: the padding octets MUST be 1, 2, 3, …
  for (let i = 0; i < padLength; i++) bytes[at + i] = i + 1
  bytes[end - 2] = padLength
  bytes[end - 1] = nextHeader
}

/** Where the payload ends, of a text from `start` to `end`; -1 when the padding is not 1, 2, 3, … or longer than the text. */
export function readTrailer(bytes: Uint8Array, start: number, end: number): number {
  const padLength = bytes[end - 2] ?? 0
  const payloadEnd = end - espTrailerLength - padLength
  if (payloadEnd < start) return -1
  for (let i = 0; i < padLength; i++) if (bytes[payloadEnd + i] !== i + 1) return -1
  return payloadEnd
}
