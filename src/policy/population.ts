// "Populate from packet" for a responder, which has no packet: the initiator's first traffic selectors stand for it. RFC 4301 §4.4.1 (PFP flags),
// §4.4.1.3; RFC 7296 §2.9.
import type { TrafficSelector } from '../contract/selectors.ts'
import { hasPorts } from '../net/transport.ts'
import type { SelectorTemplate } from './connection.ts'
import type { PopulatedValues, Ports } from './populate.ts'
import { isOneField } from './selector-match.ts'
import { intersect } from './selectors.ts'
import type { PacketSelector, SpdEntry } from './spd.ts'

/** The entries that may populate, found by the child that they protect by. */
export class Population {
  readonly #byChild = new Map<string, SpdEntry[]>()

  constructor(entries: readonly SpdEntry[]) {
    const populated = new Set(entries.flatMap((entry) => (hasFlags(entry) ? (childOf(entry) ?? []) : [])))
    for (const entry of entries) {
      const child = childOf(entry)
      if (child === undefined || !populated.has(child)) continue
      const list = this.#byChild.get(child)
      if (list === undefined) this.#byChild.set(child, [entry])
      else list.push(entry)
    }
  }

  /** The flags of the first entry that protects traffic of these selectors by this child. */
  flagsFor(connection: string, child: string, first: FirstSelectors): readonly PacketSelector[] {
    // What the peer may send to us is in the selector of its side alone (RFC 4301 §4.4.1.3).
    const local = isOneField(first.local.protocol) ? { ...first.local, ...anyPorts } : first.local
    const entry = this.#byChild.get(nameOf(connection, child))?.find((each) => meets(each.local, local) && meets(each.remote, first.remote))
    return entry?.action.kind === 'PROTECT' ? (entry.action.populate ?? []) : []
  }
}

/** The first of TSr and the first of TSi. */
export interface FirstSelectors {
  readonly local: TrafficSelector
  readonly remote: TrafficSelector
}

/**
 * What the packet that the initiator wants to send has; the name of a flag for which the selectors have several values, since it has none for us then.
 * Of ICMP type and code, or MH type, we know what comes, not what we shall answer.
 */
export function valuesOfSelectors({ local, remote }: FirstSelectors, flags: readonly PacketSelector[]): PopulatedValues | PacketSelector {
  const protocol = local.protocol === 0 ? remote.protocol : local.protocol
  const isOneProtocol = protocol !== 0 && (remote.protocol === 0 || remote.protocol === protocol)
  const localPorts = isOneField(protocol) ? anyPorts : portsOf(local, protocol)
  const remotePorts = portsOf(remote, protocol)
  for (const flag of flags) {
    if (flag === 'local-address' && local.startAddress !== local.endAddress) return flag
    if (flag === 'remote-address' && remote.startAddress !== remote.endAddress) return flag
    if (flag === 'protocol' && !isOneProtocol) return flag
    if (flag === 'local-port' && !(isOneProtocol && localPorts !== undefined)) return flag
    if (flag === 'remote-port' && !(isOneProtocol && remotePorts !== undefined)) return flag
  }
  return {
    localAddress: local.startAddress,
    remoteAddress: remote.startAddress,
    protocol,
    localPorts: isOneField(protocol) ? undefined : localPorts,
    remotePorts,
  }
}

/** `undefined`: several. RFC 7296 §3.13.1: OPAQUE is 65535 to 0; RFC 4301 §4.4.1.3: so it is where the protocol has no ports. */
function portsOf({ startPort, endPort }: TrafficSelector, protocol: number): Ports | undefined {
  if (startPort >= endPort) return { startPort, endPort }
  return hasPorts(protocol) || isOneField(protocol) ? undefined : { startPort: 65_535, endPort: 0 }
}

/** A `dynamic` address is any address in policies. */
function meets(template: SelectorTemplate, selector: TrafficSelector): boolean {
  const { addresses, protocol, startPort, endPort } = template
  const { startAddress, endAddress } = addresses === 'dynamic' ? selector : { startAddress: addresses.start, endAddress: addresses.end }
  return intersect({ protocol, startPort, endPort, startAddress, endAddress }, selector) !== undefined
}

const anyPorts: Ports = { startPort: 0, endPort: 65_535 }
const hasFlags = ({ action }: SpdEntry): boolean => action.kind === 'PROTECT' && (action.populate?.length ?? 0) > 0
const childOf = ({ action }: SpdEntry): string | undefined =>
  action.kind === 'PROTECT' ? nameOf(action.connection, action.child) : undefined
/** No two pairs of names are one. */
const nameOf = (connection: string, child: string): string => JSON.stringify([connection, child])
