import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TrafficSelector } from '../../src/contract/selectors.ts'
import { type Address, parseAddress } from '../../src/net/address.ts'
import type { SelectorTemplate } from '../../src/policy/connection.ts'
import { formatSelector, formatSelectorTemplate, parseSelector } from '../../src/policy/selector-words.ts'
import { selectorTemplateToSelector } from '../../src/policy/selectors.ts'
import type { WordFault } from '../../src/policy/words.ts'

function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`not an address: ${text}`)
  return parsed
}

function selector(start: string, end = start, protocol = 0, startPort = 0, endPort = 65535): TrafficSelector {
  return { protocol, startPort, endPort, startAddress: address(start), endAddress: address(end) }
}

const tcp = 6
const udp = 17
const opaque = [65535, 0] as const

function parsed(text: string): SelectorTemplate {
  const result = parseSelector(text)
  if (!result.ok) throw new Error(result.fault.message)
  return result.value
}

function faultOf(text: string): WordFault {
  const result = parseSelector(text)
  if (result.ok) throw new Error(`parsed: ${text}`)
  return result.fault
}

describe('a selector as text', () => {
  test.each([
    [selector('10.1.0.0', '10.1.0.255', tcp, 80, 80), '10.1.0.0/24[tcp/80]'],
    [selector('10.0.0.1'), '10.0.0.1/32'],
    [selector('10.0.0.1', '10.0.0.9'), '10.0.0.1-10.0.0.9'],
    [selector('10.0.0.1', '10.0.0.2'), '10.0.0.1-10.0.0.2'],
    [selector('0.0.0.0', '255.255.255.255'), '0.0.0.0/0'],
    [selector('::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', udp, 1000, 2000), '::/0[udp/1000-2000]'],
    [selector('10.0.0.1', '10.0.0.1', tcp, ...opaque), '10.0.0.1/32[tcp/opaque]'],
    [selector('10.0.0.1', '10.0.0.1', 1, 0x0800, 0x08ff), '10.0.0.1/32[icmp/8]'],
    [selector('10.0.0.1', '10.0.0.1', 1, 0x0301, 0x0304), '10.0.0.1/32[icmp/3(1)-3(4)]'],
    [selector('2001:db8::1', '2001:db8::1', 58, 0x8000, 0x8000), '2001:db8::1/128[ipv6-icmp/128(0)]'],
    // RFC 7296 §3.13.1: the MH type is in the upper octet, and the lower one is zero.
    [selector('2001:db8::1', '2001:db8::1', 135, 0x0500, 0x0500), '2001:db8::1/128[mh/5]'],
    [selector('2001:db8::1', '2001:db8::1', 135, 0x0100, 0x0400), '2001:db8::1/128[mh/1-4]'],
    [selector('10.0.0.1', '10.0.0.1', 200), '10.0.0.1/32[200]'],
    [selector('10.0.0.1', '10.0.0.1', 0, 53, 53), '10.0.0.1/32[any/53]'],
  ])('%o is %s', (given, text) => {
    expect(formatSelector(given)).toBe(text)
    expect(selectorTemplateToSelector(parsed(text), address('0.0.0.0'))).toEqual(given)
  })

  test('a template is made concrete with the outer address of its side', () => {
    const template = { addresses: 'dynamic', protocol: tcp, startPort: 0, endPort: 65535 } as const
    expect(formatSelectorTemplate(template)).toBe('dynamic[tcp]')
    expect(formatSelector(selectorTemplateToSelector(template, address('192.0.2.7')))).toBe('192.0.2.7/32[tcp]')
  })
})

