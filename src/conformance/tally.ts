// What came of a run: every case with its verdict, and the counts.
import type { Verdict } from './judge.ts'
import type { VectorCase, VectorFile } from './vector.ts'

/** One case, answered by one implementation. */
export interface Row {
  /** Who answered: `node`, `portable`, the name that a shim gave. */
  readonly provider: string
  readonly file: VectorFile
  readonly vector: VectorCase
  readonly verdict: Verdict
}

export interface Counts {
  readonly total: number
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly notApplicable: number
  /** Of those passed: cases that may be refused; and how many of them were. */
  readonly acceptable: number
  readonly acceptableRefused: number
}

export interface SuiteCounts extends Counts {
  readonly suite: string
  readonly provider: string
}

/** Why cases were not asked or do not apply, and how many. */
export interface Omission {
  readonly provider: string
  readonly kind: 'skipped' | 'not-applicable'
  readonly says: string
  readonly count: number
}

export class Tally {
  readonly #rows: Row[] = []

  add(row: Row): void {
    this.#rows.push(row)
  }

  get rows(): readonly Row[] {
    return this.#rows
  }

  get summary(): Counts {
    return countsOf(this.#rows)
  }

  /** In the order in which they came: suite by suite, provider by provider. */
  get suites(): readonly SuiteCounts[] {
    const groups = new Map<string, Row[]>()
    for (const row of this.#rows) {
      const key = `${row.file.suite}\n${row.provider}`
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [row])
      else group.push(row)
    }
    return [...groups.values()].flatMap((rows) => {
      const [first] = rows
      return first === undefined ? [] : [{ suite: first.file.suite, provider: first.provider, ...countsOf(rows) }]
    })
  }

  get omissions(): readonly Omission[] {
    const found = new Map<string, Omission>()
    for (const { provider, verdict } of this.#rows) {
      if (verdict.kind !== 'skipped' && verdict.kind !== 'not-applicable') continue
      const key = `${provider}\n${verdict.kind}\n${verdict.says}`
      found.set(key, { provider, kind: verdict.kind, says: verdict.says, count: (found.get(key)?.count ?? 0) + 1 })
    }
    return [...found.values()]
  }
}

function countsOf(rows: readonly Row[]): Counts {
  const counts = { total: rows.length, passed: 0, failed: 0, skipped: 0, notApplicable: 0, acceptable: 0, acceptableRefused: 0 }
  for (const { verdict } of rows) {
    if (verdict.kind === 'not-applicable') counts.notApplicable++
    else counts[verdict.kind]++
    if (verdict.kind !== 'passed' || verdict.how === 'as-expected') continue
    counts.acceptable++
    if (verdict.how === 'acceptable-refused') counts.acceptableRefused++
  }
  return counts
}
