// Packets in few words, and what selectors see of them.
import { concat } from '../../src/bytes/bytes.ts'
import { type Address, parseAddress } from '../../src/net/address.ts'
import { ipPacket, ipv4Packet } from '../../src/net/build.ts'
import { emptyFlow, type Flow, readFlow } from '../../src/net/flow.ts'

export interface Seen {
  readonly bytes: Uint8Array
  readonly flow: Flow
}

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`not an address: ${text}`)
  return parsed
}

/** Somewhere in an arena, as on the packet path. */
export function seen(packet: Uint8Array): Seen {
  const offset = 7
  const bytes = concat(new Uint8Array(offset).fill(0xee), packet, new Uint8Array(3).fill(0xee))
  const flow = emptyFlow()
  if (!readFlow(bytes, offset, packet.length, flow)) throw new Error('not an IP packet')
  return { bytes, flow }
}

export function withPorts(protocol: number, source: string, sourcePort: number, destination: string, destinationPort: number): Seen {
  const ports = Uint8Array.of(sourcePort >> 8, sourcePort & 255, destinationPort >> 8, destinationPort & 255)
  return seen(ipPacket(address(source), address(destination), protocol, concat(ports, new Uint8Array(16))))
}

export const tcp = (source: string, sourcePort: number, destination: string, destinationPort: number): Seen =>
  withPorts(6, source, sourcePort, destination, destinationPort)

export function icmp(source: string, destination: string, type: number, code: number): Seen {
  return seen(ipPacket(address(source), address(destination), source.includes(':') ? 58 : 1, Uint8Array.of(type, code, 0, 0, 0, 0, 0, 0)))
}

/** The type is in the third octet (RFC 6275 §6.1.1). */
export function mobility(source: string, destination: string, type: number): Seen {
  return seen(ipPacket(address(source), address(destination), 135, Uint8Array.of(59, 0, type, 0, 0, 0, 0, 0)))
}

export function laterFragment(source: string, destination: string, protocol: number): Seen {
  const fields = { source: address(source), destination: address(destination), protocol, payload: new Uint8Array(16) }
  return seen(ipv4Packet({ ...fields, flagsAndFragment: 1 }))
}
