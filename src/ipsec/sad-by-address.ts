// SAs that an SPI alone does not name: several groups may have chosen the same one, since each is assigned by a controller of its own. RFC 4301 §4.1.
import type { Address } from '../net/address.ts'
import type { InboundSa } from './inbound.ts'

/** Few: the SAs of one SPI are looked at in turn, those that also name the source first, so that the longest match is the first. */
export class SasByAddress {
  readonly #bySpi = new Map<number, InboundSa[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** In the place of the one with the same SPI and addresses, if there is one. */
  add(sa: InboundSa): void {
    const { spi, lookup, local, remote } = sa.install
    const others = (this.#bySpi.get(spi) ?? []).filter(({ install }) => {
      const isSame = install.lookup === lookup && install.local.address === local.address
      return !isSame || (lookup === 'spi-destination-source' && install.remote.address !== remote.address)
    })
    const list = lookup === 'spi-destination-source' ? [sa, ...others] : [...others, sa]
    this.#size += list.length - (this.#bySpi.get(spi)?.length ?? 0)
    this.#bySpi.set(spi, list)
  }

  /** RFC 4301 §4.1: first by SPI, destination and source, then by SPI and destination. */
  find(spi: number, destination: Address, source: Address): InboundSa | undefined {
    const list = this.#bySpi.get(spi)
    if (list === undefined) return undefined
    for (const sa of list) {
      const { lookup, local, remote } = sa.install
      if (local.address === destination && (lookup !== 'spi-destination-source' || remote.address === source)) return sa
    }
    return undefined
  }

  *[Symbol.iterator](): Generator<InboundSa> {
    for (const list of this.#bySpi.values()) yield* list
  }
}
