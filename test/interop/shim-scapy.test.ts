// The shim that is an example, run by the command as a user would run it. scapy fails where it is known to fail, and nowhere else.
import { beforeAll, expect, test } from 'vitest'
import { ownVectors } from '../conformance/support.ts'
import { must, type Finished, report, run } from './harness/command.ts'
import { isScapys, scapyFaults } from './harness/scapy-faults.ts'

const root = new URL('../..', import.meta.url).pathname
// Debian's, since that is whose packages the harness asks for.
const shim = '/usr/bin/python3 examples/shims/scapy_shim.py'
const command = [process.execPath, '--import', 'tsx', 'src/cli/main.ts', 'vectors', 'run', '--shim', shim]
const limit = { cwd: root, limit: 100_000 }

interface Run {
  readonly summary: { readonly total: number; readonly failed: number }
  readonly suites: readonly { readonly suite: string; readonly passed: number }[]
  readonly failures: readonly { readonly id: string; readonly file: string }[]
  readonly omissions: readonly { readonly kind: string; readonly says: string; readonly count: number }[]
}

const files = ownVectors()
const cases = files.filter(({ kind }) => kind === 'esp-packet').flatMap((file) => file.cases)

let finished: Finished
let told: Run
beforeAll(async () => {
  finished = await run([...command, '--format', 'json'], limit)
  if (finished.stdout === '') throw new Error(report(finished))
  told = JSON.parse(finished.stdout)
})

test('it is scapy 2.5, never has to be started again, and some of its answers are wrong', () => {
  expect(finished.code).toBe(5)
  expect(finished.stderr).not.toContain('started again')
  expect(told.summary.total).toBeGreaterThan(4000)
  expect(told.omissions.filter(({ kind, says }) => kind === 'skipped' && !says.startsWith('slow'))).toEqual([])
})

test('it answers most of the packets', () => {
  expect(told.suites.find(({ suite }) => suite === 'esp')?.passed).toBeGreaterThanOrEqual(540)
})

test('what fails is what known faults explain, all of it', () => {
  const expected = cases.filter((vector) => isScapys(vector) && scapyFaults.some(({ explains }) => explains(vector))).map(({ id }) => id)
  expect(told.failures.map(({ id }) => id).sort()).toEqual(expected.sort())
})

test.each(scapyFaults.map((fault) => [`${fault.says} (${fault.rfc})`, fault] as const))('%s', (_, { explains }) => {
  const failed = new Set(told.failures.map(({ id }) => id))
  expect(cases.filter((vector) => explains(vector) && failed.has(vector.id))).not.toEqual([])
})

/** At least so many, of what python3-cryptography answers. */
const least = {
  mac: 110,
  aead: 156,
  cipher: 44,
  'building-block': 64,
  'prf-plus': 90,
  'ike-keys': 80,
  'child-keys': 75,
  'key-agreement': 130,
  signature: 140,
}

test('primitives and keys: nothing fails, and of each kind enough is answered', async () => {
  const stdout = await must([...command, '--format', 'tap', '--suite', 'primitives', '--suite', 'ike'], limit)
  const passed = new Set(stdout.split('\n').flatMap((line) => (line.includes('# SKIP') ? [] : (/^ok \d+ - (\S+)/.exec(line)?.[1] ?? []))))
  const counts = Object.entries(least).map(([kind, number]) => {
    const answered = files.filter((file) => file.kind === kind).flatMap((file) => file.cases.filter(({ id }) => passed.has(id)))
    return { kind, enough: answered.length >= number, answered: answered.length }
  })
  expect(counts.filter(({ enough }) => !enough)).toEqual([])
})
