// The longest outer packet that the path of an SA takes, as far as it is known. RFC 4301 §8.2, RFC 1191 §6.3, RFC 8201 §4.
import type { SaInstall } from '../contract/install.ts'
import { type Instant, later } from '../contract/units.ts'
import { usualMtu } from '../ipsec/outbound.ts'
import { effectiveMtu, packetShape, type PacketShape, sealedLength } from '../ipsec/overhead.ts'
import type { IpLayout } from '../net/layout.ts'

export const pathMtuLimits = {
  /** RFC 1191 §6.3, RFC 8201 §5.3: after ten minutes a larger one is tried. Milliseconds. */
  memory: 600_000,
  /** No word from the network makes it smaller: RFC 4301 §6.1.1 ("a minimum PMTU"). RFC 791 §3.2: every host takes 576 octets; RFC 8200 §5. */
  least: { 4: 576, 6: 1280 },
} as const

export class PathMtu {
  readonly #first: number
  readonly #paddable: number
  readonly #shape: PacketShape | undefined
  #learned: { readonly mtu: number; readonly until: Instant } | undefined

  constructor(install: SaInstall) {
    this.#first = install.path.mtu ?? Number.POSITIVE_INFINITY
    this.#paddable = install.path.mtu ?? usualMtu
    this.#shape = packetShape(install)
  }

  /** Of outer packets; infinite where nothing is known. */
  at(now: Instant): number {
    if (this.#learned !== undefined && now >= this.#learned.until) this.#learned = undefined
    return Math.min(this.#first, this.#learned?.mtu ?? this.#first)
  }

  /** Of outer packets that padding makes longer than they were: never more than is usual where nothing is known. */
  paddable(now: Instant): number {
    return Math.min(this.#paddable, this.at(now))
  }

  /** Of plain packets that are no longer, sealed, than padding would make them. */
  longest(now: Instant): number {
    return this.#shape === undefined ? 0 : effectiveMtu(this.#shape, this.paddable(now))
  }

  /** Of plain packets without options and extension headers: what applications have; `undefined` where nothing is known. */
  effective(now: Instant): number | undefined {
    const mtu = this.at(now)
    return mtu === Number.POSITIVE_INFINITY || this.#shape === undefined ? undefined : effectiveMtu(this.#shape, mtu)
  }

  /** Whether the packet of `layout` can be sealed into an outer packet that the path takes. */
  takes(now: Instant, layout: IpLayout): boolean {
    const mtu = this.at(now)
    const shape = this.#shape
    if (mtu === Number.POSITIVE_INFINITY || shape === undefined) return true
    const length = layout.end - layout.start
    if (shape.mode === 'tunnel') return sealedLength(shape, length) <= mtu
    // Options and extension headers stay outside: they lengthen the packet, and not what is sealed.
    const more = layout.insertion - layout.start - shape.headerLength
    return more + sealedLength(shape, length - more) <= mtu
  }

  /** The SA takes the place of another, and goes the same way. */
  inherit(other: PathMtu): void {
    this.#learned ??= other.#learned
  }

  /** The network says that it takes no more than `mtu`. False where that is no news. */
  learn(now: Instant, mtu: number): boolean {
    const least = pathMtuLimits.least[this.#shape?.version ?? 4]
    const bounded = Math.max(least, mtu)
    if (bounded >= this.at(now)) return false
    this.#learned = { mtu: bounded, until: later(now, pathMtuLimits.memory) }
    return true
  }
}
