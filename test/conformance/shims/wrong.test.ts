// Two of the planted errors, through a process, and what is not wrong at all. All of them against all suites: wrong-all.test.ts.
import { beforeAll, expect, test } from 'vitest'
import { ownVectors } from '../support.ts'
import { WrongShim } from './grade.ts'

let shim: WrongShim
beforeAll(() => {
  const made = new WrongShim()
  shim = made
  return () => made.remove()
})

const of = (kind: string) => ownVectors().filter((file) => file.kind === kind)

test.each([
  ['rekey-with-new-prf', 'ike-keys', /rekey/],
  ['unnarrowed', 'narrowing', /^narrowing-/],
])('%s: a process that gets this wrong is caught', async (name, kind, ids) => {
  const { failures, troubles } = await shim.grade(name, of(kind))
  expect(troubles).toBe(0)
  expect(failures.length).toBeGreaterThan(20)
  expect(failures.filter(({ id }) => !ids.test(id))).toEqual([])
})

test('the same process with nothing planted passes', async () => {
  expect(await shim.grade('none', [...of('ike-keys'), ...of('narrowing')])).toMatchObject({ failures: [], troubles: 0 })
})
