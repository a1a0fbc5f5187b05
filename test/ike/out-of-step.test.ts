// A peer that cannot rekey, whenever it is asked: TEMPORARY_FAILURE until the end. RFC 7296 §2.8, §2.25.
import { expect, it, vi } from 'vitest'
import { timers } from '../../src/ike/timers.ts'
import { unlimited } from '../../src/policy/defaults.ts'
import type { Pair } from '../host/two-hosts.ts'
import { up } from './two-ends.ts'

vi.mock('../../src/ike/sa/collisions.ts', async (original) => ({
  ...(await original<typeof import('../../src/ike/sa/collisions.ts')>()),
  judgeChildRekey: () => 'TEMPORARY_FAILURE',
}))

const minute = 60_000

/** Alice wants new keys after ten minutes; her Child SA ends after so many. */
function refused(hard: number): { readonly both: Pair; readonly closedAt: number } {
  const both = up({ child: { soft: { ...unlimited, time: 10 * minute }, hard: { ...unlimited, time: hard } } })
  both.network.run(2 * hard, () => both.a.host.ikeSaCount === 0)
  return { both, closedAt: both.network.now }
}

it('is asked again, not at once, and after several minutes the IKE SA is closed: the two are out of step (RFC 7296 §2.25)', () => {
  const { both, closedAt } = refused(60 * minute)
  const asked = both.a.named('message').filter(({ direction, exchangeType }) => direction === 'sent' && exchangeType === 36)
  const waits = asked.slice(1).map(({ at }, i) => at - (asked[i]?.at ?? 0))
  expect(waits.length).toBeGreaterThan(10)
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(timers.temporaryFailureRetry)
  expect(closedAt).toBeGreaterThan(10 * minute + timers.temporaryFailurePatience)
  expect(closedAt).toBeLessThan(10 * minute + 2 * timers.temporaryFailurePatience)
})

it('has its IKE SA closed when the Child SA is at its end, whatever else (RFC 7296 §2.8)', () => {
  const { both, closedAt } = refused(12 * minute)
  expect(closedAt).toBeGreaterThan(12 * minute - 1)
  expect(closedAt).toBeLessThan(12 * minute + 5_000)
  expect(both.b.host.ikeSaCount).toBe(0)
})
