// IKEv2 Identification Payload ID Types. RFC 7296 §3.5.
import { type Registry, registry } from './registry.ts'

export const idType = {
  ID_IPV4_ADDR: 1,
  ID_FQDN: 2,
  ID_RFC822_ADDR: 3,
  ID_IPV6_ADDR: 5,
  ID_DER_ASN1_DN: 9,
  ID_DER_ASN1_GN: 10,
  ID_KEY_ID: 11,
  ID_FC_NAME: 12,
  ID_NULL: 13,
} as const

export const idTypes: Registry = registry({
  title: 'IKEv2 Identification Payload ID Types',
  numbers: idType,
  source: 'RFC 7296',
  sources: { 'RFC 4595': ['ID_FC_NAME'], 'RFC 7619': ['ID_NULL'] },
  privateUse: [[201, 255]],
})

export const idTypeName = (type: number): string => idTypes.name(type)
