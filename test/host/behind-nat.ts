// One server on the internet, and hosts behind NATs: what is needed to see whose packets arrive where.
import { utf8 } from '../../src/bytes/bytes.ts'
import type { ChildSaId } from '../../src/contract/units.ts'
import type { LabHost } from '../../src/lab/host.ts'
import { Nat } from '../../src/lab/nat.ts'
import { Network } from '../../src/lab/network.ts'
import type { Weather } from '../../src/lab/weather.ts'
import type { Address } from '../../src/net/address.ts'
import { udpPacket } from '../../src/net/udp.ts'
import type { Connection } from '../../src/policy/connection.ts'
import { address, alice, bob, makeHost, type Side } from './two-hosts.ts'

/** The name of a NAT, its outside address, and what it is behind itself. */
export interface NatPlan {
  readonly name: string
  readonly outside: Address
  readonly behind?: string
}
export interface ClientPlan {
  readonly name: string
  readonly inside: Address
  readonly behind: string | undefined
  readonly connection?: Partial<Connection>
  readonly side?: Partial<Side>
}
export interface ScenePlan {
  readonly nats: readonly NatPlan[]
  readonly clients: readonly ClientPlan[]
  readonly server: Address
  readonly serverConnection?: Partial<Connection>
  readonly serverSide?: Partial<Side>
  readonly seed?: number
  readonly weather?: Partial<Weather>
}

export interface Client {
  readonly name: string
  readonly host: LabHost
  readonly inside: Address
  /** As the server sees it. */
  readonly seen: Address
}
export interface Scene {
  readonly network: Network
  readonly server: LabHost
  readonly at: Address
  readonly clients: readonly Client[]
  readonly nats: ReadonlyMap<string, Nat>
}

export function setScene(plan: ScenePlan): Scene {
  const { seed = 1, weather = {} } = plan
  const network = new Network({ seed, weather })
  const nats = new Map<string, Nat>()
  for (const { name, outside, behind } of plan.nats) {
    const nat = new Nat({ name, outside, mapping: 'endpoint-independent', timeout: undefined, exposed: undefined, seed })
    nats.set(name, nat)
    network.addNat(nat, behind === undefined ? undefined : nats.get(behind))
  }
  const terms = { encapsulation: 'when-needed' } as const
  const serving = { ...terms, remote: { kind: 'any' as const }, ...plan.serverConnection }
  const server = makeHost({ ...bob, ...plan.serverSide, address: plan.server, peer: 'any', connection: serving }, plan.server, seed * 100)
  network.attach(server, plan.server)
  const clients = plan.clients.map(({ name, inside, behind, connection, side }, i): Client => {
    const identity = `${name}.example`
    const own = { ...alice, address: inside, identity, peer: bob.identity, ...side, connection: { ...terms, ...connection } }
    const host = makeHost(own, plan.server, seed * 100 + 1 + i)
    network.attach(host, inside, behind === undefined ? undefined : nats.get(behind))
    return { name, host, inside, seen: seenAs(plan, inside, behind) }
  })
  return { network, server, at: plan.server, clients, nats }
}

/** The outside of the outermost NAT. */
function seenAs(plan: ScenePlan, inside: Address, behind: string | undefined): Address {
  const nat = plan.nats.find(({ name }) => name === behind)
  return nat === undefined ? inside : seenAs(plan, nat.outside, nat.behind)
}

export function connect(scene: Scene, client: Client): void {
  const ports = { ikePort: 500, natPort: 4500 }
  const path = { start: 'ike', local: { address: client.inside, ...ports }, remote: { address: scene.at, ...ports } } as const
  scene.network.command(client.host, { kind: 'initiate', connection: 'peer', child: 'child', path })
  scene.network.run(5_000, () => client.host.named('child-sa-established').length > 0)
  scene.network.run(100)
}

/** The two hosts that look the same from outside, each at `10.0.0.5` in a home of its own, both behind the NAT of their carrier. */
export const neighbours = (serverConnection: Partial<Connection> = {}, serverSide: Partial<Side> = {}): Scene =>
  setScene({
    nats: [
      { name: 'carrier', outside: address('198.51.100.7') },
      { name: 'home-1', outside: address('100.64.0.1'), behind: 'carrier' },
      { name: 'home-2', outside: address('100.64.0.2'), behind: 'carrier' },
    ],
    clients: [
      { name: 'ari', inside: address('10.0.0.5'), behind: 'home-1' },
      { name: 'bob', inside: address('10.0.0.5'), behind: 'home-2' },
    ],
    server: address('192.0.2.2'),
    serverConnection,
    serverSide,
  })

/** Two hosts behind one NAT that have one identity. */
export const sharers = (serverConnection: Partial<Connection> = {}): Scene =>
  setScene({
    nats: [{ name: 'home', outside: address('198.51.100.7') }],
    clients: ['10.0.0.5', '10.0.0.6'].map((inside) => ({
      name: 'anyone',
      inside: address(inside),
      behind: 'home',
      connection: { uniqueness: 'never' },
    })),
    server: address('192.0.2.2'),
    serverConnection: { ...serverConnection, uniqueness: 'never' },
  })

/** UDP, always from and to the same ports. */
export const words = (source: Address, destination: Address, text: string): Uint8Array =>
  udpPacket({ source: { address: source, port: 7000 }, destination: { address: destination, port: 7000 }, payload: utf8(text) })

export const say = ({ network, at }: Scene, { host, inside }: Client, text: string): void =>
  network.feed(host, { kind: 'packet', bytes: words(inside, at, text) })

export const answer = ({ network, server, at }: Scene, to: Address, text: string, through?: ChildSaId): void =>
  network.feed(server, { kind: 'packet', bytes: words(at, to, text), ...(through === undefined ? {} : { through }) })

/** What was said in the UDP packets that came. */
export const heard = (packets: readonly Uint8Array[]): readonly string[] =>
  packets.map((packet) => new TextDecoder().decode(packet.subarray((packet[0] ?? 0) >>> 4 === 6 ? 48 : 28)))
