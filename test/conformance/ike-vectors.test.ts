// The files of `vectors/ike/` are what their maker makes: what it says of them is true of what is published.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { published } from './makers/ike/draft.ts'
import { drafts } from './makers/ike/drafts.ts'

const vectors = new URL('../../vectors/', import.meta.url)
const made = drafts()

test('there are no others', () => {
  const names = readdirSync(new URL('ike/', vectors)).filter((name) => name.endsWith('.json'))
  expect(names.map((name) => `ike/${name}`)).toEqual(made.map(({ name }) => name).sort())
})

test.each(made.map((draft) => [draft.name, draft] as const))('%s', (name, draft) => {
  expect(JSON.parse(readFileSync(new URL(name, vectors), 'utf8'))).toEqual(published(draft))
})
