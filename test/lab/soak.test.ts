// Hours in which SAs are renewed every minute, and all that can go wrong does: in the end both agree, and no packet was for nobody.
import { expect, it } from 'vitest'
import { runScenario } from '../../src/lab/run.ts'
import { byEffort } from './effort.ts'
import { reportFailure } from './failures.ts'
import { soakOf } from './soak.ts'
import { worldOf } from './storm.ts'

/** `IKEBANA_SOAK_SEEDS` says how many, `IKEBANA_LAB_SEED` which one. */
const only = process.env['IKEBANA_LAB_SEED']
const count = Number(process.env['IKEBANA_SOAK_SEEDS'] ?? byEffort({ short: 1, lab: 24, nightly: 300 }))
const hours = byEffort({ short: 1, lab: 4, nightly: 4 })
/**
 * 4, 11: a Child SA was rekeyed, or deleted, before the other end knew that it had it. 17: a NAT forgot in the middle of two rekeys of the IKE
 * SA. 119: of three generations the oldest was a leftover, and sent through when the middle one went. 154: an IKE SA that had been replaced could not be deleted for minutes, and the peer went back to it.
 */
const instructive = byEffort({ short: [], lab: [119, 154], nightly: [] })
const seeds = only === undefined ? [...Array.from({ length: count }, (_, i) => i + 1), ...instructive] : [Number(only)]

it.each(seeds)(`seed %d: ${hours} hours`, (seed) => {
  const outcome = runScenario(soakOf(seed, hours), worldOf(seed))
  if (outcome.verdict === 'held') return
  expect.fail(reportFailure(outcome, worldOf(seed), `IKEBANA_LAB_SEEDS=1 IKEBANA_LAB_SEED=${seed} npx vitest run test/lab/soak.test.ts`))
})
