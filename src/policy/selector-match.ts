// Selectors against the octets of packets, without an allocation. RFC 4301 §4.4.1.1, §4.4.1.3; RFC 7296 §3.13.1.
import { u32 } from '../bytes/bytes.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { type Address, addressBytes, addressVersion, parseV4 } from '../net/address.ts'
import type { Flow } from '../net/flow.ts'
import { opaquePort, portInterval } from './boxes.ts'
import type { SelectorTemplate } from './connection.ts'

export type Direction = 'in' | 'out'

/** One flat array, `stride` numbers a selector: version (0 is either), protocol (0 is any), ports plus 1, first and last address. */
export interface CompiledSelectors {
  readonly count: number
  readonly table: Uint32Array
}

/** Where what is in the row of a selector. */
export const selectorWord = { version: 0, protocol: 1, firstPort: 2, lastPort: 3, first: 4, last: 8, stride: 12 } as const

export function compileSelectors(selectors: readonly TrafficSelector[]): CompiledSelectors {
  const table = new Uint32Array(selectors.length * stride)
  let at = 0
  for (const selector of selectors) {
    compileRest(table, at, addressVersion(selector.startAddress), selector)
    compileAddresses(table, at, selector.startAddress, selector.endAddress)
    at += stride
  }
  return { count: selectors.length, table }
}

/** `dynamic` is any address of either version here. */
export function compileTemplates(templates: readonly SelectorTemplate[]): CompiledSelectors {
  const table = new Uint32Array(templates.length * stride)
  let at = 0
  for (const template of templates) {
    const { addresses } = template
    compileRest(table, at, addresses === 'dynamic' ? 0 : addressVersion(addresses.start), template)
    if (addresses !== 'dynamic') compileAddresses(table, at, addresses.start, addresses.end)
    at += stride
  }
  return { count: templates.length, table }
}

function compileRest(table: Uint32Array, at: number, version: number, ports: Omit<SelectorTemplate, 'addresses'>): void {
  const { firstPort, lastPort } = portInterval(ports.startPort, ports.endPort)
  table[at] = version
  table[at + 1] = ports.protocol
  // Plus 1, so that OPAQUE, which is -1, is 0.
  table[at + 2] = firstPort + 1
  table[at + 3] = lastPort + 1
}

function compileAddresses(table: Uint32Array, at: number, first: Address, last: Address): void {
  compileAddress(table, at + firstAt, first)
  compileAddress(table, at + lastAt, last)
}

function compileAddress(table: Uint32Array, at: number, address: Address): void {
  const v4 = addressVersion(address) === 4 ? parseV4(address) : undefined
  if (v4 !== undefined) {
    table[at] = v4
    return
  }
  const octets = addressBytes(address)
  for (let i = 0; 4 * i < octets.length; i++) table[at + i] = u32(octets, 4 * i)
}

/** Whether one of `local` and one of `remote` match a packet that goes out from us or came in: the sets combine freely (RFC 4301 §4.4.1.2). */
export function matchesFlow(
  local: CompiledSelectors,
  remote: CompiledSelectors,
  direction: Direction,
  bytes: Uint8Array,
  flow: Flow,
): boolean {
  return someMatch(local, 'local', direction, bytes, flow) && someMatch(remote, 'remote', direction, bytes, flow)
}

/** Where a selector and a packet part; `undefined` when it matches. */
export type Mismatch = 'protocol' | 'version' | 'addresses' | 'ports'

/** Compares selector `i`, which is for one side of the packet, with it. */
export function mismatchAt(
  selectors: CompiledSelectors,
  i: number,
  side: 'local' | 'remote',
  direction: Direction,
  bytes: Uint8Array,
  flow: Flow,
): Mismatch | undefined {
  const { table } = selectors
  const at = i * stride
  const protocol = table[at + 1] ?? 0
  if (protocol !== 0 && protocol !== flow.protocol) return 'protocol'
  const version = table[at] ?? 0
  if (version !== 0 && version !== flow.version) return 'version'
  const isSource = (side === 'local') === (direction === 'out')
  if (version !== 0 && !isBetween(table, at, bytes, isSource ? flow.source : flow.destination, version)) return 'addresses'
  // RFC 4301 §4.4.1.3: type and code are one field. The sender's selector says what may be sent, the other's what it may send in turn.
  if (!isSource && isOneField(flow.protocol)) return undefined
  const port = flow.ports === 'none' ? opaquePort : isSource ? flow.sourcePort : flow.destinationPort
  return port + 1 >= (table[at + 2] ?? 0) && port + 1 <= (table[at + 3] ?? 0) ? undefined : 'ports'
}

const { first: firstAt, last: lastAt, stride } = selectorWord

function someMatch(selectors: CompiledSelectors, side: 'local' | 'remote', direction: Direction, bytes: Uint8Array, flow: Flow): boolean {
  for (let i = 0; i < selectors.count; i++) if (mismatchAt(selectors, i, side, direction, bytes, flow) === undefined) return true
  return false
}

/** An IPv4 address is one word, an IPv6 address four, the most significant first. */
function isBetween(table: Uint32Array, at: number, bytes: Uint8Array, addressAt: number, version: number): boolean {
  const count = version === 4 ? 1 : 4
  return compareWords(table, at + firstAt, bytes, addressAt, count) <= 0 && compareWords(table, at + lastAt, bytes, addressAt, count) >= 0
}

function compareWords(table: Uint32Array, at: number, bytes: Uint8Array, addressAt: number, count: number): number {
  for (let i = 0; i < count; i++) {
    const bound = table[at + i] ?? 0
    const word = u32(bytes, addressAt + 4 * i)
    if (bound !== word) return bound < word ? -1 : 1
  }
  return 0
}

/** RFC 4301 §4.4.1.3: instead of two ports there is type and code, or an MH type. */
export const isOneField = (protocol: number): boolean =>
  protocol === ipProtocol.ICMP || protocol === ipProtocol.ICMPV6 || protocol === ipProtocol.MOBILITY
