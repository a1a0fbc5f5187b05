// What happened, as typed records with stable names. Nothing here contains key material, save `danger-ike-keys` and
// `danger-child-keys`, which exist only where the host was made with `dangerKeyLog`.
import type { Secret } from '../bytes/secret.ts'
import type { Address, Endpoint } from '../net/address.ts'
import type { AuditRecord } from './audit.ts'
import type { Fault } from './faults.ts'
import type { Identity } from './identity.ts'
import type { SaMode } from './install.ts'
import type { Channel, UnreachableReason } from './machine.ts'
import type { Refusal } from './refusal.ts'
import type { TrafficSelector } from './selectors.ts'
import type { ChildSuite, IkeSuite } from './transforms.ts'
import type { ChildSaId, IkeSaId, IkeSpi, Instant, Spi } from './units.ts'

export type Role = 'initiator' | 'responder'

export type Event =
  | MessageEvent
  | {
      readonly name: 'retransmit'
      readonly ikeSa: IkeSaId
      readonly local: Endpoint
      readonly remote: Endpoint
      readonly exchangeType: number
      readonly messageId: number
      readonly attempt: number
    }
  | {
      readonly name: 'nat-detected'
      readonly ikeSa: IkeSaId
      readonly local: NatFinding
      readonly remote: NatFinding
      readonly forced: 'forced' | 'found'
    }
  | { readonly name: 'ike-sa-established'; readonly ikeSa: IkeSaId; readonly established: IkeSaEstablished }
  | { readonly name: 'ike-sa-closed'; readonly ikeSa: IkeSaId; readonly by: 'us' | 'peer' | 'failure' }
  | { readonly name: 'child-sa-established'; readonly ikeSa: IkeSaId; readonly child: ChildSaId; readonly established: ChildSaEstablished }
  | {
      readonly name: 'child-sa-closed'
      readonly ikeSa: IkeSaId
      readonly child: ChildSaId
      readonly by: 'us' | 'peer' | 'failure' | 'exhausted'
    }
  /** What should have replaced an SA could not be set up. `child` is `undefined` where it is the IKE SA. */
  | {
      readonly name: 'rekey-failed'
      readonly ikeSa: IkeSaId
      readonly child: ChildSaId | undefined
      readonly fault: Fault
      readonly refusal: Refusal | undefined
      readonly next: AfterFailedRekey
    }
  /** The IKE SA could not be set up, or broke. */
  | {
      readonly name: 'ike-sa-failed'
      readonly ikeSa: IkeSaId
      readonly connection: string | undefined
      readonly fault: Fault
      readonly refusal: Refusal | undefined
    }
  /** A Child SA could not be set up; the IKE SA goes on (RFC 7296 §1.2). `child` is `undefined` where the peer asked for it. */
  | {
      readonly name: 'child-sa-failed'
      readonly ikeSa: IkeSaId
      readonly child: ChildSaId | undefined
      readonly connection: string
      readonly fault: Fault
      readonly refusal: Refusal | undefined
    }
  /** A stranger's request for an IKE SA was answered by a refusal, or by nothing. */
  | { readonly name: 'request-refused'; readonly remote: Endpoint; readonly fault: Fault; readonly refusal: Refusal | undefined }
  /** The peer offers ESP that neither encrypts nor authenticates, perhaps among other choices; it is never chosen (RFC 4301 §4.2). */
  | { readonly name: 'unprotected-offer'; readonly ikeSa: IkeSaId; readonly local: Endpoint; readonly remote: Endpoint }
  | { readonly name: 'peer-alive'; readonly ikeSa: IkeSaId; readonly roundTrip: number }
  /** A fresh protected message came from another address or port: what we send goes there now (RFC 7296 §2.23). */
  | { readonly name: 'peer-moved'; readonly ikeSa: IkeSaId; readonly channel: Channel; readonly local: Endpoint; readonly remote: Endpoint }
  /** The network says so (ICMP): a hint, on which nothing is concluded (RFC 7296 §2.4). */
  | { readonly name: 'peer-unreachable'; readonly ikeSa: IkeSaId; readonly remote: Endpoint; readonly reason: UnreachableReason }
  /**
   * The network takes shorter packets of a Child SA than was known (RFC 4301 §8.2). Octets: `mtu` of outer packets, `effective` of plain ones
   * without options and extension headers.
   */
  | { readonly name: 'path-mtu'; readonly child: ChildSaId; readonly mtu: number; readonly effective: number }
  | { readonly name: 'cookie-demanded'; readonly ikeSa: IkeSaId }
  | { readonly name: 'message-dropped'; readonly reason: MessageDrop; readonly remote: Endpoint; readonly fault: Fault | undefined }
  | { readonly name: 'packet-dropped'; readonly reason: string; readonly child: ChildSaId | undefined }
  /** Where the host was made with `audit`; bounded in rate. */
  | { readonly name: 'audit'; readonly record: AuditRecord }
  | {
      readonly name: 'danger-ike-keys'
      readonly ikeSa: IkeSaId
      readonly initiatorSpi: IkeSpi
      readonly responderSpi: IkeSpi
      readonly suite: IkeSuite
      readonly skEi: Secret
      readonly skEr: Secret
      readonly skAi: Secret | undefined
      readonly skAr: Secret | undefined
    }
  | {
      readonly name: 'danger-child-keys'
      readonly child: ChildSaId
      readonly spi: Spi
      readonly source: Endpoint
      readonly destination: Endpoint
      readonly suite: ChildSuite
      readonly encryption: Secret | undefined
      readonly integrity: Secret | undefined
    }

