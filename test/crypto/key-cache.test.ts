// Prepared keys: bounded, made once while in use, forgotten when wiped.
import { expect, test } from 'vitest'
import { Secret } from '../../src/bytes/secret.ts'
import { KeyCache } from '../../src/crypto/key-cache.ts'

const secrets = (count: number): readonly Secret[] => Array.from({ length: count }, (_, i) => new Secret(Uint8Array.of(i)))

function counted(generation: number): { readonly cache: KeyCache<string>; readonly made: Secret[] } {
  const made: Secret[] = []
  const cache = new KeyCache(generation, (key) => {
    made.push(key)
    return `prepared ${made.length}`
  })
  return { cache, made }
}

test('a key is prepared once while it is in use', () => {
  const { cache, made } = counted(2)
  const [key] = secrets(1)
  if (key === undefined) throw new Error('one secret')
  expect(cache.of(key)).toBe('prepared 1')
  expect(cache.of(key)).toBe('prepared 1')
  // Used between others, it outlives them.
  for (const other of secrets(50)) {
    cache.of(other)
    expect(cache.of(key)).toBe('prepared 1')
  }
  expect(made.filter((each) => each === key).length).toBe(1)
})

test('no more than two generations are kept, however many keys there are', () => {
  const { cache } = counted(8)
  for (const key of secrets(1000)) {
    cache.of(key)
    expect(cache.size).toBeLessThanOrEqual(16)
  }
})

test('the keys used last are kept', () => {
  const { cache, made } = counted(8)
  const keys = secrets(100)
  for (const key of keys) cache.of(key)
  const before = made.length
  for (const key of keys.slice(-8)) cache.of(key)
  expect(made.length).toBe(before)
})

test('what was prepared of a secret goes when the secret is wiped', () => {
  const { cache } = counted(8)
  const keys = secrets(12)
  for (const key of keys) cache.of(key)
  for (const key of keys) key.wipe()
  expect(cache.size).toBe(0)
})

test('a wiped key cannot be used', () => {
  const { cache } = counted(8)
  const [key] = secrets(1)
  key?.wipe()
  expect(() => key !== undefined && cache.of(key)).toThrow(/wiped/)
})
