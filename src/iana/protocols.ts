// IKEv2 Security Protocol Identifiers. RFC 7296 §3.3.1.
import { type Registry, registry } from './registry.ts'

export const protocol = {
  IKE: 1,
  AH: 2,
  ESP: 3,
  FC_ESP_HEADER: 4,
  FC_CT_AUTHENTICATION: 5,
} as const

export const protocols: Registry = registry({
  title: 'IKEv2 Security Protocol Identifiers',
  numbers: protocol,
  source: 'RFC 7296',
  sources: { 'RFC 4595': ['FC_ESP_HEADER', 'FC_CT_AUTHENTICATION'] },
  privateUse: [[201, 255]],
})

export const protocolName = (number: number): string => protocols.name(number)
