// Why something was refused, as data: what was offered, what was configured, where they part. Rendered by `inspect/refusal.ts`.
import type { Address, Endpoint } from '../net/address.ts'
import type { Identity } from './identity.ts'
import type { SharedKeyMacRequest } from './machine.ts'
import type { TrafficSelector } from './selectors.ts'
import type { ProposalTemplate, TransformChoice } from './transforms.ts'

export type Refusal =
  | ProposalRefusal
  | SelectorRefusal
  | OverlapRefusal
  | IdentityRefusal
  | ModeRefusal
  | ProtocolRefusal
  | AuthenticationRefusal
  | KeyExchangeRefusal
  | NotifyRefusal
  | SilenceRefusal

/** Which proposal failed against which, transform type by transform type. */
export interface ProposalRefusal {
  readonly kind: 'proposal'
  readonly protocol: number
  readonly comparisons: readonly ProposalComparison[]
}
export interface ProposalComparison {
  readonly offered: ProposalTemplate
  readonly offeredNumber: number
  readonly configured: ProposalTemplate
  readonly verdicts: readonly TransformVerdict[]
}
export interface TransformVerdict {
  readonly transformType: number
  readonly verdict: 'agree' | 'differ' | 'not-offered' | 'not-configured'
  readonly offered: readonly TransformChoice[]
  readonly configured: readonly TransformChoice[]
}

/** RFC 7296 §2.9: offered against configured, range by range. */
export interface SelectorRefusal {
  readonly kind: 'selectors'
  readonly side: 'TSi' | 'TSr'
  readonly offered: readonly TrafficSelector[]
  readonly configured: readonly TrafficSelector[]
  /**
   * `swapped`: what was offered for one side is what we have configured for the other. `narrower`: a rekey would lose some of what the old
   * SA carries, which stands in the place of what is configured (RFC 7296 §2.9.2). `several`: policy has an SA for each value (PFP), and the first
   * selector, which is to tell for which one, names several.
   */
  readonly reason: 'addresses' | 'protocol' | 'ports' | 'version' | 'empty' | 'swapped' | 'narrower' | 'several'
}

/**
 * RFC 3948 §5.2: what is offered could not be told from the traffic of another peer. `other-peer`: it has the same address.
 * `pool-exhausted`: so it has, and there is no address left that this one could be known by instead. `in-pool`: the address is one of those.
 */
export interface OverlapRefusal {
  readonly kind: 'overlap'
  readonly offered: readonly TrafficSelector[]
  readonly address: Address
  /** Who has it; `undefined` for `in-pool`. */
  readonly other: Identity | undefined
  readonly reason: 'other-peer' | 'pool-exhausted' | 'in-pool'
}

export interface IdentityRefusal {
  readonly kind: 'identity'
  readonly got: Identity
  readonly expected: readonly Identity[]
  readonly reason: 'type' | 'value' | 'unknown'
}

export interface ModeRefusal {
  readonly kind: 'mode'
  readonly offered: 'transport' | 'tunnel'
  readonly configured: 'transport' | 'tunnel'
}

/** AH cannot be used here, whatever is offered and configured. */
export interface ProtocolRefusal {
  readonly kind: 'protocol'
  /** 2: AH. */
  readonly protocol: number
  readonly reason: AhObstacle
  /** Who is behind a NAT, as far as the NAT detection of IKE tells. */
  readonly behindNat: { readonly local: 'behind-nat' | 'no-nat'; readonly remote: 'behind-nat' | 'no-nat' }
}

/**
 * `nat`: it rewrites addresses that AH authenticates (RFC 3715 §2.1). `forced-encapsulation`: without any NAT everything is to go in UDP, as
 * AH never does (RFC 3948 §1). `driver`: ours has no whole IP packets, which AH is about (RFC 4302 §3.3.3).
 */
export type AhObstacle = 'nat' | 'forced-encapsulation' | 'driver'

/** The MAC or signature over the peer's octets did not verify, or was not there, or ours was not accepted. */
export type AuthenticationRefusal = WrongKeyRefusal | OtherAuthenticationRefusal

export interface WrongKeyRefusal {
  readonly kind: 'authentication'
  readonly reason: 'wrong-key'
  readonly peer: Identity
  readonly method: number
  /** For whoever has the key, to find the slip; not to be logged. `undefined` when our own key could not be used. */
  readonly evidence: KeyEvidence | undefined
  /** In what the peer's key differs from ours, where that was found out. */
  readonly slip: KeySlip | undefined
}
export interface OtherAuthenticationRefusal {
  readonly kind: 'authentication'
  readonly reason: 'method' | 'missing' | 'rejected-by-peer'
  readonly peer: Identity
  readonly method: number
}

/** What the peer's AUTH was computed over, and what it sent. */
export interface KeyEvidence {
  readonly request: SharedKeyMacRequest
  readonly authentication: Uint8Array
}

/** The usual ways in which two copies of a key differ. */
export type KeySlip = 'final-newline' | 'final-crlf' | 'surrounding-space' | 'quotes' | 'hexadecimal' | 'no-hexadecimal'

export interface KeyExchangeRefusal {
  readonly kind: 'key-exchange'
  readonly got: number
  readonly wanted: readonly number[]
  readonly reason: 'group-not-accepted' | 'public-value-invalid'
}

/** The peer said no: what it sent, and what we had offered, since RFC 7296 lets it keep its reason to itself. */
export interface NotifyRefusal {
  readonly kind: 'notify'
  readonly type: number
  readonly value: Uint8Array
  readonly protected: 'protected' | 'unprotected'
  /** All of our proposals, in their order; empty where they are not in question. */
  readonly offered: readonly ProposalTemplate[]
  readonly selectors: { readonly local: readonly TrafficSelector[]; readonly remote: readonly TrafficSelector[] } | undefined
}

/** `answered-in-part`: some fragments of the answer came, and not all (RFC 7383). */
export type SilenceHint = 'none' | 'port-unreachable' | 'answered-in-ikev1' | 'answered-in-part'

/** Nothing came back. */
export interface SilenceRefusal {
  readonly kind: 'silence'
  readonly exchangeType: number
  readonly transmissions: number
  readonly elapsed: number
  /** Where it was sent to. */
  readonly remote: Endpoint
  /** Where the last message that we could use came from; `undefined`: none ever did. */
  readonly heardFrom: Endpoint | undefined
  /** What came instead of an answer, and proves nothing by itself: an ICMP message, or an answer in IKEv1. */
  readonly hint: SilenceHint
}
