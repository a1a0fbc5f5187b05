import { describe, expect, test } from 'vitest'
import { u16 } from '../../src/bytes/bytes.ts'
import { ipPacket, ipv4Packet, ipv6Packet } from '../../src/net/build.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { slowChecksum } from '../net/arbitraries.ts'
import { address, alice, bob, endpoint, open, outcomes, packets, pair, seal } from './fixtures.ts'

const payload = new Uint8Array(24).fill(0xab)
const v4 = { source: alice[4], destination: bob[4], protocol: 253, payload }
const v6 = { source: alice[6], destination: bob[6], protocol: 253, payload }
const options = Uint8Array.of(148, 4, 0, 0)
const [hopByHop, routing, destinationOptions] = [ipProtocol.HOPOPT, ipProtocol.IPV6_ROUTE, ipProtocol.IPV6_OPTS]
const extension = (type: number) => ({ type, content: Uint8Array.of(1, 4, 0, 0, 0, 0) })

describe('the original IP header', () => {
  test('stays in front of ESP, with IPv4 options; only length, protocol and checksum change (RFC 3948 §3.2)', () => {
    const packet = ipv4Packet({ ...v4, options, trafficClass: 0xb9, identification: 77, flagsAndFragment: 0x4000, timeToLive: 3 })
    for (const encapsulation of ['udp', 'none'] as const) {
      const outer = seal(pair({ encapsulation }).sender, 'ip', packet).packet(0)
      const expected = packet.slice(0, 24)
      expected.set([outer.length >>> 8, outer.length], 2)
      expected[9] = encapsulation === 'udp' ? ipProtocol.UDP : ipProtocol.ESP
      expected.set([0, 0], 10)
      const sum = slowChecksum(expected)
      expected.set([sum >>> 8, sum], 10)
      expect(outer.subarray(0, 24)).toEqual(expected)
    }
  })

  test('stays with the extension headers of IPv6 that belong before ESP (RFC 4303 §3.1.1)', () => {
    const extensions = [hopByHop, destinationOptions, routing, destinationOptions].map(extension)
    const packet = ipv6Packet({ ...v6, extensions, trafficClass: 0xb9, flowLabel: 0x12345, hopLimit: 3 })
    const outer = seal(pair({ version: 6 }).sender, 'ip', packet).packet(0)
    const expected = packet.slice(0, 64)
    const length = outer.length - 40
    expected.set([length >>> 8, length], 4)
    // The routing header, the last before ESP, had named the destination options that are inside now.
    expected[56] = ipProtocol.ESP
    expect(outer.subarray(0, 64)).toEqual(expected)
  })

  test('comes back as it was, with what routers may change as it arrived', () => {
    const { sender, receiver } = pair()
    const packet = ipv4Packet({ ...v4, options, timeToLive: 9 })
    const sealed = seal(sender, 'ip', packet)
    const outer = sealed.packet(0)
    outer[8] = 5
    receiver.open(sealed, 0, 1, 'ip', undefined)
    expect(packets(sealed)).toEqual([ipv4Packet({ ...v4, options, timeToLive: 5 })])
  })

  test('is made anew where a socket has kept it: TTL 64, no options, the addresses that the socket names', () => {
    const { sender, receiver } = pair()
    const sealed = packets(seal(sender, 'esp', ipv4Packet({ ...v4, timeToLive: 9 })))
    const outer = { source: endpoint(address('203.0.113.1'), 1), destination: endpoint(address('203.0.113.2'), 2) }
    const expected = ipv4Packet({ ...v4, source: outer.source.address, destination: outer.destination.address })
    expect(packets(open(receiver, 'esp', outer, ...sealed))).toEqual([expected])
  })

  test('takes the endpoints of the SA where nobody names others, burst by burst', () => {
    const { sender, receiver } = pair({ version: 6 })
    const [a = payload, b = payload, c = payload] = packets(seal(sender, 'esp', ipv6Packet(v6), ipv6Packet(v6), ipv6Packet(v6)))
    const outer = { source: endpoint(address('2001:db8::77'), 1), destination: endpoint(bob[6], 2) }
    expect(packets(open(receiver, 'esp', undefined, a))).toEqual([ipv6Packet(v6)])
    expect(packets(open(receiver, 'esp', outer, b))).toEqual([ipv6Packet({ ...v6, source: outer.source.address })])
    expect(packets(open(receiver, 'esp', undefined, c))).toEqual([ipv6Packet(v6)])
  })

  test('with parts that a socket cannot carry makes the packet stay', () => {
    const cases = [
      { version: 4, packet: ipv4Packet({ ...v4, options }) },
      { version: 6, packet: ipv6Packet({ ...v6, extensions: [extension(hopByHop)] }) },
      { version: 6, packet: ipv6Packet({ ...v6, extensions: [extension(routing)] }) },
    ] as const
    for (const { version, packet } of cases) {
      const batch = seal(pair({ version }).sender, 'esp', packet)
      expect(outcomes(batch)).toEqual(['header-not-carried'])
      expect(packets(batch)).toEqual([packet])
    }
    const inside = ipv6Packet({ ...v6, extensions: [extension(destinationOptions)] })
    const { sender, receiver } = pair({ version: 6 })
    expect(packets(open(receiver, 'esp', undefined, ...packets(seal(sender, 'esp', inside))))).toEqual([inside])
  })
})

