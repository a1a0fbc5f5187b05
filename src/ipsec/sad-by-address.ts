// SAs that an SPI alone does not name: several groups may have chosen the same one, since each is assigned by a controller of its own. RFC 4301 §4.1.
import type { Address } from '../net/address.ts'
import type { SaInstall } from '../contract/install.ts'
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
    const { spi, lookup } = sa.install
    const others = (this.#bySpi.get(spi) ?? []).filter(({ install }) => !isNamedAlike(install, sa.install))
    const list = lookup === 'spi-destination-source' ? [sa, ...others] : [...others, sa]
    this.#size += list.length - (this.#bySpi.get(spi)?.length ?? 0)
    this.#bySpi.set(spi, list)
  }

  /** The SA that was removed: the one with the same SPI and addresses. */
  remove(install: SaInstall): InboundSa | undefined {
    const list = this.#bySpi.get(install.spi) ?? []
    const gone = list.find((each) => isNamedAlike(each.install, install))
    if (gone === undefined) return undefined
    this.#size--
    if (list.length === 1) this.#bySpi.delete(install.spi)
    else
      this.#bySpi.set(
        install.spi,
        list.filter((each) => each !== gone),
      )
    return gone
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

/** Of two with the same SPI. */
const isNamedAlike = (a: SaInstall, b: SaInstall): boolean =>
  a.lookup === b.lookup &&
  a.local.address === b.local.address &&
  (a.lookup !== 'spi-destination-source' || a.remote.address === b.remote.address)
