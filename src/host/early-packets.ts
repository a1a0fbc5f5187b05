// ESP that overtakes the answer which makes its SA: the responder MAY send as soon as it has answered (RFC 7296 §2.8). It waits, in bounds.
import type { Datagram } from '../contract/machine.ts'
import type { Spi } from '../contract/units.ts'

/** Packets that wait at all: what a peer sends in a moment. */
const capacity = 64

export class EarlyPackets {
  readonly #bySpi = new Map<Spi, Datagram[]>()
  #size = 0

  /** False when there is no room. */
  hold(spi: Spi, datagram: Datagram): boolean {
    if (this.#size >= capacity) return false
    const held = this.#bySpi.get(spi)
    const copy = { ...datagram, bytes: datagram.bytes.slice() }
    if (held === undefined) this.#bySpi.set(spi, [copy])
    else held.push(copy)
    this.#size++
    return true
  }

  /** Their SA is there. */
  take(spi: Spi): readonly Datagram[] {
    const held = this.#bySpi.get(spi) ?? []
    this.#bySpi.delete(spi)
    this.#size -= held.length
    return held
  }

  /** Forgets those whose SA does not come; how many they were. */
  sweep(isAwaited: (spi: Spi) => boolean): number {
    const before = this.#size
    for (const spi of this.#bySpi.keys()) if (!isAwaited(spi)) this.take(spi)
    return before - this.#size
  }
}