describe('what transport mode does not take', () => {
  test('fragments (RFC 4303 §3.3.4)', () => {
    const fragmentHeader = { type: ipProtocol.IPV6_FRAG, content: Uint8Array.of(0, 1, 0, 0, 0, 9) }
    for (const framing of ['esp', 'ip'] as const) {
      expect(outcomes(seal(pair().sender, framing, ipv4Packet({ ...v4, flagsAndFragment: 0x2000 })))).toEqual(['fragment'])
      expect(outcomes(seal(pair().sender, framing, ipv4Packet({ ...v4, flagsAndFragment: 3 })))).toEqual(['fragment'])
      const six = ipv6Packet({ ...v6, extensions: [fragmentHeader] })
      expect(outcomes(seal(pair({ version: 6 }).sender, framing, six))).toEqual(['fragment'])
    }
  })

  test('a packet of the other version of IP', () => {
    expect(outcomes(seal(pair().sender, 'esp', ipv6Packet(v6)))).toEqual(['version-mismatch'])
    expect(outcomes(seal(pair({ version: 6 }).sender, 'ip', ipv4Packet(v4)))).toEqual(['version-mismatch'])
  })

  test('ESP in a fragment, on the way in (RFC 4303 §3.4.1)', () => {
    const { sender, receiver } = pair()
    const [sealed = payload] = packets(seal(sender, 'ip', ipv4Packet(v4)))
    const fragment = sealed.slice()
    fragment[6] = 0x20
    expect(outcomes(open(receiver, 'ip', undefined, fragment, sealed))).toEqual(['fragment', 'done'])
  })

  test('anything but ESP in the outer packet, on the way in', () => {
    const { receiver } = pair()
    const other = ipPacket(alice[4], bob[4], ipProtocol.TCP, payload)
    const shortUdp = ipPacket(alice[4], bob[4], ipProtocol.UDP, payload.subarray(0, 7))
    expect(outcomes(open(receiver, 'ip', undefined, other, shortUdp))).toEqual(['not-esp', 'not-esp'])
  })
})

test('the UDP header says how long ESP is, and that must be possible', () => {
  const { sender, receiver } = pair({ encapsulation: 'udp' })
  const [sealed = payload] = packets(seal(sender, 'ip', ipv4Packet(v4)))
  const withLength = (length: number): Uint8Array => {
    const packet = sealed.slice()
    packet.set([length >>> 8, length], 24)
    return packet
  }
  const right = u16(sealed, 24)
  const batch = open(receiver, 'ip', undefined, withLength(right + 1), withLength(7), withLength(0), withLength(right))
  expect(outcomes(batch)).toEqual(['malformed-packet', 'malformed-packet', 'malformed-packet', 'done'])
})

test('a UDP checksum of any value is no hindrance (RFC 3948 §2.1)', () => {
  const { sender, receiver } = pair({ encapsulation: 'udp' })
  const sealed = packets(seal(sender, 'ip', ipv4Packet(v4), ipv4Packet(v4)))
  expect(sealed.map((packet) => u16(packet, 26))).toEqual([0, 0])
  const summed = sealed.map((packet, i) => {
    const copy = packet.slice()
    copy.set(i === 0 ? [0x12, 0x34] : [0xff, 0xff], 26)
    return copy
  })
  expect(outcomes(open(receiver, 'ip', undefined, ...summed))).toEqual(['done', 'done'])
})

test('an SA that does not encapsulate takes ESP in UDP as well, and the reverse (RFC 7296 §2.23)', () => {
  for (const [sending, receiving] of [
    ['udp', 'none'],
    ['none', 'udp'],
  ] as const) {
    const { sender, receiver } = pair({ sending: { encapsulation: sending }, receiving: { encapsulation: receiving } })
    const sealed = packets(seal(sender, 'ip', ipv4Packet(v4)))
    expect(packets(open(receiver, 'ip', undefined, ...sealed))).toEqual([ipv4Packet(v4)])
  }
})

test('octets behind the IP packet, such as Ethernet padding, are neither sealed nor in the way', () => {
  const { sender, receiver } = pair()
  const trailing = new Uint8Array(ipv4Packet(v4).length + 9).fill(0xee)
  trailing.set(ipv4Packet(v4))
  const [sealed = payload] = packets(seal(sender, 'ip', trailing))
  expect(u16(sealed, 2)).toBe(sealed.length)
  const padded = new Uint8Array(sealed.length + 3)
  padded.set(sealed)
  expect(packets(open(receiver, 'ip', undefined, padded))).toEqual([ipv4Packet(v4)])
})
