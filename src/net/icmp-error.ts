// ICMP errors about packets that are too long, made and read. RFC 792, RFC 1191 §4, RFC 1812 §4.3.2; ICMPv6: RFC 4443 §2.4, §3.2, RFC 8201 §4.
import { concat, putU16, putU32, u16, u32 } from '../bytes/bytes.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { ipPacket, upperChecksum } from './build.ts'
import { checksum } from './checksum.ts'
import { emptyFlow, type Flow, isIcmpError, readFlow } from './flow.ts'
import { destinationAddress, emptyLayout, type IpLayout, readQuotedLayout, sourceAddress } from './layout.ts'
import { icmpField } from './transport.ts'

const tooBig = { 4: { type: 3, code: 4 }, 6: { type: 2, code: 0 } } as const
/** RFC 1812 §4.3.2.3, RFC 4443 §3.2: as much of the packet as goes into so many octets. */
const longestError = { 4: 576, 6: 1280 } as const
/** RFC 8201 §4: no smaller MTU is to be reported, or believed. */
export const leastIpv6Mtu = 1280

/**
 * "This packet does not go through: packets of `mtu` octets do", to its sender, as from where it was going. `undefined` where none may be sent:
 * about ICMP errors, later fragments, and what is not for or from one host (RFC 1812 §4.3.2.7, RFC 4443 §2.4(e)).
 */
export function tooBigError(packet: Uint8Array, mtu: number): Uint8Array | undefined {
  if (!readFlow(packet, 0, packet.length, flow)) return undefined
  const { version } = flow
  const source = sourceAddress(packet, flow)
  const destination = destinationAddress(packet, flow)
  if (source === undefined || destination === undefined || flow.fragmentation === 'later' || isIcmpError(packet, flow)) return undefined
  if (!isOneHost(packet, flow.source, version) || !isOneHost(packet, flow.destination, version)) return undefined
  const room = longestError[version] - (version === 4 ? 20 : 40) - icmpField.data
  const message = concat(new Uint8Array(icmpField.data), packet.subarray(0, Math.min(flow.end, room)))
  message[icmpField.type] = tooBig[version].type
  message[icmpField.code] = tooBig[version].code
  if (version === 4) putU16(message, nextHopMtuAt, mtu)
  else putU32(message, ipv6MtuAt, Math.max(leastIpv6Mtu, mtu))
  const protocol = version === 4 ? ipProtocol.ICMP : ipProtocol.ICMPV6
  putU16(
    message,
    icmpField.checksum,
    version === 4 ? checksum(message, 0, message.length, 0) : upperChecksum(destination, source, protocol, message),
  )
  return ipPacket(destination, source, protocol, message)
}
const nextHopMtuAt = 6
const ipv6MtuAt = 4
const flow: Flow = emptyFlow()

/** What such an error says, and the beginning of the packet that it is about. The checksum is for whoever received it. */
export function readTooBig(packet: Uint8Array): { readonly mtu: number; readonly quoted: Uint8Array } | undefined {
  if (!readFlow(packet, 0, packet.length, flow) || !isIcmpError(packet, flow)) return undefined
  const { version, upper, end } = flow
  const { type, code } = tooBig[version]
  if (packet[upper + icmpField.type] !== type) return undefined
  // RFC 4443 §3.2: in ICMPv6 the receiver ignores the code.
  if (version === 4 && packet[upper + icmpField.code] !== code) return undefined
  const mtu = version === 4 ? u16(packet, upper + nextHopMtuAt) : u32(packet, upper + ipv6MtuAt)
  const quoted = packet.subarray(upper + icmpField.data, end)
  // RFC 1191 §5: routers of old say nothing of the MTU.
  return { mtu: version === 4 && mtu === 0 ? plateauBelow(quoted) : mtu, quoted }
}

/** RFC 1191 §7, table 7-1. */
const plateaus = [32_000, 17_914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68]

function plateauBelow(quoted: Uint8Array): number {
  const length = readQuotedLayout(quoted, 0, quoted.length, layout) ? u16(quoted, 2) : 0
  return plateaus.find((plateau) => plateau < length) ?? 68
}
const layout: IpLayout = emptyLayout()

/** Neither unspecified, nor broadcast, nor a group: RFC 1122 §3.2.1.3, RFC 4291 §2.5.2, §2.7. */
function isOneHost(packet: Uint8Array, at: number, version: 4 | 6): boolean {
  const first = packet[at] ?? 0
  if (version === 4) return first !== 0 && first < 224
  return first !== 0xff && packet.subarray(at, at + 16).some((octet) => octet !== 0)
}
