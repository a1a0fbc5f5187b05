// Two hosts that can reach each other, for tests that are about what they say.
import { utf8 } from '../../src/bytes/bytes.ts'
import { Secret } from '../../src/bytes/secret.ts'
import type { Command, SharedKeyMacRequest } from '../../src/contract/machine.ts'
import { nodeProvider } from '../../src/crypto/providers/node.ts'
import type { CryptoProvider } from '../../src/crypto/provider.ts'
import { sharedKeyMac } from '../../src/crypto/suites.ts'
import { createHost, type Host, type HostOptions } from '../../src/host/host.ts'
import { protocol } from '../../src/iana/protocols.ts'
import { type Address, parseAddress } from '../../src/net/address.ts'
import type { ChildConfig, Connection, SelectorTemplate } from '../../src/policy/connection.ts'
import { parseIdentity } from '../../src/policy/identity.ts'
import { parseProposal } from '../../src/policy/proposal-words.ts'
import { endlessChild, endlessConnection } from '../../src/policy/defaults.ts'
import type { SpdEntry } from '../../src/policy/spd.ts'
import { LabHost } from '../../src/lab/host.ts'
import { type Middlebox, Network } from '../../src/lab/network.ts'
import { seededRandom } from '../../src/lab/random.ts'
import type { Weather } from '../../src/lab/weather.ts'

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`not an address: ${text}`)
  return parsed
}

export function value<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!result.ok) throw new Error(`expected a value: ${JSON.stringify(result)}`)
  return result.value
}

export const anyTraffic: SelectorTemplate = { addresses: 'dynamic', protocol: 0, startPort: 0, endPort: 65_535 }

export interface Side {
  readonly address: Address
  readonly identity: string
  /** `any` accepts every identity. */
  readonly peer: string
  readonly key: string
  readonly ike: string
  readonly connection: Partial<Connection>
  readonly child: Partial<ChildConfig>
  readonly espWords: string
  readonly policies: readonly SpdEntry[] | undefined
  readonly provider: CryptoProvider
  readonly dangerKeyLog: 'on' | 'off'
  readonly audit: 'on' | 'off'
  readonly bare: 'esp' | 'ip'
  readonly make: (options: HostOptions) => Host
}

export const provider: CryptoProvider = nodeProvider()

export const alice: Side = {
  address: address('192.0.2.1'),
  identity: 'alice.example',
  peer: 'bob.example',
  key: 'not a secret, only a test',
  ike: 'aes128gcm16-prfsha256-x25519',
  connection: {},
  child: {},
  espWords: 'aes128gcm16-noesn',
  policies: undefined,
  provider,
  dangerKeyLog: 'off',
  audit: 'off',
  bare: 'esp',
  make: createHost,
}
export const bob: Side = { ...alice, address: address('192.0.2.2'), identity: 'bob.example', peer: 'alice.example' }

export function connectionOf(side: Side, peer: Address): Connection {
  const child: ChildConfig = {
    name: 'child',
    mode: 'transport',
    proposals: [value(parseProposal(side.espWords, protocol.ESP))],
    localSelectors: [anyTraffic],
    remoteSelectors: [anyTraffic],
    ...endlessChild,
    replayWindow: 64,
    ...side.child,
  }
  return {
    name: 'peer',
    localIdentity: value(parseIdentity(side.identity)),
    remoteIdentity: side.peer === 'any' ? { kind: 'any' } : { kind: 'exactly', identity: value(parseIdentity(side.peer)) },
    authentication: 'shared-key',
    proposals: [value(parseProposal(side.ike, protocol.IKE))],
    remote: { kind: 'exactly', start: 'ike', host: { address: peer, ikePort: 500, natPort: 4500 } },
    encapsulation: 'force',
    ...endlessConnection,
    children: [child],
    ...side.connection,
  }
}

export const protectAll: SpdEntry = {
  name: 'protect-all',
  direction: 'both',
  local: anyTraffic,
  remote: anyTraffic,
  action: { kind: 'PROTECT', connection: 'peer', child: 'child' },
}

export function makeHost(side: Side, peer: Address, seed: number): LabHost {
  const make = (): Host => side.make(hostOptions(side, peer, seed))
  return new LabHost({ name: side.identity, make, mac: macWith(side) })
}

function hostOptions(side: Side, peer: Address, seed: number): HostOptions {
  return {
    provider: side.provider,
    random: seededRandom(seed),
    connections: [connectionOf(side, peer)],
    policies: side.policies ?? [protectAll],
    local: [{ address: side.address, ikePort: 500, natPort: 4500 }],
    dangerKeyLog: side.dangerKeyLog,
    audit: side.audit,
    bare: side.bare,
  }
}

const macWith =
  (side: Side) =>
  (request: SharedKeyMacRequest): Uint8Array =>
    sharedKeyMac(side.provider, request.prf, new Secret(utf8(side.key)), request.octets)

export interface Pair {
  readonly network: Network
  readonly a: LabHost
  readonly b: LabHost
}

/** Weather, and the seed that all chance comes from. */
export type Sky = Partial<Weather> & { readonly seed?: number }

export function pair(left: Partial<Side> = {}, right: Partial<Side> = {}, sky: Sky = {}, middlebox?: Middlebox): Pair {
  const leftSide = { ...alice, ...left }
  const rightSide = { ...bob, ...right }
  const { seed = 1, ...weather } = sky
  const network = new Network({ seed, weather, ...(middlebox === undefined ? {} : { middlebox }) })
  const a = makeHost(leftSide, rightSide.address, seed * 2 + 1)
  const b = makeHost(rightSide, leftSide.address, seed * 2 + 2)
  network.attach(a, leftSide.address)
  network.attach(b, rightSide.address)
  return { network, a, b }
}

/** What Alice is told to do. */
export const initiate: Extract<Command, { readonly kind: 'initiate' }> = {
  kind: 'initiate',
  connection: 'peer',
  child: 'child',
  path: {
    start: 'ike',
    local: { address: alice.address, ikePort: 500, natPort: 4500 },
    remote: { address: bob.address, ikePort: 500, natPort: 4500 },
  },
}

/** Alice starts, and all goes on until both are up or nothing more can happen within `limit`. */
export function bringUp({ network, a, b }: Pair, limit = 600_000): void {
  network.feed(a, { kind: 'command', command: initiate })
  network.run(limit, () => a.named('child-sa-established').length > 0 && b.named('child-sa-established').length > 0)
}
