// The tables of IP, UDP, TCP and ICMP headers: they decode and encode without loss, and are the readable twins of the offsets that the packet
// path uses (`net/`).
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex, u16, u32 } from '../../src/bytes/bytes.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { addressFromBytes } from '../../src/net/address.ts'
import { ipv4Field, ipv4HeaderLength } from '../../src/net/ipv4.ts'
import { extensionHeaderLength, fragmentHeaderLength, ipv6Field, ipv6HeaderLength, ipv6TrafficClass } from '../../src/net/ipv6.ts'
import { emptyLayout, readLayout } from '../../src/net/layout.ts'
import { icmpField, tcpField, tcpMinimumHeader, udpField, udpHeaderLength } from '../../src/net/transport.ts'
import { Decoder } from '../../src/wire/decode.ts'
import { Encoder } from '../../src/wire/encode.ts'
import type { Struct } from '../../src/wire/fields.ts'
import { authenticationHeader } from '../../src/wire/headers/ah.ts'
import { icmpTable, icmpv6Table } from '../../src/wire/headers/icmp.ts'
import { ipv4Header } from '../../src/wire/headers/ipv4.ts'
import { extensionHeader, fragmentHeader, ipv6Header } from '../../src/wire/headers/ipv6.ts'
import { tcpHeader, udpHeader } from '../../src/wire/headers/transport.ts'
import { defaultLimits } from '../../src/wire/limits.ts'
import { anyPacket, octets } from '../net/arbitraries.ts'

const seed = 8200

/** What it decodes to, and how far; it is encoded to the same octets. */
function throughTable<T extends object>(table: Struct<T>, bytes: Uint8Array): { readonly value: T; readonly end: number } {
  const decoder = new Decoder(bytes, 0, defaultLimits)
  const value = decoder.decode(table)
  if (value === undefined) expect.unreachable(decoder.fault?.message)
  const encoder = new Encoder()
  encoder.encode(table, value, 0)
  expect(toHex(encoder.finish())).toBe(toHex(bytes.subarray(0, decoder.at)))
  return { value, end: decoder.at }
}

