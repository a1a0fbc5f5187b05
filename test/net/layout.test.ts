import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, equal } from '../../src/bytes/bytes.ts'
import { addressFromBytes } from '../../src/net/address.ts'
import { ipv4Packet, ipv6Packet } from '../../src/net/build.ts'
import { emptyFlow, type Flow, readFlow } from '../../src/net/flow.ts'
import { destinationAddress, sourceAddress } from '../../src/net/layout.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { anyPacket, octets, slowChecksum } from './arbitraries.ts'

const v4 = { source: at('192.0.2.1'), destination: at('192.0.2.2'), protocol: ipProtocol.UDP, payload: new Uint8Array(16) }
const v6 = { source: at('2001:db8::1'), destination: at('2001:db8::2'), protocol: ipProtocol.UDP, payload: new Uint8Array(16) }

function at(text: string) {
  const bytes = text.includes(':')
    ? Uint8Array.of(0x20, 1, 0x0d, 0xb8, ...new Uint8Array(11), Number(text.at(-1)))
    : text.split('.').map(Number)
  const address = addressFromBytes(Uint8Array.from(bytes))
  if (address === undefined) throw new Error(text)
  return address
}

/** The flow of a packet that lies somewhere in a larger array, with octets after it. */
function flowOf(packet: Uint8Array): Flow | undefined {
  const flow = emptyFlow()
  const surrounded = concat(new Uint8Array(13).fill(0xee), packet, new Uint8Array(5).fill(0xee))
  return readFlow(surrounded, 13, packet.length + 5, flow) ? { ...flow, upper: flow.upper - 13, insertion: flow.insertion - 13 } : undefined
}

describe('a packet of either version', () => {
  for (const version of [4, 6] as const) {
    for (const header of ['plain', 'extended'] as const) {
      test(`IPv${version}, ${header} header: addresses, upper layer and ports are found, and what follows the packet is left out`, () => {
        fc.assert(
          fc.property(anyPacket(version, header), (sample) => {
            const flow = emptyFlow()
            const padded = concat(sample.bytes, new Uint8Array(7))
            expect(readFlow(padded, 0, padded.length, flow)).toBe(true)
            expect(flow.end).toBe(sample.bytes.length)
            expect(sourceAddress(padded, flow)).toBe(sample.source)
            expect(destinationAddress(padded, flow)).toBe(sample.destination)
            expect(flow.protocol).toBe(sample.upper.protocol)
            expect(padded[flow.upperNamedAt]).toBe(sample.upper.protocol)
            expect(equal(padded.subarray(flow.upper, flow.end), sample.upper.payload)).toBe(true)
            expect(flow.fragmentation).toBe('whole')
            const { ports } = sample.upper
            expect(flow.ports === 'known' ? { source: flow.sourcePort, destination: flow.destinationPort } : undefined).toEqual(ports)
          }),
          { seed: 3 },
        )
      })
    }
  }

  test('an IPv4 header that was built sums to zero with its checksum', () => {
    fc.assert(
      fc.property(anyPacket(4, 'extended'), ({ bytes }) => {
        expect(slowChecksum(bytes.subarray(0, ((bytes[0] ?? 0) & 15) * 4))).toBe(0)
      }),
      { seed: 4 },
    )
  })

  test('no octets at all make the reader throw, or read outside of what it was given', () => {
    fc.assert(
      fc.property(octets(0, 120), fc.constantFrom(0x45, 0x46, 0x4f, 0x60, 0x00), (bytes, first) => {
        if (bytes.length > 0) bytes[0] = first
        const flow = emptyFlow()
        if (readFlow(bytes, 0, bytes.length, flow)) {
          expect(flow.end).toBeLessThanOrEqual(bytes.length)
          expect(flow.upper).toBeLessThanOrEqual(flow.end)
        }
      }),
      { seed: 5, numRuns: 2000 },
    )
  })

  for (const version of [4, 6] as const) {
    test(`every truncation of an IPv${version} packet is refused`, () => {
      const packet = version === 4 ? ipv4Packet(v4) : ipv6Packet(v6)
      for (let length = 0; length < packet.length; length++) expect(readFlow(packet, 0, length, emptyFlow())).toBe(false)
      expect(readFlow(packet, 0, packet.length, emptyFlow())).toBe(true)
      expect(readFlow(packet, 0, packet.length + 1, emptyFlow())).toBe(false)
    })
  }
})

