// DSCP and ECN where a tunnel begins and ends. RFC 4301 §5.1.2.1 as RFC 6040 §4 updates it; RFC 2983.
import type { PathTerms } from '../contract/path-terms.ts'
import { putTrafficClass, trafficClass } from '../net/traffic-class.ts'
import type { SaCounters } from './counters.ts'
import { drop, type DropCode } from './drops.ts'

const ecnMask = 3
const dscpMask = 0xfc

/** How the outer traffic class is made of the inner one: some of its bits stay, some are put in. */
export interface OuterClass {
  readonly kept: number
  readonly put: number
}

/** RFC 6040 §4.1, figure 3: in normal mode ECN is copied, in compatibility mode it is Not-ECT. */
export function outerClass({ ecn, outerDscp }: PathTerms): OuterClass {
  const ecnKept = ecn === 'normal' ? ecnMask : 0
  return outerDscp === 'copy' ? { kept: dscpMask | ecnKept, put: 0 } : { kept: ecnKept, put: (outerDscp << 2) & dscpMask }
}

/**
 * RFC 6040 §4.2, figure 4: what the inner header says afterwards, where rows are what it says and columns are what the outer header says.
 * Codepoints: 0 is Not-ECT, 1 is ECT(1), 2 is ECT(0), 3 is CE.
 */
const dropped = -1
const egress: readonly (readonly number[])[] = [
  [0, 0, 0, dropped],
  [1, 1, 1, 3],
  [2, 1, 2, 3],
  [3, 3, 3, 3],
]
/** The combinations that no tunnel makes, and that SHOULD be logged: `(!!!)` and `(!)` of the figure. */
const odd: readonly (readonly number[])[] = [[1, 2, 3], [2], [], [1]]

/** The inner header at `at` takes over what has befallen the outer one, whose traffic class is `outer`. */
export function leaveTunnel(bytes: Uint8Array, at: number, outer: number, { innerDscp }: PathTerms, counters: SaCounters): DropCode | 0 {
  const inner = trafficClass(bytes, at)
  const innerEcn = inner & ecnMask
  const outerEcn = outer & ecnMask
  if (odd[innerEcn]?.includes(outerEcn) === true) counters.countOddMark(innerEcn, outerEcn)
  const ecn = egress[innerEcn]?.[outerEcn] ?? dropped
  // The transport inside knows congestion by losses only: so it is to have one.
  if (ecn === dropped) return drop['congestion-unheard']
  const after = ((innerDscp === 'copy' ? outer : inner) & dscpMask) | ecn
  if (after !== inner) putTrafficClass(bytes, at, after)
  return 0
}
