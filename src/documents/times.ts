// Lengths of time as people write them.
import type { Milliseconds } from '../contract/units.ts'

/** In the largest unit that it is a whole number of: `4h`, `90s`, `500ms`. */
export function formatTime(time: Milliseconds): string {
  const [unit = 'ms', length = 1] = units.find(([, each]) => time >= each && time % each === 0) ?? []
  return `${time / length}${unit}`
}

const units: readonly (readonly [unit: string, length: Milliseconds])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
]

/** `s`, `m`, `h`, `d`. */
export const unitLengths: Readonly<Record<string, Milliseconds>> = Object.fromEntries(units)

/** What people write who mean a time: `4 hours`, `1.5h`, `90min`. */
export function nearestTime(text: string): string | undefined {
  const parts = /^\s*(\d{1,9}(?:\.\d{1,3})?)\s*([a-z]*)\.?\s*$/i.exec(text)
  const unit = words.find(([word]) => word.test(parts?.[2] ?? ''))?.[1]
  if (parts === null || unit === undefined) return undefined
  const time = Math.round(Number(parts[1]) * (unitLengths[unit] ?? 0))
  return time % 1000 === 0 && time > 0 ? formatTime(time) : undefined
}
const words: readonly (readonly [word: RegExp, unit: string])[] = [
  [/^(?:s|secs?|seconds?)?$/i, 's'],
  [/^(?:m|mins?|minutes?)$/i, 'm'],
  [/^(?:h|hrs?|hours?)$/i, 'h'],
  [/^(?:d|days?)$/i, 'd'],
]
