// Does a packet belong to an SA? Traffic selectors made ready for comparison with the octets of packets. RFC 4301 §4.4.1.1, §5.2 step 4.
import type { TrafficSelector } from '../contract/selectors.ts'
import { addressBytes } from '../net/address.ts'
import type { Flow } from '../net/flow.ts'

export interface PacketSelector {
  readonly protocol: number
  readonly startPort: number
  readonly endPort: number
  /** 4 or 16 octets. */
  readonly startAddress: Uint8Array
  readonly endAddress: Uint8Array
}

export function packetSelectors(selectors: readonly TrafficSelector[]): readonly PacketSelector[] {
  return selectors.map((selector) => ({
    protocol: selector.protocol,
    startPort: selector.startPort,
    endPort: selector.endPort,
    startAddress: addressBytes(selector.startAddress),
    endAddress: addressBytes(selector.endAddress),
  }))
}

/** Whether the source of the packet in `bytes` lies within one of the selectors, with its protocol and source port. */
export function sourceSelected(selectors: readonly PacketSelector[], bytes: Uint8Array, flow: Flow): boolean {
  for (const selector of selectors) if (selects(selector, bytes, flow, flow.source, flow.sourcePort)) return true
  return false
}

/** The same for the destination. */
export function destinationSelected(selectors: readonly PacketSelector[], bytes: Uint8Array, flow: Flow): boolean {
  for (const selector of selectors) if (selects(selector, bytes, flow, flow.destination, flow.destinationPort)) return true
  return false
}

function selects(selector: PacketSelector, bytes: Uint8Array, flow: Flow, addressAt: number, port: number): boolean {
  if (selector.protocol !== 0 && selector.protocol !== flow.protocol) return false
  if (!portSelected(selector, flow, port)) return false
  const { startAddress, endAddress } = selector
  if (startAddress.length !== (flow.version === 4 ? 4 : 16)) return false
  return compareAt(bytes, addressAt, startAddress) >= 0 && compareAt(bytes, addressAt, endAddress) <= 0
}

function portSelected(selector: PacketSelector, flow: Flow, port: number): boolean {
  const { startPort, endPort } = selector
  // RFC 4301 §4.4.1.1: ANY takes every packet; OPAQUE (start above end) those without ports to see; a range those within.
  if (startPort === 0 && endPort === 0xffff) return true
  if (startPort > endPort) return flow.ports === 'none'
  return flow.ports === 'known' && port >= startPort && port <= endPort
}

function compareAt(bytes: Uint8Array, at: number, address: Uint8Array): number {
  for (let i = 0; i < address.length; i++) {
    const difference = (bytes[at + i] ?? 0) - (address[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
