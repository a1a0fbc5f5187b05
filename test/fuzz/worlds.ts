// Who there is in a fuzzed world: the host that is attacked, Mallory, whose keys the fuzzer has, and honest peers.
import { unlimited } from '../../src/policy/defaults.ts'
import type { HostPorts, SharedKeyMacRequest } from '../../src/contract/machine.ts'
import { Secret } from '../../src/bytes/secret.ts'
import { utf8 } from '../../src/bytes/bytes.ts'
import type { CryptoProvider } from '../../src/crypto/provider.ts'
import { sharedKeyMac } from '../../src/crypto/suites.ts'
import { createHost } from '../../src/host/host.ts'
import { LabHost } from '../../src/lab/host.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import type { Address } from '../../src/net/address.ts'
import type { ChildConfig, Connection } from '../../src/policy/connection.ts'
import type { SpdEntry } from '../../src/policy/spd.ts'
import { address, alice, anyTraffic, connectionOf, provider, type Side } from '../host/two-hosts.ts'

export const addresses: Readonly<Record<Peer | 'target', Address>> = {
  target: address('192.0.2.1'),
  mallory: address('192.0.2.66'),
  /** Connected before anything bad happens. */
  steady: address('192.0.2.10'),
  /** Comes when it has happened. */
  newcomer: address('192.0.2.11'),
}

export type Peer = 'mallory' | 'steady' | 'newcomer'

/** What Mallory and the host have agreed on, so that every way through the code is reached in one of them. */
export interface World {
  readonly name: string
  readonly ike: string
  readonly esp: string
  readonly encapsulation: Connection['encapsulation']
  readonly child: Partial<ChildConfig>
}

export const worlds: readonly World[] = [
  { name: 'gcm-udp', ike: 'aes128gcm16-prfsha256-x25519', esp: 'aes128gcm16-noesn', encapsulation: 'force', child: {} },
  {
    name: 'cbc-bare',
    ike: 'aes128-sha256-x25519',
    esp: 'aes128-sha256-noesn',
    encapsulation: 'when-needed',
    child: { hard: { ...unlimited, packets: 6 } },
  },
  {
    name: 'tunnel-esn',
    ike: 'aes256gcm16-prfsha384-ecp256',
    esp: 'aes256gcm16-esn',
    encapsulation: 'when-needed',
    child: { mode: 'tunnel', localSelectors: halves('192.0.2.1', '192.0.2.1'), remoteSelectors: halves('192.0.2.0', '192.0.2.255') },
  },
]

/** Two selectors for one range: ports below and above. */
function halves(start: string, end: string): ChildConfig['localSelectors'] {
  const addresses = { start: address(start), end: address(end) }
  return [
    { ...anyTraffic, addresses, protocol: 17, endPort: 32_767 },
    { ...anyTraffic, addresses, protocol: 6 },
  ]
}

/** The attacked host: a connection and a policy for each peer. */
export function makeTarget(world: World, seed: number, crypto: CryptoProvider = provider): LabHost {
  const peers: readonly Peer[] = ['mallory', 'steady', 'newcomer']
  const options = {
    provider: crypto,
    random: seededRandom(seed, 'target'),
    connections: peers.map((peer) => connectionOf(sideOf('target', peer, world), addresses[peer])),
    policies: peers.map(policyFor),
    local: [ports(addresses.target)],
    dangerKeyLog: 'on' as const,
  }
  return new LabHost({ name: 'target', make: () => createHost(options), mac })
}

/** A peer of it, with the same algorithms where it is Mallory. */
export function makePeer(peer: Peer, world: World, seed: number): LabHost {
  const side = sideOf(peer, 'target', world)
  const options = {
    provider,
    random: seededRandom(seed, peer),
    connections: [connectionOf(side, addresses.target)],
    policies: [policyFor('target')],
    local: [ports(addresses[peer])],
    dangerKeyLog: 'on' as const,
  }
  return new LabHost({ name: peer, make: () => createHost(options), mac })
}

export const ports = (of: Address): HostPorts => ({ address: of, ikePort: 500, natPort: 4500 })

/** A small packet between two of them. */
export function udpPacket(source: Address, destination: Address): Uint8Array {
  const fields = {
    source: { address: source, port: 53 },
    destination: { address: destination, port: 53 },
    payload: Uint8Array.of(1, 2, 3, 4),
  }
  return ipPacket(source, destination, ipProtocol.UDP, udpDatagram(fields))
}

/** The one key of all; whether it is found for the right peer is not the fuzzer's question. */
const mac = (request: SharedKeyMacRequest): Uint8Array => sharedKeyMac(provider, request.prf, new Secret(utf8(alice.key)), request.octets)

function sideOf(self: Peer | 'target', other: Peer | 'target', world: World): Side {
  const fancy = self === 'mallory' || other === 'mallory'
  return {
    ...alice,
    address: addresses[self],
    identity: `${self}.example`,
    peer: `${other}.example`,
    ike: fancy ? world.ike : alice.ike,
    espWords: fancy ? world.esp : alice.espWords,
    child: !fancy ? {} : self === 'target' ? world.child : mirrored(world.child),
    connection: {
      name: other,
      encapsulation: fancy ? world.encapsulation : 'force',
      // So that a host finds out that Mallory is silent.
      livenessDelay: self === 'target' && other === 'mallory' ? 60_000 : undefined,
    },
  }
}

function mirrored(child: Partial<ChildConfig>): Partial<ChildConfig> {
  const { localSelectors, remoteSelectors, ...rest } = child
  return {
    ...rest,
    ...(remoteSelectors === undefined ? {} : { localSelectors: remoteSelectors }),
    ...(localSelectors === undefined ? {} : { remoteSelectors: localSelectors }),
    hard: unlimited,
  }
}

const policyFor = (peer: keyof typeof addresses): SpdEntry => ({
  name: `protect-${peer}`,
  direction: 'both',
  local: anyTraffic,
  remote: { ...anyTraffic, addresses: { start: addresses[peer], end: addresses[peer] } },
  action: { kind: 'PROTECT', connection: peer, child: 'child' },
})
