// The first rule of an ordered list that matches a packet, without a look at all of them. RFC 4301 §4.4.1.
import { u32 } from '../bytes/bytes.ts'
import type { Flow } from '../net/flow.ts'
import { hasPorts } from '../net/transport.ts'
import { type CompiledSelectors, type Direction, mismatchAt, selectorWord } from './selector-match.ts'

/**
 * Rules that fix the same parts of a packet (so many leading bits of each address, the protocol or not, each port or not) have one pattern;
 * among those of one pattern the packet's own values find the candidates in a hash table. Patterns are few where rules are many. A range
 * of addresses counts as the prefix around it, a range of ports as none: each candidate is compared as a whole in the end, so the
 * index only ever leaves out what cannot match. The order is kept: candidates of one chain ascend, patterns come by their first rule,
 * and the search ends where nothing earlier can follow.
 */
export class RuleIndex {
  readonly #local: CompiledSelectors
  readonly #remote: CompiledSelectors
  readonly #direction: Direction
  readonly #patterns: readonly Pattern[]
  readonly #heads: Int32Array
  readonly #next: Int32Array

  /** Rule `i` is selector `i` of both; those for which `applies` is false are left out. */
  constructor(local: CompiledSelectors, remote: CompiledSelectors, direction: Direction, applies: (rule: number) => boolean) {
    this.#local = local
    this.#remote = remote
    this.#direction = direction
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * local.count)))
    this.#heads = new Int32Array(size).fill(-1)
    this.#next = new Int32Array(local.count).fill(-1)
    const patterns = new Map<number, Pattern>()
    // From the last to the first, so that each chain begins with its earliest rule.
    for (let rule = local.count - 1; rule >= 0; rule--) {
      const found = applies(rule) ? patternOf(local, remote, rule) : undefined
      if (found === undefined) continue
      const pattern = known(patterns, found)
      pattern.first = rule
      const slot = hashRule(pattern, local, remote, rule) & (size - 1)
      this.#next[rule] = this.#heads[slot] ?? -1
      this.#heads[slot] = rule
    }
    this.#patterns = [...patterns.values()].toSorted((a, b) => a.first - b.first)
  }

  /** How many patterns the rules have. */
  get patterns(): number {
    return this.#patterns.length
  }

  /** The number of the first rule from `from` on that matches; -1 when none does. */
  find(bytes: Uint8Array, flow: Flow, from: number): number {
    let best = this.#next.length
    for (let i = 0; i < this.#patterns.length; i++) {
      const pattern = this.#patterns[i]
      if (pattern === undefined || pattern.first >= best) break
      if (!concerns(pattern, flow)) continue
      const slot = hashFlow(pattern, this.#direction, bytes, flow) & (this.#heads.length - 1)
      for (let rule = this.#heads[slot] ?? -1; rule >= 0 && rule < best; rule = this.#next[rule] ?? -1) {
        if (rule >= from && this.#matches(rule, bytes, flow)) best = rule
      }
    }
    return best < this.#next.length ? best : -1
  }

  #matches(rule: number, bytes: Uint8Array, flow: Flow): boolean {
    return (
      mismatchAt(this.#local, rule, 'local', this.#direction, bytes, flow) === undefined &&
      mismatchAt(this.#remote, rule, 'remote', this.#direction, bytes, flow) === undefined
    )
  }
}

/** What the rules of it fix. */
interface Pattern {
  /** 0: either, and then no addresses are fixed. */
  readonly version: number
  readonly localBits: number
  readonly remoteBits: number
  readonly protocol: 'any' | 'exact'
  readonly localPort: 'any' | 'exact'
  readonly remotePort: 'any' | 'exact'
  /** A number that only patterns like this one have. */
  readonly id: number
  first: number
}

/** `undefined` for a rule that no packet matches. */
function patternOf(local: CompiledSelectors, remote: CompiledSelectors, rule: number): Pattern | undefined {
  const { version: localVersion, protocol: localProtocol } = headOf(local, rule)
  const { version: remoteVersion, protocol: remoteProtocol } = headOf(remote, rule)
  if (localVersion !== remoteVersion && localVersion !== 0 && remoteVersion !== 0) return undefined
  if (localProtocol !== remoteProtocol && localProtocol !== 0 && remoteProtocol !== 0) return undefined
  const version = localVersion === 0 ? remoteVersion : localVersion
  const protocol = localProtocol === 0 ? remoteProtocol : localProtocol
  const localBits = localVersion === 0 ? 0 : commonBits(local, rule, version)
  const remoteBits = remoteVersion === 0 ? 0 : commonBits(remote, rule, version)
  // The one field of ICMP counts on one side only, by direction: it is left to the comparison.
  const localPort = hasPorts(protocol) && isOnePort(local, rule) ? 'exact' : 'any'
  const remotePort = hasPorts(protocol) && isOnePort(remote, rule) ? 'exact' : 'any'
  const flags = (protocol === 0 ? 0 : 1) + (localPort === 'exact' ? 2 : 0) + (remotePort === 'exact' ? 4 : 0)
  const id = ((version * 129 + localBits) * 129 + remoteBits) * 8 + flags
  return { version, localBits, remoteBits, protocol: protocol === 0 ? 'any' : 'exact', localPort, remotePort, id, first: rule }
}

function known(patterns: Map<number, Pattern>, pattern: Pattern): Pattern {
  const same = patterns.get(pattern.id)
  if (same !== undefined) return same
  patterns.set(pattern.id, pattern)
  return pattern
}

const headOf = (selectors: CompiledSelectors, rule: number): { readonly version: number; readonly protocol: number } => ({
  version: wordAt(selectors, rule, selectorWord.version),
  protocol: wordAt(selectors, rule, selectorWord.protocol),
})

/** Leading bits that the first and the last address share. */
function commonBits(selectors: CompiledSelectors, rule: number, version: number): number {
  const words = version === 4 ? 1 : 4
  for (let i = 0; i < words; i++) {
    const different = wordAt(selectors, rule, selectorWord.first + i) ^ wordAt(selectors, rule, selectorWord.last + i)
    if (different !== 0) return 32 * i + Math.clz32(different)
  }
  return 32 * words
}

/** One port, and not OPAQUE. */
function isOnePort(selectors: CompiledSelectors, rule: number): boolean {
  const first = wordAt(selectors, rule, selectorWord.firstPort)
  return first > 0 && first === wordAt(selectors, rule, selectorWord.lastPort)
}

const wordAt = (selectors: CompiledSelectors, rule: number, word: number): number => selectors.table[rule * selectorWord.stride + word] ?? 0

/** Whether rules of this pattern can match such a packet. */
function concerns(pattern: Pattern, flow: Flow): boolean {
  if (pattern.version !== 0 && pattern.version !== flow.version) return false
  return flow.ports === 'known' || (pattern.localPort === 'any' && pattern.remotePort === 'any')
}

function hashRule(pattern: Pattern, local: CompiledSelectors, remote: CompiledSelectors, rule: number): number {
  let hash = pattern.id
  for (let i = 0; 32 * i < pattern.localBits; i++) {
    hash = mix(hash, wordAt(local, rule, selectorWord.first + i) & maskOf(pattern.localBits - 32 * i))
  }
  for (let i = 0; 32 * i < pattern.remoteBits; i++) {
    hash = mix(hash, wordAt(remote, rule, selectorWord.first + i) & maskOf(pattern.remoteBits - 32 * i))
  }
  if (pattern.protocol === 'exact') hash = mix(hash, headOf(local, rule).protocol || headOf(remote, rule).protocol)
  if (pattern.localPort === 'exact') hash = mix(hash, wordAt(local, rule, selectorWord.firstPort))
  if (pattern.remotePort === 'exact') hash = mix(hash, wordAt(remote, rule, selectorWord.firstPort))
  return hash
}

function hashFlow(pattern: Pattern, direction: Direction, bytes: Uint8Array, flow: Flow): number {
  const isOut = direction === 'out'
  const local = isOut ? flow.source : flow.destination
  const remote = isOut ? flow.destination : flow.source
  let hash = pattern.id
  for (let i = 0; 32 * i < pattern.localBits; i++) {
    hash = mix(hash, u32(bytes, local + 4 * i) & maskOf(pattern.localBits - 32 * i))
  }
  for (let i = 0; 32 * i < pattern.remoteBits; i++) {
    hash = mix(hash, u32(bytes, remote + 4 * i) & maskOf(pattern.remoteBits - 32 * i))
  }
  if (pattern.protocol === 'exact') hash = mix(hash, flow.protocol)
  // As compiled selectors have them: plus 1.
  if (pattern.localPort === 'exact') hash = mix(hash, 1 + (isOut ? flow.sourcePort : flow.destinationPort))
  if (pattern.remotePort === 'exact') hash = mix(hash, 1 + (isOut ? flow.destinationPort : flow.sourcePort))
  return hash
}

/** The first `bits` of a word, or all of it. */
const maskOf = (bits: number): number => (bits >= 32 ? -1 : ~(-1 >>> bits))

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}
