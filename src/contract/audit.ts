// Auditable events of the packet path, as records with stable codes. RFC 4301 §5.1.1, §5.2, §9; RFC 4302 §4; RFC 4303 §4.
import type { Address } from '../net/address.ts'
import type { TrafficSelector } from './selectors.ts'
import type { ChildSaId, Instant, Spi } from './units.ts'

export type AuditCode =
  /** No SA has the SPI of what came (RFC 4301 §5.2 step 3a, RFC 4302 §3.4.2, RFC 4303 §3.4.2). */
  | 'no-sa'
  /**
   * What was to be sealed, or came sealed in transport mode, is a fragment (RFC 4302 §3.4.1, RFC 4303 §3.4.1); or it is a later one of a packet whose
   * first has not been let through (RFC 4301 §7.3).
   */
  | 'fragment'
  /** The sequence number would cycle (RFC 4302 §3.3.2, RFC 4303 §3.3.3, RFC 4301 §4.4.2.1). */
  | 'sequence-overflow'
  /** Received before, or left of the window (RFC 4302 §3.4.3, RFC 4303 §3.4.3). */
  | 'replayed'
  /** The ICV is wrong (RFC 4302 §3.4.4, RFC 4303 §3.4.4). */
  | 'integrity'
  /** It is not consistent with the selectors of the SA that it came through (RFC 4301 §5.2 step 5). */
  | 'selector-mismatch'
  /** Policy wants it through another SA, in clear, or not at all. */
  | 'policy-mismatch'
  /** It came in clear, and policy wants it protected (RFC 4301 §5.2 step 3b). */
  | 'came-in-clear'
  /** An ICMP error that no SA is for, and for which none is made (RFC 4301 §6.2). */
  | 'icmp-error'
  /** A peer offers ESP that neither encrypts nor authenticates (RFC 4301 §4.2); the addresses are those of IKE. */
  | 'no-protection'
  /** Policy discards it, or has no entry for it (RFC 4301 §5.1.1, §5.2 step 3b). */
  | 'policy-discard'

export interface AuditRecord {
  readonly code: AuditCode
  /** By the receiver's clock: who writes it down knows the date. */
  readonly at: Instant
  readonly direction: 'in' | 'out'
  /** `undefined` where IPsec has no part in it, as for all of `spi` and `sequence`. */
  readonly protocol: 'ESP' | 'AH' | undefined
  readonly spi: Spi | undefined
  /** Its low 32 bits, as they came; `undefined` where they are gone: a burst is opened in place. Of `sequence-overflow` the last that was sent. */
  readonly sequence: number | undefined
  /** Of what came, or would be sent: the outer addresses. Without IPsec the packet's. */
  readonly source: Address | undefined
  readonly destination: Address | undefined
  /** The Flow Label of the outer IPv6 header; `undefined` in IPv4, and where a socket keeps the header to itself. */
  readonly flowLabel: number | undefined
  readonly child: ChildSaId | undefined
  /** Of the plain packet, where it is at hand. */
  readonly packet: AuditedPacket | undefined
  /** Of the SA, for `selector-mismatch` and `policy-mismatch`. */
  readonly selectors: { readonly local: readonly TrafficSelector[]; readonly remote: readonly TrafficSelector[] } | undefined
  /** The stable name of the reason that was counted, which may be finer than the code. */
  readonly reason: string
  /** How many of this code there were since the last record of it for which there was none, since there would have been too many. */
  readonly suppressed: number
}

/** What selectors look at. */
export interface AuditedPacket {
  readonly source: Address | undefined
  readonly destination: Address | undefined
  readonly protocol: number
  /** Type × 256 + code for ICMP, MH type × 256 for the Mobility Header; `undefined` where there is none to see. */
  readonly sourcePort: number | undefined
  readonly destinationPort: number | undefined
}
