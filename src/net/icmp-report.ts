// What the network says of packets that we sent, by ICMP errors: who reads it should trust it no more than anybody who can send a packet. RFC 792,
// RFC 1191 §4, RFC 1812 §5.2.7.1; ICMPv6: RFC 4443 §3.
import type { TooBig, Undelivered, UnreachableReason } from '../contract/machine.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { upperChecksum } from './build.ts'
import { checksum } from './checksum.ts'
import { emptyFlow, type Flow, isIcmpError, readFlow } from './flow.ts'
import { readTooBig } from './icmp-error.ts'
import { destinationAddress, sourceAddress } from './layout.ts'
import { icmpField } from './transport.ts'

/** The types of errors that are read here; what a filter has to let through. */
export const reportTypes = { 4: [3], 6: [1, 2, 4] } as const

/** `undefined`: it is no such error, it is a fragment, its checksum is wrong, or it says nothing that concerns us. */
export function readIcmpReport(packet: Uint8Array): TooBig | Undelivered | undefined {
  if (!readFlow(packet, 0, packet.length, flow) || flow.fragmentation !== 'whole') return undefined
  if (!isIcmpError(packet, flow) || !isIntact(packet, flow)) return undefined
  const { version, upper, end } = flow
  const tooBig = readTooBig(packet)
  if (tooBig !== undefined) return { kind: 'too-big', ...tooBig }
  const reason = reasons[version].get((packet[upper + icmpField.type] ?? 0) * 256 + (packet[upper + icmpField.code] ?? 0))
  return reason === undefined ? undefined : { kind: 'undelivered', reason, quoted: packet.subarray(upper + icmpField.data, end) }
}

/** Over a message with its checksum in place the result is zero (RFC 1071 §1). RFC 4443 §2.3: ICMPv6 covers a pseudo header, ICMP does not. */
function isIntact(packet: Uint8Array, layout: Flow): boolean {
  const { version, upper, end } = layout
  if (version === 4) return checksum(packet, upper, end - upper, 0) === 0
  const source = sourceAddress(packet, layout)
  const destination = destinationAddress(packet, layout)
  if (source === undefined || destination === undefined) return false
  return upperChecksum(source, destination, ipProtocol.ICMPV6, packet.subarray(upper, end)) === 0
}

/** By type × 256 + code. */
const reasons: Readonly<Record<4 | 6, ReadonlyMap<number, UnreachableReason>>> = {
  // RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1: 5 is a source route, 11 and 12 are for a type of service, 14 and 15 are of precedence.
  4: ofCodes(3, {
    0: 'network',
    1: 'host',
    2: 'protocol',
    3: 'port',
    6: 'network',
    7: 'host',
    9: 'prohibited',
    10: 'prohibited',
    13: 'prohibited',
  }),
  // RFC 4443 §3.1: 2 is beyond the scope of the source. §3.4: a Next Header that is not known is what a protocol is in IPv4.
  6: new Map([
    ...ofCodes(1, { 0: 'network', 1: 'prohibited', 3: 'host', 4: 'port', 5: 'prohibited', 6: 'prohibited' }),
    ...ofCodes(4, { 1: 'protocol' }),
  ]),
}

function ofCodes(type: number, codes: Readonly<Record<number, UnreachableReason>>): ReadonlyMap<number, UnreachableReason> {
  return new Map(Object.entries(codes).map(([code, reason]) => [type * 256 + Number(code), reason]))
}

const flow: Flow = emptyFlow()
