// The end of the Message IDs, brought near. RFC 7296 §2.2.
import { expect, it, vi } from 'vitest'
import { limits } from '../../src/ike/limits.ts'
import { expectAgreement, tell, theIkeSa, up } from './two-ends.ts'

vi.mock('../../src/ike/limits.ts', async (original) => {
  const real = await original<typeof import('../../src/ike/limits.ts')>()
  return { limits: { ...real.limits, messageIdsBeforeRekey: 6, lastMessageId: 12 } }
})

it('an IKE SA whose Message IDs come to their end is rekeyed, and begins again at 0 (RFC 7296 §2.2)', () => {
  const both = up()
  const first = theIkeSa(both.a).id
  for (let i = 0; i < 10; i++) {
    tell(both, both.a, { kind: 'check-liveness', ikeSa: theIkeSa(both.a).id })
    both.network.run(5_000)
  }
  expect(theIkeSa(both.a).id).not.toBe(first)
  expect(theIkeSa(both.a).requests.nextId).toBeLessThan(limits.messageIdsBeforeRekey)
  expectAgreement(both)
})
