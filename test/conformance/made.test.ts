// What the makers make is what is published: no vector was changed by hand.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fileOf } from './makers/files.ts'
import { packetAndPolicyFiles } from './makers/packets-and-policy.ts'

test.each(packetAndPolicyFiles().map((file) => [file.name, file] as const))('%s', (name, file) => {
  expect(fileOf(file)).toEqual(JSON.parse(readFileSync(new URL(`../../vectors/${name}`, import.meta.url), 'utf8')))
})
