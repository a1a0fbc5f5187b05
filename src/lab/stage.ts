// A scenario's people and places, made: hosts with their configurations, NATs, links.
import { utf8 } from '../bytes/bytes.ts'
import type { Result } from '../bytes/result.ts'
import { Secret } from '../bytes/secret.ts'
import { ApiMisuse } from '../contract/faults.ts'
import type { HostPorts } from '../contract/machine.ts'
import type { RandomSource } from '../contract/random.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import { sharedKeyMac } from '../crypto/suites.ts'
import { createHost } from '../host/host.ts'
import { protocol } from '../iana/protocols.ts'
import { type Address, parseAddress } from '../net/address.ts'
import type { ChildConfig, Connection, IkeLifetime, SelectorTemplate } from '../policy/connection.ts'
import { parseIdentity } from '../policy/identity.ts'
import { parseProposals } from '../policy/proposal-words.ts'
import { parseSelector } from '../policy/selector-words.ts'
import { endlessChild, endlessConnection } from '../policy/defaults.ts'
import type { SpdEntry } from '../policy/spd.ts'
import type { WordFault } from '../policy/words.ts'
import { LabHost } from './host.ts'
import { Nat } from './nat.ts'
import { Network } from './network.ts'
import { seededRandom } from './random.ts'
import type { Scenario, ScenarioHost } from './scenario.ts'
import { randomSky, type Sky } from './weather.ts'

/** Where a scenario is played: all chance comes from the seed, all cryptography from providers made by `provider`. */
export interface World {
  readonly seed: number
  readonly provider: (options: { readonly random: RandomSource }) => CryptoProvider
}

export interface Stage {
  readonly network: Network
  /** A host that crashes is another one afterwards. */
  readonly cast: Map<string, CastMember>
  readonly nats: ReadonlyMap<string, Nat>
}

export interface CastMember {
  readonly host: LabHost
  readonly role: ScenarioHost
  readonly address: Address
  /** How those on the internet see it. */
  readonly seenAs: Address
}

/** Throws ApiMisuse, with the word at fault, where the scenario makes no sense. */
export function setStage(scenario: Scenario, world: World, sky: Sky = randomSky(world.seed)): Stage {
  const network = new Network({ seed: world.seed, sky, weather: scenario.weather ?? {} })
  const nats = makeNats(scenario, world, network)
  const cast = new Map<string, CastMember>()
  for (const role of scenario.hosts) {
    const address = addressOf(role.address)
    const random = (): RandomSource => seededRandom(world.seed, 'host', role.name)
    const makeProvider = (): CryptoProvider => world.provider({ random: seededRandom(world.seed, 'provider', role.name) })
    const { connections, policies } = configure(scenario, role)
    const make = (chance = random()) =>
      createHost({ provider: makeProvider(), random: chance, connections, policies, local: [portsAt(address)], dangerKeyLog: 'off' })
    const { key = 'not a secret, only a scenario', operationTime = 0 } = role
    const macProvider = makeProvider()
    const host = new LabHost({
      name: role.name,
      make: () => make(),
      makeAgain: () => make(seededRandom(world.seed, 'host', role.name, 'again')),
      mac: ({ prf, octets }) => sharedKeyMac(macProvider, prf, new Secret(utf8(key)), octets),
      operationTime,
    })
    const behind = role.behind === undefined ? undefined : found(nats, role.behind, 'NAT')
    network.attach(host, address, behind)
    cast.set(role.name, { host, role, address, seenAs: seenAs(scenario, role) })
  }
  for (const { between, ...weather } of scenario.links ?? []) network.setWeather({ ...scenario.weather, ...weather }, between)
  return { network, cast, nats }
}

/** Quick, and the same in both: a scenario says otherwise where that is its point. */
export const defaultIke = 'aes128gcm16-prfsha256-x25519'
const defaultEsp = 'aes128gcm16-noesn'

export const portsAt = (address: Address): HostPorts => ({ address, ikePort: 500, natPort: 4500 })

export function found<T>(map: ReadonlyMap<string, T>, name: string, what: string): T {
  const value = map.get(name)
  if (value === undefined) throw new ApiMisuse(`the scenario has no ${what} ${name}; it has ${[...map.keys()].join(', ')}`)
  return value
}

/** Where `from` finds `to`: inside where both are behind the same NAT, else outside. */
export function placeOf(scenario: Scenario, from: ScenarioHost, to: ScenarioHost): Address {
  return from.behind === to.behind ? addressOf(to.address) : seenAs(scenario, to)
}

function makeNats(scenario: Scenario, world: World, network: Network): ReadonlyMap<string, Nat> {
  const nats = new Map<string, Nat>()
  for (const { name, outside, behind, mapping = 'endpoint-independent', timeout, exposes } of scenario.nats ?? []) {
    const exposed = exposes === undefined ? undefined : addressOf(hostNamed(scenario, exposes).address)
    const nat = new Nat({ name, outside: addressOf(outside), mapping, timeout, exposed, seed: world.seed })
    nats.set(name, nat)
    network.addNat(nat, behind === undefined ? undefined : found(nats, behind, 'NAT (before this one)'))
  }
  return nats
}