describe('a selector is read', () => {
  test.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    [' 10.0.0.1 ', '10.0.0.1/32'],
    ['10.0.0.0-10.0.0.255', '10.0.0.0/24'],
    ['FD00::/8[UDP/53-53]', 'fd00::/8[udp/53]'],
    ['dynamic', 'dynamic'],
    ['dynamic[icmp]', 'dynamic[icmp]'],
    ['dynamic[icmp/8-11]', 'dynamic[icmp/8-11]'],
    ['dynamic[icmpv6/128]', 'dynamic[ipv6-icmp/128]'],
    ['dynamic[mobility-header/5]', 'dynamic[mh/5]'],
    ['dynamic[mh/opaque]', 'dynamic[mh/opaque]'],
    ['dynamic[mh]', 'dynamic[mh]'],
    ['dynamic[6/443]', 'dynamic[tcp/443]'],
    ['dynamic[%any/%any]', 'dynamic'],
    ['dynamic[tcp/%opaque]', 'dynamic[tcp/opaque]'],
    ['dynamic[tcp/any]', 'dynamic[tcp]'],
    ['0.0.0.0/0[47]', '0.0.0.0/0[gre]'],
  ])('%s is %s', (text, canonical) => {
    expect(formatSelectorTemplate(parsed(text))).toBe(canonical)
    expect(parsed(canonical)).toEqual(parsed(text))
  })

  test.each([
    ['dynamc', 'dynamc', 0, 'did you mean "dynamic"?'],
    ['10.0.0.0/33', '10.0.0.0/33', 0, 'is no address'],
    ['10.0.0.256', '10.0.0.256', 0, 'is no address'],
    ['10.0.0.9-10.0.0.1', '10.0.0.9-10.0.0.1', 0, 'is no address'],
    ['10.0.0.1-fd00::1', '10.0.0.1-fd00::1', 0, 'is no address'],
    ['', '', 0, 'is no address'],
    [' 10.0.0.1[tpc/80]', 'tpc', 10, 'did you mean "tcp"?'],
    ['10.0.0.1[256]', '256', 9, 'unknown protocol'],
    ['10.0.0.1[tcp/80', '[tcp/80', 8, 'closing bracket'],
    ['10.0.0.1[tcp/http]', 'http', 13, 'is no port'],
    ['10.0.0.1[tcp/65536]', '65536', 13, 'is no port'],
    ['10.0.0.1[tcp/90-80]', '90-80', 13, 'is no port'],
    ['10.0.0.1[icmp/256]', '256', 14, 'is no ICMP type'],
    ['::1[mh/5(0)]', '5(0)', 7, 'is no MH type'],
    ['::1[mh/256]', '256', 7, 'is no MH type'],
    ['10.0.0.1[icmp/8(256)]', '8(256)', 14, 'is no ICMP type'],
  ])('but not %s', (text, word, offset, message) => {
    const fault = faultOf(text)
    expect(fault).toMatchObject({ word, offset })
    expect(fault.message).toContain(message)
  })

  test('as it was written, whatever it is', () => {
    const octets = fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
    const range = fc.tuple(octets, fc.nat(40)).map(([start, bits]) => rangeFrom(start, bits))
    const ports = fc.tuple(fc.nat(65535), fc.nat(65535)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    fc.assert(
      fc.property(range, fc.nat(255), fc.oneof(ports, fc.constant(opaque)), ([start, end], protocol, [startPort, endPort]) => {
        const given = selector(start, end, protocol, startPort, endPort)
        expect(selectorTemplateToSelector(parsed(formatSelector(given)), address('0.0.0.0'))).toEqual(given)
      }),
      { seed: 3131, numRuns: 300 },
    )
  })
})

/** A range that ends with some of the last bits set. */
function rangeFrom(start: Uint8Array, bits: number): [string, string] {
  const end = start.map((octet, i) => octet | (bits >= 8 * (start.length - 1 - i) ? 255 >> Math.max(0, 8 * (start.length - i) - bits) : 0))
  return [textOf(start), textOf(end)]
}

const textOf = (octets: Uint8Array): string =>
  octets.length === 4
    ? octets.join('.')
    : Array.from({ length: 8 }, (_, i) => (((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0)).toString(16)).join(':')
