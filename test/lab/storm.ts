// Negotiations in a storm: for each seed one scenario, with or without NATs, cookies, wrong groups, forced encapsulation.
import { nodeProvider } from '../../src/crypto/providers/node.ts'
import type { Scenario, ScenarioHost, ScenarioNat, Step } from '../../src/lab/scenario.ts'
import type { World } from '../../src/lab/stage.ts'
import type { Weather } from '../../src/lab/weather.ts'

export const storm: Partial<Weather> = { latency: 5, jitter: 395, loss: 0.3, duplication: 0.2, reordering: 0.2 }

export const worldOf = (seed: number): World => ({ seed, provider: nodeProvider })

/** A responder that demands cookies costs 64 key exchanges: every fifth is enough. */
export function stormOf(seed: number): Scenario {
  const nats = natsOf(Math.floor(seed / 10) % 4)
  const cookies = seed % 5 === 0
  const wrongGroup = seed % 3 === 0
  const forced = seed % 2 === 0
  const both: Partial<ScenarioHost> = { livenessDelay: 30_000, ...(forced ? { encapsulation: 'force' } : {}) }
  const traits = [nats.name, cookies ? 'cookies' : '', wrongGroup ? 'a wrong group' : '', forced ? 'forced encapsulation' : '']
  const crowd: Step[] = cookies ? [{ at: 0, do: 'crowd', host: 'bob' }] : []
  return {
    name: `storm: ${traits.filter((trait) => trait !== '').join(', ')}`,
    weather: storm,
    nats: nats.nats,
    hosts: [
      {
        name: 'alice',
        ...nats.alice,
        ...both,
        ike: wrongGroup ? 'aes128gcm16-prfsha256-x25519-ecp256' : 'aes128gcm16-prfsha256-x25519',
        operationTime: seed % 7,
      },
      {
        name: 'bob',
        ...nats.bob,
        ...both,
        ike: wrongGroup ? 'aes128gcm16-prfsha256-ecp256' : 'aes128gcm16-prfsha256-x25519',
        operationTime: seed % 11,
        ...(cookies ? { accepts: 'anyone' } : {}),
      },
    ],
    steps: [...crowd, { at: 1, do: 'initiate', host: 'alice', peer: 'bob' }],
    expect: [{ that: 'agreed-or-none', between: ['alice', 'bob'] }],
    within: longest,
  }
}

/** The same with something that cannot work: Bob's key, or his cipher, or a path on which only the smallest messages fit. */
export function mismatchOf(seed: number): Scenario {
  const scenario = stormOf(seed)
  const wrongs: readonly Partial<ScenarioHost>[] = [{ key: 'another one' }, { ike: 'aes256gcm16-prfsha256-x25519-ecp256' }, {}]
  const wrong = seed % wrongs.length
  const hosts = scenario.hosts.map((host) => (host.name === 'bob' ? { ...host, ...wrongs[wrong] } : host))
  const weather = wrong === 2 ? { ...storm, mtu: 256 } : storm
  return { ...scenario, name: `mismatch in a ${scenario.name}`, hosts, weather, expect: [{ that: 'none', hosts: ['alice', 'bob'] }] }
}

/**
 * RFC 7296 §2.4, with our timers: 194 s for each request, of which there are four (plain, with a cookie, with another group, IKE_AUTH);
 * then a responder that is up finds out by asking: 30 s of silence, and 194 s.
 */
const longest = 1_000_000

interface Surroundings {
  readonly name: string
  readonly nats: readonly ScenarioNat[]
  readonly alice: Pick<ScenarioHost, 'address' | 'behind'>
  readonly bob: Pick<ScenarioHost, 'address' | 'behind'>
}

function natsOf(kind: number): Surroundings {
  const bob = { address: '192.0.2.2' }
  const inside = { address: '10.0.0.5', behind: 'home' }
  const home = { name: 'home', outside: '198.51.100.7' } as const
  switch (kind) {
    case 1:
      return { name: 'a NAT', nats: [{ ...home, mapping: 'endpoint-independent' }], alice: inside, bob }
    case 2:
      // RFC 4787 §4.3: two minutes at least; what is behind such a NAT must be quick, or keep the mapping alive.
      return { name: 'a strict NAT', nats: [{ ...home, mapping: 'address-and-port-dependent', timeout: 120_000 }], alice: inside, bob }
    case 3: {
      const office = { name: 'office', outside: '203.0.113.9', mapping: 'address-dependent', exposes: 'bob' } as const
      return { name: 'NATs on both sides', nats: [home, office], alice: inside, bob: { address: '10.0.0.5', behind: 'office' } }
    }
    default:
      return { name: 'no NAT', nats: [], alice: { address: '192.0.2.1' }, bob }
  }
}