function configure(scenario: Scenario, host: ScenarioHost): { connections: Connection[]; policies: SpdEntry[] } {
  const peers = scenario.hosts.filter(({ name }) => name !== host.name)
  const connections = peers.map((peer) => connectionTo(scenario, host, peer))
  const policies = peers.map((peer): SpdEntry => {
    const remote = peer.subnet === undefined ? placeOf(scenario, host, peer) : peer.subnet
    const local = host.subnet === undefined ? 'dynamic' : host.subnet
    return {
      name: `to ${peer.name}`,
      direction: 'both',
      local: value(parseSelector(local)),
      remote: value(parseSelector(remote)),
      action: { kind: 'PROTECT', connection: peer.name, child: 'child' },
    }
  })
  return { connections, policies }
}

function connectionTo(scenario: Scenario, host: ScenarioHost, peer: ScenarioHost): Connection {
  const { ike = defaultIke, esp = defaultEsp, mode = host.subnet === undefined ? 'transport' : 'tunnel' } = host
  const selectors = (subnet: string | undefined): SelectorTemplate[] => [value(parseSelector(subnet ?? 'dynamic'))]
  return {
    name: peer.name,
    localIdentity: value(parseIdentity(identityOf(host))),
    remoteIdentity: { kind: 'exactly', identity: value(parseIdentity(identityOf(peer))) },
    authentication: 'shared-key',
    proposals: value(parseProposals(ike, protocol.IKE)),
    remote:
      host.accepts === 'anyone' || !isReachable(scenario, host, peer)
        ? { kind: 'any' }
        : { kind: 'exactly', start: 'ike', host: portsAt(placeOf(scenario, host, peer)) },
    encapsulation: host.encapsulation ?? 'when-needed',
    ...endlessConnection,
    fragmentation: host.fragmentation ?? 'yes',
    fragmentSize: host.fragmentSize,
    livenessDelay: host.livenessDelay,
    windowSize: host.windowSize ?? 1,
    lifetime: ikeLifetimeOf(host),
    children: [
      {
        name: 'child',
        mode,
        proposals: value(parseProposals(esp, protocol.ESP)),
        localSelectors: selectors(host.subnet),
        remoteSelectors: selectors(peer.subnet),
        ...endlessChild,
        ...childLifetimeOf(host),
        replayWindow: 64,
      },
    ],
  }
}

function ikeLifetimeOf({ lifetimes = {} }: ScenarioHost): IkeLifetime {
  const { ike, reauthenticate } = lifetimes
  const longest = Math.max(ike ?? 0, reauthenticate ?? 0)
  return { rekey: ike, reauthenticate, hard: longest === 0 ? undefined : longest + 360_000, jitter: 0.1 * (ike ?? longest) }
}

function childLifetimeOf({ lifetimes = {} }: ScenarioHost): Pick<ChildConfig, 'soft' | 'hard' | 'jitter'> {
  const { child: time, childPackets: packets } = lifetimes
  const times = (factor: number) => ({
    time: time === undefined ? undefined : factor * time,
    packets: packets === undefined ? undefined : Math.ceil(factor * packets),
    bytes: undefined,
  })
  // What goes on while a rekey is tried and tried again must fit between the two.
  return { soft: times(1), hard: { ...times(10), time: time === undefined ? undefined : time + 360_000 }, jitter: times(0.1) }
}

const identityOf = (host: ScenarioHost): string => host.identity ?? `${host.name}.example`

/** Whether a first message can get there. */
function isReachable(scenario: Scenario, from: ScenarioHost, to: ScenarioHost): boolean {
  if (from.behind === to.behind || to.behind === undefined) return true
  return scenario.nats?.some(({ name, exposes }) => name === to.behind && exposes === to.name) ?? false
}

/** The outside of the outermost NAT that it is behind, or its own address. */
function seenAs(scenario: Scenario, host: ScenarioHost): Address {
  let seen = host.address
  for (let name = host.behind; name !== undefined; ) {
    const nat = scenario.nats?.find((each) => each.name === name)
    if (nat === undefined) throw new ApiMisuse(`the scenario has no NAT ${name}`)
    seen = nat.outside
    name = nat.behind
  }
  return addressOf(seen)
}

function hostNamed(scenario: Scenario, name: string): ScenarioHost {
  return found(new Map(scenario.hosts.map((host) => [host.name, host])), name, 'host')
}

function addressOf(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new ApiMisuse(`${text} is no IP address`)
  return address
}

function value<T>(parsed: Result<T, WordFault>): T {
  if (!parsed.ok) throw new ApiMisuse(parsed.fault.message)
  return parsed.value
}
