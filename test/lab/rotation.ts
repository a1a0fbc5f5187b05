// A request that comes twice, before and after the responder's cookie secret changes: two cookies, both good. RFC 7296 §2.6.
import { nodeProvider } from '../../src/crypto/providers/node.ts'
import { type Outcome, runScenario } from '../../src/lab/run.ts'
import type { Scenario, Step } from '../../src/lab/scenario.ts'
import { calm, type Mishap, scriptedSky } from '../../src/lab/weather.ts'
import { timers } from '../../src/ike/timers.ts'

/** When Bob makes his first secret: Carol's request arrives. */
const secretMade = 1 + calm.latency
const secretChanges = secretMade + timers.cookieSecretLifetime

/** Bob is crowded; Carol has him make a secret; the first copy of Alice's request arrives just before the next one, the second after. */
export const rotation: Scenario = {
  name: 'a request that comes twice while the cookie secret changes',
  hosts: [
    { name: 'alice', address: '192.0.2.1', encapsulation: 'force' },
    { name: 'bob', address: '192.0.2.2', accepts: 'anyone' },
    { name: 'carol', address: '192.0.2.3' },
  ],
  steps: [
    { at: 0, do: 'crowd', host: 'bob' },
    { at: 1, do: 'initiate', host: 'carol', peer: 'bob' },
    { at: secretChanges - calm.latency - 5, do: 'initiate', host: 'alice', peer: 'bob' },
  ],
  expect: [{ that: 'agreed', between: ['alice', 'bob'] }],
}

export const secondCopy = (by: number): Mishap => ({ kind: 'duplicated', link: 'alice → bob', number: 0, by })
export const lost = (link: string, number: number): Mishap => ({ kind: 'lost', link, number })
export const late = (link: string, number: number, by: number): Mishap => ({ kind: 'delayed', link, number, by })

export function play(mishaps: readonly Mishap[], more: readonly Step[] = [], scenario: Scenario = rotation): Outcome {
  const steps = [...scenario.steps, ...more]
  return runScenario({ ...scenario, steps }, { seed: 1, provider: nodeProvider }, scriptedSky(mishaps))
}
