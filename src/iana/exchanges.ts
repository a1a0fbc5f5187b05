// IKEv2 Exchange Types. RFC 7296 §3.1.
import { type Registry, registry } from './registry.ts'

export const exchange = {
  IKE_SA_INIT: 34,
  IKE_AUTH: 35,
  CREATE_CHILD_SA: 36,
  INFORMATIONAL: 37,
  IKE_SESSION_RESUME: 38,
  GSA_AUTH: 39,
  GSA_REGISTRATION: 40,
  GSA_REKEY: 41,
  IKE_INTERMEDIATE: 43,
  IKE_FOLLOWUP_KE: 44,
} as const

export const exchanges: Registry = registry({
  title: 'IKEv2 Exchange Types',
  numbers: exchange,
  source: 'RFC 7296',
  sources: {
    'RFC 5723': ['IKE_SESSION_RESUME'],
    'draft-ietf-ipsecme-g-ikev2': ['GSA_AUTH', 'GSA_REGISTRATION', 'GSA_REKEY'],
    'RFC 9242': ['IKE_INTERMEDIATE'],
    'RFC 9370': ['IKE_FOLLOWUP_KE'],
  },
  privateUse: [[240, 255]],
})

export const exchangeName = (number: number): string => exchanges.name(number)
