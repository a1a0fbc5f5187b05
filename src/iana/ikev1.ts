// Exchange Types and Payload Types of IKEv1, which we show but do not speak. RFC 2408 §3.1; RFC 2409 appendix A, "XCHG values".
import { type Registry, registry } from './registry.ts'

export const ikev1Exchange = {
  NONE: 0,
  BASE: 1,
  IDENTITY_PROTECTION: 2,
  AUTHENTICATION_ONLY: 3,
  AGGRESSIVE: 4,
  INFORMATIONAL: 5,
  QUICK_MODE: 32,
  NEW_GROUP_MODE: 33,
} as const

export const ikev1Exchanges: Registry = registry({
  title: 'ISAKMP Exchange Types',
  numbers: ikev1Exchange,
  source: 'RFC 2408',
  sources: { 'RFC 2409': ['QUICK_MODE', 'NEW_GROUP_MODE'] },
  names: {
    NONE: 'None',
    BASE: 'Base',
    IDENTITY_PROTECTION: 'Identity Protection',
    AUTHENTICATION_ONLY: 'Authentication Only',
    AGGRESSIVE: 'Aggressive',
    INFORMATIONAL: 'Informational',
    QUICK_MODE: 'Quick Mode',
    NEW_GROUP_MODE: 'New Group Mode',
  },
  privateUse: [[240, 255]],
})

export const ikev1Payload = {
  NONE: 0,
  SA: 1,
  P: 2,
  T: 3,
  KE: 4,
  ID: 5,
  CERT: 6,
  CR: 7,
  HASH: 8,
  SIG: 9,
  NONCE: 10,
  N: 11,
  D: 12,
  VID: 13,
} as const

export const ikev1Payloads: Registry = registry({
  title: 'ISAKMP Next Payload Types',
  numbers: ikev1Payload,
  source: 'RFC 2408',
  names: {
    NONE: 'None',
    SA: 'Security Association',
    P: 'Proposal',
    T: 'Transform',
    KE: 'Key Exchange',
    ID: 'Identification',
    CERT: 'Certificate',
    CR: 'Certificate Request',
    HASH: 'Hash',
    SIG: 'Signature',
    NONCE: 'Nonce',
    N: 'Notification',
    D: 'Delete',
    VID: 'Vendor ID',
  },
  privateUse: [[128, 255]],
})
