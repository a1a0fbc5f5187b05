// No input that has its shape makes a kind throw: each string of octets of the vectors cut, emptied, doubled, changed.
import { describe, expect, test } from 'vitest'
import { kindOf } from '../../src/conformance/kinds/table.ts'
import type { Json, JsonObject } from '../../src/inspect/describe.ts'
import { node, present } from '../crypto/support.ts'
import { ownVectors } from './support.ts'

const files = ownVectors().filter(({ suite }) => suite === 'ike')

/** Every value with one string of octets in it replaced. */
function* spoilt(value: Json): Generator<Json> {
  if (typeof value === 'string') {
    if (!/^(?:[0-9a-f]{2})*$/.test(value)) return
    yield* [
      '',
      value.slice(2),
      value.slice(0, -2),
      `${value}00`,
      value + value,
      'ff'.repeat(value.length / 2),
      '00'.repeat(value.length / 2),
    ]
    const middle = 2 * Math.floor(value.length / 4)
    if (value.length > 0)
      yield `${value.slice(0, middle)}${value.slice(middle, middle + 2) === '2a' ? '2b' : '2a'}${value.slice(middle + 2)}`
  } else if (isList(value)) for (const [i, each] of value.entries()) for (const other of spoilt(each)) yield value.with(i, other)
  else if (isObject(value))
    for (const [name, each] of Object.entries(value)) for (const other of spoilt(each)) yield { ...value, [name]: other }
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

describe.each(files.map((file) => [file.name, file] as const))('%s', (_, { kind: name, cases }) => {
  test('is answered, whatever its octets are', () => {
    const kind = present(kindOf(name))
    // A handful of each file.
    const step = Math.max(1, Math.floor(cases.length / (name === 'transcript' ? 2 : 6)))
    let asked = 0
    for (let i = 0; i < cases.length; i += step)
      for (const inputs of spoilt(cases[i]?.inputs ?? {})) {
        if (!isObject(inputs)) continue
        expect(['outputs', 'invalid', 'unimplemented']).toContain(kind.answer(node, inputs).kind)
        asked++
      }
    expect(asked).toBeGreaterThan(100)
  })
})
