// Where the IP packet is in a frame. Link types: https://www.tcpdump.org/linktypes.html. Ethernet with VLAN tags (IEEE 802.1Q), SNAP
// (RFC 1042) and PPPoE (RFC 2516 §4), Linux cooked v1 and v2, loopback of the BSDs, raw IP.
import { u16, u32 } from '../../bytes/bytes.ts'

export type LinkFinding =
  /** The IP packet starts at this octet; padding may follow it. */
  | { readonly kind: 'ip'; readonly at: number }
  /** Something else, in words: `ARP`. */
  | { readonly kind: 'other'; readonly carries: string }
  /** The frame ends inside its own headers. */
  | { readonly kind: 'short'; readonly expected: string }
  | { readonly kind: 'unknown-link'; readonly linkType: number }

export const linkType = {
  null: 0,
  ethernet: 1,
  rawBsd: 12,
  rawOpenBsd: 14,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const

/** `Ethernet`, `link type 147`: for people. */
export const linkTypeName = (type: number): string => names[type] ?? `link type ${type}`

export function findIp(type: number, octets: Uint8Array): LinkFinding {
  switch (type) {
    case linkType.ethernet:
      return octets.length < 14 ? short('an Ethernet header of 14 octets') : behindEtherType(octets, 12, vlanDepth)
    case linkType.linuxCooked:
      return octets.length < 16 ? short('a Linux cooked header of 16 octets') : behindEtherType(octets, 14, vlanDepth)
    case linkType.linuxCooked2:
      return octets.length < 20 ? short('a Linux cooked header (v2) of 20 octets') : etherPayload(octets, u16(octets, 0), 20, vlanDepth)
    case linkType.raw:
    case linkType.rawBsd:
    case linkType.rawOpenBsd:
    case linkType.ipv4:
    case linkType.ipv6:
      return ipAt(octets, 0)
    case linkType.null:
    case linkType.loop:
      return octets.length < 4 ? short('a loopback header of 4 octets') : loopback(octets)
    default:
      return { kind: 'unknown-link', linkType: type }
  }
}

const names: Readonly<Record<number, string>> = {
  0: 'BSD loopback',
  1: 'Ethernet',
  12: 'raw IP',
  14: 'raw IP',
  101: 'raw IP',
  108: 'OpenBSD loopback',
  113: 'Linux cooked',
  228: 'raw IPv4',
  229: 'raw IPv6',
  276: 'Linux cooked v2',
}

const etherType = { ipv4: 0x0800, ipv6: 0x86dd, vlan: 0x8100, provider: 0x88a8, oldProvider: 0x9100, pppoe: 0x8864 } as const
const etherNames: Readonly<Record<number, string>> = {
  0x0806: 'ARP',
  0x8035: 'RARP',
  0x88cc: 'LLDP',
  0x888e: 'EAPOL',
  0x88e5: 'MACsec',
  0x8863: 'PPPoE discovery',
  0x8847: 'MPLS',
}
/** Tags inside tags: nobody has more. */
const vlanDepth = 8

const behindEtherType = (octets: Uint8Array, at: number, depth: number): LinkFinding => etherPayload(octets, u16(octets, at), at + 2, depth)

function etherPayload(octets: Uint8Array, type: number, at: number, depth: number): LinkFinding {
  switch (type) {
    case etherType.ipv4:
    case etherType.ipv6:
      return ipAt(octets, at)
    case etherType.vlan:
    case etherType.provider:
    case etherType.oldProvider:
      if (octets.length < at + 4) return short('a VLAN tag of 4 octets')
      return depth === 0 ? { kind: 'other', carries: 'too many VLAN tags' } : behindEtherType(octets, at + 2, depth - 1)
    case etherType.pppoe:
      return pppoe(octets, at)
    default:
      return type < 0x0600
        ? logicalLink(octets, at, depth)
        : { kind: 'other', carries: etherNames[type] ?? `EtherType 0x${type.toString(16).padStart(4, '0')}` }
  }
}

/** Below 0x0600 the field is a length, and IEEE 802.2 follows; RFC 1042: SNAP with an EtherType. */
function logicalLink(octets: Uint8Array, at: number, depth: number): LinkFinding {
  if (octets.length < at + 8 || u32(octets, at) !== 0xaaaa0300 || u16(octets, at + 4) !== 0) return { kind: 'other', carries: 'IEEE 802.2' }
  const type = u16(octets, at + 6)
  return type < 0x0600 ? { kind: 'other', carries: 'IEEE 802.2' } : etherPayload(octets, type, at + 8, depth)
}

/** RFC 2516 §4: six octets, then PPP with its two octets of protocol (RFC 1661 §2). */
function pppoe(octets: Uint8Array, at: number): LinkFinding {
  if (octets.length < at + 8) return short('a PPPoE and a PPP header of 8 octets')
  const protocol = u16(octets, at + 6)
  return protocol === 0x0021 || protocol === 0x0057
    ? ipAt(octets, at + 8)
    : { kind: 'other', carries: `PPP protocol 0x${protocol.toString(16)}` }
}

/** An address family in the order of the machine that captured, or of the network: small either way. IPv6 has a number of its own in each BSD. */
function loopback(octets: Uint8Array): LinkFinding {
  const word = u32(octets, 0)
  const family = word > 0xffff ? (octets[0] ?? 0) | ((octets[1] ?? 0) << 8) : word
  return [2, 10, 23, 24, 28, 30].includes(family) ? ipAt(octets, 4) : { kind: 'other', carries: `address family ${family}` }
}

function ipAt(octets: Uint8Array, at: number): LinkFinding {
  if (octets.length <= at) return short('an IP packet behind the link header')
  const version = (octets[at] ?? 0) >>> 4
  return version === 4 || version === 6 ? { kind: 'ip', at } : { kind: 'other', carries: `IP version ${version}` }
}

const short = (expected: string): LinkFinding => ({ kind: 'short', expected })
