// What selectors look at: addresses, next layer protocol, ports, ICMP type and code. RFC 4301 §4.4.1.1.
import { u16 } from '../bytes/bytes.ts'
import { emptyLayout, type IpLayout, readLayout } from './layout.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { hasPorts } from './transport.ts'

/** A record to be filled again and again. */
export interface Flow extends IpLayout {
  /** `known`: both ports are valid. `none`: the protocol has none, or they are not in this packet (a later fragment, a cut-off header). */
  ports: 'known' | 'none'
  /** For ICMP and ICMPv6 both "ports" are type × 256 + code (RFC 7296 §3.13.1). */
  sourcePort: number
  destinationPort: number
}

export function emptyFlow(): Flow {
  return { ...emptyLayout(), ports: 'none', sourcePort: 0, destinationPort: 0 }
}

/** Fills `flow`. False when the `length` octets at `offset` do not start with an IP packet whose headers are whole. */
export function readFlow(bytes: Uint8Array, offset: number, length: number, flow: Flow): boolean {
  if (!readLayout(bytes, offset, length, flow)) return false
  readPorts(bytes, flow)
  return true
}

function readPorts(bytes: Uint8Array, flow: Flow): void {
  const at = flow.upper
  const available = flow.fragmentation === 'later' ? 0 : flow.end - at
  flow.ports = 'none'
  flow.sourcePort = 0
  flow.destinationPort = 0
  if (hasPorts(flow.protocol) && available >= 4) {
    flow.ports = 'known'
    flow.sourcePort = u16(bytes, at)
    flow.destinationPort = u16(bytes, at + 2)
  } else if ((flow.protocol === ipProtocol.ICMP || flow.protocol === ipProtocol.ICMPV6) && available >= 2) {
    flow.ports = 'known'
    flow.sourcePort = u16(bytes, at)
    flow.destinationPort = flow.sourcePort
  }
}
