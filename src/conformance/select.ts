// Which cases to run.
import { documentOf, type VectorCase, type VectorFile } from './vector.ts'

/** Empty lists choose everything. */
export interface Selection {
  readonly suites: readonly string[]
  /** Numbers of RFCs: `3602`; other documents by a part of their name. */
  readonly documents: readonly string[]
  /** Cases whose id matches. */
  readonly match: RegExp | undefined
  /** Cases with one of these flags are left out: `SenderChoice`. */
  readonly without: readonly string[]
}

/** The files with the cases that are chosen; those with none left are left out. */
export function select(files: readonly VectorFile[], selection: Selection): readonly VectorFile[] {
  return files
    .filter(({ suite }) => selection.suites.length === 0 || selection.suites.includes(suite))
    .map((file) => ({ ...file, cases: file.cases.filter((vector) => isChosen(vector, selection)) }))
    .filter(({ cases }) => cases.length > 0)
}

function isChosen({ id, source, flags }: VectorCase, { documents, match, without }: Selection): boolean {
  if (flags.some((flag) => without.includes(flag))) return false
  if (match !== undefined && !match.test(id)) return false
  return documents.length === 0 || documents.some((document) => isAbout(documentOf(source), document))
}

const isAbout = (name: string, wanted: string): boolean =>
  /^\d+$/.test(wanted) ? name === `RFC ${wanted}` : name.toLowerCase().includes(wanted.toLowerCase())
