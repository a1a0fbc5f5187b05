import { expect, test } from 'vitest'
import { nearestWord, unknownWord } from '../../src/policy/words.ts'

const words = ['aes128', 'aes256', 'sha256', 'sha512', 'x25519']

test.each([
  ['aes265', 'aes256'],
  ['ase128', 'aes128'],
  ['SHA256', 'sha256'],
  ['sha-512', 'sha512'],
  ['x2551', 'x25519'],
])('the word nearest to %s is %s', (word, nearest) => {
  expect(nearestWord(word, words)).toBe(nearest)
})

test('no word is near to something else altogether', () => {
  expect(nearestWord('blowfish', words)).toBeUndefined()
  expect(nearestWord('', words)).toBeUndefined()
})

test('a very long word takes no longer than a long one', () => {
  expect(nearestWord('x'.repeat(1_000_000), words)).toBeUndefined()
})

test('a fault is one line with a question where there is one to ask', () => {
  expect(unknownWord('unknown algorithm', 'aes265', 4, words)).toEqual({
    word: 'aes265',
    offset: 4,
    nearest: 'aes256',
    message: 'unknown algorithm "aes265"; did you mean "aes256"?',
  })
  expect(unknownWord('unknown algorithm', 'blowfish', 0, words).message).toBe('unknown algorithm "blowfish"')
})
