// What must hold of the spans of any region, and ways to find one.
import { expect } from 'vitest'
import type { Region, Span } from '../../../src/inspect/span.ts'

/** Leaves cover each octet exactly once and in order, parents are covered by their children, bits cover their octets; inside, too. */
export function expectCovered(region: Region): void {
  const problems = problemsOf(region)
  if (problems.length > 0) expect.unreachable(problems.join('\n'))
}

export function problemsOf(region: Region): readonly string[] {
  const problems: string[] = []
  const end = follow(region.spans, 0, problems)
  if (end !== region.bytes.length) problems.push(`spans end at ${end} of ${region.bytes.length}`)
  const leaves = leavesOf(region)
  const undecoded = leaves.filter(({ kind }) => kind === 'not-decoded')
  if (undecoded.length > 1) problems.push(`${undecoded.length} spans are not decoded`)
  if (undecoded[0] !== undefined && undecoded[0] !== leaves.at(-1)) problems.push('something follows what is not decoded')
  if (undecoded.length > 0 && region.fault === undefined) problems.push('not decoded, without a fault')
  if (region.fault !== undefined && region.fault.offset > region.bytes.length) problems.push(`a fault at ${region.fault.offset}`)
  for (const { inner } of allSpans(region.spans)) if (inner !== undefined) problems.push(...problemsOf(inner))
  return problems
}

export function leavesOf(region: Region): readonly Span[] {
  return allSpans(region.spans).filter(({ children }) => children.length === 0)
}

/** Those of inner regions left out. */
export function allSpans(spans: readonly Span[]): readonly Span[] {
  return spans.flatMap((span) => [span, ...allSpans(span.children)])
}

/** Those of inner regions, too. */
export function everySpan(region: Region): readonly Span[] {
  return allSpans(region.spans).flatMap((span) => (span.inner === undefined ? [span] : [span, ...everySpan(span.inner)]))
}

export function innerRegions(region: Region): readonly Region[] {
  return everySpan(region).flatMap(({ inner }) => (inner === undefined ? [] : [inner]))
}

/** The one span of that name. */
export function spanNamed(region: Region, name: string): Span {
  const found = everySpan(region).filter((span) => span.name === name)
  const [only] = found
  if (only === undefined || found.length > 1) expect.unreachable(`${found.length} spans are called ${name}`)
  return only
}

function follow(spans: readonly Span[], start: number, problems: string[]): number {
  let at = start
  for (const span of spans) {
    if (span.start !== at) problems.push(`${span.name} starts at ${span.start}, not at ${at}`)
    if (span.end <= span.start) problems.push(`${span.name} has no octets`)
    if (span.children.length > 0 && follow(span.children, span.start, problems) !== span.end)
      problems.push(`${span.name} has more than its children`)
    if (span.bits.length > 0) {
      const width = span.bits.reduce((sum, bit) => (bit.first === sum ? sum + bit.width : Number.NaN), 0)
      if (width !== 8 * (span.end - span.start)) problems.push(`${span.name}: its bits do not cover it`)
    }
    if (span.name === '' || (span.rfc === '' && span.kind !== 'not-decoded')) problems.push(`a span at ${at} without name or source`)
    at = span.end
  }
  return at
}
