// ICMP and ICMPv6 types. RFC 792, RFC 4443 §2.1.
import { type Registry, registry } from './registry.ts'

export const icmpType = {
  ECHO_REPLY: 0,
  DESTINATION_UNREACHABLE: 3,
  SOURCE_QUENCH: 4,
  REDIRECT: 5,
  ECHO: 8,
  ROUTER_ADVERTISEMENT: 9,
  ROUTER_SOLICITATION: 10,
  TIME_EXCEEDED: 11,
  PARAMETER_PROBLEM: 12,
  TIMESTAMP: 13,
  TIMESTAMP_REPLY: 14,
} as const

export const icmpTypes: Registry = registry({
  title: 'ICMP Type Numbers',
  numbers: icmpType,
  source: 'RFC 792',
  sources: { 'RFC 1256': ['ROUTER_ADVERTISEMENT', 'ROUTER_SOLICITATION'] },
  names: {
    ECHO_REPLY: 'Echo Reply',
    DESTINATION_UNREACHABLE: 'Destination Unreachable',
    SOURCE_QUENCH: 'Source Quench',
    REDIRECT: 'Redirect',
    ECHO: 'Echo',
    ROUTER_ADVERTISEMENT: 'Router Advertisement',
    ROUTER_SOLICITATION: 'Router Solicitation',
    TIME_EXCEEDED: 'Time Exceeded',
    PARAMETER_PROBLEM: 'Parameter Problem',
    TIMESTAMP: 'Timestamp',
    TIMESTAMP_REPLY: 'Timestamp Reply',
  },
  privateUse: [],
})

export const icmpv6Type = {
  DESTINATION_UNREACHABLE: 1,
  PACKET_TOO_BIG: 2,
  TIME_EXCEEDED: 3,
  PARAMETER_PROBLEM: 4,
  ECHO_REQUEST: 128,
  ECHO_REPLY: 129,
  MLD_QUERY: 130,
  MLD_REPORT: 131,
  MLD_DONE: 132,
  ROUTER_SOLICITATION: 133,
  ROUTER_ADVERTISEMENT: 134,
  NEIGHBOR_SOLICITATION: 135,
  NEIGHBOR_ADVERTISEMENT: 136,
  REDIRECT: 137,
  MLDV2_REPORT: 143,
} as const

export const icmpv6Types: Registry = registry({
  title: 'ICMPv6 "type" Numbers',
  numbers: icmpv6Type,
  source: 'RFC 4443',
  sources: {
    'RFC 2710': ['MLD_QUERY', 'MLD_REPORT', 'MLD_DONE'],
    'RFC 4861': ['ROUTER_SOLICITATION', 'ROUTER_ADVERTISEMENT', 'NEIGHBOR_SOLICITATION', 'NEIGHBOR_ADVERTISEMENT', 'REDIRECT'],
    'RFC 3810': ['MLDV2_REPORT'],
  },
  names: {
    DESTINATION_UNREACHABLE: 'Destination Unreachable',
    PACKET_TOO_BIG: 'Packet Too Big',
    TIME_EXCEEDED: 'Time Exceeded',
    PARAMETER_PROBLEM: 'Parameter Problem',
    ECHO_REQUEST: 'Echo Request',
    ECHO_REPLY: 'Echo Reply',
    MLD_QUERY: 'Multicast Listener Query',
    MLD_REPORT: 'Multicast Listener Report',
    MLD_DONE: 'Multicast Listener Done',
    ROUTER_SOLICITATION: 'Router Solicitation',
    ROUTER_ADVERTISEMENT: 'Router Advertisement',
    NEIGHBOR_SOLICITATION: 'Neighbor Solicitation',
    NEIGHBOR_ADVERTISEMENT: 'Neighbor Advertisement',
    REDIRECT: 'Redirect Message',
    MLDV2_REPORT: 'Version 2 Multicast Listener Report',
  },
  privateUse: [
    [100, 101],
    [200, 201],
  ],
})
