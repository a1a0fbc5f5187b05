// Annotated octets as a tree of text: offset, octets, name, value, meaning; structures bold, with their RFC. What was decrypted hangs below
// the octets that it was decrypted from, with offsets of its own.
import { toHex } from '../bytes/bytes.ts'
import type { Annotation, BitSpan, Region, Span } from './span.ts'

/** Colours, or none: the caller knows where the text goes. */
export type TreeStyle = (format: 'bold' | 'red' | 'gray', text: string) => string
export const plainTree: TreeStyle = (_format, text) => text

/** Lines without a line end after the last. Every string of an annotation is safe to print already (`span.ts`). */
export const formatTree = (annotation: Annotation, style: TreeStyle = plainTree): string =>
  regionLines(annotation.region, '', style).join('\n')

/** Octets of a field that have room beside it. */
const octetsShown = 8
const hexColumn = 2 * octetsShown + 2
const indent = '  '

function regionLines(region: Region, margin: string, style: TreeStyle): readonly string[] {
  const lines = [margin + style('bold', heading(region)), ...region.spans.flatMap((span) => spanLines(span, region, margin, 0, '', style))]
  const { fault } = region
  return fault === undefined
    ? lines
    : [...lines, `${margin}${style('red', `${offset(fault.offset)}  ${fault.code}: ${fault.message} (${fault.rfc})`)}`]
}

function heading({ title, bytes, authentication }: Region): string {
  const seal = authentication === 'none' ? '' : authentication === 'authenticated' ? ', authenticated' : ', not authenticated'
  return `${title}, ${bytes.length} ${bytes.length === 1 ? 'octet' : 'octets'}${seal}`
}

/** `rfc`: of the structure around it, which need not be said again. */
function spanLines(span: Span, region: Region, margin: string, depth: number, rfc: string, style: TreeStyle): readonly string[] {
  const own = spanLine(span, region, margin, depth, rfc, style)
  const parts = span.bits.length > 1 ? span.bits.map((bit) => bitLine(span, bit, margin, depth + 1, style)) : []
  const children = span.children.flatMap((child) => spanLines(child, region, margin, depth + 1, span.rfc, style))
  const inner = span.inner === undefined ? [] : regionLines(span.inner, `${margin}${indent.repeat(depth + 1)}│ `, style)
  return [own, ...parts, ...children, ...inner]
}

function spanLine(span: Span, { bytes }: Region, margin: string, depth: number, rfc: string, style: TreeStyle): string {
  const start = `${margin}${style('gray', offset(span.start))}  `
  const source = span.rfc === rfc || span.rfc === '' ? '' : style('gray', `  ${span.rfc}`)
  if (span.kind === 'structure') {
    const value = span.value === '' ? '' : `  ${span.value}`
    return `${start}${' '.repeat(hexColumn)}${indent.repeat(depth)}${style('bold', span.name)}${value}${source}`
  }
  const octets = style('gray', hexOf(bytes, span).padEnd(hexColumn))
  const said = [span.name, valueOf(span), span.meaning === undefined ? '' : `(${span.meaning})`].filter((word) => word !== '').join(' ')
  const text = span.kind === 'not-decoded' ? style('red', said) : span.kind === 'reserved' ? style('gray', said) : said
  return `${start}${octets}${indent.repeat(depth)}${text}${source}`
}

/** `.... .1..  More Fragments 1` under the octets that the bits are in. */
function bitLine(span: Span, bit: BitSpan, margin: string, depth: number, style: TreeStyle): string {
  const all = 8 * (span.end - span.start)
  const digits = Number.parseInt(bit.value, 10).toString(2).padStart(bit.width, '0')
  const picture = `${'.'.repeat(bit.first)}${digits}${'.'.repeat(all - bit.first - bit.width)}`
  const grouped = picture.replace(/(.{4})(?=.)/g, '$1 ')
  const meaning = bit.meaning === undefined ? '' : ` (${bit.meaning})`
  return `${margin}${' '.repeat(6 + hexColumn)}${indent.repeat(depth)}${style('gray', grouped)}  ${bit.name} ${bit.value}${meaning}`
}

/** Octets stand beside the name: they are not said again as a value where all of them have room there. */
function valueOf(span: Span): string {
  const isHex = span.end - span.start <= octetsShown && span.value.length === 2 * (span.end - span.start) && /^[0-9a-f]*$/.test(span.value)
  return isHex && span.end - span.start > 1 ? '' : span.value
}

function hexOf(bytes: Uint8Array, { start, end }: Span): string {
  return end - start <= octetsShown ? toHex(bytes.subarray(start, end)) : `${toHex(bytes.subarray(start, start + octetsShown))}…`
}

const offset = (at: number): string => at.toString(16).padStart(4, '0')
