// Everything that crosses the edge of the pure core: one input in, all outputs out.
import type { Secret } from '../bytes/secret.ts'
import type { Address, Endpoint } from '../net/address.ts'
import type { Event } from './events.ts'
import type { Identity } from './identity.ts'
import type { SaInstall } from './install.ts'
import type { ChildSaId, IkeSaId, Instant, OperationId, Spi } from './units.ts'

export interface Machine {
  /** Applies exactly one input and returns, in order, everything that it caused. Peer data never makes it throw. */
  handle(now: Instant, input: Input): readonly Output[]
  /** When to call back with `tick`; `undefined` when nothing is scheduled. Read after every `handle`. */
  readonly deadline: Instant | undefined
}

// ---- inputs --------------------------------------------------------------------------------------------------------

export type Input =
  | { readonly kind: 'datagram'; readonly datagram: Datagram }
  /**
   * A plain IP packet that wants out. `through`: by the Child SA that the flow came through, as `deliver` named it, or what a rekey has put
   * in its place; policy says whether it may. Hosts behind one NAT can have the same addresses and ports (RFC 3948 §5.2).
   */
  | { readonly kind: 'packet'; readonly bytes: Uint8Array; readonly through?: ChildSaId }
  /** A plain IP packet that came from the network without IPsec, for hosts whose driver sees such: policy says whether it comes in (RFC 4301 §5.2). */
  | { readonly kind: 'plain'; readonly bytes: Uint8Array }
  /** `deadline` has been reached. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'completion'; readonly completion: Completion }
  | { readonly kind: 'path'; readonly change: PathChange }

/**
 * What came from or goes to the network. `bytes` is the payload of UDP as it is on the wire, or the ESP packet itself.
 * `ike`: UDP 500, or the port in its place: IKE as it is.
 * `nat-t`: UDP 4500, or the port in its place: IKE behind a Non-ESP Marker, ESP, or a keepalive (RFC 3948 §2).
 * `esp`: IP protocol 50, without the IP header; the ports mean nothing.
 * `ip`: a whole IP packet of protocol 50 or 51, or a fragment of one: AH protects the header, too. The ports mean nothing.
 */
export interface Datagram {
  readonly channel: Channel
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly bytes: Uint8Array
}
export type Channel = IkeChannel | 'esp' | 'ip'
/** Those that IKE speaks on. */
export type IkeChannel = 'ike' | 'nat-t'

export const carriesIke = (channel: Channel): channel is IkeChannel => channel === 'ike' || channel === 'nat-t'

export type Command =
  /**
   * Brings up a connection, and one Child SA of it, or none (RFC 6023) where `child` is `undefined`; nothing happens when it is up
   * already. A Child SA is made inside the IKE SA that there is.
   */
  | { readonly kind: 'initiate'; readonly connection: string; readonly child: string | undefined; readonly path: Path }
  | { readonly kind: 'close-ike-sa'; readonly ikeSa: IkeSaId }
  | { readonly kind: 'close-child-sa'; readonly child: ChildSaId }
  | { readonly kind: 'check-liveness'; readonly ikeSa: IkeSaId }
  /** New keys for a Child SA, or for an IKE SA, now (RFC 7296 §2.8); nothing happens while that is under way. */
  | { readonly kind: 'rekey-child-sa'; readonly child: ChildSaId }
  | { readonly kind: 'rekey-ike-sa'; readonly ikeSa: IkeSaId }
  /** A new IKE SA with the same Child SAs from scratch, and then the end of the old one (RFC 7296 §2.8.3). */
  | { readonly kind: 'reauthenticate'; readonly ikeSa: IkeSaId }
  /** Deletes every IKE SA. */
  | { readonly kind: 'close-all' }

/** Where to start from and where to. `start` is the channel of the first message; both sides move to `nat-t` when there is a NAT (RFC 7296 §2.23). */
export interface Path {
  readonly start: 'ike' | 'nat-t'
  readonly local: HostPorts
  readonly remote: HostPorts
}

/** An address with the UDP ports in the place of 500 and 4500; `undefined` where there is none. */
export interface HostPorts {
  readonly address: Address
  readonly ikePort: number | undefined
  readonly natPort: number | undefined
}

