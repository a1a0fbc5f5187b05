// Octet strings changed as octets: bits flipped, cut, grown, spliced, numbers replaced.
import { concat, putU16, putU32, u16, u32 } from '../../src/bytes/bytes.ts'
import type { Chance } from './chance.ts'

/** Where a length, a count or another number stands. */
export interface NumberAt {
  readonly at: number
  readonly octets: 1 | 2 | 4
}

/** One to four changes; `donor` is spliced in, `numbers` are where lengths and counts are known to stand. */
export function mutateOctets(chance: Chance, original: Uint8Array, donor: Uint8Array, numbers: readonly NumberAt[] = []): Uint8Array {
  let bytes: Uint8Array = original.slice()
  for (let times = 1 + (chance.chance(0.4) ? chance.below(4) : 0); times > 0; times--) bytes = mutateOnce(chance, bytes, donor, numbers)
  return bytes
}

/** Writes a number where there is room for it. */
export function putNumber(bytes: Uint8Array, at: number, octets: 1 | 2 | 4, value: number): void {
  if (at + octets > bytes.length) return
  if (octets === 4) putU32(bytes, at, value)
  else if (octets === 2) putU16(bytes, at, value)
  else bytes[at] = value
}

/** A number a little or much beside the one that is there. */
export function beside(chance: Chance, value: number, octets: 1 | 2 | 4): number {
  return chance.chance(0.6)
    ? (value + chance.pick([-8, -4, -2, -1, 1, 2, 4, 8]) + 2 ** (8 * octets)) % 2 ** (8 * octets)
    : chance.integer(octets)
}

export function numberAt(bytes: Uint8Array, { at, octets }: NumberAt): number {
  return octets === 4 ? u32(bytes, at) : octets === 2 ? u16(bytes, at) : (bytes[at] ?? 0)
}

type Change = (chance: Chance, bytes: Uint8Array, donor: Uint8Array, numbers: readonly NumberAt[]) => Uint8Array

const mutateOnce: Change = (chance, bytes, donor, numbers) => chance.weighted(changes)(chance, bytes, donor, numbers)

const flip: Change = (chance, bytes) => {
  const at = chance.below(bytes.length)
  if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8))
  return bytes
}

const cut: Change = (chance, bytes) =>
  chance.chance(0.5) ? bytes.slice(0, chance.below(bytes.length + 1)) : bytes.slice(0, Math.max(0, bytes.length - 1 - chance.below(4)))

const grow: Change = (chance, bytes) => {
  const more = chance.chance(0.5) ? chance.octets(1 + chance.below(8)) : new Uint8Array(1 + chance.below(chance.pick([4, 64, 1_500])))
  return concat(bytes, more)
}

const splice: Change = (chance, bytes, donor) => {
  const at = chance.below(bytes.length + 1)
  const from = chance.below(donor.length + 1)
  const part = donor.subarray(from, from + 1 + chance.below(40))
  const over = chance.chance(0.5) ? part.length : 0
  return concat(bytes.subarray(0, at), part, bytes.subarray(at + over))
}

const remove: Change = (chance, bytes) => {
  const at = chance.below(bytes.length + 1)
  return concat(bytes.subarray(0, at), bytes.subarray(at + 1 + chance.below(8)))
}

const repeat: Change = (chance, bytes) => {
  const from = chance.below(bytes.length + 1)
  const end = Math.min(bytes.length, from + 1 + chance.below(24))
  return concat(bytes.subarray(0, end), bytes.subarray(from, end), bytes.subarray(end))
}

const number: Change = (chance, bytes) => {
  const octets = chance.pick([1, 2, 4] as const)
  putNumber(bytes, chance.below(Math.max(1, bytes.length)), octets, chance.integer(octets))
  return bytes
}

const length: Change = (chance, bytes, _donor, numbers) => {
  if (numbers.length === 0) return number(chance, bytes, _donor, numbers)
  const field = chance.pick(numbers)
  putNumber(bytes, field.at, field.octets, beside(chance, numberAt(bytes, field), field.octets))
  return bytes
}

const changes: readonly (readonly [number, Change])[] = [
  [4, flip],
  [2, cut],
  [1, grow],
  [2, splice],
  [1, remove],
  [1, repeat],
  [3, number],
  [6, length],
]
