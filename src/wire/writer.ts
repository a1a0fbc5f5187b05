// Octets that grow as they are written.

/** Lent to one writer at a time: a message is written in it, and leaves as a copy that is no longer than it has to be. */
let spare: Uint8Array | undefined

export class Writer {
  #bytes: Uint8Array
  #length = 0

  constructor(capacity: number) {
    this.#bytes = spare ?? new Uint8Array(capacity)
    spare = undefined
  }

  get length(): number {
    return this.#length
  }

  /** An unsigned integer in network byte order. */
  uint(value: number, octets: 1 | 2 | 3 | 4): void {
    this.#length = this.#room(octets)
    this.overwrite(this.#length - octets, value, octets)
  }

  octets(octets: Uint8Array): void {
    const end = this.#room(octets.length)
    this.#bytes.set(octets, this.#length)
    this.#length = end
  }

  /** Replaces what has been written at `at`. */
  overwrite(at: number, value: number, octets: 1 | 2 | 3 | 4): void {
    for (let i = 0; i < octets; i++) this.#bytes[at + i] = value >>> (8 * (octets - 1 - i))
  }

  /** What has been written at `at`. */
  uintAt(at: number, octets: 1 | 2 | 3 | 4): number {
    let value = 0
    for (let i = 0; i < octets; i++) value = 256 * value + (this.#bytes[at + i] ?? 0)
    return value
  }

  /** All that was written; the writer must not be used afterwards. */
  finish(): Uint8Array {
    spare = this.#bytes
    return spare.slice(0, this.#length)
  }

  #room(more: number): number {
    const end = this.#length + more
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length))
      grown.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = grown
    }
    return end
  }
}
