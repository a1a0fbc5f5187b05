// The Peer Authorization Database: which connection serves a peer. Ordered; the first that fits is the one. RFC 4301 §4.4.3.
import { failed, ok, type Result } from '../bytes/result.ts'
import type { PolicyFault } from '../contract/faults.ts'
import type { Identity } from '../contract/identity.ts'
import type { IdentityRefusal } from '../contract/refusal.ts'
import type { Address } from '../net/address.ts'
import type { Connection } from './connection.ts'
import { matchIdentity, sameIdentity } from './identity.ts'

/**
 * The connections that may serve an IKE_SA_INIT from `remote`, in their order: all that is known then is an address.
 * A connection whose peer is that of a packet (transport mode among many hosts) serves any address.
 */
export function connectionsForAddress(connections: readonly Connection[], remote: Address): Result<readonly Connection[], PolicyFault> {
  const candidates = connections.filter(({ remote: peer }) => peer.kind !== 'exactly' || peer.host.address === remote)
  if (candidates.length > 0) return ok(candidates)
  const others = connections.map(
    ({ name, remote: peer }) => `${name} is for ${peer.kind === 'exactly' ? peer.host.address : 'any address'}`,
  )
  const configured = others.length === 0 ? 'none is configured' : others.join(', ')
  return failed({ family: 'policy', code: 'POLICY_CONNECTION_UNKNOWN', message: `no connection serves ${remote}: ${configured}` })
}

/**
 * The connection of a peer that says who it is (`remote`, IDi), and perhaps whom it wants (`local`, IDr): the first of `candidates`
 * that is both, else the first for that peer, since a responder may answer with another IDr (RFC 7296 §1.2).
 */
export function connectionForIdentities(
  candidates: readonly Connection[],
  remote: Identity,
  local: Identity | undefined,
): Result<Connection, IdentityRefusal> {
  const refusals: IdentityRefusal[] = []
  const matching: Connection[] = []
  for (const connection of candidates) {
    const refusal = matchIdentity(connection.remoteIdentity, remote)
    if (refusal === undefined) matching.push(connection)
    else refusals.push(refusal)
  }
  const wanted = matching.find(({ localIdentity }) => local === undefined || sameIdentity(localIdentity, local))
  const connection = wanted ?? matching[0]
  if (connection !== undefined) return ok(connection)
  const [only, ...more] = refusals
  if (only !== undefined && more.length === 0) return failed(only)
  return failed({ kind: 'identity', got: remote, expected: refusals.flatMap(({ expected }) => expected), reason: 'unknown' })
}
