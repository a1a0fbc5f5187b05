// What one side is ready to negotiate, and with whom: the part of the PAD and of SPD entries that IKE needs. RFC 4301 §4.4.3.
import type { Identity } from '../contract/identity.ts'
import type { DummyTerms, Limits, SaMode, TfcPadding } from '../contract/install.ts'
import type { PathTerms } from '../contract/path-terms.ts'
import type { ProposalTemplate } from '../contract/transforms.ts'
import type { Milliseconds } from '../contract/units.ts'
import type { HostPorts } from '../contract/machine.ts'
import type { Address } from '../net/address.ts'

export interface Connection {
  readonly name: string
  readonly localIdentity: Identity
  readonly remoteIdentity: IdentityMatch
  readonly authentication: 'shared-key'
  /** For IKE, in order of preference. */
  readonly proposals: readonly ProposalTemplate[]
  readonly remote: RemoteAddress
  /** `force` pretends to be behind a NAT, so that ESP always travels in UDP. */
  readonly encapsulation: 'force' | 'when-needed'
  /**
   * RFC 7383, in swanctl's words. `yes`: what is larger than `fragmentSize` is sent in fragments, to peers that know them. `accept`:
   * fragments are taken, and none are sent. `no`: neither.
   */
  readonly fragmentation: 'yes' | 'accept' | 'no'
  /** The largest IP datagram in octets, at least 296; `undefined`: 1280. Where no answer comes, 576 and 296 are tried, too. */
  readonly fragmentSize: number | undefined
  /** How long an IKE SA of it is used. */
  readonly lifetime: IkeLifetime
  /**
   * Whether IKE SAs start without a Child SA (RFC 6023). `allow`: where the peer wants so; `prefer`: where it can; `force`: never otherwise;
   * `never`: no.
   */
  readonly childless: 'allow' | 'prefer' | 'force' | 'never'
  /**
   * INITIAL_CONTACT (RFC 7296 §2.4). `no`: sent where we have no other IKE SA with the peer, and obeyed. `replace`: besides, a new IKE SA
   * that the peer starts replaces all others with it. `never`: neither sent, as is right for an identity that several hosts share, nor obeyed.
   */
  readonly uniqueness: 'no' | 'replace' | 'never'
  /** How many requests of the peer's are taken at once (SET_WINDOW_SIZE, RFC 7296 §2.3). */
  readonly windowSize: number
  /** What becomes of a peer whose traffic our plain side cannot tell from that of another (RFC 3948 §5.2). */
  readonly overlap: Overlap
  /**
   * Behind a NAT, silence of ours after which an octet is sent so that the NAT does not forget us (RFC 3948 §4); `undefined`: never.
   */
  readonly keepaliveInterval: Milliseconds | undefined
  /** Silence after which a peer is asked whether it lives (RFC 7296 §2.4); `undefined`: only when asked to by command. */
  readonly livenessDelay: Milliseconds | undefined
  readonly children: readonly ChildConfig[]
}

/** What has a default (`defaults.ts`). */
export type ConnectionTerms = Pick<
  Connection,
  | 'fragmentation'
  | 'fragmentSize'
  | 'lifetime'
  | 'childless'
  | 'uniqueness'
  | 'windowSize'
  | 'livenessDelay'
  | 'overlap'
  | 'keepaliveInterval'
>
export type ChildTerms = Pick<ChildConfig, 'replayWindow' | 'path' | 'tfc' | 'dummies' | 'soft' | 'hard' | 'jitter'>

/**
 * Two hosts behind one NAT have one address for us, and so have two with the same address behind NATs behind a NAT. What names its Child SA
 * (`through`) goes to the right one in any case. For what does not, as all that comes from a plain IP stack: `newest`: it goes to the peer
 * that came last. `refuse`: the second one gets no Child SA (TS_UNACCEPTABLE). `map`: it is known by an address of `pool`, which is put into
 * what comes from it and taken out of what goes there.
 */
