// Packets that policy protects and for which there is no SA yet: they wait for a negotiation, in bounds, and are never sent in clear.
import { type IkeSaId, type Instant, later } from '../contract/units.ts'
import type { HostOutcome } from './outcomes.ts'

export const waitingLimits = {
  /** Packets that wait for one negotiation. */
  perNegotiation: 64,
  /** Packets that wait at all. */
  total: 4_096,
  /** Milliseconds that a packet waits. */
  patience: 30_000,
  /** Milliseconds after a failed negotiation until packets start the next one. */
  pauseAfterFailure: 5_000,
  /** Negotiations and pauses that are remembered. */
  keys: 4_096,
} as const

interface Negotiation {
  readonly kind: 'negotiating'
  readonly ikeSa: IkeSaId
  readonly packets: Uint8Array[]
  /** When those that wait are dropped. */
  until: Instant | undefined
}
interface Pause {
  readonly kind: 'pause'
  readonly until: Instant
}

/** `start`: nobody negotiates for this packet yet; call `begin`, then `add` again. */
export type Admission = 'waits' | 'start' | Extract<HostOutcome, 'queue-full' | 'negotiation-held'>

export class WaitingRoom {
  readonly #byKey = new Map<string, Negotiation | Pause>()
  readonly #keys = new Map<IkeSaId, string>()
  #total = 0

  get total(): number {
    return this.#total
  }

  add(now: Instant, key: string, packet: Uint8Array): Admission {
    const entry = this.#byKey.get(key)
    if (entry === undefined || (entry.kind === 'pause' && entry.until <= now)) {
      return entry === undefined && this.#byKey.size >= waitingLimits.keys ? 'queue-full' : 'start'
    }
    if (entry.kind === 'pause') return 'negotiation-held'
    if (entry.packets.length >= waitingLimits.perNegotiation || this.#total >= waitingLimits.total) return 'queue-full'
    entry.packets.push(packet.slice())
    entry.until ??= later(now, waitingLimits.patience)
    this.#total++
    return 'waits'
  }

  begin(key: string, ikeSa: IkeSaId): void {
    this.#byKey.set(key, { kind: 'negotiating', ikeSa, packets: [], until: undefined })
    this.#keys.set(ikeSa, key)
  }

  /** The negotiation of this IKE SA succeeded: those that waited for it. */
  succeed(ikeSa: IkeSaId): readonly Uint8Array[] {
    return this.#end(ikeSa, undefined)
  }

  /** It failed: those that waited for it, to be counted. New packets start no other one for a moment. */
  fail(now: Instant, ikeSa: IkeSaId): readonly Uint8Array[] {
    return this.#end(ikeSa, { kind: 'pause', until: later(now, waitingLimits.pauseAfterFailure) })
  }

  /** How many have waited too long and are gone; the negotiation itself goes on. */
  expire(now: Instant): number {
    let gone = 0
    for (const [key, entry] of this.#byKey) {
      if (entry.until === undefined || entry.until > now) continue
      if (entry.kind === 'pause') this.#byKey.delete(key)
      else {
        gone += entry.packets.length
        entry.packets.length = 0
        entry.until = undefined
      }
    }
    this.#total -= gone
    return gone
  }

  get deadline(): Instant | undefined {
    let first: Instant | undefined
    for (const { until } of this.#byKey.values()) if (until !== undefined && (first === undefined || until < first)) first = until
    return first
  }

  #end(ikeSa: IkeSaId, pause: Pause | undefined): readonly Uint8Array[] {
    const key = this.#keys.get(ikeSa)
    if (key === undefined) return []
    this.#keys.delete(ikeSa)
    const entry = this.#byKey.get(key)
    if (entry?.kind !== 'negotiating' || entry.ikeSa !== ikeSa) return []
    if (pause === undefined) this.#byKey.delete(key)
    else this.#byKey.set(key, pause)
    this.#total -= entry.packets.length
    return entry.packets
  }
}
