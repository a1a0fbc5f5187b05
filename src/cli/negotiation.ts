// How one negotiation ended, from the events that it made.
import type { ChildSaEstablished, Event, IkeSaEstablished } from '../contract/events.ts'
import type { Fault } from '../contract/faults.ts'
import type { Refusal } from '../contract/refusal.ts'
import type { IkeSaId } from '../contract/units.ts'

export type Outcome =
  | { readonly kind: 'established'; readonly ikeSa: IkeSaEstablished | undefined; readonly childSa: ChildSaEstablished }
  | { readonly kind: 'failed'; readonly fault: Fault; readonly refusal: Refusal | undefined }
  /** Ctrl-C came first. */
  | { readonly kind: 'interrupted' }
  /** This machine refuses to send to the peer. */
  | { readonly kind: 'not-sent' }

export type RekeyFailure = Extract<Event, { readonly name: 'rekey-failed' }>

/** Waits for the first Child SA, or for what keeps it from coming. */
export class Negotiation {
  readonly outcome: Promise<Outcome>
  /** The last IKE SA ended without our doing. */
  readonly broken: Promise<'broken'>
  readonly rekeyFailures: RekeyFailure[] = []
  readonly #up = new Set<IkeSaId>()
  #ikeSa: IkeSaEstablished | undefined
  #settle: (outcome: Outcome) => void = () => {}
  #break: () => void = () => {}

  constructor() {
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve
    })
    this.broken = new Promise((resolve) => {
      this.#break = () => resolve('broken')
    })
  }

  /** The first end is the end: later ones change nothing. */
  end(outcome: Outcome): void {
    this.#settle(outcome)
  }

  offer(event: Event): void {
    switch (event.name) {
      case 'ike-sa-established':
        this.#ikeSa = event.established
        this.#up.add(event.ikeSa)
        break
      case 'child-sa-established':
        this.end({ kind: 'established', ikeSa: this.#ikeSa, childSa: event.established })
        break
      case 'ike-sa-failed':
      case 'child-sa-failed':
        this.end({ kind: 'failed', fault: event.fault, refusal: event.refusal })
        break
      case 'ike-sa-closed':
        // One that has been rekeyed, or set up anew, ends as well.
        this.#up.delete(event.ikeSa)
        if (event.by !== 'us' && this.#up.size === 0) this.#break()
        break
      case 'rekey-failed':
        this.rekeyFailures.push(event)
        break
      default:
    }
  }
}
