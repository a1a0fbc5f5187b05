// What selectors look at: addresses, next layer protocol, ports, ICMP type and code, MH type. RFC 4301 §4.4.1.1.
import { u16 } from '../bytes/bytes.ts'
import { emptyLayout, type IpLayout, readLayout, readQuotedLayout } from './layout.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { hasPorts, icmpField, mobilityField } from './transport.ts'

/** A record to be filled again and again. */
export interface Flow extends IpLayout {
  /** `known`: both ports are valid. `none`: the protocol has none, or they are not in this packet (a later fragment, a cut-off header). */
  ports: 'known' | 'none'
  /** For ICMP and ICMPv6 both "ports" are type × 256 + code, for the Mobility Header MH type × 256 (RFC 7296 §3.13.1). */
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

/**
 * The packet that an ICMP error in `bytes` is about, as its answer would be: addresses and ports change places (RFC 4301 §6.2). `error` is the
 * flow of the whole ICMP packet. False where that is no error, or quotes too little.
 */
export function readAnswerFlow(bytes: Uint8Array, error: Flow, flow: Flow): boolean {
  if (!readQuotedFlow(bytes, error, flow)) return false
  const { source, sourcePort } = flow
  flow.source = flow.destination
  flow.destination = source
  // Type and code of ICMP are one field, the same in both places.
  flow.sourcePort = flow.destinationPort
  flow.destinationPort = sourcePort
  return true
}

/** The same as it was sent: its ports are known, where the quotation has them. */
export function readQuotedFlow(bytes: Uint8Array, error: IpLayout, flow: Flow): boolean {
  const quoted = error.upper + icmpField.data
  if (!isIcmpError(bytes, error) || !readQuotedLayout(bytes, quoted, error.end - quoted, flow)) return false
  readPorts(bytes, flow)
  return true
}

/** RFC 792: destination unreachable, source quench, redirect, time exceeded, parameter problem. RFC 4443 §2.1: types below 128. */
export function isIcmpError(bytes: Uint8Array, { version, protocol, fragmentation, upper, end }: IpLayout): boolean {
  if (fragmentation === 'later' || end - upper < icmpField.data) return false
  const type = bytes[upper + icmpField.type] ?? 0
  if (version === 6) return protocol === ipProtocol.ICMPV6 && type < 128
  return protocol === ipProtocol.ICMP && icmpErrorTypes.includes(type)
}
const icmpErrorTypes: readonly number[] = [3, 4, 5, 11, 12]

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
  } else if (flow.protocol === ipProtocol.MOBILITY && available > mobilityField.type) {
    flow.ports = 'known'
    flow.sourcePort = (bytes[at + mobilityField.type] ?? 0) << 8
    flow.destinationPort = flow.sourcePort
  }
}
