// Octets as people paste them: plain hexadecimal, `0x…`, C arrays, and the dumps of xxd, hexdump -C, tcpdump -x and -X, and Wireshark.
import { failed, ok, type Result } from '../../bytes/result.ts'

export type HexForm = 'plain' | 'array' | 'dump'

export interface HexInput {
  readonly octets: Uint8Array
  readonly form: HexForm
}

export interface HexFault {
  /** Both from 1. */
  readonly line: number
  readonly column: number
  readonly found: string
  readonly expected: string
}

/** One frame. A text with a line that starts with an offset is a dump; one with `0x` or `\x` before each octet is an array. */
export function parseHexInput(text: string): Result<HexInput, HexFault> {
  if (text.trim() === '') return failed({ line: 1, column: 1, found: 'nothing', expected: 'octets in hexadecimal' })
  const lines = text.split(/\r?\n/)
  if (lines.some((line) => dumpLine.test(line))) return dump(lines)
  return /0x[0-9a-f]{1,2}\b[^0-9a-f]+0x|\\x[0-9a-f]{2}/i.test(text) ? array(text) : plain(lines)
}

/** Whether a text may be meant as one of the forms: for messages about files that are not there. */
export const looksLikeHex = (text: string): boolean => /^(?:0x)?[0-9a-f\s:]{2,}$/i.test(text)

/** The longest frame that is told by hand: an IP packet. */
const longest = 65_536

// `00000000: 4500 …`, `00000000  45 00 …`, `0x0000:  4500 …`, `0000   45 00 …`
const dumpLine = /^\s*(?:0x([0-9a-f]{4,8}):|([0-9a-f]{4,8}):|([0-9a-f]{4,8}) {2,3}(?=[0-9a-f]{2}\b))\s*/i

/** Lines without an offset are what the tool said beside it (tcpdump's summary, hexdump's last offset). */
function dump(lines: readonly string[]): Result<HexInput, HexFault> {
  const octets: number[] = []
  let base: number | undefined
  for (const [i, line] of lines.entries()) {
    const start = dumpLine.exec(line)
    if (start === null) continue
    const offset = Number.parseInt(start[1] ?? start[2] ?? start[3] ?? '', 16)
    // A dump of a part of a file starts where the part does.
    base ??= offset
    const next = base + octets.length
    // hexdump writes `*` for lines that repeat: such a dump does not tell its octets.
    if (offset !== next) {
      const expected = `${next.toString(16).padStart(4, '0')}, where the line before ends (use hexdump -v; give one packet)`
      return failed({ line: i + 1, column: 1, found: `the offset ${offset.toString(16)}`, expected })
    }
    const row = rowOctets(line, start[0].length)
    if (typeof row === 'number')
      return failed({ line: i + 1, column: row + 1, found: 'half an octet', expected: 'two hexadecimal digits an octet' })
    octets.push(...row)
    if (octets.length > longest) return failed(tooLong(i + 1))
  }
  return ok({ octets: Uint8Array.from(octets), form: 'dump' })
}

/**
 * At most 16 octets in groups of one or more, separated by single spaces; two spaces end them, save the gap after the eighth that
 * hexdump -C and Wireshark leave. What follows is their text. A number says where half an octet is.
 */
function rowOctets(line: string, from: number): readonly number[] | number {
  const octets: number[] = []
  let at = from
  let gap = 1
  while (octets.length < 16) {
    const group = /^[0-9a-f]+/i.exec(line.slice(at, at + 64))?.[0] ?? ''
    if (group === '') break
    if (group.length % 2 !== 0) return gap === 1 ? at : octets
    for (let i = 0; i < group.length && octets.length < 16; i += 2) octets.push(Number.parseInt(group.slice(i, i + 2), 16))
    at += group.length
    gap = /^ */.exec(line.slice(at))?.[0].length ?? 0
    if (gap === 0 || gap > 2 || (gap === 2 && octets.length !== 8)) break
    at += gap
  }
  return octets
}

/** Every `0x12` or `\x12`, whatever stands between: declarations, braces, commas; comments are skipped. */
function array(text: string): Result<HexInput, HexFault> {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '))
  const octets: number[] = []
  for (const match of code.matchAll(/(?:0x|\\x)([0-9a-f]+)/gi)) {
    const digits = match[1] ?? ''
    if (digits.length > 2)
      return failed({ ...placeOf(code, match.index), found: `0x${digits.slice(0, 20)}`, expected: 'one octet, 0x00 to 0xff' })
    octets.push(Number.parseInt(digits, 16))
    if (octets.length > longest) return failed(tooLong(placeOf(code, match.index).line))
  }
  return ok({ octets: Uint8Array.from(octets), form: 'array' })
}

function plain(lines: readonly string[]): Result<HexInput, HexFault> {
  const octets: number[] = []
  let half = ''
  for (const [i, line] of lines.entries()) {
    const prefix = octets.length === 0 && half === '' ? (/^\s*0x/i.exec(line)?.[0].length ?? 0) : 0
    for (let at = prefix; at < line.length; at++) {
      const character = line[at] ?? ''
      if (/[\s:,.-]/.test(character)) continue
      if (!/[0-9a-f]/i.test(character)) {
        const found = `the character ${JSON.stringify(character)}`
        return failed({ line: i + 1, column: at + 1, found, expected: 'a hexadecimal digit' })
      }
      if (half === '') half = character
      else {
        octets.push(Number.parseInt(half + character, 16))
        half = ''
      }
    }
    if (octets.length > longest) return failed(tooLong(i + 1))
  }
  const last = lines.length
  if (half !== '')
    return failed({
      line: last,
      column: (lines.at(-1) ?? '').length,
      found: 'an odd number of digits',
      expected: 'two hexadecimal digits an octet',
    })
  return ok({ octets: Uint8Array.from(octets), form: 'plain' })
}

const tooLong = (line: number): HexFault => ({ line, column: 1, found: `more than ${longest} octets`, expected: 'one packet' })

function placeOf(text: string, index: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, index)
  return { line: before.split('\n').length, column: index - before.lastIndexOf('\n') }
}
