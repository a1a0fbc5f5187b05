// One seed, many streams: each has a name, so that what one draws never shifts what another gets. For the lab only: who knows the seed
// knows every key.
import type { RandomSource } from '../contract/random.ts'

export interface Stream {
  /** 0 to 2^32 - 1. */
  next(): number
  /** 0 to 1, the 1 left out. */
  fraction(): number
  chance(probability: number): boolean
  readonly octets: RandomSource
}

/** The stream with these names; the same seed and names always give the same one. */
export function stream(seed: number, ...names: readonly (string | number)[]): Stream {
  let [a, b, c, count] = scramble([seed, ...names].join('/'))
  // Small Fast Counter (sfc32): 128 bits of state, passes PractRand.
  const next = (): number => {
    const sum = (a + b + count) >>> 0
    count = (count + 1) >>> 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) >>> 0
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0
    return sum
  }
  for (let i = 0; i < 12; i++) next()
  const fraction = (): number => next() / 2 ** 32
  return {
    next,
    fraction,
    chance: (probability) => fraction() < probability,
    octets: (length) => Uint8Array.from({ length }, () => next() >>> 24),
  }
}

/** A source of octets for a host or a provider. */
export const seededRandom = (seed: number, ...names: readonly (string | number)[]): RandomSource => stream(seed, ...names).octets

/** Four words that all depend on every character: FNV-1a with four bases and multipliers, mixed at the end. */
function scramble(text: string): readonly [number, number, number, number] {
  const word = (base: number, multiplier: number): number => {
    let hash = base
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), multiplier)
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    return (hash ^ (hash >>> 13)) >>> 0
  }
  return [word(0x811c9dc5, 0x01000193), word(0x9e3779b9, 0x85ebca77), word(0x7f4a7c15, 0xc2b2ae3d), word(0x2545f491, 0x27d4eb2f)]
}
