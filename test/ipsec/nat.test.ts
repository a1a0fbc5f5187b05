import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, u16 } from '../../src/bytes/bytes.ts'
import { type Address, addressBytes } from '../../src/net/address.ts'
import { ipPacket, ipv6Packet, tcpSegment, udpDatagram } from '../../src/net/build.ts'
import { icmpEcho } from '../../src/net/icmp.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { anyAddress, octets, slowUpperChecksum } from '../net/arbitraries.ts'
import { address, alice, endpoint, type Pair, open, outcomes, packets, pair, seal } from './fixtures.ts'

/** RFC 7296 §2.23.1: the client IP1 behind NAT A, which shows it as IPN1; the server IP2 behind NAT B, which is reached as IPN2. */
interface Path {
  readonly ip1: Address
  readonly ipn1: Address
  readonly ipn2: Address
  readonly ip2: Address
}

/** The client seals towards IPN2; the server opens what comes from IPN1 to itself, and knows from IKE what the client had sealed. */
function throughNats(path: Path, framing: 'esp' | 'ip', packet: Uint8Array): Uint8Array | undefined {
  const { sender, receiver } = natPair(path)
  const sealed = packets(seal(sender, framing, packet))[0] ?? new Uint8Array(0)
  if (framing === 'ip') translate(sealed, path)
  const outer = { source: endpoint(path.ipn1, 1024), destination: endpoint(path.ip2, 4500) }
  const opened = open(receiver, framing, outer, sealed)
  expect(outcomes(opened)).toEqual(['done'])
  return packets(opened)[0]
}

function natPair(path: Path): Pair {
  return pair({
    version: path.ip1.includes(':') ? 6 : 4,
    encapsulation: 'udp',
    sending: { local: endpoint(path.ip1, 4500), remote: endpoint(path.ipn2, 4500) },
    receiving: {
      local: endpoint(path.ip2, 4500),
      remote: endpoint(path.ipn1, 1024),
      original: { local: path.ipn2, remote: path.ip1 },
    },
  })
}

/** What the NATs do to the outer header, checksums aside. */
function translate(outer: Uint8Array, path: Path): void {
  const at = addressBytes(path.ip1).length === 4 ? 12 : 8
  outer.set(concat(addressBytes(path.ipn1), addressBytes(path.ip2)), at)
}

const anyPath = fc.constantFrom(4, 6).chain((version) =>
  fc.record({
    ip1: anyAddress(version === 4 ? 4 : 6),
    ipn1: anyAddress(version === 4 ? 4 : 6),
    ipn2: anyAddress(version === 4 ? 4 : 6),
    ip2: anyAddress(version === 4 ? 4 : 6),
  }),
)
const framings = fc.constantFrom('esp' as const, 'ip' as const)

/** The upper layer of a packet with a plain header, and its checksum. */
function upperOf(packet: Uint8Array | undefined, checksumAt: number): { octets: Uint8Array; checksum: number } {
  const upper = (packet ?? new Uint8Array(0)).subarray((packet?.[0] ?? 0) >>> 4 === 6 ? 40 : 20)
  return { octets: upper, checksum: u16(upper, checksumAt) }
}

