// What an ICMP error quotes is known to each side by the addresses that it had there. RFC 5508 §4, RFC 3948 §3.1.2.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, putU16 } from '../../src/bytes/bytes.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import type { Address } from '../../src/net/address.ts'
import { ipPacket, tcpSegment, udpDatagram, upperChecksum } from '../../src/net/build.ts'
import { checksum } from '../../src/net/checksum.ts'
import { icmpEcho } from '../../src/net/icmp.ts'
import { anyAddress } from '../net/arbitraries.ts'
import { endpoint, open, outcomes, packets, pair, seal } from './fixtures.ts'

/** RFC 7296 §2.23.1: the client IP1, which is seen as IPN1, and the server IP2, which is reached as IPN2. */
interface Path {
  readonly ip1: Address
  readonly ipn1: Address
  readonly ipn2: Address
  readonly ip2: Address
}

type Kind = (typeof kinds)[number]
const kinds = ['tcp', 'udp', 'udp-without', 'echo', 'fragment'] as const
const errorTypes = { 4: [3, 4, 5, 11, 12], 6: [1, 2, 3, 4] } as const
type Exchanging = 'the sender' | 'the receiver' | 'both'

/** A packet of some kind, right between these addresses. */
function packetOf(kind: Kind, source: Address, destination: Address): Uint8Array {
  const version = source.includes(':') ? 6 : 4
  const payload = new Uint8Array(40).fill(0x5a)
  const ends = { source: endpoint(source, 4000), destination: endpoint(destination, 5000), payload }
  switch (kind) {
    case 'tcp':
      return ipPacket(source, destination, 6, tcpSegment({ ...ends, sequence: 1, acknowledgement: 2, flags: 0x10, window: 3 }))
    case 'udp':
      return ipPacket(source, destination, 17, udpDatagram(ends))
    case 'udp-without': {
      const datagram = udpDatagram(ends)
      putU16(datagram, 6, 0)
      return ipPacket(source, destination, 17, datagram)
    }
    case 'echo':
      return ipPacket(
        source,
        destination,
        version === 4 ? ipProtocol.ICMP : ipProtocol.ICMPV6,
        icmpEcho({ kind: 'request', source, destination, identifier: 1, sequence: 2, data: payload }),
      )
    case 'fragment':
  }
  return laterFragment(source, destination, payload)
}

/** Of UDP: where the checksum would be are octets that must stay. */
function laterFragment(source: Address, destination: Address, payload: Uint8Array): Uint8Array {
  if (source.includes(':')) return ipPacket(source, destination, ipProtocol.IPV6_FRAG, concat(later, payload))
  const packet = ipPacket(source, destination, ipProtocol.UDP, payload)
  putU16(packet, 6, 185)
  putU16(packet, 10, 0)
  putU16(packet, 10, checksum(packet, 0, 20, 0))
  return packet
}
const later = Uint8Array.of(17, 0, 0x05, 0xc8, 0, 0, 0, 9)

/** The error about `quoted`, of which so many octets come back. */
function errorOf(type: number, quoted: Uint8Array, length: number, source: Address, destination: Address): Uint8Array {
  const message = concat(Uint8Array.of(type, 0, 0, 0, 0, 0, 5, 0), quoted.subarray(0, length))
  const protocol = source.includes(':') ? ipProtocol.ICMPV6 : ipProtocol.ICMP
  const sum = protocol === ipProtocol.ICMP ? checksum(message, 0, message.length, 0) : upperChecksum(source, destination, protocol, message)
  putU16(message, 2, sum)
  return ipPacket(source, destination, protocol, message)
}

/** The client's error, as the server has it. */
function through({ ip1, ipn1, ipn2, ip2 }: Path, who: Exchanging, packet: Uint8Array): Uint8Array | undefined {
  const { sender, receiver } = pair({
    version: ip1.includes(':') ? 6 : 4,
    encapsulation: 'udp',
    sending: {
      local: endpoint(ip1, 4500),
      remote: endpoint(ipn2, 4500),
      original: who === 'the receiver' ? undefined : { local: ipn1, remote: ip2 },
    },
    receiving: {
      local: endpoint(ip2, 4500),
      remote: endpoint(ipn1, 1024),
      original: who === 'the sender' ? undefined : { local: ipn2, remote: ip1 },
    },
  })
  const sealed = packets(seal(sender, 'esp', packet))[0] ?? new Uint8Array(0)
  const opened = open(receiver, 'esp', { source: endpoint(ipn1, 1024), destination: endpoint(ip2, 4500) }, sealed)
  expect(outcomes(opened)).toEqual(['done'])
  return packets(opened)[0]
}

const anyPath = fc.constantFrom(4 as const, 6 as const).chain((version) =>
  fc.record({
    ip1: anyAddress(version),
    ipn1: anyAddress(version),
    ipn2: anyAddress(version),
    ip2: anyAddress(version),
  }),
)
const anyLength = fc.integer({ min: 0, max: 120 })
const wholeHeader = (path: Path, kind: Kind): number => (path.ip1.includes(':') ? (kind === 'fragment' ? 48 : 40) : 20)

describe('an ICMP error through a NAT, in transport mode', () => {
  test.each(['the receiver', 'both'] as const)('quotes what we sent, as if made here: %s exchanges', (who) => {
    fc.assert(
      fc.property(anyPath, fc.constantFrom(...kinds), fc.nat(4), anyLength, (path, kind, which, length) => {
        const types = errorTypes[path.ip1.includes(':') ? 6 : 4]
        const type = types[which % types.length] ?? 3
        const { ip1, ipn1, ipn2, ip2 } = path
        const sent = errorOf(type, packetOf(kind, ipn2, ip1), length, ip1, ipn2)
        const isReadable = length >= wholeHeader(path, kind)
        const quoted = isReadable ? packetOf(kind, ip2, ipn1) : packetOf(kind, ipn2, ip1)
        expect(through(path, who, sent)).toEqual(errorOf(type, quoted, length, ipn1, ip2))
      }),
      { seed: 51, numRuns: 100 },
    )
  })

  test('quotes what the peer sent as the peer knows it, for one that exchanges nothing', () => {
    fc.assert(
      fc.property(anyPath, fc.constantFrom(...kinds), anyLength, (path, kind, length) => {
        const { ip1, ipn1, ipn2, ip2 } = path
        // Of ICMPv6 the checksum of the error itself is the receiver's to repair.
        fc.pre(!ip1.includes(':'))
        const sent = errorOf(3, packetOf(kind, ipn2, ip1), length, ip1, ipn2)
        const quoted = length >= 20 ? packetOf(kind, ip2, ipn1) : packetOf(kind, ipn2, ip1)
        expect(through(path, 'the sender', sent)).toEqual(errorOf(3, quoted, length, ipn1, ip2))
      }),
      { seed: 52, numRuns: 60 },
    )
  })

  test('that quotes something else, or is none, keeps what it quotes', () => {
    fc.assert(
      fc.property(anyPath, anyPath, fc.boolean(), (path, other, isError) => {
        const { ip1, ipn1, ipn2, ip2 } = path
        fc.pre(ip1.includes(':') === other.ip1.includes(':'))
        // Only one end is right.
        const quoted = isError ? packetOf('udp', ipn2, other.ip1) : packetOf('udp', ipn2, ip1)
        const type = isError ? 3 : ip1.includes(':') ? 128 : 8
        const sent = errorOf(type, quoted, 60, ip1, ipn2)
        expect(through(path, 'both', sent)).toEqual(errorOf(type, quoted, 60, ipn1, ip2))
      }),
      { seed: 53, numRuns: 40 },
    )
  })
})
