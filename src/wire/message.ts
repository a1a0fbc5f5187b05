// IKEv2 messages as values. RFC 7296 §3. Field tables that decode, encode and annotate them are in the files beside this one.
import type { Identity } from '../contract/identity.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import type { IkeSpi } from '../contract/units.ts'

/** RFC 7296 §3.1. The header's Next Payload and Length follow from `payloads`. */
export interface Message {
  readonly header: Header
  readonly payloads: readonly Payload[]
}

export interface Header {
  readonly initiatorSpi: IkeSpi
  /** Sixteen zeros in the first message. */
  readonly responderSpi: IkeSpi
  readonly majorVersion: number
  readonly minorVersion: number
  readonly exchangeType: number
  /** The whole flags octet; `flags.ts` names its bits. */
  readonly flags: number
  readonly messageId: number
}

export type Payload =
  | SaPayload
  | KePayload
  | IdentificationPayload
  | CertificatePayload
  | CertificateRequestPayload
  | AuthenticationPayload
  | NoncePayload
  | NotifyPayload
  | DeletePayload
  | VendorIdPayload
  | TrafficSelectorPayload
  | EncryptedPayload
  | EncryptedFragmentPayload
  | ConfigurationPayload
  | EapPayload
  | UnknownPayload

/** What every payload has. RFC 7296 §3.2. */
export interface PayloadBase {
  /** The critical bit. */
  readonly critical: boolean
  /** Non-zero reserved bits, in the order of the fields, kept so that re-encoding gives the same octets; absent when all are zero. */
  readonly reserved?: readonly number[]
}

/** RFC 7296 §3.3. */
export interface SaPayload extends PayloadBase {
  readonly kind: 'SA'
  readonly proposals: readonly Proposal[]
}
export interface Proposal {
  readonly number: number
  readonly protocol: number
  readonly spi: Uint8Array
  readonly transforms: readonly Transform[]
  readonly reserved?: readonly number[]
}
export interface Transform {
  readonly type: number
  readonly id: number
  readonly attributes: readonly Attribute[]
  readonly reserved?: readonly number[]
}
/** A number is in the short form (AF = 1), octets are in the long form. RFC 7296 §3.3.5. */
export interface Attribute {
  readonly type: number
  readonly value: number | Uint8Array
}

/** RFC 7296 §3.4. */
export interface KePayload extends PayloadBase {
  readonly kind: 'KE'
  readonly method: number
  readonly publicValue: Uint8Array
}

/** RFC 7296 §3.5. */
export interface IdentificationPayload extends PayloadBase {
  readonly kind: 'IDi' | 'IDr'
  readonly identity: Identity
}

/** RFC 7296 §3.6. */
export interface CertificatePayload extends PayloadBase {
  readonly kind: 'CERT'
  readonly encoding: number
  readonly certificate: Uint8Array
}
/** RFC 7296 §3.7. */
export interface CertificateRequestPayload extends PayloadBase {
  readonly kind: 'CERTREQ'
  readonly encoding: number
  readonly authority: Uint8Array
}

/** RFC 7296 §3.8. */
export interface AuthenticationPayload extends PayloadBase {
  readonly kind: 'AUTH'
  readonly method: number
  readonly value: Uint8Array
}

/** RFC 7296 §3.9. */
export interface NoncePayload extends PayloadBase {
  readonly kind: 'NONCE'
  readonly nonce: Uint8Array
}

/** RFC 7296 §3.10. `protocol` 0 and an empty `spi` when the notification is not about one SA. */
export interface NotifyPayload extends PayloadBase {
  readonly kind: 'N'
  readonly protocol: number
  readonly spi: Uint8Array
  readonly type: number
  readonly value: Uint8Array
}

/** RFC 7296 §3.11. All SPIs have the length `spiSize`. */
export interface DeletePayload extends PayloadBase {
  readonly kind: 'D'
  readonly protocol: number
  readonly spiSize: number
  readonly spis: readonly Uint8Array[]
}

/** RFC 7296 §3.12. */
export interface VendorIdPayload extends PayloadBase {
  readonly kind: 'V'
  readonly vendorId: Uint8Array
}

/** RFC 7296 §3.13. */
export interface TrafficSelectorPayload extends PayloadBase {
  readonly kind: 'TSi' | 'TSr'
  readonly selectors: readonly (TrafficSelector | UnknownSelector)[]
}
/** A TS Type that we do not know, kept as octets: `body` is all after the length field. */
export interface UnknownSelector {
  readonly type: number
  readonly protocolOrReserved: number
  readonly body: Uint8Array
}

/** RFC 7296 §3.14. `body` is IV, ciphertext and ICV; `firstPayload` is the type of the first payload inside. */
export interface EncryptedPayload extends PayloadBase {
  readonly kind: 'SK'
  readonly firstPayload: number
  readonly body: Uint8Array
}

/**
 * RFC 7383 §2.5. `body` is IV, ciphertext and ICV; `firstPayload` is the type of the first payload inside in fragment 1, and means
 * nothing in all others: a sender sets it to 0 there.
 */
export interface EncryptedFragmentPayload extends PayloadBase {
  readonly kind: 'SKF'
  readonly firstPayload: number
  readonly fragmentNumber: number
  readonly totalFragments: number
  readonly body: Uint8Array
}

/** RFC 7296 §3.15. */
export interface ConfigurationPayload extends PayloadBase {
  readonly kind: 'CP'
  readonly type: number
  readonly attributes: readonly ConfigurationAttribute[]
}
export interface ConfigurationAttribute {
  readonly type: number
  readonly value: Uint8Array
  readonly reserved?: readonly number[]
}

/** RFC 7296 §3.16. The whole EAP message from its Code on. */
export interface EapPayload extends PayloadBase {
  readonly kind: 'EAP'
  readonly message: Uint8Array
}

/** A payload type that we do not know: RFC 7296 §2.5 says what its critical bit means. */
export interface UnknownPayload extends PayloadBase {
  readonly kind: 'unknown'
  readonly type: number
  readonly body: Uint8Array
}
