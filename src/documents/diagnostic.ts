// What is said of a file that people write: where, what, and the line with a caret. What may be a secret is never in it.
import { escapeText } from '../inspect/escape.ts'

/** `error`: the file cannot be used. `warning`: it can, and should be changed. `note`: worth knowing, and no fault. */
export type Severity = 'error' | 'warning' | 'note'

/** What is wrong; stable, for programs. */
export type DiagnosticCode =
  /** It is no YAML, or YAML that is not used here. */
  | 'syntax'
  /** Too long, too deep, too many aliases. */
  | 'too-large'
  | 'duplicate'
  | 'unknown-word'
  /** A word of swanctl.conf, or a value, that means nothing here yet. */
  | 'not-supported'
  | 'missing'
  /** A map, a list or a word where another of them belongs. */
  | 'wrong-kind'
  | 'wrong-value'
  /** Of a proposal: what `lintProposal` finds. */
  | 'proposal'
  /** Of policies: a packet like that there is none; earlier ones leave nothing to it; IPv6 goes in clear where IPv4 is protected. */
  | 'never-matches'
  | 'shadowed'
  | 'ipv6-open'
  /** Of a policy: it protects by a child whose selectors leave some of it out. */
  | 'beyond-child'
  | 'secret'

/** UTF-16 units from the start of the text. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A diagnostic that has no line yet. */
export interface Finding {
  readonly severity: Severity
  readonly code: DiagnosticCode
  readonly span: Span
  /** One line, without the place. */
  readonly message: string
  /** The nearest valid word, or what to write instead. */
  readonly nearest: string | undefined
}

export interface Diagnostic extends Omit<Finding, 'span'> {
  /** From 1; columns in UTF-16 units. */
  readonly line: number
  readonly column: number
  readonly excerpt: Excerpt
}

/** The line, in which what may be a secret is dots, and where the caret belongs: UTF-16 units from its start. */
export interface Excerpt {
  readonly text: string
  readonly caret: number
  readonly length: number
}

/** As the lines of a compiler: `file:line:column: error: …`, then the line and the caret. */
export function diagnosticLines(file: string, { severity, line, column, message, excerpt }: Diagnostic): readonly string[] {
  const head = `${escapeText(file)}:${line}:${column}: ${severity}: ${escapeText(message)}`
  const { text, caret, length } = excerpt
  if (text.trim() === '') return [head]
  // Escaped as the line is, so that the caret stays under its word.
  const margin = ' '.repeat(escapeText(text.slice(0, caret)).length)
  return [head, `  ${escapeText(text)}`, `  ${margin}${'^'.repeat(Math.max(1, escapeText(text.slice(caret, caret + length)).length))}`]
}

export const error = (code: DiagnosticCode, span: Span, message: string, nearest?: string): Finding => ({
  severity: 'error',
  code,
  span,
  message,
  nearest,
})

/** ` "; did you mean …?"`, where something is near. */
export const didYouMean = (nearest: string | undefined): string => (nearest === undefined ? '' : `; did you mean "${nearest}"?`)
