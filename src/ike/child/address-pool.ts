// Addresses that peers are given on our plain side, where their own are others' too. RFC 3948 §5.2.
import { type Address, addressVersion } from '../../net/address.ts'
import { addressOf, numberOf } from '../../policy/boxes.ts'
import type { AddressRange } from '../../policy/connection.ts'

export class AddressPool {
  /** How many Child SAs use an address: a rekey makes it two for a moment. */
  readonly #uses = new Map<Address, number>()
  /** Where the search goes on, for each range: an address that was given back comes last. */
  readonly #cursors = new Map<AddressRange, bigint>()

  get size(): number {
    return this.#uses.size
  }

  /** A free one of the IP version; it is taken by `hold`. `undefined`: all are in use. */
  free(ranges: readonly AddressRange[], version: 4 | 6): Address | undefined {
    for (const range of ranges) {
      const found = addressVersion(range.start) === version ? this.#freeIn(range) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }

  hold(address: Address): void {
    this.#uses.set(address, (this.#uses.get(address) ?? 0) + 1)
  }

  release(address: Address): void {
    const left = (this.#uses.get(address) ?? 0) - 1
    if (left > 0) this.#uses.set(address, left)
    else this.#uses.delete(address)
  }

  #freeIn(range: AddressRange): Address | undefined {
    const first = numberOf(range.start)
    const size = numberOf(range.end) - first + 1n
    const cursor = this.#cursors.get(range) ?? 0n
    // Among one more than there are in use, one is free.
    for (let tried = 0n; tried < size && tried <= this.#uses.size; tried++) {
      const offset = (cursor + tried) % size
      const address = addressOf(first + offset, addressVersion(range.start))
      if (this.#uses.has(address)) continue
      this.#cursors.set(range, offset + 1n)
      return address
    }
    return undefined
  }
}