export type Overlap =
  | { readonly kind: 'newest' }
  | { readonly kind: 'refuse' }
  | { readonly kind: 'map'; readonly pool: readonly AddressRange[] }
export interface AddressRange {
  readonly start: Address
  readonly end: Address
}

export type IdentityMatch = { readonly kind: 'any' } | { readonly kind: 'exactly'; readonly identity: Identity }

/** `packet`: the address that the packet which starts a negotiation is for (transport mode among many hosts). */
export type RemoteAddress =
  | { readonly kind: 'any' }
  | { readonly kind: 'packet'; readonly start: 'ike' | 'nat-t'; readonly ikePort: number; readonly natPort: number }
  | { readonly kind: 'exactly'; readonly start: 'ike' | 'nat-t'; readonly host: HostPorts }

export interface ChildConfig {
  readonly name: string
  readonly mode: SaMode
  /** For ESP, in order of preference. */
  readonly proposals: readonly ProposalTemplate[]
  readonly localSelectors: readonly SelectorTemplate[]
  readonly remoteSelectors: readonly SelectorTemplate[]
  /** In packets. */
  readonly replayWindow: number
  /** How long packets of ESP are made to look (RFC 4303 §2.7), where the peer takes that; `undefined`: as long as they are. */
  readonly tfc: TfcPadding | undefined
  /** Dummy packets where there is nothing to send (RFC 4303 §2.6); `undefined`: none. Only where all proposals are of ESP and encrypt. */
  readonly dummies: DummyTerms | undefined
  readonly path: PathTerms
  /** When a Child SA is to be rekeyed. */
  readonly soft: LifetimeLimits
  /** When it is used no more. */
  readonly hard: LifetimeLimits
  /** How much earlier than `soft` at most: by chance, so that the two ends seldom rekey at once (RFC 7296 §2.8.1). */
  readonly jitter: LifetimeLimits
}
/** `undefined` is no limit. */
export interface LifetimeLimits extends Omit<Limits, 'until'> {
  readonly time: Milliseconds | undefined
}
/** `undefined` is never. */
export interface IkeLifetime {
  /** When it is rekeyed (RFC 7296 §2.18). */
  readonly rekey: Milliseconds | undefined
  /** When a new one is set up from scratch (RFC 7296 §2.8.3). */
  readonly reauthenticate: Milliseconds | undefined
  /** When it is closed, if neither has succeeded. */
  readonly hard: Milliseconds | undefined
  /** How much earlier than `rekey` and `reauthenticate` at most, by chance. */
  readonly jitter: Milliseconds
}

/** A traffic selector of which the addresses may be `dynamic`: the outer address of that side, known when IKE runs. */
export interface SelectorTemplate {
  readonly addresses: 'dynamic' | AddressRange
  readonly protocol: number
  readonly startPort: number
  readonly endPort: number
}

/** Any address of that side, any protocol, any port. */
export const anyDynamic: SelectorTemplate = { addresses: 'dynamic', protocol: 0, startPort: 0, endPort: 65_535 }

/** Written alike. */
export function sameTemplate(a: SelectorTemplate, b: SelectorTemplate): boolean {
  if (a.protocol !== b.protocol || a.startPort !== b.startPort || a.endPort !== b.endPort) return false
  if (a.addresses === 'dynamic' || b.addresses === 'dynamic') return a.addresses === b.addresses
  return a.addresses.start === b.addresses.start && a.addresses.end === b.addresses.end
}

/** By their names; `undefined` when there are none. */
export function childOf(
  connections: readonly Connection[],
  connectionName: string,
  childName: string,
): { readonly connection: Connection; readonly child: ChildConfig } | undefined {
  const connection = connections.find(({ name }) => name === connectionName)
  const child = connection?.children.find(({ name }) => name === childName)
  return connection === undefined || child === undefined ? undefined : { connection, child }
}
