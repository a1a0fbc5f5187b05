import type { Scenario } from 'ikebana/lab'

/** Two hosts on a calm network. */
export const firstContact: Scenario = {
  name: 'first contact',
  hosts: [
    { name: 'alice', address: '192.0.2.1' },
    { name: 'bob', address: '192.0.2.2' },
  ],
  steps: [{ at: 0, do: 'initiate', host: 'alice', peer: 'bob' }],
  expect: [{ that: 'agreed', between: ['alice', 'bob'] }],
}
