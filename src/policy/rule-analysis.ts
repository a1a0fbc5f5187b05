// What an ordered list of rules amounts to: rules that can never match, rules that others leave nothing to, and IPv6 that goes in clear
// where IPv4 is protected. RFC 4301 §4.4.1.
import type { SpdEntry } from './spd.ts'
import { cutOut, type Rectangle } from './rectangles.ts'
import { flowClasses, rectangleIn, scalesOf } from './flow-classes.ts'

/** Rules are told by their place in the list that was analysed. */
export type RuleFinding =
  /** No packet is like that: two versions, two protocols, or ports of a protocol that has none. */
  | { readonly kind: 'never-matches'; readonly rule: number }
  /** Every packet of it is one of these earlier rules. */
  | { readonly kind: 'shadowed'; readonly rule: number; readonly by: readonly number[] }
  /** IPv6 bypasses by `opens` where the same protocol and ports are protected in IPv4 by `protects`, and in IPv6 by no rule at all. */
  | { readonly kind: 'ipv6-open'; readonly protects: number; readonly opens: number }

/**
 * A rule is one entry or several. All packets are sorted into classes that selectors cannot tell apart but by addresses and ports; in a class a
 * rule is a union of rectangles, and earlier rules are cut out of it: what is left decides. Exact, unless a rule falls into more than
 * `mostPieces`: then it counts as not shadowed.
 */
export function analyseRules(rules: readonly (readonly SpdEntry[])[]): readonly RuleFinding[] {
  const scales = scalesOf(rules.flat())
  const seen = rules.map((): Seen => ({ matches: 'nothing', left: 'nothing', takers: new Set() }))
  const open = new Map<string, Exposure>()
  for (const flowClass of flowClasses(rules.flat())) {
    const earlier: { readonly rule: number; readonly rectangle: Rectangle }[] = []
    for (const [rule, entries] of rules.entries()) {
      const rectangles = entries.map((entry) => rectangleIn(entry, flowClass, scales)).filter((rectangle) => rectangle !== undefined)
      const state = seen[rule]
      if (state === undefined || rectangles.length === 0) continue
      state.matches = 'something'
      const left = whatIsLeft(rectangles, earlier, state.takers)
      if (left.length > 0) state.left = 'something'
      const kind = entries[0]?.action.kind
      if (kind !== undefined && kind !== 'DISCARD' && flowClass.comparable !== undefined) {
        const exposure = open.get(flowClass.comparable) ?? { protected4: [], protected6: [], bypassed6: [] }
        open.set(flowClass.comparable, exposure)
        const isGlobal = left.flatMap((piece) => scales.withoutLocalScope(piece, flowClass))
        const list =
          kind === 'BYPASS'
            ? flowClass.version === 6
              ? exposure.bypassed6
              : []
            : flowClass.version === 4
              ? exposure.protected4
              : exposure.protected6
        list.push(...(kind === 'BYPASS' ? isGlobal : left).map((piece) => ({ rule, ports: portsOnly(piece) })))
      }
      for (const rectangle of rectangles) earlier.push({ rule, rectangle })
    }
  }
  return [
    ...seen.flatMap(({ matches, left, takers }, rule): RuleFinding[] => {
      if (matches === 'nothing') return [{ kind: 'never-matches', rule }]
      return left === 'nothing' ? [{ kind: 'shadowed', rule, by: [...takers].toSorted((a, b) => a - b) }] : []
    }),
    ...exposures([...open.values()]),
  ]
}

const mostPieces = 4096

interface Seen {
  matches: 'nothing' | 'something'
  left: 'nothing' | 'something'
  /** Rules that took a part of it. */
  readonly takers: Set<number>
}

interface PortsOfRule {
  readonly rule: number
  readonly ports: Rectangle
}
interface Exposure {
  readonly protected4: PortsOfRule[]
  readonly protected6: PortsOfRule[]
  readonly bypassed6: PortsOfRule[]
}

function whatIsLeft(
  rectangles: readonly Rectangle[],
  earlier: readonly { readonly rule: number; readonly rectangle: Rectangle }[],
  takers: Set<number>,
): readonly Rectangle[] {
  let left = rectangles
  for (const { rule, rectangle } of earlier) {
    const next = left.flatMap((piece) => cutOut(piece, rectangle) ?? [piece])
    if (next.length !== left.length || next.some((piece, i) => piece !== left[i])) takers.add(rule)
    left = next
    if (left.length === 0 || left.length > mostPieces) break
  }
  return left
}

/** The first rule that opens and the first that protects, of each class of traffic; each pair once. */
function exposures(all: readonly Exposure[]): readonly RuleFinding[] {
  const told = new Set<number>()
  return all.flatMap(({ protected4, protected6, bypassed6 }) =>
    protected4.flatMap(({ rule: protects, ports }) => {
      const unprotected = protected6.reduce<readonly Rectangle[]>(
        (left, other) => left.flatMap((piece) => cutOut(piece, other.ports) ?? [piece]),
        [ports],
      )
      const opens = bypassed6.find(
        (bypass) => !told.has(bypass.rule) && unprotected.some((piece) => cutOut(piece, bypass.ports) !== undefined),
      )
      if (opens === undefined) return []
      told.add(opens.rule)
      return [{ kind: 'ipv6-open' as const, protects, opens: opens.rule }]
    }),
  )
}

/** Whatever the addresses. */
const portsOnly = (rectangle: Rectangle): Rectangle => rectangle.slice(2)
