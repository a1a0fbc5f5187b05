// What policy has decided, flow by flow. RFC 4301 §4.4.1, appendix B.
import type { Flow } from '../net/flow.ts'
import type { Direction } from './selector-match.ts'

/** The flow has not been decided upon. */
export const undecided = -2

/**
 * Appendix B makes the entries of an ordered list disjoint, so that their order no longer matters and they can be cached. Here each entry
 * of the cache is one flow: direction, version, addresses, protocol, ports or ICMP type and code, all that selectors look at, exactly.
 * Two different flows are disjoint by construction, so nothing has to be decorrelated.
 *
 * Bounded: places are in sets of four, of which the oldest goes. Who sends many flows, or flows that share a set, pushes others out and
 * costs them the index of the list once more, and nothing else. A hit allocates nothing.
 */
export class FlowCache {
  readonly #most: number
  #capacity: number
  #keys: Int32Array
  #decisions: Int32Array
  /** Since it was last enlarged. */
  #stored = 0
  /** The key of the flow that was asked for last, and the set that it belongs to. */
  readonly #key = new Int32Array(stride)
  #set = 0

  /** `most`: flows that are remembered at most, a power of two. It starts small. */
  constructor(most: number) {
    this.#most = Math.max(most, ways)
    this.#capacity = Math.min(firstCapacity, this.#most)
    this.#keys = new Int32Array(this.#capacity * stride)
    this.#decisions = new Int32Array(this.#capacity)
  }

  get capacity(): number {
    return this.#capacity
  }

  /** What was stored for the flow, or `undecided`. */
  find(direction: Direction, bytes: Uint8Array, flow: Flow): number {
    this.#read(direction, bytes, flow)
    const end = this.#set + ways
    for (let place = this.#set; place < end; place++) if (this.#isAt(place)) return this.#decisions[place] ?? undecided
    return undecided
  }

  /** For the flow that `find` was last asked for. */
  store(decision: number): void {
    if (this.#stored++ >= this.#capacity && this.#capacity < this.#most) this.#enlarge()
    const set = this.#set
    this.#keys.copyWithin((set + 1) * stride, set * stride, (set + ways - 1) * stride)
    this.#decisions.copyWithin(set + 1, set, set + ways - 1)
    this.#keys.set(this.#key, set * stride)
    this.#decisions[set] = decision
  }

  /** Policies have changed. */
  clear(): void {
    this.#keys.fill(0)
    this.#stored = 0
  }

  #enlarge(): void {
    // What was stored is found anew.
    this.#capacity *= 2
    this.#keys = new Int32Array(this.#capacity * stride)
    this.#decisions = new Int32Array(this.#capacity)
    this.#stored = 1
    this.#set = this.#setOf(this.#hash())
  }

  #read(direction: Direction, bytes: Uint8Array, flow: Flow): void {
    const key = this.#key
    const known = flow.ports === 'known'
    // Never 0, which is an empty place: the version is in it.
    key[0] = flow.version | (direction === 'in' ? 8 : 0) | (known ? 16 : 0) | (flow.protocol << 8)
    key[1] = known ? (flow.sourcePort << 16) | flow.destinationPort : 0
    if (flow.version === 4) {
      key[2] = i32(bytes, flow.source)
      key[3] = i32(bytes, flow.destination)
    } else {
      for (let i = 0; i < 4; i++) {
        key[2 + i] = i32(bytes, flow.source + 4 * i)
        key[6 + i] = i32(bytes, flow.destination + 4 * i)
      }
    }
    this.#set = this.#setOf(this.#hash())
  }

  /** An IPv4 flow has four words, and what is behind them is left from another. */
  #hash(): number {
    const key = this.#key
    const words = wordsOf(key[0] ?? 0)
    let hash = 0
    for (let i = 0; i < words; i++) {
      hash = Math.imul(hash ^ (key[i] ?? 0), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash
  }

  #setOf(hash: number): number {
    return hash & (this.#capacity - ways)
  }

  #isAt(place: number): boolean {
    const key = this.#key
    const keys = this.#keys
    const at = place * stride
    const words = wordsOf(key[0] ?? 0)
    for (let i = 0; i < words; i++) if (keys[at + i] !== key[i]) return false
    return true
  }
}

const ways = 4
const firstCapacity = 256
const stride = 10
/** Of the key of an IPv4 flow, or of an IPv6 one: the bits of the version tell. */
const wordsOf = (first: number): number => ((first & 2) === 0 ? 4 : 10)

/** Four octets as a signed number: that is what typed arrays and multiplication have without a conversion. */
const i32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
