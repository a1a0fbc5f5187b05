// How often we speak to addresses that nobody has verified. RFC 7296 §2.21.4: such answers are limited in rate.
import type { Instant } from '../../contract/units.ts'
import { type Address, addressBytes, addressVersion } from '../../net/address.ts'
import { limits } from '../limits.ts'

interface Bucket {
  tokens: number
  filled: Instant
}

/** A token bucket for each prefix: one IPv4 address, or an IPv6 /64. The number of prefixes remembered is bounded, the oldest goes first. */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>()

  /** Takes one token; false when there is none. */
  allows(now: Instant, address: Address): boolean {
    const key = prefixOf(address)
    const known = this.#buckets.get(key)
    const bucket = known ?? { tokens: limits.strangerBurst, filled: now }
    bucket.tokens = Math.min(limits.strangerBurst, bucket.tokens + ((now - bucket.filled) / 1000) * limits.strangerRate)
    bucket.filled = now
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    if (this.#buckets.size > limits.strangerPrefixes) {
      const [oldest] = this.#buckets.keys()
      if (oldest !== undefined) this.#buckets.delete(oldest)
    }
    if (bucket.tokens < 1) return false
    bucket.tokens--
    return true
  }

  /** Gives a token back: whoever it was spent on has turned out to be no stranger. */
  giveBack(address: Address): void {
    const bucket = this.#buckets.get(prefixOf(address))
    if (bucket !== undefined) bucket.tokens = Math.min(limits.strangerBurst, bucket.tokens + 1)
  }
}

/** What one attacker is likely to hold. */
export function prefixOf(address: Address): string {
  return addressVersion(address) === 4 ? address : addressBytes(address).subarray(0, 8).join('.')
}
