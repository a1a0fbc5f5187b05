// Congestion marks at the end of a tunnel. RFC 4301 §5.1.2.1, note 6.
import { putU16, u16 } from '../bytes/bytes.ts'
import { updateChecksum } from '../net/checksum.ts'
import { ipv4Field } from '../net/ipv4.ts'
import { putIpv6TrafficClass } from '../net/ipv6.ts'
import { trafficClass } from './outer.ts'

const ecnMask = 3
const congestionExperienced = 3

/** If the outer header has met congestion and the transport inside is capable of ECN, the inner header at `at` says so too. */
export function propagateCongestion(bytes: Uint8Array, at: number, outer: number): void {
  if ((outer & ecnMask) !== congestionExperienced) return
  const inner = trafficClass(bytes, at)
  const ecn = inner & ecnMask
  if (ecn === 0 || ecn === congestionExperienced) return
  const marked = inner | congestionExperienced
  if ((bytes[at] ?? 0) >>> 4 === 6) {
    putIpv6TrafficClass(bytes, at, marked)
    return
  }
  const before = u16(bytes, at)
  bytes[at + ipv4Field.trafficClass] = marked
  putU16(bytes, at + ipv4Field.checksum, updateChecksum(u16(bytes, at + ipv4Field.checksum), before, u16(bytes, at)))
}
