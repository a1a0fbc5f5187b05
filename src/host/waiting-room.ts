// Packets that policy protects and for which there is no SA yet: they wait for a negotiation, in bounds, and are never sent in clear.
import { type ChildSaId, type IkeSaId, type Instant, later } from '../contract/units.ts'
import type { Origin } from './departure.ts'
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

export interface WaitingPacket {
  readonly bytes: Uint8Array
  readonly origin: Origin
}

interface Negotiation {
  readonly kind: 'negotiating'
  readonly child: ChildSaId
  /** Changes when the IKE SA is rekeyed in the meantime. */
  ikeSa: IkeSaId
  readonly packets: WaitingPacket[]
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
  readonly #keys = new Map<ChildSaId, string>()
  #total = 0

  get total(): number {
    return this.#total
  }

  add(now: Instant, key: string, packet: Uint8Array, origin: Origin): Admission {
    const entry = this.#byKey.get(key)
    if (entry === undefined || (entry.kind === 'pause' && entry.until <= now)) {
      return entry === undefined && this.#byKey.size >= waitingLimits.keys ? 'queue-full' : 'start'
    }
    if (entry.kind === 'pause') return 'negotiation-held'
    if (entry.packets.length >= waitingLimits.perNegotiation || this.#total >= waitingLimits.total) return 'queue-full'
    entry.packets.push({ bytes: packet.slice(), origin })
    entry.until ??= later(now, waitingLimits.patience)
    this.#total++
    return 'waits'
  }

  begin(key: string, ikeSa: IkeSaId, child: ChildSaId): void {
    this.#byKey.set(key, { kind: 'negotiating', ikeSa, child, packets: [], until: undefined })
    this.#keys.set(child, key)
  }

  /** The negotiation of this Child SA succeeded: those that waited for it. */
  succeed(child: ChildSaId): readonly WaitingPacket[] {
    return this.#end(child, undefined)
  }

  /** It failed: those that waited for it, to be counted. New packets start no other one for a moment. */
  fail(now: Instant, child: ChildSaId): readonly WaitingPacket[] {
    return this.#end(child, { kind: 'pause', until: later(now, waitingLimits.pauseAfterFailure) })
  }

  /** The same for all that an IKE SA was negotiating. */
  failAll(now: Instant, ikeSa: IkeSaId): readonly WaitingPacket[] {
    return [...this.#negotiations(ikeSa)].flatMap(({ child }) => this.fail(now, child))
  }

  /** Another IKE SA goes on with what this one was negotiating (RFC 7296 §2.8). */
  inherit(from: IkeSaId, to: IkeSaId): void {
    for (const negotiation of this.#negotiations(from)) negotiation.ikeSa = to
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

  *#negotiations(ikeSa: IkeSaId): Generator<Negotiation> {
    for (const key of this.#keys.values()) {
      const entry = this.#byKey.get(key)
      if (entry?.kind === 'negotiating' && entry.ikeSa === ikeSa) yield entry
    }
  }

  #end(child: ChildSaId, pause: Pause | undefined): readonly WaitingPacket[] {
    const key = this.#keys.get(child)
    if (key === undefined) return []
    this.#keys.delete(child)
    const entry = this.#byKey.get(key)
    if (entry?.kind !== 'negotiating' || entry.child !== child) return []
    if (pause === undefined) this.#byKey.delete(key)
    else this.#byKey.set(key, pause)
    this.#total -= entry.packets.length
    return entry.packets
  }
}
