// The algebra of traffic selectors, narrowing, and selectors as text. RFC 7296 §2.9, §3.13.1; RFC 4301 §4.4.1.1.
import { failed, ok, type Result } from '../bytes/result.ts'
import type { SelectorRefusal } from '../contract/refusal.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { type Address, addressVersion } from '../net/address.ts'
import { type Box, boxContains, boxesOf, boxOf, intersectBoxes, isCovered, numberOf, selectorOf } from './boxes.ts'
import type { SelectorTemplate } from './connection.ts'

/** RFC 7296 §3.13: "Number of TSs" is one octet. */
export const selectorLimit = 255

/**
 * The responder's narrowing (RFC 7296 §2.9): what is in `offered` and in `configured`, each selector in both, in the order of the
 * offer, none of them inside another. All that is acceptable is kept, so that the initiator's first choice is in it wherever
 * we may accept it; a result longer than `selectorLimit` loses its end.
 */
export function narrow(
  offered: readonly TrafficSelector[],
  configured: readonly TrafficSelector[],
  side: 'TSi' | 'TSr',
): Result<readonly TrafficSelector[], SelectorRefusal> {
  const ours = boxesOf(configured)
  const kept: Box[] = []
  for (const theirs of boxesOf(offered)) {
    for (const box of ours) {
      const common = intersectBoxes(theirs, box)
      if (common !== undefined && kept.length < selectorLimit) keep(kept, common)
    }
  }
  if (kept.length > 0) return ok(kept.map(selectorOf))
  return failed({ kind: 'selectors', side, offered, configured, reason: reasonOf(boxesOf(offered), ours) })
}

/** The first of `selectors` of which some part is in none of `allowed`: what makes an answer wider than its offer. */
export function firstUncovered(selectors: readonly TrafficSelector[], allowed: readonly TrafficSelector[]): TrafficSelector | undefined {
  const boxes = boxesOf(allowed)
  return selectors.find((selector) => {
    const box = boxOf(selector)
    return box !== undefined && !isCovered(box, boxes)
  })
}

/** Whether every packet of `inner` is one of `outer`. */
export function contains(outer: TrafficSelector, inner: TrafficSelector): boolean {
  const box = boxOf(inner)
  const around = boxOf(outer)
  return box === undefined || (around !== undefined && boxContains(around, box))
}

/** The packets of both; `undefined` when there are none. */
export function intersect(a: TrafficSelector, b: TrafficSelector): TrafficSelector | undefined {
  const left = boxOf(a)
  const right = boxOf(b)
  const common = left === undefined || right === undefined ? undefined : intersectBoxes(left, right)
  return common === undefined ? undefined : selectorOf(common)
}

/** `dynamic` becomes `dynamicAddress`, the outer address of that side. */
export function selectorTemplateToSelector(template: SelectorTemplate, dynamicAddress: Address): TrafficSelector {
  const { start, end } = template.addresses === 'dynamic' ? { start: dynamicAddress, end: dynamicAddress } : template.addresses
  return {
    protocol: template.protocol,
    startPort: template.startPort,
    endPort: template.endPort,
    startAddress: start,
    endAddress: end,
  }
}

/** As swanctl writes them: `10.1.0.0/24[tcp/80]`, `10.0.0.1-10.0.0.9`, `2001:db8::/32[ipv6-icmp/128(0)]`. */
export function formatSelector(selector: TrafficSelector): string {
  return formatRange(selector.startAddress, selector.endAddress) + formatNextLayer(selector)
}

/** As `formatSelector`, or `dynamic[tcp/80]`. */
export function formatSelectorTemplate(template: SelectorTemplate): string {
  const { addresses } = template
  return (addresses === 'dynamic' ? 'dynamic' : formatRange(addresses.start, addresses.end)) + formatNextLayer(template)
}

/** Names for protocols in selectors; where there are several for a number, the first is the one that is written. */
export const protocolWords: ReadonlyMap<string, number> = new Map<string, number>([
  ['any', 0],
  ['icmp', ipProtocol.ICMP],
  ['igmp', ipProtocol.IGMP],
  ['tcp', ipProtocol.TCP],
  ['udp', ipProtocol.UDP],
  ['dccp', ipProtocol.DCCP],
  ['gre', ipProtocol.GRE],
  ['esp', ipProtocol.ESP],
  ['ah', ipProtocol.AH],
  ['ipv6-icmp', ipProtocol.ICMPV6],
  ['icmpv6', ipProtocol.ICMPV6],
  ['icmp6', ipProtocol.ICMPV6],
  ['l2tp', ipProtocol.L2TP],
  ['sctp', ipProtocol.SCTP],
  ['udplite', ipProtocol.UDPLITE],
])

/** Protocols whose "port" is type × 256 + code (RFC 7296 §3.13.1). */
export const hasTypeAndCode = (protocol: number): boolean => protocol === ipProtocol.ICMP || protocol === ipProtocol.ICMPV6

/** Keeps `kept` free of boxes inside others. */
function keep(kept: Box[], box: Box): void {
  if (kept.some((other) => boxContains(other, box))) return
  const others = kept.filter((other) => !boxContains(box, other))
  kept.splice(0, kept.length, ...others, box)
}

/** How far the pair that came closest came. */
function reasonOf(offered: readonly Box[], configured: readonly Box[]): SelectorRefusal['reason'] {
  const steps = ['empty', 'version', 'addresses', 'protocol', 'ports'] as const
  let furthest = 0
  for (const a of offered) for (const b of configured) furthest = Math.max(furthest, stepOf(a, b))
  return steps[furthest] ?? 'empty'
}

function stepOf(a: Box, b: Box): number {
  if (a.version !== b.version) return 1
  if (a.last < b.first || b.last < a.first) return 2
  return a.protocol !== b.protocol && a.protocol !== 0 && b.protocol !== 0 ? 3 : 4
}

function formatRange(start: Address, end: Address): string {
  const size = numberOf(end) - numberOf(start) + 1n
  const bits = size.toString(2).length - 1
  const isPrefix = size > 0n && size === 1n << BigInt(bits) && numberOf(start) % size === 0n
  return isPrefix ? `${start}/${(addressVersion(start) === 4 ? 32 : 128) - bits}` : `${start}-${end}`
}

function formatNextLayer(selector: { readonly protocol: number; readonly startPort: number; readonly endPort: number }): string {
  const { protocol, startPort, endPort } = selector
  const anyPort = startPort === 0 && endPort === 65535
  if (anyPort && protocol === 0) return ''
  const name = [...protocolWords].find(([, number]) => number === protocol)?.[0] ?? String(protocol)
  if (anyPort) return `[${name}]`
  if (startPort === 65535 && endPort === 0) return `[${name}/opaque]`
  return `[${name}/${hasTypeAndCode(protocol) ? formatTypes(startPort, endPort) : formatInterval(startPort, endPort)}]`
}

/** `8` for all codes of a type, `8(0)` for one of them; `8-11`, `3(1)-3(4)` for several. */
function formatTypes(start: number, end: number): string {
  if ((start & 255) === 0 && (end & 255) === 255) return formatInterval(start >>> 8, end >>> 8)
  return formatInterval(formatTypeAndCode(start), formatTypeAndCode(end))
}

const formatTypeAndCode = (port: number): string => `${port >>> 8}(${port & 255})`
const formatInterval = (start: number | string, end: number | string): string => (start === end ? `${start}` : `${start}-${end}`)