describe('checksums behind a NAT (RFC 3948 §3.1.2)', () => {
  test('TCP: as if computed from scratch over the addresses that the packet has now', () => {
    fc.assert(
      fc.property(anyPath, framings, octets(0, 60), (path, framing, data) => {
        const ends = { source: endpoint(path.ip1, 1000), destination: endpoint(path.ipn2, 80) }
        const segment = tcpSegment({ ...ends, sequence: 1, acknowledgement: 2, flags: 0x18, window: 512, payload: data })
        const opened = throughNats(path, framing, ipPacket(path.ip1, path.ipn2, ipProtocol.TCP, segment))
        const { octets: upper, checksum } = upperOf(opened, 16)
        expect(checksum).toBe(slowUpperChecksum(path.ipn1, path.ip2, ipProtocol.TCP, upper, 16))
        expect(upper.subarray(18)).toEqual(segment.subarray(18))
      }),
      { seed: 41, numRuns: 200 },
    )
  })

  test('UDP: the same, with all ones where that comes out as zero (RFC 768)', () => {
    fc.assert(
      fc.property(anyPath, framings, octets(0, 60), (path, framing, data) => {
        const datagram = udpDatagram({ source: endpoint(path.ip1, 1000), destination: endpoint(path.ipn2, 80), payload: data })
        const opened = throughNats(path, framing, ipPacket(path.ip1, path.ipn2, ipProtocol.UDP, datagram))
        const { octets: upper, checksum } = upperOf(opened, 6)
        const scratch = slowUpperChecksum(path.ipn1, path.ip2, ipProtocol.UDP, upper, 6)
        expect(checksum).toBe(scratch === 0 ? 0xffff : scratch)
      }),
      { seed: 42, numRuns: 200 },
    )
  })

  test('UDP: a checksum that comes out as zero is all ones', () => {
    const path = { ip1: address('10.0.0.1'), ipn1: address('10.0.0.2'), ipn2: address('192.0.2.2'), ip2: address('192.0.2.2') }
    const ends = { source: endpoint(path.ip1, 1000), destination: endpoint(path.ipn2, 80) }
    // The last two octets are chosen so that the sum over the new addresses has all bits set.
    const probe = udpDatagram({ ...ends, payload: new Uint8Array(2) })
    const missing = slowUpperChecksum(path.ipn1, path.ip2, ipProtocol.UDP, probe, 6)
    const datagram = udpDatagram({ ...ends, payload: Uint8Array.of(missing >>> 8, missing) })
    const { octets: upper, checksum } = upperOf(throughNats(path, 'esp', ipPacket(path.ip1, path.ipn2, ipProtocol.UDP, datagram)), 6)
    expect(slowUpperChecksum(path.ipn1, path.ip2, ipProtocol.UDP, upper, 6)).toBe(0)
    expect(checksum).toBe(0xffff)
  })

  test('UDP: none stays none, in both versions', () => {
    for (const path of [
      { ip1: address('10.0.0.1'), ipn1: alice[4], ipn2: address('192.0.2.9'), ip2: address('10.9.0.1') },
      { ip1: address('fd00::1'), ipn1: alice[6], ipn2: address('2001:db8::9'), ip2: address('fd00:9::1') },
    ]) {
      const datagram = udpDatagram({ source: endpoint(path.ip1, 1), destination: endpoint(path.ipn2, 2), payload: new Uint8Array(5) })
      datagram.set([0, 0], 6)
      expect(upperOf(throughNats(path, 'ip', ipPacket(path.ip1, path.ipn2, ipProtocol.UDP, datagram)), 6).checksum).toBe(0)
    }
  })

  test('ICMPv6 has the addresses in its checksum, ICMP has not', () => {
    const six = { ip1: address('fd00::1'), ipn1: alice[6], ipn2: address('2001:db8::9'), ip2: address('fd00:9::1') }
    const echo = { kind: 'request', identifier: 1, sequence: 2, data: new Uint8Array(9) } as const
    const message = icmpEcho({ ...echo, source: six.ip1, destination: six.ipn2 })
    const { octets: upper, checksum } = upperOf(throughNats(six, 'esp', ipPacket(six.ip1, six.ipn2, ipProtocol.ICMPV6, message)), 2)
    expect(checksum).toBe(slowUpperChecksum(six.ipn1, six.ip2, ipProtocol.ICMPV6, upper, 2))

    const four = { ip1: address('10.0.0.1'), ipn1: alice[4], ipn2: address('192.0.2.9'), ip2: address('10.9.0.1') }
    const plain = icmpEcho({ ...echo, source: four.ip1, destination: four.ipn2 })
    expect(upperOf(throughNats(four, 'esp', ipPacket(four.ip1, four.ipn2, ipProtocol.ICMP, plain)), 2).octets).toEqual(plain)
  })

  test('is found behind the destination options of IPv6', () => {
    const path = { ip1: address('fd00::1'), ipn1: alice[6], ipn2: address('2001:db8::9'), ip2: address('fd00:9::1') }
    const datagram = udpDatagram({ source: endpoint(path.ip1, 1), destination: endpoint(path.ipn2, 2), payload: new Uint8Array(5) })
    const extensions = [{ type: ipProtocol.IPV6_OPTS, content: Uint8Array.of(1, 4, 0, 0, 0, 0) }]
    const packet = ipv6Packet({ source: path.ip1, destination: path.ipn2, protocol: ipProtocol.UDP, payload: datagram, extensions })
    const upper = (throughNats(path, 'esp', packet) ?? packet).subarray(48)
    expect(u16(upper, 6)).toBe(slowUpperChecksum(path.ipn1, path.ip2, ipProtocol.UDP, upper, 6))
  })

  test('a header too short to have a checksum is left alone', () => {
    const path = { ip1: address('10.0.0.1'), ipn1: alice[4], ipn2: address('198.51.100.9'), ip2: address('10.9.0.1') }
    for (let length = 0; length < 18; length++) {
      const stub = new Uint8Array(length).fill(0x5a)
      const opened = throughNats(path, 'esp', ipPacket(path.ip1, path.ipn2, ipProtocol.TCP, stub))
      expect(upperOf(opened, 16).octets).toEqual(stub)
    }
  })

  test('nothing is touched where no NAT is between, or in tunnel mode', () => {
    const wrong = udpDatagram({ source: endpoint(alice[4], 1), destination: endpoint(alice[4], 2), payload: new Uint8Array(5) })
    wrong.set([0x12, 0x34], 6)
    const original = { local: address('10.0.0.1'), remote: address('10.0.0.2') }
    for (const options of [{ mode: 'transport' }, { mode: 'tunnel', receiving: { original } }] as const) {
      const { sender, receiver } = pair(options)
      const packet = ipPacket(sender.install.local.address, sender.install.remote.address, ipProtocol.UDP, wrong)
      expect(packets(open(receiver, 'esp', undefined, ...packets(seal(sender, 'esp', packet))))).toEqual([packet])
    }
  })
})
