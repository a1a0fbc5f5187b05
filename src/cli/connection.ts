// From options to a connection and the policies that use it. Pure. RFC 4301 §4.4.
import type { HostPorts, Path } from '../contract/machine.ts'
import type { Identity } from '../contract/identity.ts'
import { idType } from '../iana/identification.ts'
import { type Address, addressBytes, addressVersion } from '../net/address.ts'
import type { ChildConfig, Connection } from '../policy/connection.ts'
import type { SpdEntry } from '../policy/spd.ts'
import type { ConnectOptions } from './options.ts'

/** `host` is the peer's for `ping`; `undefined` for `respond`, which serves any address. `self` says who we are where no option does. */
export function connectionOf(options: ConnectOptions, self: Identity, host: HostPorts | undefined): Connection {
  return {
    name: options.connection,
    localIdentity: options.localIdentity ?? self,
    remoteIdentity: options.remoteIdentity === undefined ? { kind: 'any' } : { kind: 'exactly', identity: options.remoteIdentity },
    authentication: 'shared-key',
    proposals: options.ikeProposals,
    remote: host === undefined ? { kind: 'any' } : { kind: 'exactly', start: startOf(options), host },
    encapsulation: options.encapsulation,
    ...options.terms,
    children: options.children,
  }
}

/** Whatever the selectors of the connection cover is protected; there is nothing else (RFC 4301 §4.4.1: the rest is discarded). */
export function policiesOf({
  name: connection,
  children,
}: {
  readonly name: string
  readonly children: readonly Pick<ChildConfig, 'name' | 'localSelectors' | 'remoteSelectors'>[]
}): readonly SpdEntry[] {
  return children.flatMap(({ name, localSelectors, remoteSelectors }) =>
    localSelectors.flatMap((local) =>
      remoteSelectors.map((remote) => ({
        name,
        direction: 'both' as const,
        local,
        remote,
        action: { kind: 'PROTECT' as const, connection, child: name },
      })),
    ),
  )
}

/** The responder's ports at an address. */
export const responderPorts = (address: Address, options: ConnectOptions): HostPorts => ({
  address,
  ikePort: startOf(options) === 'ike' ? options.port : undefined,
  natPort: options.natPort,
})

/** One port for both means that IKE starts where it would move to anyway (RFC 7296 §2.23: an initiator may start on port 4500). */
export const startOf = (options: ConnectOptions): Path['start'] => (options.port === options.natPort ? 'nat-t' : 'ike')

/** ID_IPV4_ADDR or ID_IPV6_ADDR (RFC 7296 §3.5). */
export const addressIdentity = (address: Address): Identity => ({
  type: addressVersion(address) === 4 ? idType.ID_IPV4_ADDR : idType.ID_IPV6_ADDR,
  value: addressBytes(address),
})
