// Whole lives of an IKE SA in calm weather: set up in several ways, used, closed.
import type { Expectation, Scenario, ScenarioHost, Step } from '../../src/lab/scenario.ts'

const start: Step = { at: 1, do: 'initiate', host: 'alice', peer: 'bob' }
const use: readonly Step[] = [
  { at: 1_000, do: 'send', host: 'alice', peer: 'bob', packets: 2 },
  { at: 2_000, do: 'send', host: 'bob', peer: 'alice', packets: 2 },
  { at: 3_000, do: 'check-liveness', host: 'bob' },
  { at: 4_000, do: 'check-liveness', host: 'alice' },
]
const crowd: Step = { at: 0, do: 'crowd', host: 'bob' }
const agreed: Expectation = { that: 'agreed', between: ['alice', 'bob'] }
const none: Expectation = { that: 'none', hosts: ['alice', 'bob'] }

/** So many proposals of ESP, all of them good. */
export function longOffer(count: number): string {
  return Array.from({ length: count }, (_, i) => ['aes128gcm16-noesn', 'aes256gcm16-noesn', 'aes256-sha256-noesn'][i % 3]).join(',')
}

function life(
  name: string,
  alice: Partial<ScenarioHost>,
  bob: Partial<ScenarioHost>,
  more: { readonly steps: readonly Step[]; readonly expect: Expectation } & Partial<Pick<Scenario, 'nats'>>,
): Scenario {
  const liveness = { livenessDelay: 60_000 }
  return {
    name,
    hosts: [
      { name: 'alice', address: '192.0.2.1', ...liveness, operationTime: 3, ...alice },
      { name: 'bob', address: '192.0.2.2', ...liveness, operationTime: 3, ...bob },
    ],
    ...(more.nats === undefined ? {} : { nats: more.nats }),
    steps: more.steps,
    expect: [more.expect],
  }
}

const home = { name: 'home', outside: '198.51.100.7' }
const inside = { address: '10.0.0.5', behind: 'home' }
const otherGroup = { ike: 'aes128gcm16-prfsha256-x25519-ecp256' }
const onlyGroup = { ike: 'aes128gcm16-prfsha256-ecp256' }
const anyone = { accepts: 'anyone' } as const
const forced = { encapsulation: 'force' } as const
/** IKE_AUTH goes in three fragments and comes in two. */
const fragmented = { fragmentSize: 296, esp: longOffer(16) }

/** Each in two halves, since what is expected differs: it comes up and is used; it is closed. */
export const lives: readonly Scenario[] = [
  life('plain', {}, {}, { steps: [start, ...use], expect: agreed }),
  life('plain, closed by the initiator', {}, {}, { steps: [start, ...use, { at: 5_000, do: 'close', host: 'alice' }], expect: none }),
  life('plain, closed by the responder', {}, {}, { steps: [start, { at: 5_000, do: 'close', host: 'bob' }], expect: none }),
  life('closed by both at once', forced, forced, {
    steps: [
      start,
      { at: 4_000, do: 'check-liveness', host: 'bob' },
      { at: 5_000, do: 'close', host: 'bob' },
      { at: 5_001, do: 'close', host: 'alice' },
    ],
    expect: none,
  }),
  life('another group', { ...otherGroup, ...forced }, onlyGroup, { steps: [start, ...use], expect: agreed }),
  life('a cookie', forced, anyone, { steps: [crowd, start, ...use], expect: agreed }),
  life('a cookie and another group', otherGroup, { ...onlyGroup, ...anyone }, { steps: [crowd, start, ...use], expect: agreed }),
  life('behind a NAT', inside, {}, { nats: [home], steps: [start, ...use], expect: agreed }),
  life(
    'behind a NAT that forgets',
    inside,
    {},
    {
      nats: [home],
      steps: [start, ...use, { at: 5_000, do: 'rebind', nat: 'home' }, { at: 6_000, do: 'check-liveness', host: 'alice' }],
      expect: agreed,
    },
  ),
  life('in fragments', fragmented, fragmented, { steps: [start, ...use, { at: 5_000, do: 'close', host: 'bob' }], expect: none }),
  life('in fragments, behind a NAT', { ...inside, ...fragmented }, fragmented, { nats: [home], steps: [start, ...use], expect: agreed }),
  life('another key', {}, { key: 'another one' }, { steps: [start], expect: none }),
  life('no common cipher', {}, { ike: 'aes256gcm16-prfsha256-x25519' }, { steps: [start], expect: none }),
]
