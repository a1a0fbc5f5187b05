// A scenario: who there is, what happens when, and what has to come of it. Plain data: it can be written as JSON, or read from YAML.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import type { Event } from '../contract/events.ts'
import type { SaMode } from '../contract/install.ts'
import type { Milliseconds } from '../contract/units.ts'
import type { NatOptions } from './nat.ts'
import type { Weather } from './weather.ts'

export interface Scenario {
  readonly name: string
  /** Each is a peer of every other. */
  readonly hosts: readonly ScenarioHost[]
  readonly nats?: readonly ScenarioNat[]
  /** Calm where nothing else is said. */
  readonly weather?: Partial<Weather>
  readonly links?: readonly ScenarioLink[]
  readonly steps: readonly Step[]
  readonly expect: readonly Expectation[]
  /** When all has to be decided; an hour when left out. */
  readonly within?: Milliseconds
}

export interface ScenarioHost {
  readonly name: string
  readonly address: string
  /** The NAT that it is behind. */
  readonly behind?: string
  /** Its identity; its name under `.example` when left out. */
  readonly identity?: string
  /** What it has as the key that it shares with all others. */
  readonly key?: string
  /** Proposals in strongSwan's notation. */
  readonly ike?: string
  readonly esp?: string
  readonly mode?: SaMode
  /** In tunnel mode, what is behind it: `10.1.0.0/16`. */
  readonly subnet?: string
  readonly encapsulation?: 'force' | 'when-needed'
  readonly fragmentation?: 'yes' | 'accept' | 'no'
  /** The largest IP datagram of an IKE message; 1280 when left out. */
  readonly fragmentSize?: number
  /** `anyone`: its peers may come from any address; it starts nothing then, and packets do not either. */
  readonly accepts?: 'anyone'
  readonly livenessDelay?: Milliseconds
  /** How long SAs live; for ever, where nothing is said. */
  readonly lifetimes?: ScenarioLifetimes
  /** How many requests it takes at once; 1 when left out. */
  readonly windowSize?: number
  /** How long an authentication takes to compute. */
  readonly operationTime?: Milliseconds
}

/** When SAs are renewed; up to a tenth is taken off by chance. They end six minutes later: more than a rekey takes that is tried and tried again. */
export interface ScenarioLifetimes {
  readonly ike?: Milliseconds
  readonly child?: Milliseconds
  readonly childPackets?: number
  readonly reauthenticate?: Milliseconds
}

/** On the internet, or behind another NAT. `exposes`: the inside host that gets what nobody asked for. */
export interface ScenarioNat {
  readonly name: string
  readonly outside: string
  readonly behind?: string
  readonly mapping?: NatOptions['mapping']
  readonly timeout?: Milliseconds
  readonly exposes?: string
}

/** Weather between two places: hosts, or the NATs that hosts are behind. */
export interface ScenarioLink extends Partial<Weather> {
  readonly between: readonly [string, string]
}

export type Step = { readonly at: Milliseconds } & Action

export type Action =
  | { readonly do: 'initiate'; readonly host: string; readonly peer: string }
  /** Plain UDP packets, for policy to protect. */
  | { readonly do: 'send'; readonly host: string; readonly peer: string; readonly packets?: number }
  /** Deletes every IKE SA of the host. */
  | { readonly do: 'close'; readonly host: string }
  /** Deletes the Child SA of each IKE SA that was made last, as `close-child-sa` does. */
  | { readonly do: 'close-child'; readonly host: string }
  /** Asks whether the peers live, on every IKE SA of the host that is up. */
  | { readonly do: 'check-liveness'; readonly host: string }
  /** New keys now for every Child SA, or every IKE SA, that is up, or everything anew. */
  | { readonly do: 'rekey-child' | 'rekey-ike' | 'reauthenticate'; readonly host: string }
  /** The host loses all that it had, and says nothing. */
  | { readonly do: 'crash'; readonly host: string }
  /** The clock of the host leaps, as after a sleep. */
  | { readonly do: 'leap'; readonly host: string; readonly by: Milliseconds }
  | { readonly do: 'cut'; readonly between: readonly [string, string] }
  | { readonly do: 'heal' }
  | { readonly do: 'weather'; readonly weather: Partial<Weather> }
  /** The NAT forgets its mappings. */
  | { readonly do: 'rebind'; readonly nat: string }
  /** Strangers open so many IKE SAs halfway that the host demands cookies (RFC 7296 §2.6). */
  | { readonly do: 'crowd'; readonly host: string }

export type Expectation =
  /** One Child SA each that mirror each other: SPIs, selectors, suite, and packets come through both ways. */
  | { readonly that: 'agreed'; readonly between: readonly [string, string] }
  /** That, or neither has an IKE SA. */
  | { readonly that: 'agreed-or-none'; readonly between: readonly [string, string] }
  /** No IKE SA is left. */
  | { readonly that: 'none'; readonly hosts: readonly string[] }
  /** It was told of so many times; at least once when `times` is left out. */
  | { readonly that: 'event'; readonly host: string; readonly name: Event['name']; readonly times?: number; readonly before?: Milliseconds }
  | { readonly that: 'delivered'; readonly host: string; readonly times: number }
  /** No more packets than that were dropped for this reason (`ipsec/drops.ts`, `host/outcomes.ts`). */
  | { readonly that: 'dropped'; readonly host: string; readonly reason: string; readonly atMost: number }
  /** Each inbound SPI had one key only. */
  | { readonly that: 'one-key-for-each-spi'; readonly host: string }

/** `alice initiates to bob`, for a schedule. */
export function describeAction(action: Action): string {
  switch (action.do) {
    case 'initiate':
      return `${action.host} initiates to ${action.peer}`
    case 'send':
      return `${action.host} sends ${action.packets ?? 1} packets to ${action.peer}`
    case 'close':
      return `${action.host} closes every IKE SA`
    case 'close-child':
      return `${action.host} closes its newest Child SAs`
    case 'check-liveness':
      return `${action.host} asks whether its peers live`
    case 'rekey-child':
      return `${action.host} rekeys its Child SAs`
    case 'rekey-ike':
      return `${action.host} rekeys its IKE SAs`
    case 'reauthenticate':
      return `${action.host} authenticates anew`
    case 'crash':
      return `${action.host} crashes and starts again`
    case 'leap':
      return `the clock of ${action.host} leaps by ${action.by} ms`
    case 'cut':
      return `${action.between.join(' and ')} are cut off from each other`
    case 'heal':
      return 'all links are whole'
    case 'weather':
      return `the weather changes: ${JSON.stringify(action.weather)}`
    case 'rebind':
      return `${action.nat} forgets its mappings`
    case 'crowd':
      return `strangers crowd ${action.host}`
  }
}
