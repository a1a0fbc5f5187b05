// Octets with their explanation: what `annotate.ts` makes and every renderer shows.
//
// Every string here is safe to print on a terminal: what came from a peer has gone through `escape.ts` already, once. Renderers escape what
// their own notation needs (HTML: `<`, `&`, quotes), and do not call `escapeText` again, which would double backslashes.
import type { PeerFault, WireFault } from '../contract/faults.ts'
import type { Address } from '../net/address.ts'

/**
 * A structure, or a field. Spans without children are leaves: the leaves of a region cover each of its octets exactly once, in order. A
 * span with children is covered by them exactly.
 */
export interface Span {
  readonly kind: SpanKind
  /** Octets of the region, from `start` up to, but not including, `end`. An empty field has both equal. */
  readonly start: number
  readonly end: number
  /** The RFC's name: `Next Payload`, `Security Association Payload`. */
  readonly name: string
  /** `46`, `0x0badcafe`, `192.0.2.1`, hexadecimal of octets (cut after 32 of them, with `…`); for a structure what it is in a word or two, or nothing. */
  readonly value: string
  /** What the value stands for: `Encrypted and Authenticated`. */
  readonly meaning: string | undefined
  /** The registry that the meaning comes from: `IKEv2 Payload Types`. */
  readonly registry: string | undefined
  /** `RFC 7296 §3.2` */
  readonly rfc: string
  /** The parts of a leaf that are narrower than an octet or lie across octets, most significant first; they cover all its bits. */
  readonly bits: readonly BitSpan[]
  readonly children: readonly Span[]
  /** What was decrypted from these octets. */
  readonly inner: Region | undefined
}

/** `opaque`: octets that stay closed, for want of a key or because nobody here knows their form. */
export type SpanKind = 'structure' | 'field' | 'reserved' | 'opaque' | 'not-decoded'

export interface BitSpan {
  /** Bits from the most significant bit of the leaf's first octet. */
  readonly first: number
  readonly width: number
  readonly name: string
  readonly value: string
  readonly meaning: string | undefined
  readonly registry: string | undefined
}

export interface Region {
  /** `IKE message`, `Decrypted payloads of SK` */
  readonly title: string
  readonly bytes: Uint8Array
  readonly spans: readonly Span[]
  readonly authentication: Authentication
  /** Why the spans end in one of kind `not-decoded`. Its `offset` counts in the octets of this region. */
  readonly fault: RegionFault | undefined
}

/** Whether the ICV over a decrypted region was right, or was not looked at; `none`: as it was on the wire. */
export type Authentication = 'authenticated' | 'not-authenticated' | 'none'

/** A wrong ICV is the peer's fault, everything else is of the octets. Both have the octet that is to blame. */
export type RegionFault = WireFault | (PeerFault & { readonly offset: number })

export interface Annotation {
  readonly region: Region
  /** The first fault, from the outside in, with the region that it is in; `undefined` when everything decodes. */
  readonly fault: { readonly region: Region; readonly fault: RegionFault } | undefined
  readonly summary: Summary
}

/** What ladders and filters want to know. A layer that is not there is `undefined`. */
export interface Summary {
  /** One line: `IKE_SA_INIT request 0: SA, KE, NONCE`, `ESP 0x0badcafe sequence 17`. */
  readonly text: string
  readonly addresses: { readonly source: Address; readonly destination: Address } | undefined
  readonly ports: { readonly source: number; readonly destination: number } | undefined
  readonly ike: IkeSummary | undefined
  readonly security: SecuritySummary | undefined
  /** The packet or payload decrypted from ESP, or in AH. */
  readonly inside: Summary | undefined
}

export interface IkeSummary {
  /** Sixteen digits. */
  readonly initiatorSpi: string
  readonly responderSpi: string
  readonly majorVersion: number
  readonly exchangeType: number
  /** `IKE_SA_INIT`; for IKEv1 its own name: `Identity Protection`. */
  readonly exchange: string
  readonly messageId: number
  /** `response` by the R bit; in IKEv1, which has none, always `request`. */
  readonly direction: 'request' | 'response'
  /** By the I bit: who the sender was when the IKE SA began. */
  readonly sender: 'initiator' | 'responder'
  /** `SA`, `N(COOKIE)`, `SK`: in order; those inside SK follow it where they were decrypted, `…` where they were not. */
  readonly payloads: readonly string[]
  /** Of a message that comes in fragments (RFC 7383). */
  readonly fragment: { readonly number: number; readonly total: number } | undefined
}

export interface SecuritySummary {
  readonly protocol: 'ESP' | 'AH'
  readonly spi: number
  readonly sequence: number
}
