// What is going to happen, in order of time; of two things at one time, the one that was put down first.
import type { Instant } from '../contract/units.ts'

interface Item<T> {
  readonly at: Instant
  readonly what: T
}

export class Agenda<T> {
  readonly #items: Item<T>[] = []

  get next(): Instant | undefined {
    return this.#items[0]?.at
  }

  get length(): number {
    return this.#items.length
  }

  add(at: Instant, what: T): void {
    let place = this.#items.length
    while (place > 0 && (this.#items[place - 1]?.at ?? at) > at) place--
    this.#items.splice(place, 0, { at, what })
  }

  /** Takes out what is first. */
  take(): T | undefined {
    return this.#items.shift()?.what
  }
}
