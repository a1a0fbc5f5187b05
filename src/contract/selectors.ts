// A traffic selector: a range of addresses, a protocol, a range of ports. RFC 7296 §3.13.1, RFC 4301 §4.4.1.1.
import type { Address } from '../net/address.ts'

/**
 * `protocol` 0 means any. Ports run from `startPort` to `endPort`: 0 to 65535 is any, 65535 to 0 is OPAQUE (RFC 4301 §4.4.1.1).
 * For ICMP the two ports hold type and code as RFC 7296 §3.13.1 packs them: type × 256 + code.
 * Both addresses are of one version.
 */
export interface TrafficSelector {
  readonly protocol: number
  readonly startPort: number
  readonly endPort: number
  readonly startAddress: Address
  readonly endAddress: Address
}
