// A network in memory with virtual time: delays, loss, duplication and reordering from a seed. Two or more hosts live on it.
import type { Event } from '../../src/contract/events.ts'
import type { Datagram, Input, Outcome, Output, SharedKeyMacRequest } from '../../src/contract/machine.ts'
import type { RandomSource } from '../../src/contract/random.ts'
import { type ChildSaId, type Instant, instant } from '../../src/contract/units.ts'
import type { Host } from '../../src/host/host.ts'

/** A small generator of 32-bit numbers (xorshift): for tests, where who knows the seed may know every key. */
export function seeded(seed: number): () => number {
  let state = (seed * 2654435761 + 0x9e3779b9) >>> 0 || 1
  return () => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}

export function seededRandom(seed: number): RandomSource {
  const next = seeded(seed)
  return (length) => Uint8Array.from({ length }, () => next() >>> 24)
}

export interface Weather {
  readonly seed: number
  /** Probabilities, 0 to 1. */
  readonly loss: number
  readonly duplication: number
  /** Milliseconds that a datagram takes: at least, at most. The wider, the more reordering. */
  readonly delay: readonly [number, number]
}
export const calm: Weather = { seed: 1, loss: 0, duplication: 0, delay: [10, 10] }

/** Changes a datagram on its way, as a NAT does; `undefined` swallows it. */
export type Middlebox = (datagram: Datagram) => Datagram | undefined

export class VirtualHost {
  readonly host: Host
  readonly events: Event[] = []
  readonly delivered: { readonly bytes: Uint8Array; readonly child: ChildSaId }[] = []
  readonly bypassed: Uint8Array[] = []
  readonly mac: (request: SharedKeyMacRequest) => Uint8Array

  constructor(host: Host, mac: (request: SharedKeyMacRequest) => Uint8Array) {
    this.host = host
    this.mac = mac
  }

  named<N extends Event['name']>(name: N): Extract<Event, { name: N }>[] {
    return this.events.filter((event): event is Extract<Event, { name: N }> => event.name === name)
  }
}

interface Flight {
  readonly at: number
  readonly order: number
  readonly datagram: Datagram
}

export class VirtualNetwork {
  now: Instant = instant(0)
  readonly sent: Datagram[] = []
  readonly #weather: Weather
  readonly #next: () => number
  readonly #hosts = new Map<string, VirtualHost>()
  readonly #flights: Flight[] = []
  readonly #middlebox: Middlebox
  #order = 0

  constructor(weather: Weather = calm, middlebox: Middlebox = (datagram) => datagram) {
    this.#weather = weather
    this.#next = seeded(weather.seed)
    this.#middlebox = middlebox
  }

  attach(address: string, host: VirtualHost): void {
    this.#hosts.set(address, host)
  }

  feed(host: VirtualHost, input: Input): void {
    const inputs: Input[] = [input]
    for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
      for (const output of host.host.handle(this.now, next)) this.#carryOut(host, output, inputs)
    }
  }

  /** Goes on until `done`, or until nothing is left to happen, or until `limit` (virtual ms). */
  run(limit: number, done: () => boolean = () => false): void {
    const end = this.now + limit
    while (!done()) {
      const flight = this.#flights[0]
      const timed = [...this.#hosts.values()]
        .filter(({ host }) => host.deadline !== undefined)
        .sort((a, b) => (a.host.deadline ?? 0) - (b.host.deadline ?? 0))[0]
      const timer = timed?.host.deadline
      const at = Math.min(flight?.at ?? Number.POSITIVE_INFINITY, timer ?? Number.POSITIVE_INFINITY)
      if (at > end) break
      this.now = instant(Math.max(this.now, at))
      if (flight !== undefined && flight.at <= at) {
        this.#flights.shift()
        this.#arrive(flight.datagram)
      } else if (timed !== undefined) this.feed(timed, { kind: 'tick' })
    }
  }

  #carryOut(host: VirtualHost, output: Output, inputs: Input[]): void {
    switch (output.kind) {
      case 'send':
        this.transmit(output.datagram)
        break
      case 'deliver':
        host.delivered.push({ bytes: output.bytes.slice(), child: output.child })
        break
      case 'bypass':
        host.bypassed.push(output.bytes.slice())
        break
      case 'event':
        host.events.push(output.event)
        break
      case 'operation': {
        const { id, kind, request } = output.operation
        inputs.push({ kind: 'completion', completion: { id, kind, outcome: outcomeOf(() => host.mac(request)) } })
        break
      }
      default:
    }
  }

  /** From the sender's view; also used by tests to inject what an attacker would send. */
  transmit(datagram: Datagram): void {
    const copy = { ...datagram, bytes: datagram.bytes.slice() }
    this.sent.push(copy)
    const copies = this.#chance(this.#weather.duplication) ? 2 : 1
    for (let i = 0; i < copies; i++) {
      if (this.#chance(this.#weather.loss)) continue
      const [least, most] = this.#weather.delay
      const at = this.now + least + (this.#next() / 2 ** 32) * (most - least)
      const flight = { at, order: this.#order++, datagram: copy }
      const place = this.#flights.findIndex((other) => other.at > at)
      if (place < 0) this.#flights.push(flight)
      else this.#flights.splice(place, 0, flight)
    }
  }

  #arrive(datagram: Datagram): void {
    const changed = this.#middlebox(datagram)
    if (changed === undefined) return
    const host = this.#hosts.get(changed.remote.address)
    if (host === undefined) return
    this.feed(host, {
      kind: 'datagram',
      datagram: { channel: changed.channel, local: changed.remote, remote: changed.local, bytes: changed.bytes },
    })
  }

  #chance(probability: number): boolean {
    return this.#next() / 2 ** 32 < probability
  }
}

/** What a host cannot compute fails its operation. */
function outcomeOf(compute: () => Uint8Array): Outcome<Uint8Array> {
  try {
    return { ok: true, value: compute() }
  } catch (error) {
    return { ok: false, why: String(error) }
  }
}
