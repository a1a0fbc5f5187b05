// Between which addresses an echo request goes: those of the selectors that were negotiated. RFC 7296 §2.9, RFC 4301 §4.4.1.1.
import { failed, ok, type Result } from '../bytes/result.ts'
import type { ChildSaEstablished } from '../contract/events.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { formatSelectors } from '../inspect/describe.ts'
import { type Address, addressBytes, addressFromBytes, addressVersion, compareAddresses } from '../net/address.ts'

export interface EchoAddresses {
  readonly local: Address
  readonly remote: Address
}

/**
 * The outer addresses where the selectors hold them, as transport mode has it; else the first host address of a selector of each side,
 * of the same IP version. The fault says why no echo request would pass.
 */
export function echoAddresses(child: ChildSaEstablished, outer: EchoAddresses): Result<EchoAddresses, string> {
  for (const version of versions(outer)) {
    const local = pick(child.localSelectors, outer.local, version)
    const remote = pick(child.remoteSelectors, outer.remote, version)
    if (local !== undefined && remote !== undefined) return ok({ local, remote })
  }
  const selectors = `${formatSelectors(child.localSelectors)} ↔ ${formatSelectors(child.remoteSelectors)}`
  return failed(`no echo request may pass through this SA: its selectors are ${selectors}`)
}

/** The version of the outer addresses first. */
const versions = (outer: EchoAddresses): readonly (4 | 6)[] => (addressVersion(outer.local) === 4 ? [4, 6] : [6, 4])

function pick(selectors: readonly TrafficSelector[], outer: Address, version: 4 | 6): Address | undefined {
  const fitting = selectors.filter((selector) => addressVersion(selector.startAddress) === version && admitsEcho(selector, version))
  const around = fitting.find((selector) => holds(selector, outer))
  if (around !== undefined) return outer
  const first = fitting[0]
  return first === undefined ? undefined : firstHost(first)
}

/** Echo Request and Echo Reply both: RFC 7296 §3.13.1 packs type × 256 + code where ports would be. */
function admitsEcho(selector: TrafficSelector, version: 4 | 6): boolean {
  const protocol = version === 4 ? ipProtocol.ICMP : ipProtocol.ICMPV6
  if (selector.protocol !== 0 && selector.protocol !== protocol) return false
  if (selector.protocol === 0 && selector.startPort === 0 && selector.endPort === 0xffff) return true
  const types = version === 4 ? [8, 0] : [128, 129]
  return types.every((type) => selector.startPort <= type * 256 && type * 256 <= selector.endPort)
}

const holds = (selector: TrafficSelector, address: Address): boolean =>
  addressVersion(address) === addressVersion(selector.startAddress) &&
  compareAddresses(selector.startAddress, address) <= 0 &&
  compareAddresses(address, selector.endAddress) <= 0

/** The first address of a network is no host's: where a range has more than two, it is the one after it. */
function firstHost(selector: TrafficSelector): Address | undefined {
  const octets = addressBytes(selector.startAddress)
  const end = addressBytes(selector.endAddress)
  const isNetwork = octets.at(-1) === 0 && (end.at(-1) ?? 0) > 1
  if (isNetwork) octets[octets.length - 1] = 1
  return addressFromBytes(octets)
}
