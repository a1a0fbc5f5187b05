// IP packets as spans: random packets of the packet path's own tests, and each kind of header by hand.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, fromHex, utf8 } from '../../../src/bytes/bytes.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import { annotateEsp, annotateIp } from '../../../src/inspect/annotate.ts'
import { type Address, parseAddress } from '../../../src/net/address.ts'
import { ipPacket, ipv4Packet, ipv6Packet, tcpSegment, udpDatagram } from '../../../src/net/build.ts'
import { anyPacket, octets } from '../../net/arbitraries.ts'
import { messageSamples } from '../../wire/samples.ts'
import { allSpans, expectCovered, leavesOf, spanNamed } from './spans.ts'

const seed = 791
const source = address('192.0.2.1')
const destination = address('198.51.100.2')
const ike = messageSamples[0]?.bytes ?? expect.unreachable()

describe.each([4, 6] as const)('random packets of IPv%i', (version) => {
  test.each(['plain', 'extended'] as const)('with a %s header are covered, and have the addresses that they were made with', (header) => {
    fc.assert(
      fc.property(anyPacket(version, header), octets(0, 9), (sample, trailer) => {
        const annotation = annotateIp(concat(sample.bytes, trailer))
        expectCovered(annotation.region)
        expect(annotation.summary.addresses).toEqual({ source: sample.source, destination: sample.destination })
        const { upper } = sample
        if (upper.protocol === ipProtocol.UDP || upper.protocol === ipProtocol.TCP) expect(annotation.summary.ports).toEqual(upper.ports)
      }),
      { seed, numRuns: 120 },
    )
  })

  test('with random damage are covered', () => {
    const damage = fc.array(fc.tuple(fc.nat({ max: 0xffff }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(anyPacket(version, 'extended'), damage, fc.nat({ max: 0xffff }), ({ bytes }, damages, cut) => {
        const damaged = bytes.slice()
        for (const [at, octet] of damages) damaged[at % Math.min(damaged.length, 80)] = octet
        expectCovered(annotateIp(damaged).region)
        expectCovered(annotateIp(damaged.subarray(0, cut % (damaged.length + 1))).region)
      }),
      { seed, numRuns: 120 },
    )
  })
})

test('any octets at all are covered, as a packet and as ESP', () => {
  fc.assert(
    fc.property(octets(0, 120), fc.constantFrom(0x45, 0x4f, 0x60, 0x00), (bytes, first) => {
      if (bytes.length > 0) bytes[0] = first
      expectCovered(annotateIp(bytes).region)
      expectCovered(annotateEsp(bytes).region)
    }),
    { seed, numRuns: 500 },
  )
})

describe('IPv4', () => {
  test('options, one by one', () => {
    const options = fromHex('94 04 0000  01  07 07 04 c0000201  00') ?? expect.unreachable()
    const { region, fault } = annotateIp(
      ipv4Packet({ source, destination, protocol: 253, payload: new Uint8Array(3), options: padded(options) }),
    )
    expectCovered(region)
    expect(fault).toBeUndefined()
    const found = allSpans(region.spans).filter(({ name }) => name === 'Option')
    expect(found.map(({ value }) => value)).toEqual(['RTRALT', 'NOP', 'RR', 'EOL'])
    expect(spanNamed(region, 'Version, IHL').meaning).toBe('Version 4, IHL 36 octets')
  })
  test('flags and fragment offset', () => {
    const packet = ipv4Packet({ source, destination, protocol: ipProtocol.UDP, payload: new Uint8Array(16), flagsAndFragment: 0x2003 })
    const { region, fault, summary } = annotateIp(packet)
    expect(fault).toBeUndefined()
    expect(allSpans(region.spans).find(({ name }) => name.includes('Fragment Offset'))?.meaning).toBe(
      'More Fragments, Fragment Offset 24 octets',
    )
    expect(leavesOf(region).at(-1)).toMatchObject({ name: 'Fragment Data', meaning: 'of UDP, not its beginning' })
    expect(summary.ports).toBeUndefined()
  })
  test.each([
    ['an IHL below the header', 0, 0x44, 'WIRE_LENGTH_TOO_SMALL', 0],
    ['an IHL beyond the packet', 0, 0x4f, 'WIRE_LENGTH_MISMATCH', 0],
    ['a Total Length below the header', 3, 19, 'WIRE_LENGTH_TOO_SMALL', 2],
    ['a Total Length beyond the packet', 3, 30, 'WIRE_LENGTH_MISMATCH', 2],
    ['version 5', 0, 0x55, 'WIRE_VERSION_UNSUPPORTED', 0],
  ] as const)('%s is a fault', (_name, at, octet, code, offset) => {
    const bytes = ipv4Packet({ source, destination, protocol: 253, payload: new Uint8Array(8) })
    bytes[at] = octet
    const { region, fault } = annotateIp(bytes)
    expectCovered(region)
    expect(fault?.fault).toMatchObject({ code, offset })
  })
  test('what the link added is not the packet', () => {
    const { region, fault } = annotateIp(
      concat(ipv4Packet({ source, destination, protocol: 253, payload: new Uint8Array(8) }), new Uint8Array(18)),
    )
    expect(fault).toBeUndefined()
    expect(leavesOf(region).at(-1)).toMatchObject({ name: 'Padding of the link', start: 28, end: 46 })
  })
})

describe('IPv6', () => {
  const [from, to] = [address('2001:db8::1'), address('2001:db8::2')]
  test('extension headers and their options', () => {
    const extensions = [
      { type: ipProtocol.HOPOPT, content: fromHex('05 02 0000 0100') ?? expect.unreachable() },
      { type: ipProtocol.IPV6_ROUTE, content: fromHex('04 00 00000000') ?? expect.unreachable() },
      { type: ipProtocol.IPV6_FRAG, content: fromHex('0001 0a0b0c0d') ?? expect.unreachable() },
    ]
    const { region, fault } = annotateIp(
      ipv6Packet({ source: from, destination: to, protocol: 253, payload: new Uint8Array(8), extensions }),
    )
    expectCovered(region)
    expect(fault).toBeUndefined()
    expect(region.spans.map(({ name }) => name)).toEqual([
      'IPv6 Header',
      'Hop-by-Hop Options Header',
      'Routing Header',
      'Fragment Header',
      'Fragment Data',
    ])
    expect(
      allSpans(region.spans)
        .filter(({ name }) => name === 'Option')
        .map(({ value }) => value),
    ).toEqual(['ROUTER_ALERT', 'PADN'])
    expect(spanNamed(region, 'Routing Type').meaning).toBe('Segment Routing Header')
    expect(spanNamed(region, 'Identification').value).toBe('0x0a0b0c0d')
  })
})

describe('above IP', () => {
  test('IKE on port 500, with offsets of faults in the packet', () => {
    const { region, fault, summary } = annotateIp(udp(500, 500, ike))
    expectCovered(region)
    expect(fault).toBeUndefined()
    expect(summary.ike?.exchange).toBe('IKE_SA_INIT')
    expect(summary).toMatchObject({ addresses: { source, destination }, ports: { source: 500, destination: 500 } })
    expect(annotateIp(udp(500, 500, ike.subarray(0, 40))).fault?.fault).toMatchObject({ code: 'WIRE_LENGTH_MISMATCH', offset: 28 + 24 })
  })
  test('IKE and ESP on port 4500, and on others by what cannot be anything else, or by what the caller knows', () => {
    const marked = concat(new Uint8Array(4), ike)
    const esp = fromHex('0badcafe 00000007 000102030405060708090a0b') ?? expect.unreachable()
    expect(annotateIp(udp(4500, 4500, marked)).summary.ike?.exchange).toBe('IKE_SA_INIT')
    expect(annotateIp(udp(40_000, 30_000, marked)).summary.ike?.exchange).toBe('IKE_SA_INIT')
    expect(annotateIp(udp(4500, 4500, esp)).summary.security).toEqual({ protocol: 'ESP', spi: 0x0badcafe, sequence: 7 })
    expect(annotateIp(udp(40_000, 30_000, esp)).summary.security).toBeUndefined()
    expect(annotateIp(udp(40_000, 30_000, esp), undefined, 'encapsulated').summary.security?.spi).toBe(0x0badcafe)
  })
  test('ESP without keys is SPI, sequence number and a closed rest', () => {
    const { region, summary } = annotateIp(ipPacket(source, destination, ipProtocol.ESP, new Uint8Array(24).fill(9)))
    expectCovered(region)
    expect(summary.text).toBe('ESP 0x09090909 sequence 151587081')
    expect(leavesOf(region).at(-1)).toMatchObject({ kind: 'opaque', start: 28, end: 44 })
  })
  test('ESP too short to be any is a fault', () => {
    expect(annotateIp(ipPacket(source, destination, ipProtocol.ESP, new Uint8Array(7))).fault?.fault.code).toBe('WIRE_TRUNCATED')
    expect(annotateIp(ipPacket(source, destination, ipProtocol.ESP, new Uint8Array(8))).fault?.fault.code).toBe('WIRE_VALUE_ILLEGAL')
  })
  test('AH, and what it is in front of (RFC 4302 §2)', () => {
    const ah = fromHex('11 04 0000 00000100 00000005 000102030405060708090a0b') ?? expect.unreachable()
    const { region, fault, summary } = annotateIp(ipPacket(source, destination, ipProtocol.AH, concat(ah, udpOnly(1, 2, utf8('hello')))))
    expectCovered(region)
    expect(fault).toBeUndefined()
    expect(summary.security).toEqual({ protocol: 'AH', spi: 256, sequence: 5 })
    expect(summary.inside?.ports).toEqual({ source: 1, destination: 2 })
    expect(spanNamed(region, 'Payload Len').meaning).toBe('24 octets')
    expect(spanNamed(region, 'Integrity Check Value (ICV)')).toMatchObject({ start: 32, end: 44 })
  })
  test('TCP flags and options', () => {
    const segment = tcpSegment({
      ...ends(1, 2),
      payload: fromHex('020405b4 01030307') ?? expect.unreachable(),
      sequence: 1,
      acknowledgement: 2,
      flags: 0x12,
      window: 3,
    })
    segment[12] = 0x70
    const { region } = annotateIp(ipPacket(source, destination, ipProtocol.TCP, segment))
    expectCovered(region)
    expect(allSpans(region.spans).find(({ name }) => name.startsWith('CWR'))?.meaning).toBe('ACK, SYN')
    expect(
      allSpans(region.spans)
        .filter(({ name }) => name === 'Option Data')
        .map(({ meaning }) => meaning),
    ).toEqual(['1460 octets', 'shift of 7'])
  })
  test('packets in packets stay closed when they are too many', () => {
    let packet = ipPacket(source, destination, 253, new Uint8Array(4))
    for (let i = 0; i < 60; i++) packet = ipPacket(source, destination, ipProtocol.IPV4, packet)
    const { region, fault } = annotateIp(packet)
    expectCovered(region)
    expect(fault).toBeUndefined()
    expect(leavesOf(region).at(-1)?.meaning).toContain('too deep')
  })
  test('a UDP datagram that was cut off shows what there is', () => {
    const whole = udp(53, 1024, new Uint8Array(40))
    const { region, fault } = annotateIp(whole.subarray(0, 40))
    expectCovered(region)
    expect(fault?.fault.code).toBe('WIRE_LENGTH_MISMATCH')
    expect(spanNamed(region, 'Source Port').value).toBe('53')
  })
})

function address(text: string): Address {
  return parseAddress(text) ?? expect.unreachable(text)
}

function ends(from: number, to: number): Pick<Parameters<typeof udpDatagram>[0], 'source' | 'destination'> {
  return { source: { address: source, port: from }, destination: { address: destination, port: to } }
}

function udpOnly(from: number, to: number, payload: Uint8Array): Uint8Array {
  return udpDatagram({ ...ends(from, to), payload })
}

function udp(from: number, to: number, payload: Uint8Array): Uint8Array {
  return ipPacket(source, destination, ipProtocol.UDP, udpOnly(from, to, payload))
}

function padded(options: Uint8Array): Uint8Array {
  return concat(options, new Uint8Array(-options.length & 3))
}
