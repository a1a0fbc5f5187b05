// Peers that our plain side knows by an address of their own, since theirs is another's, too. RFC 3948 §5.2.
import type { TrafficSelector } from '../contract/selectors.ts'
import { exchangeAddress } from '../ipsec/address-exchange.ts'
import { exchangeQuotedEnd, hasAddress } from '../ipsec/quoted-addresses.ts'
import { type Address, addressBytes } from '../net/address.ts'
import { emptyFlow, type Flow, isIcmpError, readFlow, readQuotedFlow } from '../net/flow.ts'
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
    const { mapped } = child
    if (mapped === undefined) return false
    const { destination } = flow
    // An ICMP error may be let through for what it is about, which came from the same address.
    const about =
      readQuotedFlow(bytes, flow, quoted) && hasAddress(bytes, quoted, quoted.source, mapped.shown) ? quoted.source : destination
    bytes.set(mapped.peer, destination)
    bytes.set(mapped.peer, about)
    const may = mayCarry(spd, child, bytes, flow)
    bytes.set(mapped.shown, destination)
    bytes.set(mapped.shown, about)
    return may
  }
}

/** Puts the address that the peer is known by into a packet that came from it. */
export function showMapped(bytes: Uint8Array, offset: number, length: number, mapped: Address): void {
  const octets = octetsOf(mapped)
  if (!readFlow(bytes, offset, length, flow) || addressLength(flow) !== octets.length) return
  // What an ICMP error is about was sent to the address that is exchanged.
  const { source } = flow
  if (isIcmpError(bytes, flow)) {
    exchangeQuotedEnd(bytes, flow, 'destination', bytes.subarray(source, source + octets.length), octets)
  }
  exchangeAddress(bytes, flow, source, octets)
}

/** The same on the way out: puts the address that the peer has into a packet for the one that it is known by. */
export function hideMapped(bytes: Uint8Array, flow: Flow, { shown, peer }: NonNullable<OutboundChild['mapped']>): void {
  if (isIcmpError(bytes, flow)) exchangeQuotedEnd(bytes, flow, 'source', shown, peer)
  exchangeAddress(bytes, flow, flow.destination, peer)
}

/** Packets come in runs: the octets of the last address are kept. */
function octetsOf(address: Address): Uint8Array {
  if (last.address !== address) last = { address, octets: addressBytes(address) }
  return last.octets
}

let last: { readonly address: Address | undefined; readonly octets: Uint8Array } = { address: undefined, octets: new Uint8Array(0) }
const flow: Flow = emptyFlow()
const quoted: Flow = emptyFlow()
const any = { protocol: 0, startPort: 0, endPort: 65_535 } as const
const everything: CompiledSelectors = compileTemplates([{ ...any, addresses: 'dynamic' }])
