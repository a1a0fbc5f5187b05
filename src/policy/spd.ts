// The Security Policy Database: ordered, first match decides. RFC 4301 §4.4.1.
import type { Flow } from '../net/flow.ts'
import { type Connection, sameTemplate, type SelectorTemplate } from './connection.ts'
import { FlowCache, undecided } from './flow-cache.ts'
import { Kinships } from './kinship.ts'
import { RuleIndex } from './rule-index.ts'
import { type CompiledSelectors, compileTemplates, type Direction, type Mismatch, mismatchAt } from './selector-match.ts'

/**
 * A `dynamic` address is any address: the SA that serves the packet is for one host. A policy with several selectors a side is several
 * entries of the same name, one after the other.
 */
export interface SpdEntry {
  readonly name: string
  readonly direction: Direction | 'both'
  readonly local: SelectorTemplate
  readonly remote: SelectorTemplate
  readonly action: SpdAction
}
export type SpdAction =
  | {
      readonly kind: 'PROTECT'
      readonly connection: string
      readonly child: string
      /** PFP flags: for these the SA takes the packet's value, not the entry's; flows with another value get another SA. None where left out. */
      readonly populate?: readonly PacketSelector[]
    }
  | { readonly kind: 'BYPASS' }
  | { readonly kind: 'DISCARD' }

/** What an SA may take from the packet that it is made for (RFC 4301 §4.4.1, "PFP"). A port is also ICMP type and code, or MH type. */
export type PacketSelector = 'local-address' | 'remote-address' | 'protocol' | 'local-port' | 'remote-port'

/** Where RFC 4301 §4.4.1 puts an entry: what is protected, what goes out or comes in unprotected or not at all. */
export type SpdPart = 'SPD-S' | 'SPD-O' | 'SPD-I'

/** An entry for both directions that does not protect is in SPD-O and in SPD-I. */
export function spdPart(action: SpdAction, direction: Direction): SpdPart {
  if (action.kind === 'PROTECT') return 'SPD-S'
  return direction === 'out' ? 'SPD-O' : 'SPD-I'
}

export interface Spd {
  readonly entries: readonly SpdEntry[]
  /** `undefined` is DISCARD: the nominal final entry (RFC 4301 §4.4.1). `bytes` is what `flow` was read from. Allocates nothing for a flow that it knows. */
  lookup(direction: Direction, bytes: Uint8Array, flow: Flow): SpdEntry | undefined
  /**
   * Whether an SA of that connection and child is one by which policy protects such a packet: the first entry that matches names it, or each of those
   * before the one that names it wants no other protection, and the same peer, where it has not the very selectors of that one. An earlier entry
   * that does not protect stands in the way.
   */
  admits(direction: Direction, connection: string, child: string, bytes: Uint8Array, flow: Flow): boolean
  /** The same as `lookup`, entry by entry, with what kept each earlier entry from deciding. */
  explain(direction: Direction, bytes: Uint8Array, flow: Flow): SpdExplanation
  /** Other entries from now on: no decision of the old ones is remembered. */
  replace(entries: readonly SpdEntry[]): void
}

export interface SpdExplanation {
  /** `undefined`: no entry matched, which is DISCARD. */
  readonly entry: SpdEntry | undefined
  readonly action: SpdAction
  /** The entries before it, in their order. */
  readonly passedOver: readonly SpdMismatch[]
}
export interface SpdMismatch {
  readonly entry: SpdEntry
  /** Which selector of the entry failed; `direction` when the entry is for the other one. */
  readonly failed: 'direction' | 'local' | 'remote'
  readonly because: 'direction' | Mismatch
}

/** `flows`: how many are remembered at most, a power of two; 44 octets each. `connections`: what entries name; without them, no SA stands in for another. */
export function createSpd(entries: readonly SpdEntry[], flows: number = defaultFlows, connections: readonly Connection[] = []): Spd {
  return new OrderedSpd(entries, flows, new Kinships(connections))
}

const defaultFlows = 65_536
const discard: SpdAction = { kind: 'DISCARD' }

class OrderedSpd implements Spd {
  #list: RuleList
  readonly #cache: FlowCache
  readonly #kinships: Kinships

