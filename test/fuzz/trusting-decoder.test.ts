// The fuzzer finds what is planted: octets that only who has the keys can bring before a decoder.
import { expect, test, vi } from 'vitest'
import { hunt } from './hunt.ts'

vi.mock('../../src/wire/codec.ts', async (original) => {
  const real = await original<typeof import('../../src/wire/codec.ts')>()
  const { trusting } = await import('./planted/trusting-decoder.ts')
  return { ...real, decodePayloads: trusting(real.decodePayloads) }
})

test('a decoder that trusts a length is found from a fixed seed, inside the cipher', { timeout: 40_000 }, () => {
  // Where requests are opened as they come: elsewhere the check of the codec itself would be the first to fall.
  const finding = hunt({ seed: 1, states: ['responder-established'] }, 30_000)
  expect(finding?.wrong).toMatch(/^threw RangeError.*src\/ike\/sa\/(?:protect|reassembly)\.ts/)
  // One message does it.
  expect(finding?.recipes).toMatchObject([{ form: 'sealed' }])
})
