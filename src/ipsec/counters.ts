// What an SA has done, and how much it may do. RFC 4301 §4.4.2.1.
import type { Limits } from '../contract/install.ts'
import { drop, type DropCode, type DropReason, dropCodeLimit, dropReason } from './drops.ts'

/** `soft`: time to set up a successor. `hard`: it protects nothing more. */
export type LifeState = 'fresh' | 'soft' | 'hard'

export class SaCounters {
  packets = 0
  /** Octets that the cipher worked on (RFC 4301 §4.4.2.1): payload and trailer. */
  bytes = 0
  /** All reasons together. */
  dropped = 0
  /** By reason; there from the first drop on, since most SAs have none. */
  #drops: Float64Array | undefined

  /** By inner and outer codepoint; there from the first on. */
  #oddMarks: Float64Array | undefined

  count(bytes: number): void {
    this.packets++
    this.bytes += bytes
  }

  countDrop(code: DropCode): void {
    this.#drops ??= new Float64Array(dropCodeLimit)
    this.#drops[code] = (this.#drops[code] ?? 0) + 1
    this.dropped++
  }

  droppedFor(reason: DropReason): number {
    return this.#drops?.[drop[reason]] ?? 0
  }

  /** Inner and outer ECN codepoints that no tunnel makes (RFC 6040 §4.2). */
  countOddMark(inner: number, outer: number): void {
    this.#oddMarks ??= new Float64Array(16)
    this.#oddMarks[inner * 4 + outer] = (this.#oddMarks[inner * 4 + outer] ?? 0) + 1
  }

  oddMarks(inner: number, outer: number): number {
    return this.#oddMarks?.[inner * 4 + outer] ?? 0
  }

  /** The reasons that occurred, with their counts. */
  drops(): [DropReason, number][] {
    return Array.from(this.#drops ?? []).flatMap((count, code): [DropReason, number][] => {
      const reason = dropReason(code)
      return reason === undefined || count === 0 ? [] : [[reason, count]]
    })
  }
}

/** Whether one more packet of so many octets stays within limits. Those in time (`until`) are for the host, which has a clock. */
export function withinLimits(limits: Limits, counters: SaCounters, bytes: number): boolean {
  if (limits.packets !== undefined && counters.packets + 1 > limits.packets) return false
  return limits.bytes === undefined || counters.bytes + bytes <= limits.bytes
}

export function limitsReached(limits: Limits, counters: SaCounters): boolean {
  if (limits.packets !== undefined && counters.packets >= limits.packets) return true
  return limits.bytes !== undefined && counters.bytes >= limits.bytes
}
