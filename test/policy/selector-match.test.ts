import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TrafficSelector } from '../../src/contract/selectors.ts'
import { compareAddresses } from '../../src/net/address.ts'
import { compileSelectors, compileTemplates, type Direction, matchesFlow } from '../../src/policy/selector-match.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { selectorTemplateToSelector } from '../../src/policy/selectors.ts'
import { address, icmp, laterFragment, type Seen, seen, tcp, withPorts } from './packets.ts'

function selector(text: string): TrafficSelector {
  const parsed = parseSelector(text)
  if (!parsed.ok) throw new Error(parsed.fault.message)
  return selectorTemplateToSelector(parsed.value, address('0.0.0.0'))
}

function matches(local: string, remote: string, direction: Direction, { bytes, flow }: Seen): boolean {
  const compiled = (list: string) => compileSelectors(list === '' ? [] : list.split(' ').map(selector))
  return matchesFlow(compiled(local), compiled(remote), direction, bytes, flow)
}

describe('a packet and the selectors of an SA', () => {
  const us = '10.0.0.1'
  const them = '10.0.0.2'
  const outbound = tcp(us, 40000, them, 443)
  const inbound = tcp(them, 443, us, 40000)

  test('local and remote change places with the direction (RFC 4301 §4.4.1)', () => {
    expect(matches('10.0.0.1', '10.0.0.2[tcp/443]', 'out', outbound)).toBe(true)
    expect(matches('10.0.0.1', '10.0.0.2[tcp/443]', 'in', inbound)).toBe(true)
    expect(matches('10.0.0.1', '10.0.0.2[tcp/443]', 'in', outbound)).toBe(false)
    expect(matches('10.0.0.1', '10.0.0.2[tcp/443]', 'out', inbound)).toBe(false)
  })

  test('any selector of one side goes with any of the other (RFC 4301 §4.4.1.2)', () => {
    expect(matches('10.0.0.9 10.0.0.1', '10.0.0.9 10.0.0.2', 'out', outbound)).toBe(true)
  })

  test.each([
    ['no selector', '', '0.0.0.0/0'],
    ['another address', '10.0.0.2-10.0.0.255', '0.0.0.0/0'],
    ['another protocol', '10.0.0.1[udp]', '0.0.0.0/0'],
    ['another port', '10.0.0.1', '10.0.0.2[tcp/444-65535]'],
    ['the other version', '::/0', '::/0'],
    ['only opaque ports', '10.0.0.1[tcp/opaque]', '0.0.0.0/0'],
  ])('do not match with %s', (_, local, remote) => {
    expect(matches(local, remote, 'out', outbound)).toBe(false)
  })

  test('IPv6 addresses compare as a whole', () => {
    const packet = tcp('2001:db8:0:1::ffff', 1, '2001:db8:0:2::1', 2)
    expect(matches('2001:db8:0:1::-2001:db8:0:2::', '2001:db8::/32', 'out', packet)).toBe(true)
    expect(matches('2001:db8:0:1::-2001:db8:0:1::fffe', '::/0', 'out', packet)).toBe(false)
    expect(matches('2001:db8:0:1:1::-2001:db8:0:2::', '::/0', 'out', packet)).toBe(false)
  })

  test('a fragment without ports matches ANY and OPAQUE, but no range of ports (RFC 4301 §4.4.1.1)', () => {
    const fragment = laterFragment(us, them, 6)
    expect(matches('10.0.0.1', '10.0.0.2', 'out', fragment)).toBe(true)
    expect(matches('10.0.0.1[tcp/opaque]', '10.0.0.2[tcp/opaque]', 'out', fragment)).toBe(true)
    expect(matches('10.0.0.1[tcp/1-65535]', '10.0.0.2', 'out', fragment)).toBe(false)
  })

  test('a protocol without ports matches ANY and OPAQUE only', () => {
    const gre = withPorts(47, us, 0x0800, them, 0)
    expect(matches('10.0.0.1[gre]', '10.0.0.2', 'out', gre)).toBe(true)
    expect(matches('10.0.0.1[gre/1-65535]', '10.0.0.2', 'out', gre)).toBe(false)
  })

  test('an ICMP type is what the sender’s side allows (RFC 4301 §4.4.1.3)', () => {
    const request = icmp(us, them, 8, 0)
    expect(matches('10.0.0.1[icmp/8]', '10.0.0.2[icmp/8]', 'out', request)).toBe(true)
    // Sent, but not received.
    expect(matches('10.0.0.1[icmp/8]', '10.0.0.2[icmp/opaque]', 'out', request)).toBe(true)
    expect(matches('10.0.0.1[icmp/8]', '10.0.0.2[icmp/opaque]', 'in', icmp(them, us, 8, 0))).toBe(false)
    // Received, but not sent.
    expect(matches('10.0.0.1[icmp/opaque]', '10.0.0.2[icmp/8]', 'out', request)).toBe(false)
    expect(matches('10.0.0.1[icmp/opaque]', '10.0.0.2[icmp/8]', 'in', icmp(them, us, 8, 0))).toBe(true)
  })

  test('an ICMP code is the low octet (RFC 4301 §4.4.1.1)', () => {
    const unreachable = icmp('2001:db8::1', '2001:db8::2', 1, 4)
    expect(matches('::/0[icmpv6/1(4)]', '::/0', 'out', unreachable)).toBe(true)
    expect(matches('::/0[icmpv6/1(0)-1(3)]', '::/0', 'out', unreachable)).toBe(false)
  })

  test('an MH type is what the sender’s side allows (RFC 4301 §4.4.1.3)', () => {
    // A Binding Update as scapy makes it: MIP6MH_BU(seq=1, flags='A').
    const hex = '600000000010874020010db800000000000000000000000120010db80000000000000000000000023b010500e2eb00018000000301020000'
    const update = seen(Buffer.from(hex, 'hex'))
    expect(matches('2001:db8::1[mh/5]', '2001:db8::2[mh/opaque]', 'out', update)).toBe(true)
    expect(matches('2001:db8::1[mh/6]', '2001:db8::2[mh]', 'out', update)).toBe(false)
    expect(matches('2001:db8::1[mh/1-4]', '2001:db8::2', 'out', update)).toBe(false)
    expect(matches('2001:db8::2[mh/opaque]', '2001:db8::1[mh/5]', 'in', update)).toBe(true)
    expect(matches('2001:db8::2[mh/5]', '2001:db8::1[mh/opaque]', 'in', update)).toBe(false)
  })

  test('a dynamic address is any address of either version', () => {
    const anyone = compileTemplates([{ addresses: 'dynamic', protocol: 6, startPort: 0, endPort: 65535 }])
    for (const { bytes, flow } of [outbound, tcp('2001:db8::1', 1, '2001:db8::2', 2)]) {
      expect(matchesFlow(anyone, anyone, 'out', bytes, flow)).toBe(true)
    }
  })
})

