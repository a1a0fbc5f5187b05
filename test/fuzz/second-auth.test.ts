// The fuzzer finds what is planted: a state that accepts what it must not.
import { expect, test, vi } from 'vitest'
import { exchange } from '../../src/iana/exchanges.ts'
import { hunt } from './hunt.ts'

vi.mock('../../src/ike/endpoint/receive.ts', async (original) => {
  const real = await original<typeof import('../../src/ike/endpoint/receive.ts')>()
  const { forgetful } = await import('./planted/second-auth.ts')
  return { ...real, receive: forgetful(real.receive) }
})

test('a state that accepts a second AUTH is found from a fixed seed', { timeout: 40_000 }, () => {
  const finding = hunt({ seed: 1 }, 30_000)
  expect(finding?.wrong).toMatch(/an operation was asked for after the IKE SA was up|set up twice/)
  expect(finding?.recipes.at(-1)).toMatchObject({ form: 'sealed', kind: 'request', exchangeType: exchange.IKE_AUTH })
})
