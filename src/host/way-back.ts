// Packets that policy need not find an SA for: they name one, or are for an address that stands for one. RFC 3948 §5.2.
import type { ChildSaId } from '../contract/units.ts'
import type { Flow } from '../net/flow.ts'
import type { Spd } from '../policy/spd.ts'
import type { OutboundChild, OutboundChildren } from './children.ts'
import type { HostOptions } from './host.ts'
import { hideMapped, MappedPeers } from './mapped-peers.ts'
import { mayCarry } from './may-carry.ts'
import { outcome } from './outcomes.ts'

export class WayBack {
  readonly #spd: Spd
  readonly #children: OutboundChildren
  readonly #mapped: MappedPeers

  constructor({ connections }: HostOptions, spd: Spd, children: OutboundChildren) {
    this.#spd = spd
    this.#children = children
    this.#mapped = new MappedPeers(connections)
  }

  add(child: OutboundChild): void {
    this.#mapped.add(child)
  }

  remove(child: OutboundChild): void {
    this.#mapped.remove(child)
  }

  /**
   * Of several SAs with the same selectors, the one that is named, or that the destination stands for; the number of an outcome, where it does not
   * take the packet of `flow`. `undefined`: policy is to find one. The packet stays as it is.
   */
  find(bytes: Uint8Array, flow: Flow, through: ChildSaId | undefined): OutboundChild | number | undefined {
    const isMapped = this.#mapped.covers(bytes, flow)
    if (through === undefined && !isMapped) return undefined
    const line = through === undefined ? undefined : this.#children.inLineOf(through)
    if (through !== undefined && line === undefined) return outcome['through-gone']
    if (isMapped) return this.#mapped.find(this.#spd, bytes, flow, line)
    return line !== undefined && mayCarry(this.#spd, line, bytes, flow) ? line : outcome['through-forbidden']
  }

  /** Whether the packet is for an address that only we know the peer by. */
  isMapped(bytes: Uint8Array, flow: Flow, { mapped }: OutboundChild): boolean {
    return mapped !== undefined && this.#mapped.covers(bytes, flow)
  }

  /** The packet that `isMapped`, as it is to be sealed: to the address that the peer has. */
  reveal(bytes: Uint8Array, flow: Flow, { mapped }: OutboundChild): void {
    if (mapped !== undefined) hideMapped(bytes, flow, mapped)
  }
}
