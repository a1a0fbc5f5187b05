// The results for people.
import type { EspRow } from './esp.ts'
import type { TransformRow } from './transforms.ts'

/** Anything that is not sealing or opening. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
}

/** One table for one suite of one provider. */
export function formatRows(rows: readonly EspRow[]): string {
  const [first] = rows
  if (first === undefined) return ''
  const lines = rows.map(({ size, op, ns, rawNs, ratio }) => [
    `${op} ${size}`,
    nanoseconds(ns),
    nanoseconds(rawNs),
    `${ratio.toFixed(2)} x`,
    `${((size * 8) / ns).toFixed(2)} Gbit/s`,
  ])
  return `\n${first.suite}, ${first.provider}\n${table([['octets', 'whole', 'primitives', 'ratio', 'plain packets'], ...lines])}`
}

/** One line for each operation of one transform. */
export function formatTransformRows(rows: readonly TransformRow[]): string {
  const kinds = new Set(rows.map(({ transform, op, size }) => `${transform} ${op}${size === 0 ? '' : ` ${size}`}`))
  return [...kinds]
    .map((kind) => {
      const times = rows.filter(({ transform, op, size }) => kind === `${transform} ${op}${size === 0 ? '' : ` ${size}`}`)
      return `  ${kind.padEnd(34)}${times.map(({ provider, ns }) => `  ${provider} ${nanoseconds(ns).padStart(14)}`).join('')}`
    })
    .join('\n')
}

export function formatFigures(figures: readonly Figure[]): string {
  return `\n${table(figures.map(({ name, value, unit }) => [name, grouped(value), unit]))}`
}

const nanoseconds = (value: number): string => `${grouped(value)} ns`
const grouped = (value: number): string => Math.round(value).toLocaleString('en')

/** Columns aligned; all but the first to the right. */
function table(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  return lines
    .map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '))
    .map((line) => `  ${line}`)
    .join('\n')
}
