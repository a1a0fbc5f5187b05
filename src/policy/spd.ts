// The Security Policy Database: ordered, first match decides. RFC 4301 §4.4.1.
import type { Flow } from '../net/flow.ts'
import type { SelectorTemplate } from './connection.ts'
import { type CompiledSelectors, compileTemplates, type Direction, type Mismatch, mismatchAt } from './selector-match.ts'

/** A `dynamic` address is any address: the SA that serves the packet is for one host. */
export interface SpdEntry {
  readonly name: string
  readonly direction: Direction | 'both'
  readonly local: SelectorTemplate
  readonly remote: SelectorTemplate
  readonly action: SpdAction
}
export type SpdAction =
  | { readonly kind: 'PROTECT'; readonly connection: string; readonly child: string }
  | { readonly kind: 'BYPASS' }
  | { readonly kind: 'DISCARD' }

export interface Spd {
  readonly entries: readonly SpdEntry[]
  /** `undefined` is DISCARD: the nominal final entry (RFC 4301 §4.4.1). `bytes` is what `flow` was read from. Allocates nothing. */
  lookup(direction: Direction, bytes: Uint8Array, flow: Flow): SpdEntry | undefined
  /** The same, with what kept each earlier entry from deciding. */
  explain(direction: Direction, bytes: Uint8Array, flow: Flow): SpdExplanation
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

export function createSpd(entries: readonly SpdEntry[]): Spd {
  return new OrderedSpd(entries)
}

const discard: SpdAction = { kind: 'DISCARD' }

/** The selectors of entry `i` are selector `i` of `#local` and of `#remote`. */
class OrderedSpd implements Spd {
  readonly entries: readonly SpdEntry[]
  readonly #local: CompiledSelectors
  readonly #remote: CompiledSelectors

  constructor(entries: readonly SpdEntry[]) {
    this.entries = [...entries]
    this.#local = compileTemplates(entries.map(({ local }) => local))
    this.#remote = compileTemplates(entries.map(({ remote }) => remote))
  }

  lookup(direction: Direction, bytes: Uint8Array, flow: Flow): SpdEntry | undefined {
    for (let i = 0; i < this.entries.length; i++) {
      const entry = this.entries[i]
      if (entry === undefined || (entry.direction !== 'both' && entry.direction !== direction)) continue
      if (mismatchAt(this.#local, i, 'local', direction, bytes, flow) !== undefined) continue
      if (mismatchAt(this.#remote, i, 'remote', direction, bytes, flow) === undefined) return entry
    }
    return undefined
  }

  explain(direction: Direction, bytes: Uint8Array, flow: Flow): SpdExplanation {
    const passedOver: SpdMismatch[] = []
    for (const [i, entry] of this.entries.entries()) {
      const mismatch = this.#mismatch(i, entry, direction, bytes, flow)
      if (mismatch === undefined) return { entry, action: entry.action, passedOver }
      passedOver.push(mismatch)
    }
    return { entry: undefined, action: discard, passedOver }
  }

  #mismatch(i: number, entry: SpdEntry, direction: Direction, bytes: Uint8Array, flow: Flow): SpdMismatch | undefined {
    if (entry.direction !== 'both' && entry.direction !== direction) return { entry, failed: 'direction', because: 'direction' }
    const local = mismatchAt(this.#local, i, 'local', direction, bytes, flow)
    if (local !== undefined) return { entry, failed: 'local', because: local }
    const remote = mismatchAt(this.#remote, i, 'remote', direction, bytes, flow)
    return remote === undefined ? undefined : { entry, failed: 'remote', because: remote }
  }
}
