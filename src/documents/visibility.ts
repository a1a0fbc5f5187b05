// What of a text may be repeated in a message. Everything else is dots.
import type { Excerpt, Span } from './diagnostic.ts'

export interface Visibility {
  /** The word in quotes; `undefined` when some of it may be a secret. */
  quoted(span: Span): string | undefined
  isShown(span: Span): boolean
  excerpt(span: Span): Excerpt
}

/** `shown`: 1 for each UTF-16 unit of the text that may be repeated. */
export function visibilityThrough(text: string, shown: Uint8Array): Visibility {
  const isShown = ({ start, end }: Span): boolean => shown.subarray(start, end).every((mark) => mark === 1)
  return {
    isShown,
    quoted: (span) => (isShown(span) && span.end > span.start ? quote(text.slice(span.start, span.end)) : undefined),
    excerpt: (span) => excerptOf(text, shown, span),
  }
}

/** For files in which there are no secrets. */
export const allVisible = (text: string): Visibility => visibilityThrough(text, new Uint8Array(text.length).fill(1))

const longestQuote = 64
function quote(text: string): string {
  const short = text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text
  return /^["']/.test(short) ? short : `"${short}"`
}

const longestExcerpt = 160

function excerptOf(text: string, shown: Uint8Array, { start, end }: Span): Excerpt {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const newline = text.indexOf('\n', lineStart)
  const lineEnd = newline < 0 ? text.length : newline
  // A long line loses its beginning where the caret would be too far to the right.
  const from = start - lineStart > longestExcerpt / 2 ? start - longestExcerpt / 2 : lineStart
  const to = Math.min(lineEnd, from + longestExcerpt)
  let line = ''
  for (let at = from; at < to; at++) line += shown[at] === 1 || /\s/.test(text[at] ?? '') ? (text[at] ?? '') : '·'
  return { text: line.trimEnd(), caret: start - from, length: Math.max(1, Math.min(end, to) - start) }
}
