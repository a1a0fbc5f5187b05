// Peers that our plain side knows by an address of their own, since theirs is another's, too. RFC 3948 §5.2.
import type { TrafficSelector } from '../contract/selectors.ts'
import { exchangeAddress } from '../ipsec/address-exchange.ts'
import { type Address, addressBytes } from '../net/address.ts'
import { emptyFlow, type Flow, readFlow } from '../net/flow.ts'
import { addressLength } from '../net/layout.ts'
import type { Connection } from '../policy/connection.ts'
import { type CompiledSelectors, compileSelectors, compileTemplates, matchesFlow } from '../policy/selector-match.ts'
import type { Spd } from '../policy/spd.ts'
import { addressKey, keyOf, type OutboundChild } from './children.ts'
import { mayCarry } from './may-carry.ts'
import { outcome } from './outcomes.ts'

export class MappedPeers {
  readonly #pool: CompiledSelectors
  /** The newest first. */
  readonly #byAddress = new Map<number | string, OutboundChild[]>()
  /** The address that was asked for, while another is in its place. */
  readonly #asked = new Uint8Array(16)

  constructor(connections: readonly Connection[]) {
    const ranges = connections.flatMap(({ overlap }) => (overlap.kind === 'map' ? overlap.pool : []))
    this.#pool = compileSelectors(ranges.map(({ start, end }): TrafficSelector => ({ ...any, startAddress: start, endAddress: end })))
  }

  add(child: OutboundChild): void {
    const { mapped } = child.sa.install
    if (mapped === undefined || child.mapped === undefined) return
    const key = keyOf(mapped)
    this.#byAddress.set(key, [child, ...(this.#byAddress.get(key) ?? [])])
  }

  remove(child: OutboundChild): void {
    const { mapped } = child.sa.install
    if (mapped === undefined) return
    const key = keyOf(mapped)
    const left = (this.#byAddress.get(key) ?? []).filter((other) => other !== child)
    if (left.length === 0) this.#byAddress.delete(key)
    else this.#byAddress.set(key, left)
  }

  /** The packet is for an address that only such peers have: what has no SA here goes nowhere. */
  covers(bytes: Uint8Array, flow: Flow): boolean {
    return this.#pool.count > 0 && matchesFlow(everything, this.#pool, 'out', bytes, flow)
  }

  /** The Child SA for a packet that is `covered`; `only` that one, where it is given. The number of an outcome, where there is none. */
  find(spd: Spd, bytes: Uint8Array, flow: Flow, only: OutboundChild | undefined): OutboundChild | number {
    const children = this.#byAddress.get(addressKey(bytes, flow.destination, flow.version))
    for (const child of children ?? []) if ((only === undefined || child === only) && this.#mayCarry(spd, child, bytes, flow)) return child
    return outcome[only === undefined && children === undefined ? 'mapping-gone' : 'through-forbidden']
  }

  /** Selectors and policy know the peer by its own address: they are asked with that in its place, and nothing of it stays. */
  #mayCarry(spd: Spd, child: OutboundChild, bytes: Uint8Array, flow: Flow): boolean {
    if (child.mapped === undefined) return false
    const { destination } = flow
    const length = addressLength(flow)
    for (let i = 0; i < length; i++) this.#asked[i] = bytes[destination + i] ?? 0
    bytes.set(child.mapped.peer, destination)
    const may = mayCarry(spd, child, bytes, flow)
    for (let i = 0; i < length; i++) bytes[destination + i] = this.#asked[i] ?? 0
    return may
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
