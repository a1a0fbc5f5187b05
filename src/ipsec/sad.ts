// The inbound half of the Security Association Database: by SPI, which is enough for a unicast SA (RFC 4301 §4.4.2, RFC 4303 §2.1), and by addresses
// where an SA asks for that (RFC 4301 §4.1).
import { u32 } from '../bytes/bytes.ts'
import type { SaInstall } from '../contract/install.ts'
import type { Spi } from '../contract/units.ts'
import type { Address } from '../net/address.ts'
import type { InboundSa } from './inbound.ts'
import { SasByAddress } from './sad-by-address.ts'

/** The SPI of an ESP packet; `undefined` when it is cut off or reserved (RFC 4303 §2.1: 0 to 255). */
export function spiOf(packet: Uint8Array): Spi | undefined {
  if (packet.length < 4) return undefined
  const spi = u32(packet, 0)
  return isSpi(spi) ? spi : undefined
}

export function isSpi(value: number): value is Spi {
  return value > 0xff && value <= 0xffffffff
}

const isByAddress = ({ lookup = 'spi' }: SaInstall): boolean => lookup !== 'spi'

const firstCapacity = 64

/**
 * A flat table with open addressing: one probe of an array of numbers finds the place, one more access the SA. It is at most half full.
 * We choose the SPIs that are looked up here, at random, so nobody else can make them collide.
 */
export class Sad {
  /** 0 is a free place: no SA has it as SPI. */
  #spis = new Uint32Array(firstCapacity)
  #sas: (InboundSa | undefined)[] = Array.from({ length: firstCapacity })
  readonly #byAddress = new SasByAddress()
  #size = 0
  /** 32 less the binary logarithm of the capacity. */
  #shift = 32 - Math.log2(firstCapacity)

  get size(): number {
    return this.#size + this.#byAddress.size
  }

  /** RFC 4301 §4.1: the SA with the longest match: SPI, destination and source; SPI and destination; SPI. */
  match(spi: number, destination: Address, source: Address): InboundSa | undefined {
    if (this.#byAddress.size === 0) return this.find(spi)
    return this.#byAddress.find(spi, destination, source) ?? this.find(spi)
  }

  /** The SA that its SPI alone names. */
  find(spi: number): InboundSa | undefined {
    return this.#sas[this.#place(spi)]
  }

  /** Replaces the SA that is named alike, if there is one. */
  add(sa: InboundSa): void {
    if (isByAddress(sa.install)) return this.#byAddress.add(sa)
    if (this.#size * 2 >= this.#spis.length) this.#grow()
    const place = this.#place(sa.install.spi)
    if (this.#sas[place] === undefined) this.#size++
    this.#spis[place] = sa.install.spi
    this.#sas[place] = sa
  }

  /** The SA that was removed, which its SPI alone named. */
  remove(spi: number): InboundSa | undefined {
    let hole = this.#place(spi)
    const removed = this.#sas[hole]
    if (removed === undefined) return undefined
    this.#size--
    const mask = this.#spis.length - 1
    // What follows moves back over the hole where its own chain of probes leads through it, so that no chain breaks.
    for (let i = (hole + 1) & mask; this.#spis[i] !== 0; i = (i + 1) & mask) {
      const home = this.#home(this.#spis[i] ?? 0)
      if (((i - home) & mask) < ((i - hole) & mask)) continue
      this.#spis[hole] = this.#spis[i] ?? 0
      this.#sas[hole] = this.#sas[i]
      hole = i
    }
    this.#spis[hole] = 0
    this.#sas[hole] = undefined
    return removed
  }

  /** The SA that was removed: the one that is named as `install` is, by its addresses where it asks for them. */
  removeNamed(install: SaInstall): InboundSa | undefined {
    return isByAddress(install) ? this.#byAddress.remove(install) : this.remove(install.spi)
  }

  *[Symbol.iterator](): Generator<InboundSa> {
    for (const sa of this.#sas) if (sa !== undefined) yield sa
    yield* this.#byAddress
  }

  /** Where the SPI is, or would be. */
  #place(spi: number): number {
    const spis = this.#spis
    const mask = spis.length - 1
    let i = this.#home(spi)
    while (spis[i] !== spi && spis[i] !== 0) i = (i + 1) & mask
    return i
  }

  /** Multiplicative hashing: the top bits of the product depend on all bits of the SPI. */
  #home(spi: number): number {
    return Math.imul(spi, 0x9e3779b1) >>> this.#shift
  }

  #grow(): void {
    const sas = this.#sas
    this.#spis = new Uint32Array(this.#spis.length * 2)
    this.#shift--
    this.#sas = Array.from({ length: this.#spis.length })
    for (const sa of sas) {
      if (sa === undefined) continue
      const place = this.#place(sa.install.spi)
      this.#spis[place] = sa.install.spi
      this.#sas[place] = sa
    }
  }
}