/** One IKE message that came or went, with the names of what is inside; for ladders and logs. */
export interface MessageEvent {
  readonly name: 'message'
  readonly direction: 'sent' | 'received'
  readonly at: Instant
  readonly ikeSa: IkeSaId | undefined
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly exchangeType: number
  readonly role: 'request' | 'response'
  readonly messageId: number
  /** Octets of the IKE message, without marker; of all its fragments together. */
  readonly length: number
  /** How many it went in: 1, if it was not fragmented (RFC 7383). */
  readonly fragments: number
  /** As RFC 7296 §1.2 writes them: `SA`, `KE`, `N(COOKIE)`, `SK`; those inside SK follow it. */
  readonly payloads: readonly string[]
}

/**
 * `retry`: the same again, later. `start-over`: something else that does the same is under way. `superseded`: another has been set up in
 * the meantime. `give-up`: nothing, and the SA ends when its lifetime does.
 */
export type AfterFailedRekey = 'retry' | 'start-over' | 'superseded' | 'give-up'

export interface NatFinding {
  readonly behindNat: 'behind-nat' | 'no-nat'
}

export interface IkeSaEstablished {
  readonly role: Role
  /** The IKE SA that it was rekeyed from (RFC 7296 §2.8): its Child SAs belong to this one now. */
  readonly replaces: IkeSaId | undefined
  readonly connection: string
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly localIdentity: Identity
  readonly remoteIdentity: Identity
  readonly suite: IkeSuite
  readonly encapsulation: 'udp' | 'none'
}

export interface ChildSaEstablished {
  /** The one that it takes the place of (RFC 7296 §2.8); that one is closed a moment later. */
  readonly replaces: ChildSaId | undefined
  /** `possible`: the responder would have accepted more, though in other SAs (ADDITIONAL_TS_POSSIBLE, RFC 7296 §2.9). */
  readonly additionalSelectors: 'possible' | 'unknown'
  readonly connection: string
  readonly childName: string
  readonly inbound: Spi
  readonly outbound: Spi
  readonly mode: SaMode
  readonly suite: ChildSuite
  readonly localSelectors: readonly TrafficSelector[]
  readonly remoteSelectors: readonly TrafficSelector[]
  readonly encapsulation: 'udp' | 'none'
  /** What our plain side knows the peer by, where its address is another's, too (`overlap: map`). */
  readonly mapped: Address | undefined
}

/** Why an IKE message changed nothing. */
export type MessageDrop =
  | 'malformed'
  | 'unknown-spi'
  | 'unsupported-version'
  | 'response-unexpected'
  | 'message-id-out-of-window'
  | 'integrity-check-failed'
  | 'not-protected'
  | 'exchange-unexpected'
  | 'half-open-limit'
  | 'rate-limit'
  | 'operation-under-way'
  | 'wrong-role'
  | 'invalid-cookie'
  /** A fragment, though not both sides have said that they know fragmentation (RFC 7383 §2.4). */
  | 'fragment-unexpected'
  /** A fragment that has come before, or one of a request that has been answered, and not its first (RFC 7383 §2.6, §2.6.1). */
  | 'fragment-repeated'
  /** A fragment of a set that others have taken the place of (RFC 7383 §2.6). */
  | 'fragment-outdated'
  | 'fragment-limit'
  /** The rest of a message did not come in time. */
  | 'fragments-incomplete'
