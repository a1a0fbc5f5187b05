// The shortest way to a configuration: everything between us and one peer is protected, by a pre-shared key. RFC 4301 §4.4.
import { ApiMisuse } from '../contract/faults.ts'
import type { Identity } from '../contract/identity.ts'
import type { SaMode } from '../contract/install.ts'
import type { HostPorts } from '../contract/machine.ts'
import { anyDynamic, type Connection, type RemoteAddress } from './connection.ts'
import { parseIdentity } from './identity.ts'
import { defaultEspProposals, defaultIkeProposals } from './proposal-words.ts'
import { childDefaults, connectionDefaults } from './defaults.ts'
import type { SpdEntry } from './spd.ts'

export interface PeerToProtect {
  /** Who we say that we are, in the words of `parseIdentity`: a name, user@name, an address, `keyid:…`. */
  readonly us: string
  /** Who the peer has to be. */
  readonly peer: string
  /** Where the peer is. Left out: wherever it comes from, and then the first move is the peer's. */
  readonly remote?: HostPorts | undefined
  /** `transport` when left out. */
  readonly mode?: SaMode
}

/** Part of the options of a host. Plain values: what does not suit may be replaced in a copy. */
export interface PeerPolicy {
  readonly connections: readonly [Connection]
  readonly policies: readonly [SpdEntry]
}

/**
 * A connection `peer` with a child `child`, and the policy that uses it: all traffic between the two outer addresses, the default
 * proposals, always in UDP, which drivers without raw sockets need. Throws ApiMisuse when `us` or `peer` is no identity.
 */
export function protectPeer({ us, peer, remote, mode = 'transport' }: PeerToProtect): PeerPolicy {
  const connection: Connection = {
    name: 'peer',
    localIdentity: identityOf(us),
    remoteIdentity: { kind: 'exactly', identity: identityOf(peer) },
    authentication: 'shared-key',
    proposals: defaultIkeProposals,
    remote: placeOf(remote),
    encapsulation: 'force',
    ...connectionDefaults,
    children: [
      {
        name: 'child',
        mode,
        proposals: defaultEspProposals,
        localSelectors: [anyDynamic],
        remoteSelectors: [anyDynamic],
        ...childDefaults,
      },
    ],
  }
  const action = { kind: 'PROTECT', connection: 'peer', child: 'child' } as const
  return { connections: [connection], policies: [{ name: 'peer', direction: 'both', local: anyDynamic, remote: anyDynamic, action }] }
}

/** RFC 7296 §2.23: who has no port of its own for IKE alone is spoken to on the one for NAT traversal from the start. */
function placeOf(host: HostPorts | undefined): RemoteAddress {
  return host === undefined ? { kind: 'any' } : { kind: 'exactly', start: host.ikePort === undefined ? 'nat-t' : 'ike', host }
}

function identityOf(text: string): Identity {
  const parsed = parseIdentity(text)
  if (!parsed.ok) throw new ApiMisuse(parsed.fault.message)
  return parsed.value
}
