// When which IKE SA has something to do: a binary heap whose stale entries are skipped, and swept out when they are the most.
import type { Instant } from '../../contract/units.ts'

interface Entry<T> {
  readonly at: Instant
  readonly what: T
}

/** Stale entries that are never worth a sweep. */
const slack = 64

export class Schedule<T> {
  readonly #heap: Entry<T>[] = []
  readonly #due = new Map<T, Instant>()

  /** Sets, moves or (with `undefined`) drops the deadline of one thing. */
  set(what: T, at: Instant | undefined): void {
    if (this.#due.get(what) === at) return
    if (at === undefined) this.#due.delete(what)
    else {
      this.#due.set(what, at)
      this.#push({ at, what })
      // Whoever makes a deadline move with each message must not make us keep something for each message.
      if (this.#heap.length > 2 * this.#due.size + slack) this.#sweep()
    }
  }

  /** Entries that are kept, stale ones among them. */
  get size(): number {
    return this.#heap.length
  }

  get next(): Instant | undefined {
    this.#skipStale()
    return this.#heap[0]?.at
  }

  /** Takes out one thing that is due; it has no deadline then. */
  take(now: Instant): T | undefined {
    this.#skipStale()
    const first = this.#heap[0]
    if (first === undefined || first.at > now) return undefined
    this.#pop()
    this.#due.delete(first.what)
    return first.what
  }

  #skipStale(): void {
    for (let first = this.#heap[0]; first !== undefined && this.#due.get(first.what) !== first.at; first = this.#heap[0]) this.#pop()
  }

  #sweep(): void {
    this.#heap.length = 0
    for (const [what, at] of this.#due) this.#push({ at, what })
  }

  #push(entry: Entry<T>): void {
    const heap = this.#heap
    let i = heap.push(entry) - 1
    while (i > 0) {
      const up = (i - 1) >> 1
      const above = heap[up]
      if (above === undefined || above.at <= entry.at) break
      heap[i] = above
      i = up
    }
    heap[i] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let i = 0
    for (;;) {
      const left = 2 * i + 1
      const right = left + 1
      const smaller = (heap[right]?.at ?? Number.POSITIVE_INFINITY) < (heap[left]?.at ?? Number.POSITIVE_INFINITY) ? right : left
      const below = heap[smaller]
      if (below === undefined || below.at >= last.at) break
      heap[i] = below
      i = smaller
    }
    heap[i] = last
  }
}
