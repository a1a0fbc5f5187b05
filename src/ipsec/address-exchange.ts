// Another address in the place of the source or the destination of a plain packet, with every checksum that covers it. RFC 3948 §5.2,
// RFC 3022 §4.1, RFC 1624.
import { putU16, u16 } from '../bytes/bytes.ts'
import { onesSum, updateChecksum } from '../net/checksum.ts'
import type { Flow } from '../net/flow.ts'
import { ipv4Field } from '../net/ipv4.ts'
import { addressLength } from '../net/layout.ts'
import { repairChecksum } from './checksum-repair.ts'

/**
 * `at` is `flow.source` or `flow.destination`, and `address` has as many octets. What is further inside stays:
 * `quoted-addresses.ts` is for what ICMP errors quote. Of a datagram in fragments the first has the checksum, and what it changes by is known without the others.
 */
export function exchangeAddress(bytes: Uint8Array, flow: Flow, at: number, address: Uint8Array): void {
  const length = addressLength(flow)
  const before = onesSum(bytes, flow.source, length, onesSum(bytes, flow.destination, length, 0))
  if (flow.version === 4) {
    const header = flow.start + ipv4Field.checksum
    putU16(bytes, header, updateChecksum(u16(bytes, header), onesSum(bytes, at, length, 0), onesSum(address, 0, length, 0)))
  }
  bytes.set(address, at)
  if (flow.fragmentation !== 'later') repairChecksum(bytes, flow, before)
}