  constructor(entries: readonly SpdEntry[], flows: number, kinships: Kinships) {
    this.#kinships = kinships
    this.#list = ruleList(entries)
    this.#cache = new FlowCache(flows)
  }

  get entries(): readonly SpdEntry[] {
    return this.#list.entries
  }

  replace(entries: readonly SpdEntry[]): void {
    this.#list = ruleList(entries)
    this.#cache.clear()
  }

  lookup(direction: Direction, bytes: Uint8Array, flow: Flow): SpdEntry | undefined {
    return this.#list.entries[this.#decide(direction, bytes, flow)]
  }

  admits(direction: Direction, connection: string, child: string, bytes: Uint8Array, flow: Flow): boolean {
    let at = this.#decide(direction, bytes, flow)
    let rival: SpdEntry | undefined
    for (let entry = this.#list.entries[at]; entry?.action.kind === 'PROTECT'; entry = this.#list.entries[at]) {
      const isSameConnection = entry.action.connection === connection
      if (isSameConnection && entry.action.child === child) return rival === undefined || sameSelectors(rival, entry)
      // `dynamic` is the peer of that entry's own connection; the peer of this one has another entry, or none.
      if (isSameConnection || entry.remote.addresses !== 'dynamic') {
        const kinship = this.#kinships.of(connection, child, entry.action)
        if (kinship === 'unlike') return false
        // Another peer may stand in where policy says so for the same traffic; what is some other peer's within it stays so.
        if (kinship === 'other-peer') {
          if (rival !== undefined && !sameSelectors(rival, entry)) return false
          rival = entry
        }
      }
      at = this.#indexFor(direction).find(bytes, flow, at + 1)
    }
    return false
  }

  explain(direction: Direction, bytes: Uint8Array, flow: Flow): SpdExplanation {
    const passedOver: SpdMismatch[] = []
    for (const [i, entry] of this.#list.entries.entries()) {
      const mismatch = this.#mismatch(i, entry, direction, bytes, flow)
      if (mismatch === undefined) return { entry, action: entry.action, passedOver }
      passedOver.push(mismatch)
    }
    return { entry: undefined, action: discard, passedOver }
  }

  /** The number of the entry; -1 is none. */
  #decide(direction: Direction, bytes: Uint8Array, flow: Flow): number {
    const known = this.#cache.find(direction, bytes, flow)
    if (known !== undecided) return known
    const decision = this.#indexFor(direction).find(bytes, flow, 0)
    this.#cache.store(decision)
    return decision
  }

  /** Made at the first look: a host may only ever send. */
  #indexFor(direction: Direction): RuleIndex {
    const { entries, local, remote, indexes } = this.#list
    return (indexes[direction] ??= new RuleIndex(local, remote, direction, (rule) => {
      const wanted = entries[rule]?.direction
      return wanted === 'both' || wanted === direction
    }))
  }

  #mismatch(i: number, entry: SpdEntry, direction: Direction, bytes: Uint8Array, flow: Flow): SpdMismatch | undefined {
    if (entry.direction !== 'both' && entry.direction !== direction) return { entry, failed: 'direction', because: 'direction' }
    const local = mismatchAt(this.#list.local, i, 'local', direction, bytes, flow)
    if (local !== undefined) return { entry, failed: 'local', because: local }
    const remote = mismatchAt(this.#list.remote, i, 'remote', direction, bytes, flow)
    return remote === undefined ? undefined : { entry, failed: 'remote', because: remote }
  }
}

const sameSelectors = (a: SpdEntry, b: SpdEntry): boolean => sameTemplate(a.local, b.local) && sameTemplate(a.remote, b.remote)

/** The selectors of entry `i` are selector `i` of `local` and of `remote`. */
interface RuleList {
  readonly entries: readonly SpdEntry[]
  readonly local: CompiledSelectors
  readonly remote: CompiledSelectors
  readonly indexes: Partial<Record<Direction, RuleIndex>>
}

function ruleList(entries: readonly SpdEntry[]): RuleList {
  return {
    entries: [...entries],
    local: compileTemplates(entries.map(({ local }) => local)),
    remote: compileTemplates(entries.map(({ remote }) => remote)),
    indexes: {},
  }
}
