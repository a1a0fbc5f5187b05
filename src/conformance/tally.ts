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
  readonly providers: readonly string[]
  readonly kind: 'skipped' | 'not-applicable'
  readonly says: string
  /** For each of the providers. */
  readonly count: number
}

/** Vectors of others about what is not in the catalogue: nobody is asked. */
export interface LeftOut {
  readonly provider: string
  readonly suite: string
  readonly says: string
  readonly count: number
}

export class Tally {
  readonly #rows: Row[] = []
  readonly #leftOut: LeftOut[] = []

  add(row: Row): void {
    this.#rows.push(row)
  }

  leaveOut(leftOut: LeftOut): void {
    this.#leftOut.push(leftOut)
  }

  get rows(): readonly Row[] {
    return this.#rows
  }

  get summary(): Counts {
    return countsOf(this.#rows, this.#leftOut)
  }

  /** In the order in which they came: suite by suite, provider by provider. */
  get suites(): readonly SuiteCounts[] {
    const pairs = [
      ...this.#rows.map(({ file, provider }) => ({ suite: file.suite, provider })),
      ...this.#leftOut.map(({ suite, provider }) => ({ suite, provider })),
    ]
    const groups = new Map(
      pairs.map((pair) => [`${pair.suite}\n${pair.provider}`, { ...pair, rows: [] as Row[], leftOut: [] as LeftOut[] }]),
    )
    for (const row of this.#rows) groups.get(`${row.file.suite}\n${row.provider}`)?.rows.push(row)
    for (const each of this.#leftOut) groups.get(`${each.suite}\n${each.provider}`)?.leftOut.push(each)
    return [...groups.values()].map(({ suite, provider, rows, leftOut }) => ({ suite, provider, ...countsOf(rows, leftOut) }))
  }

  get omissions(): readonly Omission[] {
    const counts = new Map<string, Omission>()
    const add = (provider: string, kind: Omission['kind'], says: string, count: number): void => {
      const key = `${provider}\n${kind}\n${says}`
      counts.set(key, { providers: [provider], kind, says, count: (counts.get(key)?.count ?? 0) + count })
    }
    for (const { provider, verdict } of this.#rows)
      if (verdict.kind === 'skipped' || verdict.kind === 'not-applicable') add(provider, verdict.kind, verdict.says, 1)
    for (const { provider, says, count } of this.#leftOut) add(provider, 'not-applicable', says, count)
    // What is the same for several of them is told once.
    const found = new Map<string, Omission>()
    for (const each of counts.values()) {
      const key = `${each.kind}\n${each.says}\n${each.count}`
      found.set(key, { ...each, providers: [...(found.get(key)?.providers ?? []), ...each.providers] })
    }
    return [...found.values()]
  }
}

function countsOf(rows: readonly Row[], leftOut: readonly LeftOut[]): Counts {
  const outside = leftOut.reduce((sum, { count }) => sum + count, 0)
  const total = rows.length + outside
  const counts = { total, passed: 0, failed: 0, skipped: 0, notApplicable: outside, acceptable: 0, acceptableRefused: 0 }
  for (const { verdict } of rows) {
    if (verdict.kind === 'not-applicable') counts.notApplicable++
    else counts[verdict.kind]++
    if (verdict.kind !== 'passed' || verdict.how === 'as-expected') continue
    counts.acceptable++
    if (verdict.how === 'acceptable-refused') counts.acceptableRefused++
  }
  return counts
}
