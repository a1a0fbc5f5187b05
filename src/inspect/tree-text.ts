// Annotated octets as a tree of text: offset, octets, name, value, meaning; structures bold, with their RFC. What was decrypted hangs below
// the octets that it was decrypted from, with offsets of its own.
import { toHex } from '../bytes/bytes.ts'
import type { Annotation, BitSpan, Region, Span } from './span.ts'
import { plainRegion } from './tree-plain.ts'
import { bitWords, emptyColumn, heading, hexColumn, indent, octetsShown, offset, regionFaultLine } from './tree-words.ts'

/** Colours, or none: the caller knows where the text goes. */
export type TreeStyle = (format: 'bold' | 'red' | 'gray', text: string) => string
export const plainTree: TreeStyle = (_format, text) => text

/** Lines without a line end after the last. Every string of an annotation is safe to print already (`span.ts`). */
export function formatTree(annotation: Annotation, style: TreeStyle = plainTree): string {
  if (style === plainTree) return plainRegion(annotation.region, '')
  const lines: string[] = []
  addRegion(lines, annotation.region, '', style)
  return lines.join('\n')
}

function addRegion(lines: string[], region: Region, margin: string, style: TreeStyle): void {
  lines.push(margin + style('bold', heading(region)))
  for (const span of region.spans) addSpan(lines, span, region, margin, 0, '', style)
  const { fault } = region
  if (fault !== undefined) lines.push(`${margin}${style('red', regionFaultLine(fault))}`)
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
  const hex = hexOf(bytes, span)
  const octets = style('gray', hex.padEnd(hexColumn))
  // Octets stand beside the name: they are not said again as a value where all of them have room there.
  const value = span.end - span.start > 1 && span.value === hex ? '' : span.value
  let said = span.name
  if (value !== '') said += ` ${value}`
  if (span.meaning !== undefined) said += ` (${span.meaning})`
  const text = span.kind === 'not-decoded' ? style('red', said) : span.kind === 'reserved' ? style('gray', said) : said
  return `${start}${octets}${indent(depth)}${text}${source}`
}

function bitLine(span: Span, bit: BitSpan, margin: string, depth: number, style: TreeStyle): string {
  const { picture, said } = bitWords(span, bit)
  return `${margin}      ${emptyColumn}${indent(depth)}${style('gray', picture)}  ${said}`
}

function hexOf(bytes: Uint8Array, { start, end }: Span): string {
  return end - start <= octetsShown ? toHex(bytes.subarray(start, end)) : `${toHex(bytes.subarray(start, start + octetsShown))}…`
}
