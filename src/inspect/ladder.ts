// An exchange as a ladder of text: two lifelines, one arrow a message, its payloads below it as RFC 7296 §1.2 writes them.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import type { MessageEvent } from '../contract/events.ts'
import type { Instant, Spi } from '../contract/units.ts'
import { formatSpi } from '../contract/units.ts'
import { exchangeName } from '../iana/exchanges.ts'
import { type Endpoint, formatEndpoint } from '../net/address.ts'
import { escapeText } from './escape.ts'

export type LadderRow =
  /** `fragment`: a capture shows each fragment of a message by itself (RFC 7383). */
  | {
      readonly kind: 'message'
      readonly message: MessageEvent
      readonly fragment?: { readonly number: number; readonly total: number } | undefined
    }
  /** A number of ESP packets in one direction, told in one row. */
  | {
      readonly kind: 'esp'
      readonly at: Instant
      readonly direction: 'sent' | 'received'
      readonly spi: Spi
      readonly packets: number
      readonly octets: number
    }
  /** Anything else that crosses, in words: IKEv1, AH. */
  | { readonly kind: 'packet'; readonly at: Instant; readonly direction: 'sent' | 'received'; readonly text: string }
  | { readonly kind: 'note'; readonly at: Instant; readonly text: string }

export interface LadderShape {
  /** In columns, time column included; at least 60. */
  readonly width: number
  readonly localName: string
  readonly remoteName: string
}

/** The ladder, ours on the left; no line end after the last line. Empty when there are no rows. */
export function formatLadder(rows: readonly LadderRow[], shape: LadderShape): string {
  const first = rows[0]
  if (first === undefined) return ''
  const inside = Math.max(shape.width, 60) - timeColumn - 2
  const ends = rows.find((row) => row.kind === 'message')?.message
  const lines = [
    heading(escapeText(shape.localName), escapeText(shape.remoteName), inside),
    ...(ends === undefined ? [] : [heading(formatEndpoint(ends.local), formatEndpoint(ends.remote), inside)]),
    blank(inside),
  ]
  const seen = new Map<string, number>()
  let path = ends
  for (const row of rows) {
    if (row.kind === 'message') {
      if (path !== undefined && !samePath(path, row.message))
        lines.push(...noteLines(row.message.at, first, moved(path, row.message), inside))
      path = row.message
    }
    lines.push(...rowLines(row, first, inside, seen))
  }
  return [...lines, blank(inside)].join('\n')
}

/** `→ IKE_SA_INIT request 0, 236 octets: SA, KE, Nonce`: one message on one line, for a log. */
export function formatMessage(message: MessageEvent): string {
  const arrow = message.direction === 'sent' ? '→' : '←'
  return `${arrow} ${title(message)} ${message.direction === 'sent' ? 'to' : 'from'} ${formatEndpoint(message.remote)}: ${formatPayloads(message.payloads)}`
}

/** `SA, KE, Nonce` or `SK{IDi, AUTH}`: what follows SK is inside it. */
export function formatPayloads(payloads: readonly string[]): string {
  const names = payloads.map(escapeText)
  const at = names.findIndex((name) => name === 'SK' || name === 'SKF')
  if (at < 0) return names.join(', ')
  return [...names.slice(0, at), `${names[at] ?? ''}{${names.slice(at + 1).join(', ')}}`].join(', ')
}

/** Room for `  123.4 ms `. */
const timeColumn = 12

function rowLines(row: LadderRow, first: LadderRow, inside: number, seen: Map<string, number>): readonly string[] {
  switch (row.kind) {
    case 'note':
      return noteLines(row.at, first, row.text, inside)
    case 'packet':
      return [time(row.at, first) + arrow(escapeText(row.text), row.direction, '─', inside)]
    case 'esp': {
      const text = `ESP ${formatSpi(row.spi)}: ${row.packets} packets, ${row.octets} octets`
      return [time(row.at, first) + arrow(text, row.direction, '═', inside)]
    }
    case 'message': {
      const { fragment } = row
      const part = fragment === undefined ? '' : `, fragment ${fragment.number} of ${fragment.total}`
      const key = `${fingerprint(row.message)}${part}`
      const before = seen.get(key) ?? 0
      seen.set(key, before + 1)
      const again = before === 0 ? '' : `, transmission ${before + 1}`
      const head = time(row.message.at, first) + arrow(title(row.message) + part + again, row.message.direction, '─', inside)
      return before > 0
        ? [head]
        : [head, ...wrap(formatPayloads(row.message.payloads), inside - 4).map((line) => content(`  ${line}`, inside))]
    }
  }
}

function noteLines(at: Instant, first: LadderRow, text: string, inside: number): readonly string[] {
  return wrap(escapeText(text), inside - 4).map((line, i) =>
    i === 0 ? time(at, first) + framed(`· ${line}`, inside) : content(`  ${line}`, inside),
  )
}

const title = (message: MessageEvent): string =>
  `${exchangeName(message.exchangeType)} ${message.role} ${message.messageId}, ${message.length} octets${inFragments(message)}`

/** RFC 7383. */
const inFragments = ({ fragments }: MessageEvent): string => (fragments === 1 ? '' : ` in ${fragments} fragments`)

/** Equal for a message and its retransmission (RFC 7296 §2.1), which is the same octets; not for a retry with a cookie. */
const fingerprint = (m: MessageEvent): string =>
  [m.direction, m.ikeSa, m.exchangeType, m.role, m.messageId, m.length, m.payloads.join()].join('|')

const samePath = (a: MessageEvent, b: MessageEvent): boolean => sameEnd(a.local, b.local) && sameEnd(a.remote, b.remote)
const sameEnd = (a: Endpoint, b: Endpoint): boolean => a.port === b.port && a.address === b.address
const moved = (from: MessageEvent, to: MessageEvent): string =>
  `now between ${formatEndpoint(to.local)} and ${formatEndpoint(to.remote)} (was ${formatEndpoint(from.local)} and ${formatEndpoint(from.remote)})`

function time(at: Instant, first: LadderRow): string {
  const start = first.kind === 'message' ? first.message.at : first.at
  return `${(at - start).toFixed(1)} ms `.padStart(timeColumn)
}

function arrow(text: string, direction: 'sent' | 'received', stroke: string, inside: number): string {
  const rest = stroke.repeat(Math.max(2, inside - text.length - 4))
  return direction === 'sent' ? `│${stroke} ${text} ${rest}▶│` : `│◀${stroke} ${text} ${rest}│`
}

const framed = (text: string, inside: number): string => `│${text.padEnd(inside)}│`
const content = (text: string, inside: number): string => ' '.repeat(timeColumn) + framed(text, inside)
const blank = (inside: number): string => content('', inside)

function heading(left: string, right: string, inside: number): string {
  const start = Math.max(0, timeColumn - Math.floor(left.length / 2))
  const end = timeColumn + inside + 2
  return `${' '.repeat(start)}${left}${right.padStart(Math.max(right.length + 2, end - start - left.length))}`
}

/** Breaks at commas and spaces; a word that is longer than the line is cut. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
    while (line.length > width) {
      lines.push(line.slice(0, width))
      line = line.slice(width)
    }
  }
  return [...lines, line]
}
