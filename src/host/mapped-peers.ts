// Peers that our plain side knows by an address of their own, since theirs is another's, too. RFC 3948 §5.2.
import type { TrafficSelector } from '../contract/selectors.ts'
import { exchangeAddress } from '../ipsec/address-exchange.ts'
import { type Address, addressBytes } from '../net/address.ts'
import { emptyFlow, type Flow, readFlow } from '../net/flow.ts'
import { addressLength } from '../net/layout.ts'
import type { Connection } from '../policy/connection.ts'
import { type CompiledSelectors, compileSelectors, compileTemplates, matchesFlow } from '../policy/selector-match.ts'
import { addressKey, keyOf, type OutboundChild } from './children.ts'

/** A Child SA of such a peer, and the address that its selectors have. */
interface Mapping {
  readonly child: OutboundChild
  readonly peer: Uint8Array
}

export class MappedPeers {
  readonly #pool: CompiledSelectors
  readonly #byAddress = new Map<number | string, Mapping[]>()
  /** The address that is exchanged, while it is not known whether it stays exchanged. */
  readonly #asked = new Uint8Array(16)

  constructor(connections: readonly Connection[]) {
    const ranges = connections.flatMap(({ overlap }) => (overlap.kind === 'map' ? overlap.pool : []))
    this.#pool = compileSelectors(ranges.map(({ start, end }): TrafficSelector => ({ ...any, startAddress: start, endAddress: end })))
  }

  add(child: OutboundChild): void {
    const { mapped, remoteSelectors } = child.sa.install
    const peer = remoteSelectors[0]?.startAddress
    if (mapped === undefined || peer === undefined) return
    const key = keyOf(mapped)
    this.#byAddress.set(key, [{ child, peer: addressBytes(peer) }, ...(this.#byAddress.get(key) ?? [])])
  }

  remove(child: OutboundChild): void {
    const { mapped } = child.sa.install
    if (mapped === undefined) return
    const key = keyOf(mapped)
    const left = (this.#byAddress.get(key) ?? []).filter((mapping) => mapping.child !== child)
    if (left.length === 0) this.#byAddress.delete(key)
    else this.#byAddress.set(key, left)
  }

  /** The packet is for an address that only such peers have: what has no SA here goes nowhere. */
  covers(bytes: Uint8Array, flow: Flow): boolean {
    return this.#pool.count > 0 && matchesFlow(everything, this.#pool, 'out', bytes, flow)
  }

  /**
   * The Child SA for a packet that is `covered`, of which the destination is the peer's own address from then on; `only` that one, where it
   * is given. `undefined`: there is none, and the packet is as it was.
   */
  find(bytes: Uint8Array, flow: Flow, only: OutboundChild | undefined): OutboundChild | undefined {
    const length = addressLength(flow)
    const mappings = this.#byAddress.get(addressKey(bytes, flow.destination, flow.version))
    if (mappings === undefined) return undefined
    this.#asked.set(bytes.subarray(flow.destination, flow.destination + length))
    for (const { child, peer } of mappings) {
      if (only !== undefined && child !== only) continue
      exchangeAddress(bytes, flow, flow.destination, peer)
      if (matchesFlow(child.local, child.remote, 'out', bytes, flow)) return child
      exchangeAddress(bytes, flow, flow.destination, this.#asked.subarray(0, length))
    }
    return undefined
  }
}

/** Puts the address that the peer is known by into a packet that came from it. */
export function showMapped(bytes: Uint8Array, offset: number, length: number, mapped: Address): void {
  const octets = octetsOf(mapped)
  if (readFlow(bytes, offset, length, flow) && addressLength(flow) === octets.length) exchangeAddress(bytes, flow, flow.source, octets)
}

/** Packets come in runs: the octets of the last address are kept. */
function octetsOf(address: Address): Uint8Array {
  if (last.address !== address) last = { address, octets: addressBytes(address) }
  return last.octets
}

let last: { readonly address: Address | undefined; readonly octets: Uint8Array } = { address: undefined, octets: new Uint8Array(0) }
const flow = emptyFlow()
const any = { protocol: 0, startPort: 0, endPort: 65_535 } as const
const everything: CompiledSelectors = compileTemplates([{ ...any, addresses: 'dynamic' }])
