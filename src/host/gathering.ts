// Fragments that have to be one packet before anything is decided or opened: RFC 4301 §7, RFC 4302 §3.3.4, §3.4.1, RFC 4303 §3.3.4, §3.4.1.
import type { Output } from '../contract/machine.ts'
import { type Instant, later } from '../contract/units.ts'
import { u16, u32 } from '../bytes/bytes.ts'
import { fragmentField } from '../net/ipv6.ts'
import { ipv4Field } from '../net/ipv4.ts'
import type { IpLayout } from '../net/layout.ts'
import { Reassembly, usualReassembly } from '../net/reassembly.ts'
import type { Tally } from './tally.ts'

/** A packet that came in fragments. */
export interface Gathered {
  readonly packet: Uint8Array
  /** Octets of the longest of its fragments, and the identification that they had. */
  readonly longest: number
  readonly identification: number
}

export class Gathering {
  readonly #tally: Tally
  readonly #reassembly = new Reassembly()
  #told = 0
  #toldCrowded = 0

  constructor(tally: Tally) {
    this.#tally = tally
  }

  get deadline(): Instant | undefined {
    const { oldest } = this.#reassembly
    return oldest === undefined ? undefined : later(oldest, usualReassembly.patience)
  }

  /** The whole packet that the fragment in `bytes` completes; `undefined`: it waits for others, or was dropped and counted. */
  add(now: Instant, out: Output[], bytes: Uint8Array, layout: IpLayout): Gathered | undefined {
    const identification =
      layout.version === 4
        ? u16(bytes, layout.start + ipv4Field.identification)
        : u32(bytes, layout.fragmentHeader + fragmentField.identification)
    const outcome = this.#reassembly.add(now, bytes, layout, identification)
    this.#tell()
    if (outcome.kind === 'whole') return { packet: outcome.packet, longest: outcome.longest, identification }
    if (outcome.kind === 'refused') this.#tally.drop(out, outcome.fault)
    return undefined
  }

  /** Those that have waited for too long. */
  expire(now: Instant): void {
    this.#reassembly.expire(now)
    this.#tell()
  }

  #tell(): void {
    const { outOfTime, crowdedOut } = this.#reassembly
    this.#tally.count('fragments-incomplete', outOfTime - this.#told)
    this.#tally.count('fragments-crowded-out', crowdedOut - this.#toldCrowded)
    this.#told = outOfTime
    this.#toldCrowded = crowdedOut
  }
}
