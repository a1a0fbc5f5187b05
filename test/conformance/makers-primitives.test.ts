// The made files of suite `primitives` are those that their makers make.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { madeFiles, madePlace } from './makers/primitives.ts'

test.each(madeFiles())('$name is as `npx tsx test/conformance/makers/primitives.ts` writes it', ({ name, text }) => {
  expect(readFileSync(madePlace(name), 'utf8')).toBe(text)
})
