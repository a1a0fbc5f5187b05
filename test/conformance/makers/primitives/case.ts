// What makers share: cases that are ours, and cases that are printed to make them of.
import { readFileSync } from 'node:fs'

type Value = string | number | { readonly [key: string]: Value }
export type Values = Readonly<Record<string, Value>>

export interface MadeCase {
  readonly id: string
  readonly title: string
  readonly source: { readonly made: string; readonly section: string; readonly confirmedBy: readonly string[] }
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly inputs: Values
  readonly expected: Values
}
export interface Printed {
  readonly id: string
  readonly inputs: Readonly<Record<string, string>>
  readonly expected: Readonly<Record<string, string>>
}

export const cryptography = 'python3-cryptography 38.0.4'

/** The cases of a printed file. */
export function printed(name: string): readonly Printed[] {
  const url = new URL(`../../../../vectors/primitives/${name}`, import.meta.url)
  const file: { readonly cases: readonly Printed[] } = JSON.parse(readFileSync(url, 'utf8'))
  return file.cases
}
export function printedCase(name: string, id: string): Printed {
  const found = printed(name).find((each) => each.id === id)
  if (found === undefined) throw new Error(`${name} has no ${id}`)
  return found
}

/** After `rfc`, section `section`. */
export function after(rfc: string, section: string, ...confirmedBy: readonly string[]): MadeCase['source'] {
  return { made: rfc, section, confirmedBy: confirmedBy.length === 0 ? [cryptography] : confirmedBy }
}

/** With one bit changed of the octet `at`, counted from the end where it is negative. */
export function changed(hex: string, at: number, bit = 0): string {
  const octets = Buffer.from(hex, 'hex')
  const index = at < 0 ? octets.length + at : at
  octets[index] = (octets[index] ?? 0) ^ (1 << bit)
  return octets.toString('hex')
}

/** A big-endian number of `length` octets. */
export const big = (value: bigint, length: number): string => value.toString(16).padStart(2 * length, '0')
/** A little-endian one. */
export const little = (value: bigint, length: number): string => reversed(big(value, length))
export const fromBig = (hex: string): bigint => BigInt(`0x${hex}`)
export const fromLittle = (hex: string): bigint => fromBig(reversed(hex))
const reversed = (hex: string): string => Buffer.from(Buffer.from(hex, 'hex').toReversed()).toString('hex')

/** 1, 2, 3, … from `start` on. */
export const counting = (length: number, start: number): string =>
  Buffer.from(Array.from({ length }, (_, i) => (start + i) & 0xff)).toString('hex')
