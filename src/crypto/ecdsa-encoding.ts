// ECDSA signatures in their two forms: r | s, each as long as the order (RFC 4754 §7), and Ecdsa-Sig-Value in DER, which RFC 7427 §3 has
// by way of RFC 5758 §3.2 and RFC 3279 §2.2.3: SEQUENCE { r INTEGER, s INTEGER }.
import { concat } from '../bytes/bytes.ts'

/** r | s of a signature in DER; `undefined` where the octets are not DER, or a number does not fit `length` octets. */
export function fixedOfDer(der: Uint8Array, length: number): Uint8Array | undefined {
  const sequence = element(der, 0, 0x30)
  if (sequence === undefined || sequence.end !== der.length) return undefined
  const r = element(der, sequence.start, 0x02)
  if (r === undefined) return undefined
  const s = element(der, r.end, 0x02)
  if (s === undefined || s.end !== der.length) return undefined
  const [first, second] = [number(der, r, length), number(der, s, length)]
  return first === undefined || second === undefined ? undefined : concat(first, second)
}

/** `fixed`: r | s, of an even number of octets, at most 132. */
export function derOfFixed(fixed: Uint8Array): Uint8Array {
  const length = fixed.length / 2
  const numbers = concat(integer(fixed.subarray(0, length)), integer(fixed.subarray(length)))
  return concat(Uint8Array.of(0x30), lengthOctets(numbers.length), numbers)
}

interface Element {
  /** Where its contents start and end. */
  readonly start: number
  readonly end: number
}

/** The element at `at`. Signatures of our curves are shorter than 256 octets: of the long form of lengths only its shortest is DER here. */
function element(der: Uint8Array, at: number, tag: number): Element | undefined {
  if (der[at] !== tag) return undefined
  const first = der[at + 1] ?? 0x80
  const second = der[at + 2] ?? 0
  // X.690 §10.1: as few octets as can be.
  if (first > 0x81 || first === 0x80 || (first === 0x81 && second < 0x80)) return undefined
  const [start, length] = first === 0x81 ? [at + 3, second] : [at + 2, first]
  return start + length <= der.length ? { start, end: start + length } : undefined
}

/** An INTEGER that is not negative, in `length` octets. */
function number(der: Uint8Array, { start, end }: Element, length: number): Uint8Array | undefined {
  const octets = der.subarray(start, end)
  const [first, second] = [octets[0], octets[1]]
  if (first === undefined || first >= 0x80) return undefined
  // X.690 §8.3.2: no zero octet that is not needed.
  if (first === 0 && second !== undefined && second < 0x80) return undefined
  const digits = first === 0 ? octets.subarray(1) : octets
  return digits.length > length ? undefined : concat(new Uint8Array(length - digits.length), digits)
}

function integer(octets: Uint8Array): Uint8Array {
  let zeros = 0
  while (zeros < octets.length - 1 && octets[zeros] === 0) zeros++
  const digits = octets.subarray(zeros)
  const contents = (digits[0] ?? 0) >= 0x80 ? concat(Uint8Array.of(0), digits) : digits
  return concat(Uint8Array.of(0x02), lengthOctets(contents.length), contents)
}

const lengthOctets = (length: number): Uint8Array => (length < 0x80 ? Uint8Array.of(length) : Uint8Array.of(0x81, length))
