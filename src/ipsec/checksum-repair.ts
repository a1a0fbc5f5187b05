// Transport mode through a NAT: the checksums inside were computed over addresses that the NAT has changed since. RFC 3948 §3.1.2,
// with the original addresses from the Traffic Selectors (RFC 7296 §2.23.1).
import { concat, putU16, u16 } from '../bytes/bytes.ts'
import type { OriginalAddresses } from '../contract/install.ts'
import { addressBytes } from '../net/address.ts'
import { onesSum, updateChecksum } from '../net/checksum.ts'
import type { Flow } from '../net/flow.ts'
import { addressLength } from '../net/layout.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { pseudoHeaderChecksumOffset } from '../net/transport.ts'

/** Sum of the addresses that the peer computed its checksums over. */
export function originalSum(original: OriginalAddresses): number {
  const addresses = concat(addressBytes(original.remote), addressBytes(original.local))
  return onesSum(addresses, 0, addresses.length, 0)
}

/**
 * Exchanges, in the upper-layer checksum of the packet in `bytes`, the original addresses for those that its IP header has now
 * (RFC 3948 §3.1.2, procedure 1): TCP and UDP, and whatever else has the addresses in its checksum (ICMPv6, DCCP, UDP-Lite).
 *
 * A UDP checksum of zero stays zero. Over IPv4 it means "none" (RFC 768). Over IPv6 a sender may leave it out only in the zero-checksum
 * mode of a tunnel protocol (RFC 6935 §5); whether that is so is for the receiver of the packet to judge, so nothing is made up here.
 */
export function repairChecksum(bytes: Uint8Array, flow: Flow, original: number): void {
  const offset = pseudoHeaderChecksumOffset(flow.protocol)
  const at = flow.upper + offset
  if (offset < 0 || at + 2 > flow.end) return
  const length = addressLength(flow)
  const current = onesSum(bytes, flow.source, length, onesSum(bytes, flow.destination, length, 0))
  if (current === original) return
  const old = u16(bytes, at)
  const isUdp = flow.protocol === ipProtocol.UDP || flow.protocol === ipProtocol.UDPLITE
  if (isUdp && old === 0) return
  const repaired = updateChecksum(old, original, current)
  // RFC 768: a computed zero is sent as all ones.
  putU16(bytes, at, isUdp && repaired === 0 ? 0xffff : repaired)
}
