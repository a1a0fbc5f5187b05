// "Populate from packet": what an SA takes from the packet that it is made for. RFC 4301 §4.4.1 (PFP flags).
import type { Flow } from '../net/flow.ts'
import type { Address } from '../net/address.ts'
import type { ChildConfig, SelectorTemplate } from './connection.ts'
import { type CompiledSelectors, isOneField, selectorWord } from './selector-match.ts'
import type { PacketSelector } from './spd.ts'

/** The two ends of an outgoing packet. */
export interface PacketEnds {
  readonly source: Address
  readonly destination: Address
}

/** The child with the packet's values in the place of its own: an SA of it is for no other value of these. A port brings its protocol with it. */
export function populateChild(child: ChildConfig, populate: readonly PacketSelector[], ends: PacketEnds, flow: Flow): ChildConfig {
  const fill =
    (address: Address, port: number, addressFlag: PacketSelector, portFlag: PacketSelector) =>
    (template: SelectorTemplate): SelectorTemplate => {
      const hasPort = populate.includes(portFlag) && countsOn(portFlag, flow.protocol)
      const takesProtocol = populate.some((flag) => flag === 'protocol' || flag === 'local-port' || flag === 'remote-port')
      return {
        addresses: populate.includes(addressFlag) ? { start: address, end: address } : template.addresses,
        protocol: takesProtocol ? flow.protocol : template.protocol,
        ...(hasPort ? portsOf(port, flow) : { startPort: template.startPort, endPort: template.endPort }),
      }
    }
  return {
    ...child,
    localSelectors: child.localSelectors.map(fill(ends.source, flow.sourcePort, 'local-address', 'local-port')),
    remoteSelectors: child.remoteSelectors.map(fill(ends.destination, flow.destinationPort, 'remote-address', 'remote-port')),
  }
}

/** What tells the SAs of one entry apart: the packet's values of what is populated. */
export function populatedKey(populate: readonly PacketSelector[], ends: PacketEnds, flow: Flow): string {
  const ports = flow.ports === 'known' ? [flow.sourcePort, flow.destinationPort] : ['opaque', 'opaque']
  const values: Readonly<Record<PacketSelector, string | number | undefined>> = {
    'local-address': ends.source,
    'remote-address': ends.destination,
    protocol: flow.protocol,
    'local-port': `${flow.protocol}:${ports[0]}`,
    'remote-port': countsOn('remote-port', flow.protocol) ? `${flow.protocol}:${ports[1]}` : flow.protocol,
  }
  return populate.map((flag) => values[flag]).join('/')
}

/** Whether an SA has one value for each of these: then, if it matches a packet at all, the packet's. Allocates nothing. */
export function isPopulated(local: CompiledSelectors, remote: CompiledSelectors, populate: readonly PacketSelector[], flow: Flow): boolean {
  for (const flag of populate) {
    if (flag === 'protocol' && !(isOneProtocol(local) && isOneProtocol(remote))) return false
    if (flag === 'local-address' && !isOneAddress(local)) return false
    if (flag === 'remote-address' && !isOneAddress(remote)) return false
    if (flag === 'local-port' && !isOnePort(local)) return false
    if (flag === 'remote-port' && countsOn(flag, flow.protocol) && !isOnePort(remote)) return false
  }
  return true
}

/** ICMP type and code are the sender's alone (RFC 4301 §4.4.1.3). */
const countsOn = (flag: PacketSelector, protocol: number): boolean => flag !== 'remote-port' || !isOneField(protocol)

/** RFC 7296 §3.13.1: OPAQUE is 65535 to 0. */
const portsOf = (port: number, flow: Flow): Pick<SelectorTemplate, 'startPort' | 'endPort'> =>
  flow.ports === 'known' ? { startPort: port, endPort: port } : { startPort: 65_535, endPort: 0 }

const isOneProtocol = (selectors: CompiledSelectors): boolean =>
  everyRow(selectors, (at) => wordAt(selectors, at + selectorWord.protocol) !== 0)

const isOnePort = (selectors: CompiledSelectors): boolean =>
  everyRow(selectors, (at) => wordAt(selectors, at + selectorWord.firstPort) === wordAt(selectors, at + selectorWord.lastPort))

const isOneAddress = (selectors: CompiledSelectors): boolean =>
  everyRow(selectors, (at) => {
    if (wordAt(selectors, at + selectorWord.version) === 0) return false
    for (let i = 0; i < 4; i++) {
      if (wordAt(selectors, at + selectorWord.first + i) !== wordAt(selectors, at + selectorWord.last + i)) return false
    }
    return true
  })

function everyRow({ count }: CompiledSelectors, holds: (at: number) => boolean): boolean {
  for (let i = 0; i < count; i++) if (!holds(i * selectorWord.stride)) return false
  return true
}

const wordAt = ({ table }: CompiledSelectors, at: number): number => table[at] ?? 0
