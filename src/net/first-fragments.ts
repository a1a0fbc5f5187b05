// Of which packets the first fragment was let through, so that the later ones, which have no ports, may follow. RFC 4301 §7.3.
import { fragmentKey } from './fragment-place.ts'
import type { IpLayout } from './layout.ts'

/** Packets that are remembered, the oldest goes first. Without a clock: a flood of fragments makes them forgotten, and later ones are dropped. */
export const firstFragmentsKept = 256

export class FirstFragments {
  readonly #keys = new Set<string>()

  /** `layout` is that of a first fragment that was let through. */
  note(bytes: Uint8Array, layout: IpLayout): void {
    const key = fragmentKey(bytes, layout)
    this.#keys.delete(key)
    this.#keys.add(key)
    if (this.#keys.size <= firstFragmentsKept) return
    for (const oldest of this.#keys) {
      this.#keys.delete(oldest)
      return
    }
  }

  /** `layout` is that of a first fragment that was not let through: another packet may have had its identification before. */
  forget(bytes: Uint8Array, layout: IpLayout): void {
    if (this.#keys.size > 0) this.#keys.delete(fragmentKey(bytes, layout))
  }

  /** Whether a later fragment is of such a packet. */
  covers(bytes: Uint8Array, layout: IpLayout): boolean {
    return this.#keys.size > 0 && this.#keys.has(fragmentKey(bytes, layout))
  }
}
