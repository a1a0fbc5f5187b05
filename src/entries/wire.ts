// `ikebana/wire`: IKEv2 messages from octets and to octets. RFC 7296 §3.
export { decodeHeader, decodeMessage, decodePayloads, encodeMessage, encodePayloads } from '../wire/codec.ts'
export { headerFlag, isFromInitiator, isResponse } from '../wire/flags.ts'
export { defaultLimits, type WireLimits } from '../wire/limits.ts'
export type {
  Attribute,
  AuthenticationPayload,
  CertificatePayload,
  CertificateRequestPayload,
  ConfigurationAttribute,
  ConfigurationPayload,
  DeletePayload,
  EapPayload,
  EncryptedFragmentPayload,
  EncryptedPayload,
  Header,
  IdentificationPayload,
  KePayload,
  Message,
  NoncePayload,
  NotifyPayload,
  Payload,
  PayloadBase,
  Proposal,
  SaPayload,
  TrafficSelectorPayload,
  Transform,
  UnknownPayload,
  UnknownSelector,
  VendorIdPayload,
} from '../wire/message.ts'
export { payloadLabel } from '../wire/payload-name.ts'
export type { WireHeader } from '../wire/header.ts'
