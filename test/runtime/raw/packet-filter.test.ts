// What the kernel is told to hand to us, by a filter machine of our own; the kernel itself runs it in test/interop.
import { describe, expect, test } from 'vitest'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import type { Address } from '../../../src/net/address.ts'
import { ipv4Packet, ipv6Packet } from '../../../src/net/build.ts'
import { ipsecInIpv4, ipsecInIpv6, nothingPasses } from '../../../src/runtime/raw/packet-filter.ts'
import { passes } from './filter-machine.ts'
import { address } from '../../inspect/samples.ts'

const { ESP, AH, UDP, ICMPV6, HOPOPT, IPV6_ROUTE, IPV6_FRAG, IPV6_OPTS } = ipProtocol
const payload = new Uint8Array(24)
const otherHost = 3

const v4 = { us: address('192.0.2.1'), alsoUs: address('198.51.100.7'), peer: address('192.0.2.2') }
const v6 = { us: address('2001:db8::1'), alsoUs: address('2001:db8:0:1::ffff:1'), peer: address('2001:db8::2') }

describe('IPv4', () => {
  const filter = ipsecInIpv4([v4.us, v4.alsoUs])
  const packet = (protocol: number, destination: Address = v4.us, more: object = {}): Uint8Array =>
    ipv4Packet({ source: v4.peer, destination, protocol, payload, ...more })

  test.each([ESP, AH])('protocol %i to any of our addresses passes, and so do its fragments', (protocol) => {
    expect(passes(filter, packet(protocol))).toBe(true)
    expect(passes(filter, packet(protocol, v4.alsoUs))).toBe(true)
    expect(passes(filter, packet(protocol, v4.us, { flagsAndFragment: 0x2000 }))).toBe(true)
    expect(passes(filter, packet(protocol, v4.us, { flagsAndFragment: 100 }))).toBe(true)
    expect(passes(filter, packet(protocol, v4.us, { options: Uint8Array.of(1, 1, 1, 0) }))).toBe(true)
  })
  test('nothing else does', () => {
    for (let protocol = 0; protocol < 256; protocol++) {
      if (protocol !== ESP && protocol !== AH) expect(passes(filter, packet(protocol)), String(protocol)).toBe(false)
    }
    expect(passes(filter, packet(ESP, v4.peer))).toBe(false)
    expect(passes(filter, packet(ESP), otherHost)).toBe(false)
    expect(passes(filter, packet(ESP).subarray(0, 19))).toBe(false)
  })
})

describe('IPv6', () => {
  const filter = ipsecInIpv6([v6.us, v6.alsoUs])
  const packet = (protocol: number, destination: Address = v6.us, ...extensions: readonly number[]): Uint8Array =>
    ipv6Packet({
      source: v6.peer,
      destination,
      protocol,
      payload,
      extensions: extensions.map((type) => ({ type, content: new Uint8Array(6) })),
    })

  test.each([ESP, AH])('protocol %i to any of our addresses passes, behind extension headers, too', (protocol) => {
    expect(passes(filter, packet(protocol))).toBe(true)
    expect(passes(filter, packet(protocol, v6.alsoUs))).toBe(true)
    for (const extension of [HOPOPT, IPV6_ROUTE, IPV6_FRAG, IPV6_OPTS]) {
      expect(passes(filter, packet(protocol, v6.us, extension)), String(extension)).toBe(true)
    }
    expect(passes(filter, packet(protocol, v6.us, IPV6_FRAG, IPV6_OPTS))).toBe(true)
  })
  test('fragments of something else do not, nor does what has no extension headers, or is for others', () => {
    expect(passes(filter, packet(UDP, v6.us, IPV6_FRAG))).toBe(false)
    expect(passes(filter, packet(UDP))).toBe(false)
    expect(passes(filter, packet(ICMPV6))).toBe(false)
    expect(passes(filter, packet(ESP, v6.peer))).toBe(false)
    expect(passes(filter, packet(ESP, address('2001:db8::ffff:1')))).toBe(false)
    expect(passes(filter, packet(ESP), otherHost)).toBe(false)
    expect(passes(filter, packet(ESP).subarray(0, 39))).toBe(false)
  })
})

test('with more addresses than the kernel takes, the reader looks at them', () => {
  const many = Array.from({ length: 1000 }, (_, i) => address(`10.0.${i >>> 8}.${i & 255}`))
  const filter = ipsecInIpv4(many)
  expect(filter.length).toBeLessThanOrEqual(4096)
  expect(passes(filter, ipv4Packet({ source: v4.peer, destination: v4.us, protocol: ESP, payload }))).toBe(true)
  expect(ipsecInIpv6(many.slice(0, 400).map((_, i) => address(`2001:db8::${i.toString(16)}`))).length).toBeLessThanOrEqual(4096)
})

test('a socket can be deaf', () => {
  expect(passes(nothingPasses(), ipv4Packet({ source: v4.peer, destination: v4.us, protocol: ESP, payload }))).toBe(false)
})
