// The published vectors of IKE messages, confirmed once more by all whom they name: a twin in Python that was written from the RFCs alone,
// tshark, scapy.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { messageConfirmations } from './harness/message-twin.ts'

const folder = mkdtempSync(join(tmpdir(), 'ikebana-messages-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Published {
  readonly cases: readonly PublishedCase[]
}
interface PublishedCase {
  readonly id: string
  readonly source: { readonly confirmedBy: readonly string[] }
  readonly inputs: { readonly message: string }
  readonly expected: object
}

const vectors = new URL('../../vectors/messages/', import.meta.url)
const read = (name: string): Published => JSON.parse(readFileSync(new URL(name, vectors), 'utf8'))

test.each(readdirSync(vectors).sort())('%s: every case, by everybody whom it names', (name) => {
  const { cases } = read(name)
  const found = messageConfirmations(`messages/${name}`)
  expect(found.filter(({ problem }) => problem !== '')).toEqual([])
  expect(found.map(({ id, by }) => ({ id, by }))).toEqual(cases.map(({ id, source }) => ({ id, by: source.confirmedBy })))
})

/** A published case with something in it changed, under its own id. */
function contradicted(name: string, id: string, change: (found: PublishedCase) => object): readonly string[] {
  const file = read(name)
  const found = file.cases.find((each) => each.id === id)
  if (found === undefined) throw new Error(`no case is ${id}`)
  const path = join(folder, `${id}.json`)
  writeFileSync(path, JSON.stringify({ ...file, cases: [{ ...found, ...change(found) }] }))
  return messageConfirmations(path).map(({ problem }) => problem)
}

test('the twin contradicts a reading that is wrong', () => {
  const [problem] = contradicted('payloads.json', 'messages-payloads-nonce-16', ({ expected }) => ({
    expected: { ...expected, payloads: [] },
  }))
  expect(problem).toMatch(/^the twin reads payloads as /)
})

test('the twin contradicts that a message is valid', () => {
  const { cases } = read('values.json')
  const message = cases.find(({ id }) => id === 'messages-values-nonce-15')?.inputs.message
  const [problem] = contradicted('payloads.json', 'messages-payloads-nonce-16', () => ({ inputs: { message } }))
  expect(problem).toMatch(/^the twin refuses: wire, NONCE: between 16 and 256 octets/)
})

test('the twin contradicts that a message is malformed, and where', () => {
  const { cases } = read('payloads.json')
  const message = cases.find(({ id }) => id === 'messages-payloads-nonce-16')?.inputs.message
  expect(contradicted('values.json', 'messages-values-nonce-15', () => ({ inputs: { message } }))[0]).toMatch(/^the twin reads /)
  const elsewhere = { expected: { layer: 'wire', field: 'SA.proposals' } }
  expect(contradicted('values.json', 'messages-values-nonce-15', () => elsewhere)[0]).toMatch(/^the twin refuses at NONCE/)
})
