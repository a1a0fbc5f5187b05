// Annotated octets as a tree of text: offset, octets, name, value, meaning; structures bold, with their RFC. What was decrypted hangs below
// the octets that it was decrypted from, with offsets of its own.
import { toHex } from '../bytes/bytes.ts'
import { bitPicture } from './bit-picture.ts'
import type { Annotation, BitSpan, Region, Span } from './span.ts'

/** Colours, or none: the caller knows where the text goes. */
export type TreeStyle = (format: 'bold' | 'red' | 'gray', text: string) => string
export const plainTree: TreeStyle = (_format, text) => text

/** Lines without a line end after the last. Every string of an annotation is safe to print already (`span.ts`). */
export function formatTree(annotation: Annotation, style: TreeStyle = plainTree): string {
  const lines: string[] = []
  addRegion(lines, annotation.region, '', style)
  return lines.join('\n')
}

/** Octets of a field that have room beside it. */
const octetsShown = 8
const hexColumn = 2 * octetsShown + 2
const emptyColumn = ' '.repeat(hexColumn)

function addRegion(lines: string[], region: Region, margin: string, style: TreeStyle): void {
  lines.push(margin + style('bold', heading(region)))
  for (const span of region.spans) addSpan(lines, span, region, margin, 0, '', style)
  const { fault } = region
  if (fault !== undefined) lines.push(`${margin}${style('red', `${offset(fault.offset)}  ${fault.code}: ${fault.message} (${fault.rfc})`)}`)
}

function heading({ title, bytes, authentication }: Region): string {
  const seal = authentication === 'none' ? '' : authentication === 'authenticated' ? ', authenticated' : ', not authenticated'
  return `${title}, ${bytes.length} ${bytes.length === 1 ? 'octet' : 'octets'}${seal}`
}

/** `rfc`: of the structure around it, which need not be said again. */
function addSpan(lines: string[], span: Span, region: Region, margin: string, depth: number, rfc: string, style: TreeStyle): void {
  lines.push(spanLine(span, region, margin, depth, rfc, style))
  if (span.bits.length > 1) for (const bit of span.bits) lines.push(bitLine(span, bit, margin, depth + 1, style))
  for (const child of span.children) addSpan(lines, child, region, margin, depth + 1, span.rfc, style)
  if (span.inner !== undefined) addRegion(lines, span.inner, `${margin}${indent(depth + 1)}│ `, style)
}

function spanLine(span: Span, { bytes }: Region, margin: string, depth: number, rfc: string, style: TreeStyle): string {
  const start = `${margin}${style('gray', offset(span.start))}  `
  const source = span.rfc === rfc || span.rfc === '' ? '' : style('gray', `  ${span.rfc}`)
  if (span.kind === 'structure') {
    const value = span.value === '' ? '' : `  ${span.value}`
    return `${start}${emptyColumn}${indent(depth)}${style('bold', span.name)}${value}${source}`
  }
  const octets = style('gray', hexOf(bytes, span).padEnd(hexColumn))
  const value = valueOf(span)
  let said = span.name
  if (value !== '') said += ` ${value}`
  if (span.meaning !== undefined) said += ` (${span.meaning})`
  const text = span.kind === 'not-decoded' ? style('red', said) : span.kind === 'reserved' ? style('gray', said) : said
  return `${start}${octets}${indent(depth)}${text}${source}`
}

/** `.... .1..  More Fragments 1` under the octets that the bits are in. */
function bitLine(span: Span, bit: BitSpan, margin: string, depth: number, style: TreeStyle): string {
  const all = 8 * (span.end - span.start)
  const meaning = bit.meaning === undefined ? '' : ` (${bit.meaning})`
  return `${margin}      ${emptyColumn}${indent(depth)}${style('gray', bitPicture(bit, all))}  ${bit.name} ${bit.value}${meaning}`
}

/** Octets stand beside the name: they are not said again as a value where all of them have room there. */
function valueOf(span: Span): string {
  const octets = span.end - span.start
  const isHex = octets > 1 && octets <= octetsShown && span.value.length === 2 * octets && /^[0-9a-f]*$/.test(span.value)
  return isHex ? '' : span.value
}

function hexOf(bytes: Uint8Array, { start, end }: Span): string {
  return end - start <= octetsShown ? toHex(bytes.subarray(start, end)) : `${toHex(bytes.subarray(start, start + octetsShown))}…`
}

const indents: readonly string[] = Array.from({ length: 32 }, (_, depth) => '  '.repeat(depth))
const indent = (depth: number): string => indents[depth] ?? '  '.repeat(depth)

const offsets: readonly string[] = Array.from({ length: 2048 }, (_, at) => at.toString(16).padStart(4, '0'))
const offset = (at: number): string => offsets[at] ?? at.toString(16).padStart(4, '0')
