// Assigned Internet Protocol Numbers: those that IPsec meets in Next Header fields and selectors. RFC 5237; names are IANA's keywords.
import { type Registry, registry } from './registry.ts'

export const ipProtocol = {
  HOPOPT: 0,
  ICMP: 1,
  IGMP: 2,
  /** An IPv4 packet inside: tunnel mode. */
  IPV4: 4,
  TCP: 6,
  UDP: 17,
  DCCP: 33,
  /** An IPv6 packet inside: tunnel mode. */
  IPV6: 41,
  IPV6_ROUTE: 43,
  IPV6_FRAG: 44,
  GRE: 47,
  ESP: 50,
  AH: 51,
  ICMPV6: 58,
  /** No Next Header: the dummy packets of RFC 4303 §2.6. */
  NO_NEXT_HEADER: 59,
  IPV6_OPTS: 60,
  IPCOMP: 108,
  L2TP: 115,
  SCTP: 132,
  MOBILITY: 135,
  UDPLITE: 136,
  HIP: 139,
  SHIM6: 140,
  WESP: 141,
  ROHC: 142,
  AGGFRAG: 144,
} as const

export const ipProtocols: Registry = registry({
  title: 'Assigned Internet Protocol Numbers',
  numbers: ipProtocol,
  source: 'RFC 5237',
  sources: {
    'RFC 8200': ['HOPOPT', 'IPV6_ROUTE', 'IPV6_FRAG', 'NO_NEXT_HEADER', 'IPV6_OPTS'],
    'RFC 792': ['ICMP'],
    'RFC 2003': ['IPV4'],
    'RFC 793': ['TCP'],
    'RFC 768': ['UDP'],
    'RFC 2473': ['IPV6'],
    'RFC 4303': ['ESP'],
    'RFC 4302': ['AH'],
    'RFC 4443': ['ICMPV6'],
    'RFC 3173': ['IPCOMP'],
    'RFC 6275': ['MOBILITY'],
    'RFC 5840': ['WESP'],
    'RFC 5858': ['ROHC'],
    'RFC 9347': ['AGGFRAG'],
  },
  names: {
    IPV4: 'IPv4',
    IPV6: 'IPv6',
    IPV6_ROUTE: 'IPv6-Route',
    IPV6_FRAG: 'IPv6-Frag',
    ICMPV6: 'IPv6-ICMP',
    NO_NEXT_HEADER: 'IPv6-NoNxt',
    IPV6_OPTS: 'IPv6-Opts',
    IPCOMP: 'IPComp',
    MOBILITY: 'Mobility Header',
    UDPLITE: 'UDPLite',
    SHIM6: 'Shim6',
  },
  // RFC 3692 §2.1: 253 and 254 are for experiments.
  privateUse: [[253, 254]],
})

export const ipProtocolName = (number: number): string => ipProtocols.name(number)
