// What a host counts, and the SAs that ran out while it counted.
import type { Datagram, Output } from '../contract/machine.ts'
import type { ChildSaId } from '../contract/units.ts'
import type { AuditTrail } from './audit.ts'
import type { LifeState } from '../ipsec/counters.ts'

export interface HostCounters {
  readonly sealed: number
  readonly opened: number
  /** Dummy packets that we have sent (RFC 4303 §2.6); those that came are among `dropped`, `dummy-packet`. */
  readonly dummies: number
  readonly bypassed: number
  /** Packets that wait for a negotiation now. */
  readonly waiting: number
  /** Completions of operations that were cancelled, or answered before: nothing came of them. */
  readonly lateCompletions: number
  /** Child SAs that peers asked for and did not get, since another peer has the same address (RFC 3948 §5.2; `overlap`). */
  readonly overlapsRefused: number
  /** Auditable events without a record, since there would have been too many (`HostOptions.audit`). */
  readonly auditSuppressed: number
  /** By reason (`ipsec/drops.ts`, `host/outcomes.ts`). */
  readonly dropped: Readonly<Record<string, number>>
}

export class Tally {
  readonly audit: AuditTrail
  sealed = 0
  opened = 0
  dummies = 0
  bypassed = 0
  lateCompletions = 0
  overlapsRefused = 0
  /** Child SAs that can be used no more: IKE has to close them. */
  readonly exhausted: ChildSaId[] = []
  /** Those that are to be replaced; told once. */
  readonly worn: ChildSaId[] = []
  /** Those that the peer has used for the first time. */
  readonly proven: ChildSaId[] = []
  /** Those through which something came from elsewhere. */
  readonly moved: { readonly child: ChildSaId; readonly from: Omit<Datagram, 'bytes'> }[] = []
  readonly #toldWorn = new Set<ChildSaId>()
  readonly #dropped = new Map<string, number>()

  constructor(audit: AuditTrail) {
    this.audit = audit
  }

  /** What a burst has made of an SA. */
  wear(child: ChildSaId, state: LifeState): void {
    if (state === 'fresh') return
    if (state === 'hard') this.exhausted.push(child)
    else if (!this.#toldWorn.has(child)) {
      this.#toldWorn.add(child)
      this.worn.push(child)
    }
  }

  get hasNews(): boolean {
    return this.exhausted.length > 0 || this.worn.length > 0 || this.proven.length > 0 || this.moved.length > 0 || this.audit.hasNews
  }

  forget(child: ChildSaId): void {
    this.#toldWorn.delete(child)
  }

  count(reason: string, packets: number): void {
    if (packets > 0) this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + packets)
  }

  /** Counted and told. */
  drop(out: Output[], reason: string, child?: ChildSaId): void {
    this.count(reason, 1)
    out.push({ kind: 'event', event: { name: 'packet-dropped', reason, child } })
  }

  counters(waiting: number): HostCounters {
    const { sealed, opened, dummies, bypassed, lateCompletions, overlapsRefused } = this
    return {
      sealed,
      opened,
      dummies,
      bypassed,
      waiting,
      lateCompletions,
      overlapsRefused,
      auditSuppressed: this.audit.suppressed,
      dropped: Object.fromEntries(this.#dropped),
    }
  }
}
