// Hours in which SAs are renewed every minute, and all that can go wrong does: in the end both agree, and no packet was for nobody.
import { expect, it } from 'vitest'
import { explainFailure } from '../../src/lab/report.ts'
import { runScenario } from '../../src/lab/run.ts'
import { shrink } from '../../src/lab/shrink.ts'
import { soakOf } from './soak.ts'
import { worldOf } from './storm.ts'

/** `IKEBANA_SOAK_SEEDS` says how many, `IKEBANA_LAB_SEED` which one. */
const only = process.env['IKEBANA_LAB_SEED']
const whole = process.env['IKEBANA_LAB_SEEDS'] !== undefined
const count = Number(process.env['IKEBANA_SOAK_SEEDS'] ?? (whole ? '24' : '3'))
const hours = whole ? 4 : 1
/**
 * 4, 11: a Child SA was rekeyed, or deleted, before the other end knew that it had it. 17: a NAT forgot in the middle of two rekeys of the IKE
 * SA. 154: an IKE SA that had been replaced could not be deleted for minutes, and the peer went back to it.
 */
const instructive = whole ? [154] : []
const seeds = only === undefined ? [...Array.from({ length: count }, (_, i) => i + 1), ...instructive] : [Number(only)]

it.each(seeds)(`seed %d: ${hours} hours`, (seed) => {
  const outcome = runScenario(soakOf(seed, hours), worldOf(seed))
  if (outcome.verdict === 'held') return
  const { outcome: smallest } = shrink(outcome, worldOf(seed))
  expect.fail(explainFailure(smallest, worldOf(seed), `IKEBANA_LAB_SEEDS=1 IKEBANA_LAB_SEED=${seed} npx vitest run test/lab/soak.test.ts`))
})
