// All flows of ESP that pass an inspection point, bounded: which are encrypted, and which only authenticated. RFC 5879 §4, §7, §8.3.
import { u32 } from '../../bytes/bytes.ts'
import { formatSpi } from '../../contract/units.ts'
import { type Address, addressBytes } from '../../net/address.ts'
import { onesSum } from '../../net/checksum.ts'
import { told } from '../annotate/summary.ts'
import type { Summary } from '../span.ts'
import { EspFlow, type EspVerdict, type Surroundings } from './flow.ts'
import { rarity } from './look.ts'

/** RFC 5879 §4, §7: addresses and SPI make a flow; behind UDP the ports do too, since a NAT may have changed them. */
export interface EspFlowId {
  /** `undefined`: there is no IP header to tell. */
  readonly source: Address | undefined
  readonly destination: Address | undefined
  /** Of the UDP encapsulation; `undefined` without one. */
  readonly ports: { readonly source: number; readonly destination: number } | undefined
  readonly spi: number
}

export interface EspFlowPacket extends Omit<EspFlowId, 'spi'> {
  /** From the SPI to the end of the ICV (RFC 4303 §2), whole: fragments have to be put together before. */
  readonly esp: Uint8Array
}

export interface EspFlowView extends EspFlowId {
  readonly packets: number
  readonly verdict: EspVerdict
  /** The state before the last packet. */
  readonly before: EspVerdict['state']
  /** How often it became another one after it had been found: an SPI that came to a new SA (RFC 5879 §6). */
  readonly changes: number
}

export interface EspFlowsOptions {
  /** What was not seen for longest is forgotten. Default 4,096. */
  readonly mostFlows?: number
  /**
   * A flow is taken as authenticated only when ciphertext would look like it with a chance of 1 in 2 to the power of this. Default 48;
   * RFC 5879 §8: "perhaps something around 32-64 bits is enough".
   */
  readonly limit?: number
}

/** Feed it every ESP packet in the order of arrival. Pure: it keeps no time and no octets of payloads. */
export class EspFlows {
  readonly #mostFlows: number
  readonly #limit: number
  readonly #flows = new Map<string, Entry>()
  /** Ports of what was in authenticated-only flows, by the outer addresses. As many as flows. */
  readonly #ports = new Set<string>()
  #forgotten = 0

  constructor({ mostFlows = 4096, limit = 48 }: EspFlowsOptions = {}) {
    this.#mostFlows = Math.max(1, mostFlows)
    this.#limit = limit
  }

  /** What is thought of the packet's flow, this packet included. Total: any octets will do. */
  note(packet: EspFlowPacket): EspFlowView {
    const entry = this.#entryOf(packet)
    entry.flow.note(packet.esp, entry.around)
    const { ports } = entry.flow.traces
    if (ports >= 0) this.#remember(entry, ports)
    return viewOf(entry)
  }

  /** Those that are remembered, the one that was seen last at the end. */
  get flows(): readonly EspFlowView[] {
    return [...this.#flows.values()].map(viewOf)
  }

  /** How many were given up for others. */
  get forgotten(): number {
    return this.#forgotten
  }

  #entryOf({ source, destination, ports, esp }: EspFlowPacket): Entry {
    const spi = esp.length < 4 ? 0 : u32(esp, 0)
    const between = `${source ?? ''} ${destination ?? ''}`
    const key = `${between} ${ports === undefined ? '' : `${ports.source} ${ports.destination}`} ${spi}`
    const known = this.#flows.get(key)
    const entry = known ?? {
      id: { source, destination, ports, spi },
      between,
      flow: new EspFlow(),
      around: this.#aroundOf(source, destination, between),
    }
    // A Map keeps the order of insertion: what is used moves to the end.
    if (known !== undefined) this.#flows.delete(key)
    this.#flows.set(key, entry)
    this.#forgotten += dropOldest(this.#flows, this.#mostFlows)
    return entry
  }

  #aroundOf(source: Address | undefined, destination: Address | undefined, between: string): Surroundings {
    const sum = (address: Address | undefined, initial: number): number => {
      const octets = address === undefined ? new Uint8Array(0) : addressBytes(address)
      return onesSum(octets, 0, octets.length, initial)
    }
    return {
      addressSum: sum(source, sum(destination, 0)),
      limit: this.#limit,
      portsElsewhere: (ports) => (this.#ports.has(`${between} ${ports}`) ? rarity(this.#ports.size, 2 ** 32) : 0),
    }
  }

  #remember({ between }: Entry, ports: number): void {
    const key = `${between} ${ports}`
    this.#ports.delete(key)
    this.#ports.add(key)
    dropOldest(this.#ports, this.#mostFlows)
  }
}

/** What filters look at. */
export function espFlowSummary({ source, destination, ports, spi }: EspFlowId): Summary {
  const addresses = source === undefined || destination === undefined ? undefined : { source, destination }
  return { ...told(`ESP ${formatSpi(spi)}`), addresses, ports, security: { protocol: 'ESP', spi, sequence: 0 } }
}

interface Entry {
  readonly id: EspFlowId
  readonly between: string
  readonly flow: EspFlow
  readonly around: Surroundings
}

const viewOf = ({ id, flow }: Entry): EspFlowView => ({
  ...id,
  packets: flow.packets,
  verdict: flow.verdict,
  before: flow.before,
  changes: flow.changes,
})

/** 1 if there was one too many. */
function dropOldest(kept: Map<string, unknown> | Set<string>, most: number): 0 | 1 {
  if (kept.size <= most) return 0
  const [oldest] = kept.keys()
  if (oldest !== undefined) kept.delete(oldest)
  return 1
}
