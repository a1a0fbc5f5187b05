// Congestion marks at the end of a tunnel. RFC 4301 §5.1.2.1, note 6.
import { putTrafficClass, trafficClass } from '../net/traffic-class.ts'

const ecnMask = 3
const congestionExperienced = 3

/** If the outer header has met congestion and the transport inside is capable of ECN, the inner header at `at` says so too. */
export function propagateCongestion(bytes: Uint8Array, at: number, outer: number): void {
  if ((outer & ecnMask) !== congestionExperienced) return
  const inner = trafficClass(bytes, at)
  const ecn = inner & ecnMask
  if (ecn !== 0 && ecn !== congestionExperienced) putTrafficClass(bytes, at, inner | congestionExperienced)
}
