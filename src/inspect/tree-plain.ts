// The tree of `tree-text.ts` without colours, fast: lines of leaves with the same words are kept. A test keeps the two equal.
import { toHex } from '../bytes/bytes.ts'
import { LeafSpan } from './annotate/leaf-span.ts'
import { octetsText } from './annotate/explain.ts'
import type { LeafWords } from './annotate/leaf-words.ts'
import type { Region, Span } from './span.ts'
import { bitWords, emptyColumn, heading, hexColumn, indent, octetsShown, offset, regionFaultLine } from './tree-words.ts'

/** Without a line end after the last line. */
export function plainRegion(region: Region, margin: string): string {
  let text = margin + heading(region)
  for (const span of region.spans) text += plainSpan(span, region.bytes, margin, 0, '')
  const { fault } = region
  return fault === undefined ? text : `${text}\n${margin}${regionFaultLine(fault)}`
}

/** Each line behind a line end. */
function plainSpan(span: Span, bytes: Uint8Array, margin: string, depth: number, rfc: string): string {
  const source = span.rfc === rfc || span.rfc === '' ? '' : `  ${span.rfc}`
  const start = margin === '' ? lineStart(span.start) : `\n${margin}${offset(span.start)}  `
  if (span instanceof LeafSpan) {
    const { words, inner } = span
    if (words.kept !== undefined && words.value !== undefined && margin === '' && source === '') {
      return start + (words.kept.lines[depth] ?? keepLine(words, words.kept.lines, span, bytes, depth))
    }
    const text = start + leafLine(span, words, bytes, depth) + source + bitLines(span, margin, depth)
    return inner === undefined ? text : `${text}\n${plainRegion(inner, `${margin}${indent(depth + 1)}│ `)}`
  }
  let text = start + structureStart(depth) + span.name
  if (span.value !== '') text += `  ${span.value}`
  text += source
  for (const child of span.children) text += plainSpan(child, bytes, margin, depth + 1, span.rfc)
  return text
}

/** Words with a value of their own are of fields whose value says all their octets: hexadecimal and bits are the same each time, too. */
function keepLine(words: LeafWords, lines: (string | undefined)[], span: Span, bytes: Uint8Array, depth: number): string {
  const line = leafLine(span, words, bytes, depth) + bitLines(span, '', depth)
  while (lines.length <= depth) lines.push(undefined)
  lines[depth] = line
  return line
}

function leafLine({ start, end }: Span, words: LeafWords, bytes: Uint8Array, depth: number): string {
  const octets = end - start
  const hex = toHex(bytes.subarray(start, Math.min(end, start + octetsShown)))
  const column = octets > octetsShown ? `${hex}…` : hex
  let text = column.padEnd(hexColumn) + indent(depth) + words.name
  const value = words.value ?? (octets > octetsShown ? octetsText(bytes.subarray(start, end)) : hex)
  if (value !== '' && !(octets > 1 && octets <= octetsShown && value === hex)) text += ` ${value}`
  return words.meaning === undefined ? text : `${text} (${words.meaning})`
}

function bitLines(span: Span, margin: string, depth: number): string {
  const { bits } = span
  if (bits.length < 2) return ''
  let text = ''
  for (const bit of bits) {
    const { picture, said } = bitWords(span, bit)
    text += `\n${margin}      ${emptyColumn}${indent(depth + 1)}${picture}  ${said}`
  }
  return text
}

const lineStarts: readonly string[] = Array.from({ length: 2048 }, (_, at) => `\n${offset(at)}  `)
const lineStart = (at: number): string => lineStarts[at] ?? `\n${offset(at)}  `
const structureStarts: readonly string[] = Array.from({ length: 16 }, (_, depth) => emptyColumn + indent(depth))
const structureStart = (depth: number): string => structureStarts[depth] ?? emptyColumn + indent(depth)
