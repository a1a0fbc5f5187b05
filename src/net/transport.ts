// Offsets in the headers above IP. UDP: RFC 768; TCP: RFC 9293 §3.1; ICMP: RFC 792; ICMPv6: RFC 4443 §2.1; Mobility Header: RFC 6275.
import { ipProtocol } from '../iana/ip-protocols.ts'

export const udpField = { sourcePort: 0, destinationPort: 2, length: 4, checksum: 6 } as const
export const udpHeaderLength = 8

export const tcpField = {
  sourcePort: 0,
  destinationPort: 2,
  sequence: 4,
  acknowledgement: 8,
  dataOffset: 12,
  flags: 13,
  window: 14,
  checksum: 16,
  urgent: 18,
} as const
export const tcpMinimumHeader = 20

/** The same for ICMP and ICMPv6; identifier and sequence number are those of Echo and Echo Reply. */
export const icmpField = { type: 0, code: 1, checksum: 2, identifier: 4, sequence: 6, data: 8 } as const

/** RFC 6275 §6.1.1. */
export const mobilityField = { type: 2, checksum: 4, data: 6 } as const

/** Protocols that begin with a source port and a destination port (RFC 4301 §4.4.1.1). */
export function hasPorts(protocol: number): boolean {
  return (
    protocol === ipProtocol.TCP ||
    protocol === ipProtocol.UDP ||
    protocol === ipProtocol.SCTP ||
    protocol === ipProtocol.DCCP ||
    protocol === ipProtocol.UDPLITE
  )
}

/** Where in its header a protocol keeps a checksum that covers the IP addresses through a pseudo header; -1 for those that do not. */
export function pseudoHeaderChecksumOffset(protocol: number): number {
  switch (protocol) {
    case ipProtocol.TCP:
      return tcpField.checksum
    case ipProtocol.UDP:
    case ipProtocol.UDPLITE: // RFC 3828 §3.1
    case ipProtocol.DCCP: // RFC 4340 §5.1
      return udpField.checksum
    case ipProtocol.ICMPV6:
      return icmpField.checksum
    case ipProtocol.MOBILITY:
      return mobilityField.checksum
    default:
      return -1
  }
}
