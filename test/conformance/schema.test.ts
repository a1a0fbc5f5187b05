// The published schemas are those that files are read with.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kinds } from '../../src/conformance/kinds/table.ts'
import { jsonSchema } from '../../src/conformance/schema.ts'

const folder = new URL('../../vectors/schema/', import.meta.url)

test('there is one for each kind', () => {
  expect(readdirSync(folder).sort()).toEqual(kinds.map(({ name }) => `${name}.schema.json`).sort())
})

test.each(kinds.map((kind) => [kind.name, kind] as const))('%s is as `npm run schemas` writes it', (name, kind) => {
  expect(JSON.parse(readFileSync(new URL(`${name}.schema.json`, folder), 'utf8'))).toEqual(jsonSchema(kind))
})
