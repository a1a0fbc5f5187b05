// All cases of some files against one implementation: what is wrong, and how many there were.
import { judge } from '../../src/conformance/judge.ts'
import { ourselves } from '../../src/conformance/subject.ts'
import { Tally } from '../../src/conformance/tally.ts'
import type { VectorFile } from '../../src/conformance/vector.ts'
import type { CryptoProvider } from '../../src/crypto/provider.ts'

export interface WholeRun {
  readonly passed: number
  /** `aes-gcm-test-17: sealed: expected … got …` */
  readonly failures: readonly string[]
  /** What the provider has not got, with the number of cases. */
  readonly omitted: readonly string[]
}

export function runWhole(files: readonly VectorFile[], provider: CryptoProvider): WholeRun {
  const subject = ourselves(provider)
  const tally = new Tally()
  for (const file of files)
    for (const vector of file.cases)
      tally.add({ provider: subject.name, file, vector, verdict: judge(vector, subject.answer(file.kind, vector), subject.strictness) })
  return {
    passed: tally.summary.passed,
    failures: tally.rows.flatMap(({ vector, verdict }) =>
      verdict.kind === 'failed'
        ? [`${vector.id}: ${verdict.field}: expected ${verdict.expected.slice(0, 80)} got ${verdict.got.slice(0, 80)}`]
        : [],
    ),
    omitted: tally.omissions.map(({ says, count }) => `${count} ${says}`),
  }
}
