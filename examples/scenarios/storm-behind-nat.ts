import type { Scenario } from 'ikebana/lab'

/** A laptop behind a NAT that restarts, and a server that is crowded by strangers, in bad weather. */
export const stormBehindNat: Scenario = {
  name: 'storm behind a NAT',
  weather: { latency: 20, jitter: 200, loss: 0.3, duplication: 0.2, reordering: 0.1 },
  nats: [{ name: 'home', outside: '198.51.100.7', mapping: 'address-dependent', timeout: 120_000 }],
  hosts: [
    { name: 'laptop', address: '10.0.0.5', behind: 'home', livenessDelay: 30_000 },
    { name: 'server', address: '192.0.2.2', accepts: 'anyone', livenessDelay: 30_000 },
  ],
  steps: [
    { at: 0, do: 'crowd', host: 'server' },
    { at: 100, do: 'initiate', host: 'laptop', peer: 'server' },
    { at: 60_000, do: 'rebind', nat: 'home' },
  ],
  expect: [
    { that: 'event', host: 'laptop', name: 'cookie-demanded' },
    { that: 'event', host: 'server', name: 'peer-moved' },
    { that: 'agreed', between: ['laptop', 'server'] },
  ],
}
