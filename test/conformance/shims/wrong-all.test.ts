// Every planted error against all suites: they catch it, and blame nothing else. Each in a process of its own, as other implementations are.
import { beforeAll, expect, test } from 'vitest'
import type { VectorFile } from '../../../src/conformance/vector.ts'
import { ownVectors } from '../support.ts'
import { type PlantedError, plantedErrors } from './errors.ts'
import { WrongShim } from './grade.ts'

let shim: WrongShim
beforeAll(() => {
  const made = new WrongShim()
  shim = made
  return () => made.remove()
})

test('the suites are all there are: an error for each, at least ten in all', () => {
  const suites = new Set(plantedErrors.flatMap(({ concerns }) => concerns.map((each) => each.split(' ')[0] ?? '')))
  expect(suites).toEqual(new Set(ownVectors().map(({ suite }) => suite)))
  expect(plantedErrors.length).toBeGreaterThanOrEqual(10)
})

test('without an error the same shim passes everything', async () => {
  const { failures, troubles, asked, notApplicable } = await shim.grade('none', ownVectors())
  expect({ failures, troubles }).toEqual({ failures: [], troubles: 0 })
  expect(asked - notApplicable).toBeGreaterThan(4000)
})

/** Suites that the error has to do with, whole, and of the others every fifth case; not the long arithmetic, which has no error here. */
const filesFor = ({ concerns }: PlantedError): readonly VectorFile[] =>
  ownVectors()
    .filter(({ kind }) => kind !== 'key-agreement' && kind !== 'signature')
    .map((file) => {
      const isWhole = concerns.some((each) => each.startsWith(`${file.suite} `))
      return isWhole ? file : { ...file, cases: file.cases.filter((_, index) => index % 5 === 0) }
    })

test.concurrent.each(plantedErrors.map((error) => [`${error.says} (${error.rfc})`, error] as const))('%s', async (_, error) => {
  const { failures, troubles } = await shim.grade(error.name, filesFor(error))
  expect(troubles).toBe(0)
  expect(failures.filter(({ of, json }) => !error.concerns.includes(of) || !error.marks.test(json))).toEqual([])
  // Each kind that it concerns is touched by it.
  expect([...new Set(failures.map(({ of }) => of))].sort()).toEqual([...error.concerns].sort())
})
