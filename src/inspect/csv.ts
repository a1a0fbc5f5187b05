// Lines of Wireshark's tables ("user accessible tables"): fields between commas, in quotes where they need it, `\x2c` for an octet inside
// quotes, `#` before a comment. Not RFC 4180.

export interface CsvField {
  readonly text: string
  /** From 1, in characters of the line. */
  readonly column: number
}

export type CsvLine =
  | { readonly kind: 'row'; readonly fields: readonly CsvField[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreadable'; readonly column: number; readonly expected: string }

export function parseCsvLine(line: string): CsvLine {
  if (/^\s*(#|$)/.test(line)) return { kind: 'nothing' }
  const fields: CsvField[] = []
  let at = 0
  for (;;) {
    while (isSpace(line[at])) at++
    const column = at + 1
    const field = line[at] === '"' ? quoted(line, at) : plain(line, at)
    if (field === undefined) return { kind: 'unreadable', column, expected: 'a closing quotation mark' }
    fields.push({ text: field.text, column })
    at = field.end
    while (isSpace(line[at])) at++
    if (at >= line.length) return { kind: 'row', fields }
    if (line[at] !== ',') return { kind: 'unreadable', column: at + 1, expected: 'a comma between two fields' }
    at++
  }
}

interface Piece {
  readonly text: string
  readonly end: number
}

const isSpace = (character: string | undefined): boolean => character === ' ' || character === '\t' || character === '\r'

function plain(line: string, at: number): Piece {
  const comma = line.indexOf(',', at)
  const end = comma < 0 ? line.length : comma
  return { text: line.slice(at, end).trim(), end }
}

function quoted(line: string, at: number): Piece | undefined {
  let text = ''
  for (let next = at + 1; next < line.length; ) {
    const character = line[next] ?? ''
    if (character === '"') return { text, end: next + 1 }
    const escape = /^\\(?:x([0-9a-fA-F]{2})|(.))/.exec(line.slice(next, next + 4))
    text += escape === null ? character : unescaped(escape)
    next += escape?.[0].length ?? 1
  }
  return undefined
}

const unescaped = ([, hex, character]: RegExpExecArray): string =>
  hex === undefined ? (character ?? '') : String.fromCharCode(Number.parseInt(hex, 16))
