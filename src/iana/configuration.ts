// IKEv2 Configuration Payload CFG Types and Attribute Types. RFC 7296 §3.15, §3.15.1.
import { type Registry, registry } from './registry.ts'

export const configurationType = {
  CFG_REQUEST: 1,
  CFG_REPLY: 2,
  CFG_SET: 3,
  CFG_ACK: 4,
} as const

export const configurationAttribute = {
  INTERNAL_IP4_ADDRESS: 1,
  INTERNAL_IP4_NETMASK: 2,
  INTERNAL_IP4_DNS: 3,
  INTERNAL_IP4_NBNS: 4,
  INTERNAL_IP4_DHCP: 6,
  APPLICATION_VERSION: 7,
  INTERNAL_IP6_ADDRESS: 8,
  INTERNAL_IP6_DNS: 10,
  INTERNAL_IP6_DHCP: 12,
  INTERNAL_IP4_SUBNET: 13,
  SUPPORTED_ATTRIBUTES: 14,
  INTERNAL_IP6_SUBNET: 15,
  MIP6_HOME_PREFIX: 16,
  INTERNAL_IP6_LINK: 17,
  INTERNAL_IP6_PREFIX: 18,
  P_CSCF_IP4_ADDRESS: 20,
  P_CSCF_IP6_ADDRESS: 21,
  INTERNAL_DNS_DOMAIN: 25,
  INTERNAL_DNSSEC_TA: 26,
  ENCDNS_IP4: 27,
  ENCDNS_IP6: 28,
  ENCDNS_DIGEST_INFO: 29,
} as const

export const configurationTypes: Registry = registry({
  title: 'IKEv2 Configuration Payload CFG Types',
  numbers: configurationType,
  source: 'RFC 7296',
  privateUse: [[128, 255]],
})

export const configurationAttributes: Registry = registry({
  title: 'IKEv2 Configuration Payload Attribute Types',
  numbers: configurationAttribute,
  source: 'RFC 7296',
  sources: {
    'RFC 5026': ['MIP6_HOME_PREFIX'],
    'RFC 5739': ['INTERNAL_IP6_LINK', 'INTERNAL_IP6_PREFIX'],
    'RFC 7651': ['P_CSCF_IP4_ADDRESS', 'P_CSCF_IP6_ADDRESS'],
    'RFC 8598': ['INTERNAL_DNS_DOMAIN', 'INTERNAL_DNSSEC_TA'],
    'RFC 9464': ['ENCDNS_IP4', 'ENCDNS_IP6', 'ENCDNS_DIGEST_INFO'],
  },
  privateUse: [[16384, 32767]],
})

export const configurationTypeName = (type: number): string => configurationTypes.name(type)
export const configurationAttributeName = (type: number): string => configurationAttributes.name(type)
