// What a line of an annotated tree is made of, with colours or without.
import { bitPicture } from './bit-picture.ts'
import type { BitSpan, Region, RegionFault, Span } from './span.ts'

/** Octets of a field that have room beside it. */
export const octetsShown = 8
export const hexColumn: number = 2 * octetsShown + 2
export const emptyColumn: string = ' '.repeat(hexColumn)

export function heading({ title, bytes, authentication }: Region): string {
  const seal = authentication === 'none' ? '' : authentication === 'authenticated' ? ', authenticated' : ', not authenticated'
  return `${title}, ${bytes.length} ${bytes.length === 1 ? 'octet' : 'octets'}${seal}`
}

export const regionFaultLine = (fault: RegionFault): string => `${offset(fault.offset)}  ${fault.code}: ${fault.message} (${fault.rfc})`

/** `.... .1..` and `More Fragments 1`, for under the octets that the bits are in. */
export function bitWords(span: Span, bit: BitSpan): { readonly picture: string; readonly said: string } {
  const meaning = bit.meaning === undefined ? '' : ` (${bit.meaning})`
  return { picture: bitPicture(bit, 8 * (span.end - span.start)), said: `${bit.name} ${bit.value}${meaning}` }
}

const indents: readonly string[] = Array.from({ length: 32 }, (_, depth) => '  '.repeat(depth))
export const indent = (depth: number): string => indents[depth] ?? '  '.repeat(depth)

const offsets: readonly string[] = Array.from({ length: 2048 }, (_, at) => at.toString(16).padStart(4, '0'))
export const offset = (at: number): string => offsets[at] ?? at.toString(16).padStart(4, '0')
