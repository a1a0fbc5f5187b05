// What was measured, as cells of docs/transforms.md.
import type { TransformOp } from '../bench/transform-works.ts'
import type { TransformRow } from '../bench/transforms.ts'

/** docs/transforms-measured.json. */
export interface Measured {
  readonly machine: string
  readonly rows: readonly TransformRow[]
}

/** An operation on so many octets. */
export type Measure = readonly [op: TransformOp, size: number]

/** A portable primitive that costs more than so many times node's is pointed out. */
export const dearFrom = 20

/** Three cells: node's times and the portable provider's, in microseconds, joined by " / "; how many times as much the latter is, at most. */
export function costCells(measured: Measured, word: string, measures: readonly Measure[]): readonly string[] {
  const of = (provider: string): readonly (number | undefined)[] => measures.map((each) => time(measured, word, provider, each))
  const [node, portable] = [of('node'), of('portable')]
  const ratio = dearest(measured, word, measures)
  const compared = ratio === undefined ? '' : ratio > dearFrom ? `**${rounded(ratio)} ×: over ${dearFrom}**` : `${rounded(ratio)} ×`
  return [times(node), times(portable), compared]
}

/** How many times as much the portable provider takes for the operation where that is most; `undefined` where not both have it. */
export function dearest(measured: Measured, word: string, measures: readonly Measure[]): number | undefined {
  const ratios = measures.flatMap((each) => {
    const [node, portable] = [time(measured, word, 'node', each), time(measured, word, 'portable', each)]
    return node === undefined || portable === undefined ? [] : [portable / node]
  })
  return ratios.length === 0 ? undefined : Math.max(...ratios)
}

function time({ rows }: Measured, word: string, provider: string, [op, size]: Measure): number | undefined {
  return rows.find((row) => row.transform === word && row.provider === provider && row.op === op && row.size === size)?.ns
}

const times = (nanoseconds: readonly (number | undefined)[]): string =>
  nanoseconds.every((ns) => ns === undefined) ? '–' : nanoseconds.map((ns) => (ns === undefined ? '–' : rounded(ns / 1000))).join(' / ')

/** Two digits that count, or all that stand before the point. */
function rounded(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en') : value.toPrecision(2)
}
