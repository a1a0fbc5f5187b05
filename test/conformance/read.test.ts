// A vector file with a mistake: file, JSON path, what the schema wanted; what is right is read all the same.
import { describe, expect, test } from 'vitest'
import { kinds } from '../../src/conformance/kinds/table.ts'
import { duplicateIds, formatVectorFault, readVectors } from '../../src/conformance/read.ts'
import type { Json, JsonObject } from '../../src/inspect/describe.ts'

const good: JsonObject = {
  id: 'a-case',
  source: { printed: 'RFC 2202', section: '3' },
  result: 'valid',
  inputs: { operation: 'compute', algorithm: { prf: 'PRF_HMAC_SHA1' }, key: '0b', data: '' },
  expected: { mac: '00' },
}
const file = (...cases: readonly Json[]): JsonObject => ({ title: 'MACs', kind: 'mac', cases })
const read = (value: Json, name = 's/f.json') => readVectors(name, JSON.stringify(value), kinds)
const faultsOf = (value: Json): readonly string[] => read(value).faults.map(formatVectorFault)

test('what is right has no faults', () => {
  expect(read(file(good))).toMatchObject({ file: { suite: 's', kind: 'mac', cases: [{ id: 'a-case', effort: 'quick' }] }, faults: [] })
})

describe('a mistake is told with its path', () => {
  test.each<readonly [what: string, value: Json, says: string]>([
    ['no object', 3, 's/f.json: Invalid input: expected object, received number'],
    ['no cases', { title: 'x', kind: 'mac', cases: [] }, 's/f.json#/cases: Too small: expected array to have >=1 items'],
    ['a kind that nobody knows', { ...file(good), kind: 'mack' }, 's/f.json#/kind: "mack" is no kind of vector; there are aead, '],
    [
      'an odd number of digits',
      file({ ...good, inputs: { ...(good['inputs'] as JsonObject), key: '0b0' } }),
      's/f.json#/cases/0/inputs/key: octets in lower-case hexadecimal, two digits each',
    ],
    ['upper-case digits', file({ ...good, expected: { mac: 'AB' } }), 's/f.json#/cases/0/expected/mac: octets in lower-case'],
    [
      'an algorithm that is none',
      file({ ...good, inputs: { operation: 'compute', algorithm: { prf: 'PRF_X' }, key: '', data: '' } }),
      's/f.json#/cases/0/inputs/algorithm',
    ],
    ['a result that is none', file({ ...good, result: 'perhaps' }), 's/f.json#/cases/0/result'],
    ['a member too many', file({ ...good, resutl: 'valid' }), 's/f.json#/cases/0: Unrecognized key: "resutl"'],
    [
      'a layer that is none',
      file({ ...good, result: 'invalid', expected: { layer: 'attic', field: 'x' } }),
      's/f.json#/cases/0/expected/layer',
    ],
    ['no source', file(Object.fromEntries(Object.entries(good).filter(([key]) => key !== 'source'))), 's/f.json#/cases/0/source'],
    ['a flag without its meaning', file({ ...good, flags: ['Odd'] }), 's/f.json#/cases/0/flags: Odd is not among the flags'],
    ['an id twice', file(good, good), 's/f.json#/cases/1/id: a-case is the id of a case before'],
  ])('%s', (_, value, says) => {
    expect(faultsOf(value)[0]?.startsWith(says), `${faultsOf(value)[0]}`).toBe(true)
  })

  test('text that is no JSON', () => {
    const { file: nothing, faults } = readVectors('s/f.json', '{"title": ', kinds)
    expect(nothing).toBeUndefined()
    expect(faults.map(formatVectorFault)[0]).toMatch(/^s\/f\.json: not JSON: /)
  })

  test('an id that another file has', () => {
    const files = ['a/1.json', 'b/2.json'].flatMap((name) => read(file(good), name).file ?? [])
    expect(duplicateIds(files).map(formatVectorFault)).toEqual(['b/2.json#/cases/0/id: a-case is also in a/1.json'])
  })
})

test('one case that is wrong does not cost the others', () => {
  const { file: found, faults } = read(file({ ...good, result: 'perhaps' }, { ...good, id: 'b-case' }))
  expect(found?.cases.map(({ id }) => id)).toEqual(['b-case'])
  expect(faults).toHaveLength(1)
})

test('a file of nothing but mistakes is told a hundred of them', () => {
  expect(faultsOf(file(...Array.from({ length: 5000 }, () => 1)))).toHaveLength(100)
})

test('what a file says is escaped', () => {
  expect(faultsOf({ ...file(good), kind: '\u001b[31m\u202e' })[0]).not.toMatch(/\p{C}(?<!\n)/u)
})

test('what takes minutes is slow, though its file does not say so', () => {
  const iterated = (iterations: number): JsonObject => ({
    id: `iterated-${iterations}`,
    source: { printed: 'RFC 7748', section: '5.2' },
    result: 'valid',
    inputs: { operation: 'iterate', algorithm: 'CURVE25519', start: '09'.padEnd(64, '0'), iterations },
    expected: { result: '00' },
  })
  const { file: found } = read({ title: 'X25519', kind: 'key-agreement', cases: [iterated(1000), iterated(1001)] })
  expect(found?.cases.map(({ effort }) => effort)).toEqual(['quick', 'slow'])
})
