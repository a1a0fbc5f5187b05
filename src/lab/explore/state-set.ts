// Which states have been seen: 64 bits of hash for each, in one flat table. Of n states the chance that any two have one hash is about
// n² / 2^65: for ten million, less than one in 300,000.

/** Collects numbers into a hash of 64 bits. */
export class StateHash {
  low = 0
  high = 0

  start(): void {
    this.low = 0
    this.high = 0
  }

  /** An integer of 32 bits: a step of MurmurHash3 in each half, with multipliers of its own. */
  add(value: number): void {
    this.low = Math.imul(turn(this.low ^ Math.imul(turn(Math.imul(value, 0xcc9e2d51), 15), 0x1b873593), 13), 5) + 0xe6546b64
    this.high = Math.imul(turn(this.high ^ Math.imul(turn(Math.imul(value, 0xab0e9789), 16), 0x38b34ae5), 17), 5) + 0x561ccd1b
  }

  finish(): void {
    this.low = scatter(this.low ^ this.high)
    this.high = scatter(Math.imul(this.high, 5) + this.low)
  }
}

const turn = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

function scatter(word: number): number {
  const once = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return twice ^ (twice >>> 16)
}

export class StateSet {
  /** Pairs: low, high. Both 0: free. */
  #table = new Int32Array(2 * 2 ** 16)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** False when it is there already. */
  add({ low, high }: { readonly low: number; readonly high: number }): boolean {
    // 0, 0 is what free slots have.
    if (!this.#put(low === 0 && high === 0 ? 1 : low, high)) return false
    if (++this.#size * 4 > this.#table.length) this.#grow()
    return true
  }

  #put(low: number, high: number): boolean {
    const table = this.#table
    const mask = table.length / 2 - 1
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const [a, b] = [table[2 * slot], table[2 * slot + 1]]
      if (a === low && b === high) return false
      if (a !== 0 || b !== 0) continue
      table[2 * slot] = low
      table[2 * slot + 1] = high
      return true
    }
  }

  #grow(): void {
    const old = this.#table
    this.#table = new Int32Array(2 * old.length)
    for (let i = 0; i < old.length; i += 2) {
      const [low = 0, high = 0] = [old[i], old[i + 1]]
      if (low !== 0 || high !== 0) this.#put(low, high)
    }
  }
}

/** Numbers of 32 bits, as many as come. */
export class GrowingList {
  #values = new Int32Array(2 ** 16)
  length = 0

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Int32Array(2 * this.length)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.length++] = value
  }

  at(i: number): number {
    return this.#values[i] ?? 0
  }
}
