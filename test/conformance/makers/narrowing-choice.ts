// Whether RFC 7296 §2.9 leaves the responder of an offer anything to choose. The twin finds the same by enumeration, or says so.
import type { TrafficSelector } from '../../../src/contract/selectors.ts'
import { contains, intersect } from '../../../src/policy/selectors.ts'
import { address } from './esp-packets.ts'
import type { Selector } from './selectors.ts'

/** The policy allows the entire offer, selector by selector, and none is inside another: it goes back as it is. Or one packet is common. */
export function leavesNoChoice(offered: readonly Selector[], configured: readonly Selector[]): boolean {
  const theirs = offered.map(concrete)
  const ours = configured.map(concrete)
  const common = theirs.flatMap((each) => ours.map((mine) => intersect(each, mine)).filter((part) => part !== undefined))
  if (common.length > 0 && common.every(isOnePacket) && common.every((part) => contains(part, common[0] ?? part))) return true
  const apart = !theirs.some((a, i) => theirs.some((b, j) => i !== j && contains(b, a)))
  const whole = theirs.every((each) => ours.some((mine) => contains(mine, each)))
  const once = theirs.every((each) => ours.filter((mine) => intersect(each, mine) !== undefined).length === 1)
  return apart && whole && once
}

const isOnePacket = ({ protocol, startPort, endPort, startAddress, endAddress }: TrafficSelector): boolean =>
  protocol !== 0 && startAddress === endAddress && (startPort === endPort || (startPort === 65_535 && endPort === 0))

const concrete = ({ startAddress, endAddress, ...rest }: Selector): TrafficSelector => ({
  protocol: rest.protocol,
  startPort: rest.startPort,
  endPort: rest.endPort,
  startAddress: address(startAddress),
  endAddress: address(endAddress),
})
