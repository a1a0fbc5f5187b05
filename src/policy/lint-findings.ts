// What a linter says of the words of a proposal.

/** `refused`: forbidden, or could never be negotiated. `weak`: advised against. `unusual`: worth knowing, and no fault. */
export type LintSeverity = 'refused' | 'weak' | 'unusual'

/** What is wrong; stable, for programs. */
export type LintCode =
  /** No word of ours, of strongSwan, or of a registry. */
  | 'unknown-word'
  /** Nothing between two hyphens. */
  | 'missing-word'
  /** Known, and not implemented here. */
  | 'not-implemented'
  /** Has no place in IKE, ESP or AH. */
  | 'misplaced'
  /** Missing, impossible, or given for a cipher that has none. */
  | 'key-length'
  /** MUST NOT. */
  | 'forbidden'
  /** SHOULD NOT, MUST-, SHOULD- or DEPRECATED. */
  | 'weak'
  /** MAY, unmentioned, for the Internet of Things, or without encryption. */
  | 'unusual'
  | 'duplicate'
  | 'integrity-beside-aead'
  /** Combined-mode ciphers beside others. */
  | 'mixed-ciphers'
  | 'missing-cipher'
  /** A cipher without integrity, or AH without. */
  | 'unauthenticated'
  | 'missing-prf'
  | 'missing-key-exchange'

export interface LintFinding {
  readonly code: LintCode
  readonly severity: LintSeverity
  /** As it was written; empty where something is missing. */
  readonly word: string
  /** Where it starts: in UTF-16 units from the start of the text, and the same as line and column from 1. */
  readonly offset: number
  readonly line: number
  readonly column: number
  /** One line, without place and clause: `"modp1024" (1024-bit MODP Group) is SHOULD NOT`. */
  readonly message: string
  /** The clause that says so: `RFC 8247 §2.4`; `undefined` where no RFC has to. */
  readonly rfc: string | undefined
  /** What to write in its place; `undefined` where it is best left out, or where nothing has to change. */
  readonly instead: string | undefined
}

export interface LintReport {
  /** In the order of the text. */
  readonly findings: readonly LintFinding[]
  /** The nearest text without anything refused or weak; `undefined` where there is no need. */
  readonly suggestion: string | undefined
}

/** A finding before it has a line and a column. */
export type PlacedFinding = Omit<LintFinding, 'line' | 'column'>

export function isGrave({ severity }: { readonly severity: LintSeverity }): boolean {
  return severity !== 'unusual'
}

export function withLineAndColumn(text: string, finding: PlacedFinding): LintFinding {
  const before = text.slice(0, finding.offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return { ...finding, line: before.split('\n').length, column: finding.offset - lineStart + 1 }
}
