// The vectors of this repository against this implementation, with both providers.
import { describe, expect, test } from 'vitest'
import { type Failure, judge } from '../../src/conformance/judge.ts'
import { duplicateIds, formatVectorFault } from '../../src/conformance/read.ts'
import { ourselves } from '../../src/conformance/subject.ts'
import { providers } from '../crypto/support.ts'
import { ownVectors, readAll } from './support.ts'

test('every file is as its schema wants it, and every id is unique', () => {
  const faults = readAll().flatMap(({ faults: some }) => some)
  expect([...faults, ...duplicateIds(ownVectors())].map(formatVectorFault)).toEqual([])
})

describe.each(providers)('%s', (_, provider) => {
  const subject = ourselves(provider)
  test.each(ownVectors().map((file) => [file.name, file] as const))('%s', (_name, file) => {
    const failures: (Failure & { readonly id: string })[] = []
    for (const vector of file.cases) {
      if (vector.effort === 'slow') continue
      const verdict = judge(vector, subject.answer(file.kind, vector), subject.strictness)
      if (verdict.kind === 'failed') failures.push({ ...verdict, id: vector.id })
      const { expected } = vector
      // An erratum that is none would be a vector that anyone passes.
      if (expected.kind === 'outputs' && expected.erratum !== undefined) expect(expected.erratum.printed).not.toEqual(expected.outputs)
    }
    expect(failures).toEqual([])
  })
})