/** `unreachable`: the network reported it (ICMP): a hint, never a proof (RFC 7296 §2.21.4). */
export type PathChange =
  | { readonly kind: 'unreachable'; readonly remote: Endpoint; readonly reason: UnreachableReason }
  | TooBig
  | Undelivered

/**
 * Who says what (RFC 792, RFC 1812 §5.2.7.1, RFC 4443 §3.1, §3.4): `network`, `host`: a router that there is no way there. `port`, `protocol`: the
 * host that nobody listens. `prohibited`: a firewall.
 */
export type UnreachableReason = 'port' | 'host' | 'network' | 'protocol' | 'prohibited'

/**
 * The network reported it (ICMP, RFC 1191, RFC 8201): packets of `mtu` octets go through. `quoted` is the beginning of the packet that did not,
 * from its IP header on, as the report has it: what quotes no packet that we may have sent is counted, and nothing comes of it.
 */
export interface TooBig {
  readonly kind: 'too-big'
  readonly mtu: number
  readonly quoted: Uint8Array
}

/**
 * The network reported (ICMP) that a packet of an SA did not arrive: `unreachable`, where `quoted` is as in `TooBig`, and says which SA it was.
 */
export interface Undelivered {
  readonly kind: 'undelivered'
  readonly reason: UnreachableReason
  readonly quoted: Uint8Array
}

// ---- operations: work that is slow, secret or foreign ------------------------------------------------------------------

export interface OperationTable {
  /**
   * prf( prf(shared secret, "Key Pad for IKEv2"), octets ) with the secret shared by the two identities (RFC 7296 §2.15).
   * Who does not know a secret for them answers with the MAC under a random key, in the same time.
   */
  readonly 'shared-key-mac': { readonly request: SharedKeyMacRequest; readonly result: Uint8Array }
}
export interface SharedKeyMacRequest {
  readonly prf: number
  readonly local: Identity
  /** `undefined`: an initiator that accepts any peer does not know it yet. */
  readonly remote: Identity | undefined
  readonly octets: Uint8Array
}

/**
 * An operation is answered within `operationPatience` (`ike/timers.ts`), or cancelled, and its IKE SA fails. A completion for one that was
 * cancelled or answered before is counted, and nothing comes of it.
 */
export type OperationKind = keyof OperationTable
export type Operation = {
  [K in OperationKind]: {
    readonly id: OperationId
    readonly ikeSa: IkeSaId
    readonly kind: K
    readonly request: OperationTable[K]['request']
  }
}[OperationKind]
export type Completion = {
  [K in OperationKind]: { readonly id: OperationId; readonly kind: K; readonly outcome: Outcome<OperationTable[K]['result']> }
}[OperationKind]
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

// ---- outputs -------------------------------------------------------------------------------------------------------

/** The order means something: the inbound `install` precedes the `send` that lets the peer use it. */
export type Output =
  | { readonly kind: 'send'; readonly datagram: Datagram }
  /** A packet that came through `child`, decrypted and checked against its selectors. */
  | { readonly kind: 'deliver'; readonly bytes: Uint8Array; readonly child: ChildSaId }
  /**
   * To where plain packets come from: one of them, which was for `child`, is too long for its path and may not be fragmented (RFC 4301 §8.2.1).
   * It looks as if it came from where that packet was going.
   */
  | { readonly kind: 'icmp-error'; readonly bytes: Uint8Array; readonly child: ChildSaId }
  /** A packet that policy lets go out unprotected. */
  | { readonly kind: 'bypass'; readonly bytes: Uint8Array }
  /** A `plain` packet that policy lets come in unprotected. */
  | { readonly kind: 'admit'; readonly bytes: Uint8Array }
  | { readonly kind: 'operation'; readonly operation: Operation }
  /** What it asks for is wanted no more. */
  | { readonly kind: 'cancel'; readonly id: OperationId }
  | { readonly kind: 'install'; readonly sa: SaInstall }
  /** `heir`: the Child SA of a new IKE SA with the same peer that its packets go through from now on (RFC 7296 §2.8.3); of direction `out` only. */
  | { readonly kind: 'remove'; readonly child: ChildSaId; readonly direction: 'in' | 'out'; readonly spi: Spi; readonly heir?: ChildSaId }
  | { readonly kind: 'event'; readonly event: Event }

export type { Address, Secret }
