// Hours of virtual time with everything at once: rekeys every minute by both ends, NATs that forget, loss, partitions, clocks that leap.
// For each seed one scenario. RFC 7296 §2.8, §2.25.
import { stream } from '../../src/lab/random.ts'
import type { Action, Scenario, ScenarioHost, ScenarioLifetimes, Step } from '../../src/lab/scenario.ts'
import { stormOf } from './storm.ts'

const minute = 60_000

/** Less than what two hosts give up after (RFC 7296 §2.4), with what the storm adds to it. */
const longestCut = 40_000

export function soakOf(seed: number, hours: number): Scenario {
  const chance = stream(seed, 'soak')
  const { hosts, nats = [] } = stormOf(seed * 10)
  const end = hours * 60 * minute
  const lifetimes = (): ScenarioLifetimes => ({
    child: minute + Math.floor(chance.fraction() * minute),
    ike: 2 * minute + Math.floor(chance.fraction() * 10 * minute),
    ...(chance.chance(0.3) ? { childPackets: 40 } : {}),
    ...(chance.chance(0.4) ? { reauthenticate: 20 * minute } : {}),
  })
  const soaked = hosts.map(
    ({ name, address, behind }): ScenarioHost => ({
      name,
      address,
      ...(behind === undefined ? {} : { behind }),
      // Who is behind a NAT, or cannot be reached, waits for the other; that it is up again, both find out.
      livenessDelay: 20_000,
      ike: 'aes128gcm16-prfsha256-x25519',
      esp: chance.chance(0.5) ? 'aes128gcm16-x25519-noesn' : 'aes128gcm16-noesn',
      lifetimes: lifetimes(),
      windowSize: 1 + (chance.next() % 4),
    }),
  )
  // Both ends have to agree on whether there is a key exchange.
  const [esp] = soaked.map((host) => host.esp ?? '')
  const cutable: readonly [string, string] = [hosts[0]?.behind ?? 'alice', nats[1]?.name ?? 'bob']
  const one = <T>(list: readonly T[], fallback: T): T => list[chance.next() % list.length] ?? fallback
  const action = (): Action => {
    const host = one(['alice', 'bob'], 'alice')
    const actions: readonly Action[] = [
      { do: 'rekey-child', host },
      { do: 'rekey-ike', host },
      { do: 'reauthenticate', host: 'alice' },
      { do: 'check-liveness', host },
      { do: 'leap', host, by: 1 + (chance.next() % 3_000) },
      ...(nats.length === 1 ? [{ do: 'rebind', nat: 'home' } as const] : []),
    ]
    return one(actions, { do: 'heal' })
  }
  const steps: Step[] = [{ at: 1, do: 'initiate', host: 'alice', peer: 'bob' }]
  for (let at = minute; at < end; at += 7_000 + Math.floor(chance.fraction() * 20_000)) {
    steps.push({ at, do: 'send', host: 'alice', peer: 'bob' }, { at, do: 'send', host: 'bob', peer: 'alice' })
  }
  for (let at = minute; at < end; at += Math.floor(chance.fraction() * 4 * minute)) {
    const what = action()
    steps.push({ at, ...what })
    // Both told at once, now and then.
    if ((what.do === 'rekey-child' || what.do === 'rekey-ike') && chance.chance(0.5))
      steps.push({ at: at + (chance.next() % 30), do: what.do, host: what.host === 'alice' ? 'bob' : 'alice' })
  }
  for (let at = 5 * minute; at < end; at += 5 * minute + Math.floor(chance.fraction() * 20 * minute)) {
    steps.push({ at, do: 'cut', between: cutable }, { at: at + Math.floor(chance.fraction() * longestCut), do: 'heal' })
  }
  const both = ['alice', 'bob'] as const
  return {
    name: `soak for ${hours} hours, ${nats.map(({ name }) => name).join(' and ')}`,
    hosts: soaked.map((host) => ({ ...host, esp: esp ?? '' })),
    nats,
    weather: { latency: 10, jitter: 90, loss: 0.08, duplication: 0.05, reordering: 0.05 },
    steps: [
      ...steps.sort((a, b) => a.at - b.at),
      { at: end, do: 'heal' },
      { at: end, do: 'weather', weather: {} },
      { at: end + 20 * minute, do: 'check-liveness', host: 'alice' },
    ],
    expect: [
      { that: 'agreed', between: both },
      ...both.flatMap((host) => [
        { that: 'one-key-for-each-spi', host } as const,
        // Nothing that arrives within the time of an SA is for no SA; and nothing is ever taken for what it is not.
        { that: 'dropped', host, reason: 'unknown-spi', atMost: 0 } as const,
        { that: 'dropped', host, reason: 'integrity-check-failed', atMost: 0 } as const,
        { that: 'dropped', host, reason: 'selector-mismatch', atMost: 0 } as const,
        { that: 'dropped', host, reason: 'limit-reached', atMost: 0 } as const,
      ]),
    ],
    within: end + 40 * minute,
  }
}
