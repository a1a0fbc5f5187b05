// Socket addresses as the system calls of Linux take them: ip(7), ipv6(7), packet(7). The family is in the machine's order, which is little-endian
// wherever koffi runs; all else is in network order.
import { ipv4Field, ipv4MinimumHeader } from '../../net/ipv4.ts'
import { ipv6Field, ipv6HeaderLength } from '../../net/ipv6.ts'
import { putU16 } from '../../bytes/bytes.ts'
import { linux } from './libc.ts'

/** Where an IP packet goes by its own header; `undefined` when it has none. The array is the same in the next call. */
export function socketAddress(packet: Uint8Array): Uint8Array | undefined {
  const version = (packet[0] ?? 0) >>> 4
  if (version === 4 && packet.length >= ipv4MinimumHeader) return filled(ipv4Address, 4, packet, ipv4Field.destination, 4)
  if (version === 6 && packet.length >= ipv6HeaderLength) return filled(ipv6Address, 8, packet, ipv6Field.destination, 16)
  return undefined
}

/** struct sockaddr_ll: every interface, one kind of frame. */
export function packetSocketAddress(etherType: number): Uint8Array {
  const address = ofFamily(linux.AF_PACKET, 20)
  putU16(address, 2, etherType)
  return address
}

function ofFamily(family: number, length: number): Uint8Array {
  const address = new Uint8Array(length)
  address[0] = family
  return address
}

/** struct sockaddr_in: family, port, address; struct sockaddr_in6: family, port, flow, address, scope. */
const ipv4Address = ofFamily(linux.AF_INET, 16)
const ipv6Address = ofFamily(linux.AF_INET6, 28)

function filled(address: Uint8Array, at: number, packet: Uint8Array, from: number, length: number): Uint8Array {
  for (let i = 0; i < length; i++) address[at + i] = packet[from + i] ?? 0
  return address
}
