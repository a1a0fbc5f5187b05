// Octets of the system: as many as were asked for, and never the same again.
import { expect, it } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { systemRandom } from '../../src/runtime/system-random.ts'

it('gives as many octets as it is asked for, however many', () => {
  for (const length of [0, 1, 8, 32, 1_000, 1_024, 1_025, 70_000]) expect(systemRandom(length)).toHaveLength(length)
})

it('gives none twice, and keeps no hold of what it gave', () => {
  const drawn = Array.from({ length: 1_000 }, (_, i) => systemRandom(8 + (i % 40)))
  const text = drawn.map(toHex).join('')
  for (const octets of drawn) octets.fill(0)
  const windows = Array.from({ length: text.length / 16 }, (_, i) => text.slice(16 * i, 16 * (i + 1)))
  expect(new Set(windows).size).toBe(windows.length)
  expect(toHex(systemRandom(8))).not.toBe('0000000000000000')
})