describe('the twin of the packet path', () => {
  test('IPv4', () => {
    fc.assert(
      fc.property(anyPacket(4, 'extended'), fc.nat({ max: 0xffff }), ({ bytes }, flags) => {
        bytes[ipv4Field.flagsAndFragment] = flags >>> 8
        bytes[ipv4Field.flagsAndFragment + 1] = flags
        const { value, end } = throughTable(ipv4Header, bytes)
        expect(end).toBe(ipv4HeaderLength(bytes, 0, bytes.length))
        expect(end - 20).toBe(Math.max(0, end - ipv4Field.options))
        expect((value.dscp << 2) | value.ecn).toBe(bytes[ipv4Field.trafficClass])
        expect(value.totalLength).toBe(u16(bytes, ipv4Field.totalLength))
        expect(value.identification).toBe(u16(bytes, ipv4Field.identification))
        expect(value.fragmentOffset).toBe(flags & 0x1fff)
        expect([value.dontFragment, value.moreFragments]).toEqual([(flags & 0x4000) !== 0, (flags & 0x2000) !== 0])
        expect([value.timeToLive, value.protocol]).toEqual([bytes[ipv4Field.timeToLive], bytes[ipv4Field.protocol]])
        expect(value.checksum).toBe(u16(bytes, ipv4Field.checksum))
        expect(value.source).toBe(addressFromBytes(bytes.subarray(ipv4Field.source, ipv4Field.source + 4)))
        expect(value.destination).toBe(addressFromBytes(bytes.subarray(ipv4Field.destination, ipv4Field.destination + 4)))
      }),
      { seed },
    )
  })

  test('IPv6 and its extension headers, to the upper layer', () => {
    fc.assert(
      fc.property(anyPacket(6, 'extended'), fc.nat({ max: 0xfffff }), ({ bytes }, flow) => {
        bytes[1] = ((bytes[1] ?? 0) & 0xf0) | (flow >>> 16)
        bytes[2] = flow >>> 8
        bytes[3] = flow
        const { value, end } = throughTable(ipv6Header, bytes)
        expect(end).toBe(ipv6HeaderLength)
        expect((value.dscp << 2) | value.ecn).toBe(ipv6TrafficClass(bytes, 0))
        expect(value.flowLabel).toBe(u32(bytes, ipv6Field.versionClassFlow) & 0xfffff)
        expect(value.payloadLength).toBe(u16(bytes, ipv6Field.payloadLength))
        expect([value.nextHeader, value.hopLimit]).toEqual([bytes[ipv6Field.nextHeader], bytes[ipv6Field.hopLimit]])
        expect(value.source).toBe(addressFromBytes(bytes.subarray(ipv6Field.source, ipv6Field.source + 16)))
        expect(value.destination).toBe(addressFromBytes(bytes.subarray(ipv6Field.destination, ipv6Field.destination + 16)))

        let [at, next] = [end, value.nextHeader]
        for (let table = extensionHeader(next); table !== undefined; table = extensionHeader(next)) {
          const extension = throughTable(table, bytes.subarray(at))
          expect(extension.end).toBe(extensionHeaderLength(bytes, at, next))
          ;[at, next] = [at + extension.end, extension.value.nextHeader]
        }
        const layout = emptyLayout()
        expect(readLayout(bytes, 0, bytes.length, layout)).toBe(true)
        expect([at, next]).toEqual([layout.upper, layout.protocol])
      }),
      { seed },
    )
  })

  test('UDP, TCP, ICMP and ICMPv6', () => {
    fc.assert(
      fc.property(fc.oneof(anyPacket(4, 'plain'), anyPacket(6, 'plain')), ({ upper: { protocol, payload } }) => {
        if (protocol === ipProtocol.UDP) {
          const { value, end } = throughTable(udpHeader, payload)
          expect(end).toBe(udpHeaderLength)
          const { sourcePort, destinationPort, length, checksum } = value
          expect([sourcePort, destinationPort, length, checksum]).toEqual(
            [udpField.sourcePort, udpField.destinationPort, udpField.length, udpField.checksum].map((at) => u16(payload, at)),
          )
        } else if (protocol === ipProtocol.TCP) {
          const { value, end } = throughTable(tcpHeader, payload)
          expect(end).toBe(tcpMinimumHeader)
          expect([value.sourcePort, value.destinationPort, value.window, value.checksum, value.urgentPointer]).toEqual(
            [tcpField.sourcePort, tcpField.destinationPort, tcpField.window, tcpField.checksum, tcpField.urgent].map((at) =>
              u16(payload, at),
            ),
          )
          expect([value.sequence, value.acknowledgement]).toEqual(
            [tcpField.sequence, tcpField.acknowledgement].map((at) => u32(payload, at)),
          )
        } else if (protocol === ipProtocol.ICMP || protocol === ipProtocol.ICMPV6) {
          const type = payload[icmpField.type] ?? 0
          const { value } = throughTable(protocol === ipProtocol.ICMP ? icmpTable(type) : icmpv6Table(type), payload)
          expect(value).toMatchObject({
            type,
            code: payload[icmpField.code],
            checksum: u16(payload, icmpField.checksum),
            identifier: u16(payload, icmpField.identifier),
            sequence: u16(payload, icmpField.sequence),
            data: payload.subarray(icmpField.data),
          })
        }
      }),
      { seed, numRuns: 300 },
    )
  })

  test('the Fragment header', () => {
    const { value, end } = throughTable(fragmentHeader, Uint8Array.of(17, 0, 0x12, 0x37, 1, 2, 3, 4))
    expect(end).toBe(fragmentHeaderLength)
    expect(value).toEqual({ nextHeader: 17, fragmentOffset: 0x1230 / 8, reserved: [0, 3], moreFragments: true, identification: 0x01020304 })
  })
})

test('whatever a table decodes, it encodes to the same octets', () => {
  const tables: readonly Struct<never>[] = [ipv4Header, ipv6Header, fragmentHeader, udpHeader, tcpHeader, authenticationHeader]
  const extensions = [ipProtocol.HOPOPT, ipProtocol.IPV6_ROUTE].flatMap((type): readonly Struct<never>[] => [
    extensionHeader(type) ?? expect.unreachable(),
  ])
  const firsts = fc.constantFrom(0x45, 0x46, 0x47, 0x60, 0, 17)
  fc.assert(
    fc.property(fc.constantFrom(...tables, ...extensions), firsts, octets(1, 80), (table, first, bytes) => {
      bytes[0] = first
      const isVersion = table === ipv4Header ? 4 : table === ipv6Header ? 6 : undefined
      if (isVersion !== undefined && first >>> 4 !== isVersion) return
      const decoder = new Decoder(bytes, 0, defaultLimits)
      const value: object | undefined = decoder.decode(table)
      if (value === undefined) {
        expect(decoder.fault?.offset).toBeLessThanOrEqual(bytes.length)
        return
      }
      const whole: Struct<object> = table
      const encoder = new Encoder()
      encoder.encode(whole, value, 0)
      expect(toHex(encoder.finish())).toBe(toHex(bytes.subarray(0, decoder.at)))
    }),
    { seed, numRuns: 1500 },
  )
})
