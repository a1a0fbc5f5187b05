// Findings as diagnostics: in order, with lines, columns and excerpts.
import type { Diagnostic, Finding } from './diagnostic.ts'
import type { Visibility } from './visibility.ts'

export const isError = ({ severity }: Pick<Finding, 'severity'>): boolean => severity === 'error'

const ranks = { error: 0, warning: 1, note: 2 } as const
/** More than this nobody reads. */
const mostDiagnostics = 100

/** From 1. */
export const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length

/** Errors, then warnings, then notes, each in the order of the text. */
export function placed(text: string, findings: readonly Finding[], see: Visibility): readonly Diagnostic[] {
  const sorted = findings.toSorted((a, b) => ranks[a.severity] - ranks[b.severity] || a.span.start - b.span.start).slice(0, mostDiagnostics)
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  return sorted.map(({ span, ...rest }) => {
    const start = Math.min(span.start, text.length)
    const line = lineStarts.findLastIndex((at) => at <= start)
    return { ...rest, line: line + 1, column: start - (lineStarts[line] ?? 0) + 1, excerpt: see.excerpt({ start, end: span.end }) }
  })
}
