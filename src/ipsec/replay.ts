// The anti-replay window, and the high half of extended sequence numbers. RFC 4303 §3.4.3 and appendix A2; the ring is RFC 6479's.

import { Depths, type Reordering, reorderingOf } from './reordering.ts'
import { replayWindowLimits } from './replay-window-limits.ts'

/** A 64-bit sequence number in two unsigned halves; `high` is 0 without ESN. */
export interface SequenceNumber {
  readonly high: number
  readonly low: number
}

export type ReplayVerdict = 'fresh' | 'replayed' | 'too-old'

/** With the check switched off the high half is still needed: it is the one that puts the number nearest to the highest so far. */
const guessSpan = 2 ** 31

export class ReplayWindow {
  /** In packets; 0 when the check is off. */
  readonly size: number
  readonly #sequence: 'esn' | 'no-esn'
  /** T of appendix A2: the highest number authenticated so far. */
  #high: number
  #low: number
  /**
   * Bit `low % 32` of word `low / 32 % words`. There is at least one word more than the window needs, so that the top word is cleared
   * as a whole when the window enters it (RFC 6479 §2). Made at the first packet.
   */
  #ring: Uint32Array | undefined
  /** Of packets that came late, authenticated; and of those left of the window by their own account. Made at the first of them. */
  #late: Depths | undefined
  #claimed: Depths | undefined

  /** `highest` continues after that number, with all up to it counting as received. */
  constructor(size: number, sequence: 'esn' | 'no-esn', highest: SequenceNumber = { high: 0, low: 0 }) {
    this.size = size === 0 ? 0 : Math.max(size, replayWindowLimits.narrowest)
    this.#sequence = sequence
    this.#high = highest.high
    this.#low = highest.low
    if (this.size > 0 && (this.#high > 0 || this.#low > 0)) this.#makeRing(0xffffffff)
  }

  /** Its low half, which changes whenever it moves on by less than 2^32; without an object for each look. */
  get highestLow(): number {
    return this.#low
  }

  get highest(): SequenceNumber {
    return { high: this.#high, low: this.#low }
  }

  /** Which window would have been enough. */
  get reordering(): Reordering {
    return reorderingOf(this.#late, this.#claimed)
  }

  /** Adds what was counted here to the books of many SAs. */
  countInto(late: Depths, claimed: Depths): void {
    if (this.#late !== undefined) late.add(this.#late)
    if (this.#claimed !== undefined) claimed.add(this.#claimed)
  }

  /** A packet whose ICV nobody looked at is left of the window, it says. */
  claimTooOld(high: number, low: number): void {
    const depth = -this.#ahead(high, low)
    if (depth > 0) (this.#claimed ??= new Depths()).count(depth)
  }

  /**
   * A packet whose ICV was wrong. With ESN the window takes what is left of it for one of the next 2^32 (RFC 4303 appendix A2.2), and only the
   * ICV shows that it is not. What would be more than 2^31 ahead is rather behind.
   */
  claimForged(high: number, low: number): void {
    if (this.#sequence === 'no-esn' || this.#ahead(high, low) <= guessSpan) return
    this.claimTooOld(high - 1, low)
  }

  /**
   * The high half that belongs to a received low half (RFC 4303 appendix A2.2). It is -1 or 2^32 where there is no such number:
   * before the first subspace, or after the last.
   */
  highOf(low: number): number {
    if (this.#sequence === 'no-esn') return 0
    const window = this.size === 0 ? guessSpan : this.size
    const bottom = (this.#low - window + 1) >>> 0
    // Case A: the window lies in one subspace. Case B: it spans two.
    if (this.#low >= window - 1) return low >= bottom ? this.#high : this.#high + 1
    return low >= bottom ? this.#high - 1 : this.#high
  }

  /** Before the ICV is checked: changes nothing. */
  check(high: number, low: number): ReplayVerdict {
    if (high < 0 || high > 0xffffffff) return 'too-old'
    if (this.size === 0) return 'fresh'
    // RFC 4303 §3.3.3: the first packet has number 1, so 0 belongs to none.
    if (high === 0 && low === 0) return 'replayed'
    const ahead = this.#ahead(high, low)
    if (ahead > 0) return 'fresh'
    if (-ahead >= this.size) return 'too-old'
    const ring = this.#ring
    if (ring === undefined) return 'fresh'
    return ((ring[(low >>> 5) & (ring.length - 1)] ?? 0) & (1 << (low & 31))) === 0 ? 'fresh' : 'replayed'
  }

  /** After the ICV was right: checks again, since packets of the same burst may have come between, and records the number if it is fresh. */
  accept(high: number, low: number): ReplayVerdict {
    const verdict = this.check(high, low)
    const ahead = this.#ahead(high, low)
    // Too old though authenticated: packets of the same burst have moved the window on.
    if (ahead < 0 && verdict !== 'replayed') (this.#late ??= new Depths()).count(-ahead)
    if (verdict !== 'fresh') return verdict
    const ring = this.size === 0 ? undefined : (this.#ring ?? this.#makeRing(0))
    if (ahead > 0) this.#advance(ring, high, low)
    if (ring === undefined) return verdict
    const word = (low >>> 5) & (ring.length - 1)
    ring[word] = (ring[word] ?? 0) | (1 << (low & 31))
    return verdict
  }

  /** How far a number is to the right of the window's edge; exact up to 2^53. */
  #ahead(high: number, low: number): number {
    return (high - this.#high) * 2 ** 32 + (low - this.#low)
  }

  #advance(ring: Uint32Array | undefined, high: number, low: number): void {
    const top = this.#low >>> 5
    const words = (high - this.#high) * 2 ** 27 + ((low >>> 5) - top)
    this.#high = high
    this.#low = low
    if (ring === undefined) return
    if (words >= ring.length) ring.fill(0)
    else for (let i = 1; i <= words; i++) ring[(top + i) & (ring.length - 1)] = 0
  }

  #makeRing(fill: number): Uint32Array {
    let words = 1
    while (words * 32 < this.size + 32) words *= 2
    const ring = new Uint32Array(words).fill(fill)
    const top = (this.#low >>> 5) & (words - 1)
    // Numbers to the right of the highest share its word: they are not received.
    const received = this.#low & 31
    ring[top] = (ring[top] ?? 0) & (received === 31 ? 0xffffffff : (1 << (received + 1)) - 1)
    this.#ring = ring
    return ring
  }
}
