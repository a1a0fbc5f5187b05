// The judge is not fooled: every way in which an answer can differ from what is expected.
import { describe, expect, test } from 'vitest'
import { judge } from '../../src/conformance/judge.ts'
import { type Answer, type Expected, invalid, outputs, unimplemented, type VectorCase } from '../../src/conformance/vector.ts'

const vector = (result: VectorCase['result'], expected: Expected): VectorCase => ({
  id: 'a-case',
  title: undefined,
  source: { printed: 'RFC 1', section: '1' },
  result,
  flags: [],
  effort: 'quick',
  inputs: {},
  expected,
})
const says = (values: Extract<Answer, { kind: 'outputs' }>['outputs']): Expected => ({
  kind: 'outputs',
  outputs: values,
  erratum: undefined,
})
const refused: Expected = { kind: 'invalid', at: { layer: 'integrity', field: 'sealed' } }

describe('of a valid case', () => {
  const valid = vector('valid', says({ keys: { a: '0011223344', n: 2 }, list: ['x', 'y'] }))

  test('the expected outputs pass, and more of them do not matter', () => {
    const answer = outputs({ more: true, keys: { a: '0011223344', n: 2, b: '' }, list: ['x', 'y'] })
    expect(judge(valid, answer, 'with-place')).toEqual({ kind: 'passed', how: 'as-expected' })
  })

  test.each([
    ['an octet', { keys: { a: '0011223444', n: 2 }, list: ['x', 'y'] }, 'keys.a', 3],
    ['octets missing at the end', { keys: { a: '001122', n: 2 }, list: ['x', 'y'] }, 'keys.a', 3],
    ['octets too many', { keys: { a: '001122334455', n: 2 }, list: ['x', 'y'] }, 'keys.a', 5],
    ['a number', { keys: { a: '0011223344', n: 3 }, list: ['x', 'y'] }, 'keys.n', undefined],
    ['a number as text', { keys: { a: '0011223344', n: '2' }, list: ['x', 'y'] }, 'keys.n', undefined],
    ['an element', { keys: { a: '0011223344', n: 2 }, list: ['x', 'z'] }, 'list[1]', undefined],
    ['an element too many', { keys: { a: '0011223344', n: 2 }, list: ['x', 'y', 'z'] }, 'list', undefined],
    ['a member missing', { list: ['x', 'y'] }, 'keys', undefined],
    ['everything missing', {}, 'keys', undefined],
  ])('%s that differs fails', (_, values, field, at) => {
    expect(judge(valid, outputs(values), 'with-place')).toMatchObject({ kind: 'failed', field, firstDifference: at })
  })

  test('a refusal fails', () => {
    expect(judge(valid, invalid('wire', 'SA.length'), 'with-place')).toMatchObject({ kind: 'failed', layer: 'wire', field: 'SA.length' })
  })
})

describe('of an invalid case', () => {
  test('an answer fails, and is shown', () => {
    expect(judge(vector('invalid', refused), outputs({ plaintext: '61' }), 'with-place')).toMatchObject({
      kind: 'failed',
      layer: 'integrity',
      got: 'accepted: {"plaintext":"61"}',
    })
  })

  test('a refusal at another place fails, unless only the result counts', () => {
    const elsewhere = invalid('crypto', 'key')
    expect(judge(vector('invalid', refused), elsewhere, 'with-place')).toMatchObject({ kind: 'failed', got: 'refused at crypto key' })
    expect(judge(vector('invalid', refused), elsewhere, 'result-only')).toMatchObject({ kind: 'passed' })
  })

  test('a refusal at the place, or without one, passes', () => {
    expect(judge(vector('invalid', refused), invalid('integrity', 'sealed'), 'with-place')).toMatchObject({ kind: 'passed' })
    expect(judge(vector('invalid', refused), { kind: 'invalid', at: undefined }, 'with-place')).toMatchObject({ kind: 'passed' })
  })
})

describe('of an acceptable case', () => {
  const acceptable = vector('acceptable', says({ sharedSecret: '01' }))

  test('it passes either way, counted apart; a wrong answer fails', () => {
    expect(judge(acceptable, outputs({ sharedSecret: '01' }), 'with-place')).toEqual({ kind: 'passed', how: 'acceptable-accepted' })
    expect(judge(acceptable, invalid('crypto', 'publicValue'), 'with-place')).toEqual({ kind: 'passed', how: 'acceptable-refused' })
    expect(judge(acceptable, outputs({ sharedSecret: '02' }), 'with-place')).toMatchObject({ kind: 'failed' })
  })
})

test('what is not implemented is neither passed nor failed', () => {
  expect(judge(vector('invalid', refused), unimplemented('no such cipher'), 'with-place')).toEqual({
    kind: 'not-applicable',
    says: 'no such cipher',
  })
})
