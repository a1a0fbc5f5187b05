// How many ICMP errors we make. RFC 1812 §4.3.2.8, RFC 4443 §2.4(f): a token bucket.
import type { Instant } from '../contract/units.ts'

export const errorRate = { burst: 16, perSecond: 100 } as const

export class ErrorRate {
  #tokens: number = errorRate.burst
  #filled: Instant | undefined

  /** Takes one token; false when there is none. */
  allows(now: Instant): boolean {
    const since = this.#filled === undefined ? 0 : now - this.#filled
    this.#tokens = Math.min(errorRate.burst, this.#tokens + (since / 1000) * errorRate.perSecond)
    this.#filled = now
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
