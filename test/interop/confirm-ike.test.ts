// The published vectors of keys, AUTH, the Encrypted payload and whole negotiations, confirmed once more by twins in Python.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { must } from './harness/command.ts'

// Debian's, with python3-cryptography.
const python = '/usr/bin/python3'
const program = fileURLToPath(new URL('../conformance/twins/confirm_ike.py', import.meta.url))
const vectors = fileURLToPath(new URL('../../vectors/ike/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ikebana-confirm-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Confirmation {
  readonly confirmed: Readonly<Record<string, number>>
  readonly disagreements: readonly { readonly id: string }[]
}
interface Published {
  readonly cases: readonly { readonly id: string; readonly expected: object }[]
}

async function confirm(path: string): Promise<Confirmation> {
  return JSON.parse(await must([python, '-B', program, path], { limit: 110_000 }))
}

const read = (path: string): Published => JSON.parse(readFileSync(path, 'utf8'))

test.each(readdirSync(vectors).filter((name) => name.endsWith('.json')))('%s is what the twin answers, case by case', async (name) => {
  const path = join(vectors, name)
  const { confirmed, disagreements } = await confirm(path)
  expect(disagreements).toEqual([])
  expect(confirmed[path]).toBe(read(path).cases.length)
})

test('the twin contradicts what is not so', async () => {
  const file = read(join(vectors, 'ike-keys.json'))
  const [first] = file.cases
  const wrong = join(folder, 'wrong.json')
  writeFileSync(wrong, JSON.stringify({ ...file, cases: [{ ...first, expected: { ...first?.expected, skPr: '00' } }] }))
  expect((await confirm(wrong)).disagreements.map(({ id }) => id)).toEqual([first?.id])
})
