// Choices from a seed, in the words that mutators use.
import { type Stream, stream } from '../../src/lab/random.ts'

export class Chance {
  readonly #stream: Stream

  constructor(seed: number, ...names: readonly (string | number)[]) {
    this.#stream = stream(seed, 'fuzz', ...names)
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.#stream.fraction() * limit)
  }

  chance(probability: number): boolean {
    return this.#stream.chance(probability)
  }

  octets(length: number): Uint8Array {
    return this.#stream.octets(length)
  }

  /** One of `things`, which are not none. */
  pick<T>(things: readonly T[]): T {
    const thing = things[this.below(things.length)]
    if (thing === undefined) throw new Error('nothing to pick from')
    return thing
  }

  /** One of `things` by their weights. */
  weighted<T>(things: readonly (readonly [number, T])[]): T {
    let at = this.#stream.fraction() * things.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, thing] of things) if ((at -= weight) < 0) return thing
    return this.pick(things)[1]
  }

  /** An integer of so many octets: mostly one at which code goes another way. */
  integer(octets: 1 | 2 | 4): number {
    const end = 2 ** (8 * octets)
    return this.weighted<() => number>([
      [4, () => this.pick([0, 1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 64, 127, 128, 255, 256, 511, 4_096, 32_767, 32_768, 65_535]) % end],
      [2, () => end - 1 - this.below(4)],
      [1, () => end / 2 + this.below(3) - 1],
      [3, () => this.below(end)],
    ])()
  }
}
