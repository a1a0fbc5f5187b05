// IKEv2 Payload Types. RFC 7296 §3.2.
import { type Registry, registry } from './registry.ts'

export const payloadType = {
  NO_NEXT_PAYLOAD: 0,
  SA: 33,
  KE: 34,
  IDi: 35,
  IDr: 36,
  CERT: 37,
  CERTREQ: 38,
  AUTH: 39,
  /** Ni and Nr. */
  NONCE: 40,
  N: 41,
  D: 42,
  V: 43,
  TSi: 44,
  TSr: 45,
  SK: 46,
  CP: 47,
  EAP: 48,
  GSPM: 49,
  IDg: 50,
  GSA: 51,
  KD: 52,
  SKF: 53,
  PS: 54,
} as const

export const payloadTypes: Registry = registry({
  title: 'IKEv2 Payload Types',
  numbers: payloadType,
  source: 'RFC 7296',
  sources: {
    'RFC 6467': ['GSPM'],
    'draft-ietf-ipsecme-g-ikev2': ['IDg', 'GSA', 'KD'],
    'RFC 7383': ['SKF'],
    'RFC 8019': ['PS'],
  },
  names: {
    NO_NEXT_PAYLOAD: 'No Next Payload',
    SA: 'Security Association',
    KE: 'Key Exchange',
    IDi: 'Identification - Initiator',
    IDr: 'Identification - Responder',
    CERT: 'Certificate',
    CERTREQ: 'Certificate Request',
    AUTH: 'Authentication',
    NONCE: 'Nonce',
    N: 'Notify',
    D: 'Delete',
    V: 'Vendor ID',
    TSi: 'Traffic Selector - Initiator',
    TSr: 'Traffic Selector - Responder',
    SK: 'Encrypted and Authenticated',
    CP: 'Configuration',
    EAP: 'Extensible Authentication',
    GSPM: 'Generic Secure Password Method',
    IDg: 'Group Identification',
    GSA: 'Group Security Association',
    KD: 'Key Download',
    SKF: 'Encrypted and Authenticated Fragment',
    PS: 'Puzzle Solution',
  },
  privateUse: [[128, 255]],
})

/** `Security Association` */
export const payloadTypeName = (number: number): string => payloadTypes.name(number)
/** `SA` */
export const payloadTypeNotation = (number: number): string => payloadTypes.notation(number)
