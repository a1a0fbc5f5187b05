// One host in the lab: the machine, what came out of it, and a record of what went in, from which it can be made again.
import type { Event } from '../contract/events.ts'
import type { Input, Outcome, Output, SharedKeyMacRequest } from '../contract/machine.ts'
import { type ChildSaId, type Instant, later, type Milliseconds } from '../contract/units.ts'
import type { Host } from '../host/host.ts'
import type { RecordedInput } from './replay.ts'

export interface LabHostOptions {
  readonly name: string
  /** Makes the host, always the same one: its randomness comes from a seed. */
  readonly make: () => Host
  /** After a crash: with other chance, or else the same numbers come again. */
  readonly makeAgain?: () => Host
  /** Computes the MAC under the key that the two identities share; it may throw where there is none. */
  readonly mac: (request: SharedKeyMacRequest) => Uint8Array
  /** How long an operation takes. */
  readonly operationTime?: Milliseconds
}

export class LabHost {
  readonly name: string
  readonly make: () => Host
  readonly host: Host
  readonly events: Event[] = []
  readonly delivered: { readonly bytes: Uint8Array; readonly child: ChildSaId }[] = []
  readonly bypassed: Uint8Array[] = []
  readonly inputs: RecordedInput[] = []
  readonly mac: (request: SharedKeyMacRequest) => Uint8Array
  readonly operationTime: Milliseconds
  readonly #options: LabHostOptions
  /** How far its clock is before that of the world. */
  #ahead: Milliseconds = 0

  constructor(options: LabHostOptions) {
    const { name, make, mac, operationTime = 0 } = options
    this.#options = options
    this.name = name
    this.make = make
    this.host = make()
    this.mac = mac
    this.operationTime = operationTime
  }

  /** Another one, with nothing but its configuration. */
  again(): LabHost {
    const { makeAgain = this.make } = this.#options
    return new LabHost({ ...this.#options, make: makeAgain })
  }

  /** Its clock leaps; it never goes back. */
  leap(by: Milliseconds): void {
    this.#ahead += by
  }

  /** By the clock of the world. */
  get deadline(): Instant | undefined {
    const { deadline } = this.host
    return deadline === undefined ? undefined : later(deadline, -this.#ahead)
  }

  named<N extends Event['name']>(name: N): Extract<Event, { name: N }>[] {
    return this.events.filter((event): event is Extract<Event, { name: N }> => event.name === name)
  }

  /** One input, written down, and all that it caused. */
  handle(now: Instant, input: Input): readonly Output[] {
    const at = later(now, this.#ahead)
    const outputs = this.host.handle(at, input)
    this.inputs.push({ at, input, outputs })
    for (const output of outputs) {
      if (output.kind === 'event') this.events.push(output.event)
      else if (output.kind === 'deliver') this.delivered.push({ bytes: output.bytes.slice(), child: output.child })
      else if (output.kind === 'bypass') this.bypassed.push(output.bytes.slice())
    }
    return outputs
  }

  /** What comes of an operation; one that cannot be carried out fails. */
  compute(request: SharedKeyMacRequest): Outcome<Uint8Array> {
    try {
      return { ok: true, value: this.mac(request) }
    } catch (error) {
      return { ok: false, why: String(error) }
    }
  }
}
