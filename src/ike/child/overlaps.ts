// Child SAs of different peers that our plain side could not tell apart, since the peers are behind one NAT, or behind two and have the
// same address: what the configuration makes of the second. RFC 3948 §5.2: "Implementations MUST handle this situation".
import { failed, ok, type Result } from '../../bytes/result.ts'
import type { OverlapRefusal } from '../../contract/refusal.ts'
import type { TrafficSelector } from '../../contract/selectors.ts'
import type { ChildSaId } from '../../contract/units.ts'
import { notify } from '../../iana/notify.ts'
import { type Address, addressVersion, sameEndpoint } from '../../net/address.ts'
import type { Connection } from '../../policy/connection.ts'
import { intersect } from '../../policy/selectors.ts'
import type { Context } from '../context.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { AddressPool } from './address-pool.ts'
import type { ChildDenial } from './child-answer.ts'
import type { ChildSa } from './child-sa.ts'
import { onlyAddress, type SelectorPair } from './selectors.ts'

/** The Child SAs whose peer is one address, by that address. Empty where no connection asks. */
export class Overlaps {
  readonly pool: AddressPool = new AddressPool()
  readonly #watch: 'all' | 'none'
  readonly #byAddress = new Map<Address, Set<ChildSa>>()
  readonly #children = new Map<ChildSaId, ChildSa>()

  constructor(connections: readonly Connection[]) {
    this.#watch = connections.some(({ overlap }) => overlap.kind !== 'newest') ? 'all' : 'none'
  }

  /** Once more does not matter. */
  add(child: ChildSa): void {
    const address = this.#watch === 'all' ? onlyAddress(child.remoteSelectors) : undefined
    if (address === undefined) return
    this.#children.set(child.id, child)
    const known = this.#byAddress.get(address)
    if (known === undefined) this.#byAddress.set(address, new Set([child]))
    else known.add(child)
  }

  remove(id: ChildSaId): void {
    const child = this.#children.get(id)
    const address = child === undefined ? undefined : onlyAddress(child.remoteSelectors)
    if (child === undefined || address === undefined) return
    this.#children.delete(id)
    const known = this.#byAddress.get(address)
    known?.delete(child)
    if (known?.size === 0) this.#byAddress.delete(address)
  }

  at(address: Address): Iterable<ChildSa> {
    return this.#byAddress.get(address) ?? []
  }
}

/** What a Child SA that the peer asks for is known by: its own address (`undefined`), or one of the pool. */
export function placeFor(
  context: Context,
  sa: IkeSa,
  connection: Connection,
  asked: SelectorPair,
): Result<Address | undefined, ChildDenial> {
  const { overlap } = connection
  const pooled = overlap.kind === 'map' ? inPool(asked, connection) : undefined
  if (pooled !== undefined) return failed(denial('the address is one that we give to others', pooled))
  const own = ownPlace(context, sa, asked)
  if (own !== undefined) return ok(own.mapped)
  const rival = overlap.kind === 'newest' ? undefined : rivalOf(context, sa, asked)
  if (rival === undefined) return ok(undefined)
  if (overlap.kind === 'map') {
    const free = context.overlaps.pool.free(overlap.pool, addressVersion(rival.address))
    return free === undefined
      ? failed(denial('no address is left to tell the peer from another by', { ...rival, reason: 'pool-exhausted' }))
      : ok(free)
  }
  return failed(denial('another peer has a Child SA with these traffic selectors', { ...rival, reason: 'other-peer' }))
}

/** A rekey, or a reauthentication, changes nothing in what a peer is known by. */
export const mappingOf = (
  context: Context,
  sa: IkeSa,
  { localSelectors: local, remoteSelectors: remote }: Pick<ChildSa, 'localSelectors' | 'remoteSelectors'>,
): Address | undefined => ownPlace(context, sa, { local, remote })?.mapped

/** A Child SA of the same peer for some of the same traffic. */
function ownPlace(context: Context, sa: IkeSa, asked: SelectorPair): ChildSa | undefined {
  for (const child of neighbours(context, asked)) {
    const home = context.ikeSaByChild(child.id)
    if (home !== undefined && isSamePeer(context, sa, home)) return child
  }
  return undefined
}

function rivalOf(context: Context, sa: IkeSa, asked: SelectorPair): Omit<OverlapRefusal, 'reason'> | undefined {
  for (const child of neighbours(context, asked)) {
    // Who is known by another address is in nobody's way.
    if (child.mapped !== undefined || child.life.kind === 'deleting') continue
    const home = context.ikeSaByChild(child.id)
    if (home === undefined || home.state.phase === 'closing' || isSamePeer(context, sa, home)) continue
    const address = onlyAddress(asked.remote)
    const peer = 'established' in home.state ? home.state.established?.remoteIdentity : undefined
    if (address !== undefined && peer !== undefined) return { kind: 'overlap', offered: asked.remote, address, other: peer }
  }
  return undefined
}

function* neighbours(context: Context, asked: SelectorPair): Generator<ChildSa> {
  const address = onlyAddress(asked.remote)
  if (address === undefined) return
  for (const child of context.overlaps.at(address)) {
    if (overlap(child.localSelectors, asked.local) && overlap(child.remoteSelectors, asked.remote)) yield child
  }
}

const overlap = (one: readonly TrafficSelector[], other: readonly TrafficSelector[]): boolean =>
  one.some((a) => other.some((b) => intersect(a, b) !== undefined))

/** An identity that several hosts share (`uniqueness: never`) says nothing: then a peer is who is at one port of one address. */
export function isSamePeer(context: Context, sa: IkeSa, home: IkeSa): boolean {
  if (home === sa) return true
  if (!context.siblingsOf(sa).includes(home)) return false
  const shares = 'established' in home.state && home.state.established?.connection.uniqueness === 'never'
  return !shares || sameEndpoint(home.path.remote, sa.path.remote)
}

/** Who has an address of the pool for its own could not be told from those that are given one. */
function inPool({ remote }: SelectorPair, connection: Connection): OverlapRefusal | undefined {
  if (connection.overlap.kind !== 'map') return undefined
  const pool = connection.overlap.pool.map(({ start, end }) => ({ ...anyTraffic, startAddress: start, endAddress: end }))
  const [first] = remote
  return first === undefined || !overlap(remote, pool)
    ? undefined
    : { kind: 'overlap', offered: remote, address: first.startAddress, other: undefined, reason: 'in-pool' }
}

const anyTraffic = { protocol: 0, startPort: 0, endPort: 65_535 } as const

const denial = (message: string, refusal: OverlapRefusal): ChildDenial => ({
  notify: notify.TS_UNACCEPTABLE,
  fault: {
    family: 'policy',
    code: refusal.reason === 'pool-exhausted' ? 'POLICY_LIMIT_REACHED' : 'POLICY_TRAFFIC_SELECTORS_UNACCEPTABLE',
    message: `${message} (RFC 3948 §5.2)`,
  },
  refusal,
})