describe('where ESP goes in transport mode (RFC 4303 §3.1.1)', () => {
  const filler = Uint8Array.of(1, 4, 0, 0, 0, 0)
  const [hopByHop, routing, options] = [ipProtocol.HOPOPT, ipProtocol.IPV6_ROUTE, ipProtocol.IPV6_OPTS]
  const insertionFor = (...types: readonly number[]): number | undefined =>
    flowOf(ipv6Packet({ ...v6, extensions: types.map((type) => ({ type, content: filler })) }))?.insertion

  test('behind the options of IPv4', () => {
    expect(flowOf(ipv4Packet(v4))?.insertion).toBe(20)
    expect(flowOf(ipv4Packet({ ...v4, options: Uint8Array.of(148, 4, 0, 0) }))?.insertion).toBe(24)
  })

  test('behind hop-by-hop and routing headers of IPv6, and the destination options between them', () => {
    expect(insertionFor()).toBe(40)
    expect(insertionFor(hopByHop)).toBe(48)
    expect(insertionFor(hopByHop, routing)).toBe(56)
    expect(insertionFor(hopByHop, options, routing)).toBe(64)
  })

  test('in front of destination options that no routing header follows', () => {
    expect(insertionFor(options)).toBe(40)
    expect(insertionFor(hopByHop, options)).toBe(48)
    expect(insertionFor(hopByHop, routing, options)).toBe(56)
    expect(insertionFor(hopByHop, options, routing, options)).toBe(64)
  })

  test('nowhere, when hop-by-hop options come second (RFC 8200 §4.3)', () => {
    expect(insertionFor(options, hopByHop)).toBeUndefined()
  })

  test('nowhere, when a header runs over the end of the packet', () => {
    const packet = ipv6Packet({ ...v6, extensions: [{ type: options, content: filler }] })
    packet[41] = 3
    expect(flowOf(packet)).toBeUndefined()
    packet[41] = 2
    expect(flowOf(packet)?.upper).toBe(64)
  })

  test('AH and ESP are next layer protocols, not headers to skip (RFC 4301 §4.4.1.1)', () => {
    expect(flowOf(ipv6Packet({ ...v6, protocol: ipProtocol.AH }))?.protocol).toBe(ipProtocol.AH)
    expect(flowOf(ipv6Packet({ ...v6, protocol: ipProtocol.ESP }))?.protocol).toBe(ipProtocol.ESP)
  })
})

describe('fragments', () => {
  const v4Fragment = (flagsAndFragment: number): Flow | undefined => flowOf(ipv4Packet({ ...v4, flagsAndFragment }))
  const v6Fragment = (offsetAndFlags: number): Flow | undefined => {
    const content = Uint8Array.of(offsetAndFlags >>> 8, offsetAndFlags, 0, 0, 0, 1)
    return flowOf(ipv6Packet({ ...v6, extensions: [{ type: ipProtocol.IPV6_FRAG, content }] }))
  }

  test('a first fragment shows its ports, a later one does not', () => {
    expect(v4Fragment(0x2000)).toMatchObject({ fragmentation: 'first', ports: 'known' })
    expect(v4Fragment(0x2001)).toMatchObject({ fragmentation: 'later', ports: 'none' })
    expect(v4Fragment(0x0001)).toMatchObject({ fragmentation: 'later', ports: 'none' })
    expect(v6Fragment(0x0001)).toMatchObject({ fragmentation: 'first', ports: 'known' })
    expect(v6Fragment(0x0009)).toMatchObject({ fragmentation: 'later', ports: 'none' })
    expect(v6Fragment(0x0008)).toMatchObject({ fragmentation: 'later', ports: 'none' })
  })

  test('Don’t Fragment makes no fragment, nor does a fragment header around a whole packet (RFC 6946)', () => {
    expect(v4Fragment(0x4000)?.fragmentation).toBe('whole')
    expect(v6Fragment(0x0000)?.fragmentation).toBe('whole')
    expect(v6Fragment(0x0006)?.fragmentation).toBe('whole')
  })

  test('what a later fragment holds is not read as headers', () => {
    const garbage = { ...v6, protocol: ipProtocol.IPV6_OPTS, payload: new Uint8Array(16).fill(0xff) }
    const fragment = { type: ipProtocol.IPV6_FRAG, content: Uint8Array.of(0, 8, 0, 0, 0, 1) }
    expect(flowOf(ipv6Packet({ ...garbage, extensions: [fragment] }))).toMatchObject({ fragmentation: 'later', upper: 48 })
  })
})
