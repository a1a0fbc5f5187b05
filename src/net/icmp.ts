// Echo and Echo Reply. ICMP: RFC 792; ICMPv6: RFC 4443 §4.1, §4.2.
import { concat, putU16, u16 } from '../bytes/bytes.ts'
import { type Address, addressVersion } from './address.ts'
import { ipPacket, upperChecksum } from './build.ts'
import { checksum } from './checksum.ts'
import { destinationAddress, emptyLayout, readLayout, sourceAddress } from './layout.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { icmpField } from './transport.ts'

export interface Echo {
  readonly kind: 'request' | 'reply'
  readonly source: Address
  readonly destination: Address
  readonly identifier: number
  readonly sequence: number
  readonly data: Uint8Array
}

const echoTypes = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const

/** The ICMP or ICMPv6 message, after the version of the addresses, without IP header. */
export function icmpEcho(echo: Echo): Uint8Array {
  const version = addressVersion(echo.source)
  const message = concat(new Uint8Array(icmpField.data), echo.data)
  message[icmpField.type] = echoTypes[version][echo.kind]
  putU16(message, icmpField.identifier, echo.identifier)
  putU16(message, icmpField.sequence, echo.sequence)
  // RFC 4443 §2.3: ICMPv6 covers a pseudo header, ICMP does not.
  const sum =
    version === 4 ? checksum(message, 0, message.length, 0) : upperChecksum(echo.source, echo.destination, ipProtocol.ICMPV6, message)
  putU16(message, icmpField.checksum, sum)
  return message
}

/** A whole IP packet with an echo message. */
export function echoPacket(echo: Echo): Uint8Array {
  const protocol = addressVersion(echo.source) === 4 ? ipProtocol.ICMP : ipProtocol.ICMPV6
  return ipPacket(echo.source, echo.destination, protocol, icmpEcho(echo))
}

/** The echo message in an IP packet; `undefined` when there is none, it is a fragment, or its checksum is wrong. */
export function decodeEcho(packet: Uint8Array): Echo | undefined {
  const layout = emptyLayout()
  if (!readLayout(packet, 0, packet.length, layout) || layout.fragmentation !== 'whole') return undefined
  const source = sourceAddress(packet, layout)
  const destination = destinationAddress(packet, layout)
  const message = packet.subarray(layout.upper, layout.end)
  if (layout.protocol !== (layout.version === 4 ? ipProtocol.ICMP : ipProtocol.ICMPV6)) return undefined
  if (source === undefined || destination === undefined || message.length < icmpField.data) return undefined
  const types = echoTypes[layout.version]
  const type = message[icmpField.type]
  const kind = type === types.request ? 'request' : type === types.reply ? 'reply' : undefined
  if (kind === undefined || message[icmpField.code] !== 0) return undefined
  // Over a message with its checksum in place the result is zero (RFC 1071 §1).
  const rest =
    layout.version === 4 ? checksum(message, 0, message.length, 0) : upperChecksum(source, destination, ipProtocol.ICMPV6, message)
  if (rest !== 0) return undefined
  const identifier = u16(message, icmpField.identifier)
  return { kind, source, destination, identifier, sequence: u16(message, icmpField.sequence), data: message.slice(icmpField.data) }
}

/** The packet that answers an Echo Request: addresses swapped, data returned (RFC 792, RFC 4443 §4.2). */
export function answerEcho(request: Echo): Uint8Array {
  return echoPacket({ ...request, kind: 'reply', source: request.destination, destination: request.source })
}
