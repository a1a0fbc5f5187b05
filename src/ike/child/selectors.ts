// Traffic selectors of a Child SA on their way through IKE: templates made concrete, and the exchange of addresses that transport
// mode needs behind a NAT. RFC 7296 §2.9, §2.23.1.
import type { OriginalAddresses } from '../../contract/install.ts'
import type { TrafficSelector } from '../../contract/selectors.ts'
import type { Address } from '../../net/address.ts'
import type { SelectorTemplate } from '../../policy/connection.ts'
import { selectorTemplateToSelector } from '../../policy/selectors.ts'
import type { Payload } from '../../wire/message.ts'
import type { NatSituation } from '../sa/ike-sa.ts'

export interface SelectorPair {
  readonly local: readonly TrafficSelector[]
  readonly remote: readonly TrafficSelector[]
}

/** `dynamic` becomes the outer address of that side. */
export function concreteSelectors(templates: readonly SelectorTemplate[], outer: Address): readonly TrafficSelector[] {
  return templates.map((template) => selectorTemplateToSelector(template, outer))
}

/** The selectors of a TS payload; those of unknown type are left out (RFC 7296 §2.9). `undefined` when there is no such payload. */
export function receivedSelectors(payloads: readonly Payload[], kind: 'TSi' | 'TSr'): readonly TrafficSelector[] | undefined {
  for (const payload of payloads) {
    if (payload.kind === kind) return payload.selectors.filter((selector): selector is TrafficSelector => 'startAddress' in selector)
  }
  return undefined
}

/**
 * RFC 7296 §2.23.1: what the peer wrote names addresses as it sees them; those of a side behind a NAT are replaced by those that we
 * see on the IKE SA, and kept as the originals for the repair of checksums. `undefined` where they are not one address each, as they MUST be.
 */
export function substituteAddresses(
  received: SelectorPair,
  nat: NatSituation,
  seen: { readonly local: Address; readonly remote: Address },
): { readonly selectors: SelectorPair; readonly original: OriginalAddresses | undefined } | undefined {
  if (nat.local === 'no-nat' && nat.remote === 'no-nat') return { selectors: received, original: undefined }
  const local = onlyAddress(received.local)
  const remote = onlyAddress(received.remote)
  if (local === undefined || remote === undefined) return undefined
  return {
    selectors: {
      local: nat.local === 'behind-nat' ? withAddress(received.local, seen.local) : received.local,
      remote: nat.remote === 'behind-nat' ? withAddress(received.remote, seen.remote) : received.remote,
    },
    // Where nothing was translated there is nothing to repair: so it is when encapsulation was forced.
    original: local === seen.local && remote === seen.remote ? undefined : { local, remote },
  }
}

/** The address that all of them name; `undefined` where they name several, or a range. */
export function onlyAddress(selectors: readonly TrafficSelector[]): Address | undefined {
  const first = selectors[0]?.startAddress
  return selectors.every(({ startAddress, endAddress }) => startAddress === first && endAddress === first) ? first : undefined
}

const withAddress = (selectors: readonly TrafficSelector[], address: Address): readonly TrafficSelector[] =>
  selectors.map((selector) => ({ ...selector, startAddress: address, endAddress: address }))
