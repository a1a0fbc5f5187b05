// Options in IPv4 and IPv6 headers, and routing types: those that are met in the wild. RFC 791 §3.1, RFC 8200 §4.2 and §4.4.
import { type Registry, registry } from './registry.ts'

/** The whole first octet: copied flag, class and number. */
export const ipv4Option = {
  EOL: 0,
  NOP: 1,
  RR: 7,
  TS: 68,
  SEC: 130,
  LSR: 131,
  CIPSO: 134,
  SID: 136,
  SSR: 137,
  RTRALT: 148,
} as const

export const ipv4Options: Registry = registry({
  title: 'IP Option Numbers',
  numbers: ipv4Option,
  source: 'RFC 791',
  sources: { 'RFC 2113': ['RTRALT'], 'draft-ietf-cipso-ipsecurity': ['CIPSO'] },
  names: {
    EOL: 'End of Option List',
    NOP: 'No Operation',
    RR: 'Record Route',
    TS: 'Internet Timestamp',
    SEC: 'Security',
    LSR: 'Loose Source and Record Route',
    CIPSO: 'Commercial Security',
    SID: 'Stream Identifier',
    SSR: 'Strict Source and Record Route',
    RTRALT: 'Router Alert',
  },
  privateUse: [],
})

/** The whole first octet: what to do when the option is unknown, whether it changes en route, and the rest of the type. */
export const ipv6Option = {
  PAD1: 0x00,
  PADN: 0x01,
  TUNNEL_ENCAPSULATION_LIMIT: 0x04,
  ROUTER_ALERT: 0x05,
  JUMBO_PAYLOAD: 0xc2,
  HOME_ADDRESS: 0xc9,
} as const

export const ipv6Options: Registry = registry({
  title: 'Destination Options and Hop-by-Hop Options',
  numbers: ipv6Option,
  source: 'RFC 8200',
  sources: {
    'RFC 2473': ['TUNNEL_ENCAPSULATION_LIMIT'],
    'RFC 2711': ['ROUTER_ALERT'],
    'RFC 2675': ['JUMBO_PAYLOAD'],
    'RFC 6275': ['HOME_ADDRESS'],
  },
  names: {
    PAD1: 'Pad1',
    PADN: 'PadN',
    TUNNEL_ENCAPSULATION_LIMIT: 'Tunnel Encapsulation Limit',
    ROUTER_ALERT: 'Router Alert',
    JUMBO_PAYLOAD: 'Jumbo Payload',
    HOME_ADDRESS: 'Home Address',
  },
  privateUse: [],
})

export const ipv6Routing = { SOURCE_ROUTE: 0, NIMROD: 1, TYPE_2: 2, RPL: 3, SEGMENT_ROUTING: 4 } as const

export const ipv6RoutingTypes: Registry = registry({
  title: 'Routing Types',
  numbers: ipv6Routing,
  source: 'RFC 5095',
  sources: { 'RFC 6275': ['TYPE_2'], 'RFC 6554': ['RPL'], 'RFC 8754': ['SEGMENT_ROUTING'] },
  names: {
    SOURCE_ROUTE: 'Source Route (deprecated)',
    NIMROD: 'Nimrod (deprecated)',
    TYPE_2: 'Type 2 Routing Header',
    RPL: 'RPL Source Route Header',
    SEGMENT_ROUTING: 'Segment Routing Header',
  },
  privateUse: [[253, 254]],
})
