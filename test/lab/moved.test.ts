// A peer behind a NAT is found at its new mapping after its IKE SA has been rekeyed, too. RFC 7296 §2.8, §2.23.
import { expect, it } from 'vitest'
import { runScenario } from '../../src/lab/run.ts'
import type { Scenario } from '../../src/lab/scenario.ts'
import { worldOf } from './storm.ts'

const scenario: Scenario = {
  name: 'a mapping that changes after a rekey of the IKE SA',
  nats: [{ name: 'home', outside: '198.51.100.7' }],
  hosts: [
    { name: 'alice', address: '10.0.0.5', behind: 'home' },
    { name: 'bob', address: '192.0.2.2', accepts: 'anyone' },
  ],
  steps: [
    { at: 1, do: 'initiate', host: 'alice', peer: 'bob' },
    { at: 2_000, do: 'rekey-ike', host: 'alice' },
    { at: 4_000, do: 'rebind', nat: 'home' },
    { at: 5_000, do: 'send', host: 'alice', peer: 'bob' },
    { at: 6_000, do: 'send', host: 'bob', peer: 'alice' },
  ],
  expect: [
    { that: 'agreed', between: ['alice', 'bob'] },
    { that: 'event', host: 'bob', name: 'peer-moved' },
    { that: 'delivered', host: 'alice', times: 1 },
  ],
  within: 60_000,
}

it('what is sent to it goes there', () => {
  expect(runScenario(scenario, worldOf(1)).failures).toEqual([])
})
