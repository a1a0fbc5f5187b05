// Plain packets for ESP vectors.
import { type Address, parseAddress } from '../../../src/net/address.ts'
import { ipPacket, tcpSegment, udpDatagram } from '../../../src/net/build.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import { seededRandom } from '../../../src/lab/random.ts'

export type Version = 4 | 6

export const address = (text: string): Address => {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`no address: ${text}`)
  return parsed
}

/** Where packets come from and go to; of documentation (RFC 5737, RFC 3849). */
export const ends: Readonly<Record<Version, readonly [Address, Address]>> = {
  4: [address('192.0.2.1'), address('198.51.100.2')],
  6: [address('2001:db8::a'), address('2001:db8:1::b')],
}
/** The same behind gateways. */
export const innerEnds: Readonly<Record<Version, readonly [Address, Address]>> = {
  4: [address('10.1.0.1'), address('10.2.0.1')],
  6: [address('2001:db8:100::1'), address('2001:db8:200::1')],
}

/** A UDP or TCP packet with so many octets of data. */
export function upperPacket(id: string, [source, destination]: readonly [Address, Address], length: number): Uint8Array {
  const random = seededRandom(1, 'packet', id)
  const fields = { source: { address: source, port: 5001 }, destination: { address: destination, port: 5002 }, payload: random(length) }
  return length % 2 === 0
    ? ipPacket(source, destination, ipProtocol.UDP, udpDatagram(fields))
    : ipPacket(source, destination, ipProtocol.TCP, tcpSegment({ ...fields, sequence: 7, acknowledgement: 9, flags: 0x18, window: 1024 }))
}

/** A packet of a protocol with nothing but so many octets in it. */
export const barePacket = (id: string, [source, destination]: readonly [Address, Address], protocol: number, length: number): Uint8Array =>
  ipPacket(source, destination, protocol, seededRandom(1, 'packet', id)(length))
