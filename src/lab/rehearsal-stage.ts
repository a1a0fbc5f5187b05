// Where two hosts rehearse: a calm network, the two of them with their connections, and what they say of each other.
import type { Event } from '../contract/events.ts'
import type { Fault } from '../contract/faults.ts'
import type { SharedKeyMacRequest } from '../contract/machine.ts'
import type { KeyEvidence, KeySlip, Refusal } from '../contract/refusal.ts'
import { createHost } from '../host/host.ts'
import type { Address } from '../net/address.ts'
import type { Connection } from '../policy/connection.ts'
import { LabHost } from './host.ts'
import { Network } from './network.ts'
import { seededRandom } from './random.ts'
import { portsAt, type World } from './stage.ts'

export type Side = 'a' | 'b'
export type RehearsalPair = Readonly<Record<Side, RehearsalParty>>

export interface RehearsalParty {
  /** Its `remote` is what it accepts when the other side starts. */
  readonly connection: Connection
  readonly address: Address
  /** Where it starts to. */
  readonly peer: Address
  /** `when-told`: its configuration says nothing of where the peer is. */
  readonly starts: 'by-itself' | 'when-told'
  readonly mac: (request: SharedKeyMacRequest) => Uint8Array
  /** In what the peer's key differs, where that can be found out. */
  readonly slip: (evidence: KeyEvidence) => KeySlip | undefined
}

export interface Failure {
  readonly fault: Fault
  readonly refusal: Refusal | undefined
}
/** What each side says; `undefined`: it has nothing to complain of. */
export type Failures = Readonly<Record<Side, Failure | undefined>>

export interface RehearsalStage {
  readonly network: Network
  readonly hosts: Readonly<Record<Side, LabHost>>
  initiate(child: string): void
}

export const otherSide = (side: Side): Side => (side === 'a' ? 'b' : 'a')

/** `changed`: how the connection of a side is, in the place of what is configured. */
export function makeRehearsalStage(
  pair: RehearsalPair,
  world: World,
  starter: Side,
  changed: (connection: Connection, side: Side) => Connection = (connection) => connection,
): RehearsalStage {
  const network = new Network({ seed: world.seed })
  const connectionOf = (side: Side): Connection => {
    const { connection, peer } = pair[side]
    const remote = { kind: 'exactly', start: 'ike', host: portsAt(peer) } as const
    // Hours are jumped over, and dummies would be sent in all of them.
    const children = connection.children.map((child) => ({ ...child, dummies: undefined }))
    return changed(side === starter ? { ...connection, children, remote } : { ...connection, children }, side)
  }
  const hostOf = (side: Side): LabHost => {
    const { address, mac } = pair[side]
    const make = () =>
      createHost({
        provider: world.provider({ random: seededRandom(world.seed, 'provider', side) }),
        random: seededRandom(world.seed, 'host', side),
        connections: [connectionOf(side)],
        policies: [],
        local: [portsAt(address)],
        dangerKeyLog: 'off',
        // What would need a raw path in life is told as a caution.
        bare: 'ip',
      })
    const host = new LabHost({ name: side, make, mac })
    network.attach(host, address)
    return host
  }
  const hosts = { a: hostOf('a'), b: hostOf('b') }
  const { connection, address, peer } = pair[starter]
  return {
    network,
    hosts,
    initiate: (child) => {
      const path = { start: 'ike', local: portsAt(address), remote: portsAt(peer) } as const
      network.command(hosts[starter], { kind: 'initiate', connection: connection.name, child, path })
    },
  }
}

type Failed = Extract<Event, { readonly name: 'ike-sa-failed' | 'child-sa-failed' | 'request-refused' | 'rekey-failed' }>
const failing: readonly string[] = ['ike-sa-failed', 'child-sa-failed', 'request-refused', 'rekey-failed']

/** The first of each. */
export function failuresOf(pair: RehearsalPair, hosts: RehearsalStage['hosts']): Failures {
  const failureOf = (side: Side): Failure | undefined => {
    const event = hosts[side].events.find((each): each is Failed => failing.includes(each.name))
    return event === undefined ? undefined : { fault: event.fault, refusal: withSlip(event.refusal, pair[side].slip) }
  }
  return { a: failureOf('a'), b: failureOf('b') }
}

/** Who has the key can find out in what the peer's differs. */
function withSlip(refusal: Refusal | undefined, find: RehearsalParty['slip']): Refusal | undefined {
  if (refusal?.kind !== 'authentication' || refusal.reason !== 'wrong-key' || refusal.evidence === undefined) return refusal
  return { ...refusal, slip: find(refusal.evidence) }
}

/** Rounds that INVALID_KE_PAYLOAD has cost the side so far. */
export const retriesOf = (host: LabHost): number =>
  host.named('message').filter(({ direction, payloads }) => direction === 'received' && payloads.includes('N(INVALID_KE_PAYLOAD)')).length
