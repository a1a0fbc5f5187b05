// "Populate from packet": what an SA takes from the packet that it is made for. RFC 4301 §4.4.1 (PFP flags).
import type { Flow } from '../net/flow.ts'
import { type Address, compareAddresses } from '../net/address.ts'
import { portInterval } from './boxes.ts'
import type { ChildConfig, SelectorTemplate } from './connection.ts'
import { type CompiledSelectors, isOneField, selectorWord } from './selector-match.ts'
import type { PacketSelector } from './spd.ts'

/** The two ends of an outgoing packet. */
export interface PacketEnds {
  readonly source: Address
  readonly destination: Address
}

/** What a packet has, as selectors are written. */
export interface PopulatedValues {
  readonly localAddress: Address
  readonly remoteAddress: Address
  readonly protocol: number
  /** `undefined`: they are not the packet's to say. */
  readonly localPorts: Ports | undefined
  readonly remotePorts: Ports | undefined
}
export type Ports = Pick<SelectorTemplate, 'startPort' | 'endPort'>

/** Of a packet that goes out. ICMP type and code, or MH type, are the sender's alone (RFC 4301 §4.4.1.3). */
export const valuesOfPacket = (ends: PacketEnds, flow: Flow): PopulatedValues => ({
  localAddress: ends.source,
  remoteAddress: ends.destination,
  protocol: flow.protocol,
  localPorts: portsOf(flow.sourcePort, flow),
  remotePorts: isOneField(flow.protocol) ? undefined : portsOf(flow.destinationPort, flow),
})

/** The child with the values in the place of its own: an SA of it is for no other value of these. A port brings its protocol with it. */
export function populateChild(child: ChildConfig, populate: readonly PacketSelector[], values: PopulatedValues): ChildConfig {
  const takesProtocol = populate.some((flag) => flag === 'protocol' || flag === 'local-port' || flag === 'remote-port')
  const fill = (templates: readonly SelectorTemplate[], side: 'local' | 'remote'): readonly SelectorTemplate[] => {
    const address = populate.includes(`${side}-address`) ? values[`${side}Address`] : undefined
    const ports = populate.includes(`${side}-port`) ? values[`${side}Ports`] : undefined
    const protocol = takesProtocol ? values.protocol : undefined
    // A selector of the child that the packet is not in would be for more than it was.
    const own = templates.filter((template) => isOpenTo(template, address, protocol, ports))
    return (own.length > 0 ? own : templates).map((template) => ({
      addresses: address === undefined ? template.addresses : { start: address, end: address },
      protocol: protocol ?? template.protocol,
      startPort: ports?.startPort ?? template.startPort,
      endPort: ports?.endPort ?? template.endPort,
    }))
  }
  return {
    ...child,
    localSelectors: fill(child.localSelectors, 'local'),
    remoteSelectors: fill(child.remoteSelectors, 'remote'),
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

const portsOf = (port: number, flow: Flow): Ports => (flow.ports === 'known' ? { startPort: port, endPort: port } : opaquePorts)

/** RFC 7296 §3.13.1. */
const opaquePorts: Ports = { startPort: 65_535, endPort: 0 }

function isOpenTo(
  template: SelectorTemplate,
  address: Address | undefined,
  protocol: number | undefined,
  ports: Ports | undefined,
): boolean {
  const { addresses } = template
  if (protocol !== undefined && template.protocol !== 0 && template.protocol !== protocol) return false
  if (
    address !== undefined &&
    addresses !== 'dynamic' &&
    !(compareAddresses(addresses.start, address) <= 0 && compareAddresses(address, addresses.end) <= 0)
  )
    return false
  if (ports === undefined) return true
  const wanted = portInterval(ports.startPort, ports.endPort)
  const open = portInterval(template.startPort, template.endPort)
  return open.firstPort <= wanted.firstPort && wanted.lastPort <= open.lastPort
}

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
