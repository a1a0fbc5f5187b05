// Suite `primitives` answered by python3-cryptography and by what is written from the RFCs alone, in test/conformance/twins/primitives.py.
// Every case that we made must come out the same there; of what is printed, all that the script has.
import { expect, test } from 'vitest'
import { ownVectors } from '../conformance/support.ts'
import { must } from './harness/command.ts'

interface Report {
  readonly confirmed: Readonly<Record<string, number>>
  readonly differ: readonly { readonly id: string }[]
  readonly unable: readonly string[]
}

const script = new URL('../conformance/twins/primitives.py', import.meta.url).pathname
const cases = ownVectors().flatMap(({ suite, cases: some }) => (suite === 'primitives' ? some : []))

test('nobody differs', async () => {
  const report: Report = JSON.parse(await must(['/usr/bin/python3', script]))
  expect(report.differ).toEqual([])
  // A million iterations, and what EdDSA does with contexts and digests.
  expect(report.unable.filter((id) => !/-iterated-1000000$|^rfc8032-ed.*(?:ctx|ph|context)/.test(id))).toEqual([])
  const ours = cases.filter(({ source }) => 'made' in source).map(({ id }) => id)
  expect(report.unable.filter((id) => ours.includes(id))).toEqual([])
  const confirmed = Object.values(report.confirmed).reduce((sum, count) => sum + count, 0)
  expect(confirmed + report.unable.length).toBe(cases.length)
})
