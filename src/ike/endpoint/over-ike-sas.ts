// The IKE SAs that are over, each for as long as its peer may ask again; bounded in number. RFC 7296 §2.1.
import type { IkeSpi, Instant } from '../../contract/units.ts'
import { limits } from '../limits.ts'
import { localSpi } from '../sa/ike-sa.ts'
import { type OverIkeSa, wipeKeysOf } from '../sa/over.ts'

export class OverIkeSas {
  readonly #bySpi = new Map<IkeSpi, OverIkeSa>()
  readonly #initDigests = new Set<string>()
  /** The oldest, which expires first, at `#first`; those before it have gone. */
  readonly #queue: (OverIkeSa | undefined)[] = []
  #first = 0

  /** The oldest goes for it, where they would become too many. */
  add(over: OverIkeSa): void {
    this.#bySpi.set(localSpi(over), over)
    if (over.initDigest !== undefined) this.#initDigests.add(over.initDigest)
    this.#queue.push(over)
    if (this.#bySpi.size > limits.lingering) this.#dropOldest()
  }

  bySpi(spi: IkeSpi): OverIkeSa | undefined {
    return this.#bySpi.get(spi)
  }

  /** Whether one of them came of the IKE_SA_INIT request with this hash. */
  cameOf(initDigest: string): boolean {
    return this.#initDigests.has(initDigest)
  }

  get all(): Iterable<OverIkeSa> {
    return this.#bySpi.values()
  }

  get deadline(): Instant | undefined {
    return this.#queue[this.#first]?.expires
  }

  dropExpired(now: Instant): void {
    for (let next = this.deadline; next !== undefined && next <= now; next = this.deadline) this.#dropOldest()
  }

  #dropOldest(): void {
    const oldest = this.#queue[this.#first]
    if (oldest === undefined) return
    this.#queue[this.#first++] = undefined
    this.#bySpi.delete(localSpi(oldest))
    if (oldest.initDigest !== undefined) this.#initDigests.delete(oldest.initDigest)
    wipeKeysOf(oldest)
    if (this.#first < limits.lingering) return
    this.#queue.splice(0, this.#first)
    this.#first = 0
  }
}
