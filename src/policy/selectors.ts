// The algebra of traffic selectors, and narrowing. RFC 7296 §2.9, §3.13.1; RFC 4301 §4.4.1.1.
import { failed, ok, type Result } from '../bytes/result.ts'
import type { SelectorRefusal } from '../contract/refusal.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import type { Address } from '../net/address.ts'
import { type Box, boxContains, boxesOf, boxOf, intersectBoxes, isCovered, selectorOf } from './boxes.ts'
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
  let boxes: readonly Box[] | undefined
  return selectors.find((selector) => {
    // So it is at most rekeys, which need no geometry then.
    if (allowed.some((other) => sameSelector(other, selector))) return false
    const box = boxOf(selector)
    return box !== undefined && !isCovered(box, (boxes ??= boxesOf(allowed)))
  })
}

const sameSelector = (a: TrafficSelector, b: TrafficSelector): boolean =>
  a.startAddress === b.startAddress &&
  a.endAddress === b.endAddress &&
  a.protocol === b.protocol &&
  a.startPort === b.startPort &&
  a.endPort === b.endPort

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
