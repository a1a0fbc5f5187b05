// What the kernel is told to hand to us, by a filter machine of our own; the kernel itself runs it in test/interop.
import { describe, expect, test } from 'vitest'
import { concat } from '../../../src/bytes/bytes.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import type { Address } from '../../../src/net/address.ts'
import { ipv4Packet, ipv6Packet } from '../../../src/net/build.ts'
import { ipsecInIpv4, ipsecInIpv6, nothingPasses } from '../../../src/runtime/raw/packet-filter.ts'
import { passes } from './filter-machine.ts'
import { address } from '../../inspect/samples.ts'

const { ESP, AH, UDP, ICMP, ICMPV6, HOPOPT, IPV6_ROUTE, IPV6_FRAG, IPV6_OPTS } = ipProtocol
const payload = new Uint8Array(24)
const otherHost = 3
const icmpError = (type: number, quoted: Uint8Array): Uint8Array => concat(Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0), quoted)

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
  test('and an ICMP error that is about one of ours', () => {
    const about = (type: number, protocol: number, more: object = {}): Uint8Array =>
      packet(ICMP, v4.us, { payload: icmpError(type, ipv4Packet({ source: v4.us, destination: v4.peer, protocol, payload })), ...more })
    for (const protocol of [ESP, AH]) {
      expect(passes(filter, about(3, protocol))).toBe(true)
      expect(passes(filter, about(3, protocol, { options: Uint8Array.of(148, 4, 0, 0) }))).toBe(true)
      for (const type of [0, 4, 5, 8, 11, 12]) expect(passes(filter, about(type, protocol)), String(type)).toBe(false)
    }
    for (const protocol of [1, 6, UDP]) expect(passes(filter, about(3, protocol)), String(protocol)).toBe(false)
    expect(passes(filter, packet(ICMP, v4.us, { payload: icmpError(3, new Uint8Array(9)) }))).toBe(false)
    expect(passes(filter, about(3, ESP, { destination: v4.peer }))).toBe(false)
    expect(passes(filter, about(3, ESP), otherHost)).toBe(false)
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
  test('and an ICMPv6 error that is about one of ours, in fragments or behind extension headers, too', () => {
    const quoted = (protocol: number, ...extensions: readonly { readonly type: number; readonly content: Uint8Array }[]): Uint8Array =>
      ipv6Packet({ source: v6.us, destination: v6.peer, protocol, payload, extensions })
    const about = (type: number, quotation: Uint8Array, destination: Address = v6.us): Uint8Array =>
      ipv6Packet({ source: v6.peer, destination, protocol: ICMPV6, payload: icmpError(type, quotation) })
    const content = new Uint8Array(6)
    for (const protocol of [ESP, AH]) {
      for (const type of [1, 2, 4]) {
        expect(passes(filter, about(type, quoted(protocol)))).toBe(true)
        expect(passes(filter, about(type, quoted(protocol, { type: IPV6_FRAG, content })))).toBe(true)
        expect(passes(filter, about(type, quoted(protocol, { type: IPV6_OPTS, content })))).toBe(true)
      }
      for (const type of [3, 128, 135]) expect(passes(filter, about(type, quoted(protocol))), String(type)).toBe(false)
    }
    expect(passes(filter, about(2, quoted(UDP)))).toBe(false)
    expect(passes(filter, about(2, quoted(UDP, { type: IPV6_FRAG, content })))).toBe(false)
    expect(passes(filter, about(2, new Uint8Array(6)))).toBe(false)
    expect(passes(filter, about(2, quoted(ESP), v6.peer))).toBe(false)
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
