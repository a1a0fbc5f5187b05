// A scenario file that has every word, and the scenarios of this package as files.
import type { ScenarioFile } from '../../../src/lab/scenario-files/read.ts'
import { runScenario } from '../../../src/lab/run.ts'
import { scenarioFileOf } from '../../../src/lab/scenario-files/play.ts'
import { cutAndHealed } from '../../../examples/scenarios/cut-and-healed.ts'
import { firstContact } from '../../../examples/scenarios/first-contact.ts'
import { stormBehindNat } from '../../../examples/scenarios/storm-behind-nat.ts'
import { chaosOf } from '../chaos.ts'
import { lives } from '../lives.ts'
import { soakOf } from '../soak.ts'
import { mismatchOf, stormOf, worldOf } from '../storm.ts'

export const everyWord = `# Every word of a scenario file, once at least.
name: every word
seed: 7
hosts:
  - { name: alice, address: 10.0.0.5, behind: home, identity: alice@example.org, key: "not a secret", ike: aes128gcm16-prfsha256-x25519,
      esp: aes128gcm16-noesn, mode: tunnel, subnet: 10.1.0.0/16, encapsulation: force, fragmentation: accept, fragmentSize: 576,
      livenessDelay: 30s, lifetimes: { ike: 10m, child: 5m, childPackets: 1000, reauthenticate: 1h }, windowSize: 4, operationTime: 3 }
  - { name: bob, address: 192.0.2.2, accepts: anyone, mode: tunnel, subnet: 10.2.0.0/16, encapsulation: when-needed, fragmentation: yes }
  - { name: carol, address: 10.0.0.6, behind: office, fragmentation: no, mode: transport }
nats:
  - { name: carrier, outside: 198.51.100.7 }
  - { name: home, outside: 100.64.0.9, behind: carrier, mapping: address-dependent, timeout: 2m }
  - { name: office, outside: 203.0.113.9, mapping: address-and-port-dependent, exposes: carol }
weather: { latency: 10, jitter: 1.5, loss: 0.1, duplication: 0.1, reordering: 0.1, mtu: 1400 }
links:
  - { between: [carrier, bob], latency: 50 }
steps:
  - { at: 0, do: crowd, host: bob }
  - { at: 1, do: initiate, host: alice, peer: bob }
  - { at: 2s, do: send, host: alice, peer: bob, packets: 3 }
  - { at: 3s, do: check-liveness, host: bob }
  - { at: 4s, do: rekey-child, host: alice }
  - { at: 5s, do: rekey-ike, host: alice }
  - { at: 6s, do: reauthenticate, host: alice }
  - { at: 7s, do: leap, host: bob, by: 1500 }
  - { at: 8s, do: cut, between: [carrier, bob] }
  - { at: 9s, do: heal }
  - { at: 10s, do: weather, weather: {} }
  - { at: 11s, do: rebind, nat: home }
  - { at: 12s, do: crash, host: carol }
  - { at: 1h, do: close, host: alice }
mishaps:
  - { kind: lost, link: carrier → bob, number: 0 }
  - { kind: delayed, link: carrier → bob, number: 3, by: 12.25 }
  - { kind: duplicated, link: bob → carrier, number: 1, by: 2s }
expect:
  - { that: agreed-or-none, between: [alice, bob] }
  - { that: none, hosts: [carol] }
  - { that: event, host: alice, name: ike-sa-established, times: 2, before: 30m }
  - { that: dropped, host: bob, reason: unknown-spi, atMost: 0 }
  - { that: one-key-for-each-spi, host: bob }
  - { that: delivered, host: bob, times: 3 }
within: 2h
`

/** What tests and examples have as data. */
export const written: readonly ScenarioFile[] = [
  ...[cutAndHealed, firstContact, stormBehindNat, ...lives, chaosOf(13), mismatchOf(2), soakOf(3, 1)].map((scenario, seed) => ({
    scenario,
    seed,
  })),
  // Played, with all that befell: times of many digits.
  scenarioFileOf(runScenario(stormOf(13), worldOf(13))),
]