test('the compiled selectors agree with the slow reading of them', () => {
  const v4 = fc.nat(0xffff).map((n) => `10.0.${n >> 8}.${n & 255}`)
  const v6 = fc.tuple(fc.nat(0xff), fc.nat(0xff)).map(([a, b]) => `2001:db8::${a.toString(16)}:${b.toString(16)}`)
  const someAddress = fc.oneof(v4, v6).map(address)
  const port = fc.oneof(fc.nat(5), fc.constant(65535))
  const someSelector = fc.tuple(fc.oneof(fc.tuple(v4, v4), fc.tuple(v6, v6)), fc.constantFrom(0, 6, 17), port, port).map(
    ([[a, b], protocol, startPort, endPort]): TrafficSelector => ({
      protocol,
      startPort,
      endPort,
      startAddress: address(a),
      endAddress: address(b),
    }),
  )
  const slow = (s: TrafficSelector, host: TrafficSelector['startAddress'], protocol: number, port: number): boolean =>
    compareAddresses(s.startAddress, host) <= 0 &&
    compareAddresses(host, s.endAddress) <= 0 &&
    (s.protocol === 0 || s.protocol === protocol) &&
    s.startPort <= port &&
    port <= s.endPort
  fc.assert(
    fc.property(fc.array(someSelector, { maxLength: 4 }), someAddress, fc.constantFrom(6, 17), port, (selectors, host, protocol, port) => {
      const { bytes, flow } = withPorts(protocol, host, port, host.includes(':') ? '2001:db8::1' : '192.0.2.1', 9)
      const anyone = compileTemplates([{ addresses: 'dynamic', protocol: 0, startPort: 0, endPort: 65535 }])
      expect(matchesFlow(compileSelectors(selectors), anyone, 'out', bytes, flow)).toBe(
        selectors.some((s) => slow(s, host, protocol, port)),
      )
    }),
    { seed: 4411, numRuns: 1000 },
  )
})
