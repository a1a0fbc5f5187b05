// Whether an SA protects a packet as well as the SA would that policy names first for it. RFC 4301 §4.4.1, §5.2.
import { type ChildConfig, childOf, type Connection, type IdentityMatch } from './connection.ts'
import { sameIdentity } from './identity.ts'
import { sameTransforms } from './proposal-compare.ts'
import type { SpdAction } from './spd.ts'

/** `other-peer`: alike, but for who is at the other end. `unlike`: in mode, algorithms, key exchange or anti-replay. */
export type Kinship = 'same-peer' | 'other-peer' | 'unlike'

/** Looked up once for each pair of a child and a policy; after that nothing is allocated. */
export class Kinships {
  readonly #connections: readonly Connection[]
  readonly #known = new Map<string, Map<string, WeakMap<SpdAction, Kinship>>>()

  constructor(connections: readonly Connection[]) {
    this.#connections = connections
  }

  /** Of an SA of that connection and child to the one that `wanted` names. */
  of(connection: string, child: string, wanted: SpdAction & { kind: 'PROTECT' }): Kinship {
    let children = this.#known.get(connection)
    if (children === undefined) this.#known.set(connection, (children = new Map()))
    let policies = children.get(child)
    if (policies === undefined) children.set(child, (policies = new WeakMap()))
    let kinship = policies.get(wanted)
    if (kinship === undefined) policies.set(wanted, (kinship = this.#judge(connection, child, wanted)))
    return kinship
  }

  /** What is not configured, as manual SAs, is like nothing else. */
  #judge(connection: string, child: string, wanted: SpdAction & { kind: 'PROTECT' }): Kinship {
    const own = childOf(this.#connections, connection, child)
    const other = childOf(this.#connections, wanted.connection, wanted.child)
    if (own === undefined || other === undefined || !protectsLike(own.child, other.child)) return 'unlike'
    const isSamePeer = connection === wanted.connection || samePeer(own.connection.remoteIdentity, other.connection.remoteIdentity)
    return isSamePeer ? 'same-peer' : 'other-peer'
  }
}

/** Whatever was agreed on for `own` could have been agreed on for `other`. */
function protectsLike(own: ChildConfig, other: ChildConfig): boolean {
  if (own.mode !== other.mode || (own.replayWindow === 0 && other.replayWindow !== 0)) return false
  return own.proposals.every((proposal) =>
    other.proposals.some(({ protocol, transforms }) => protocol === proposal.protocol && sameTransforms(transforms, proposal.transforms)),
  )
}

/** Anybody is not the same as anybody. */
const samePeer = (a: IdentityMatch, b: IdentityMatch): boolean =>
  a.kind === 'exactly' && b.kind === 'exactly' && sameIdentity(a.identity, b.identity)
