// Random packets with right lengths and checksums, and a checksum that is slow and plain to compare with.
import * as fc from 'fast-check'
import { concat } from '../../src/bytes/bytes.ts'
import { type Address, addressBytes, addressFromBytes } from '../../src/net/address.ts'
import { type ExtensionHeader, ipv4Packet, ipv6Packet, tcpSegment, udpDatagram } from '../../src/net/build.ts'
import { icmpEcho } from '../../src/net/icmp.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'

export const octets = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength, maxLength })

export function anyAddress(version: 4 | 6): fc.Arbitrary<Address> {
  const length = version === 4 ? 4 : 16
  return octets(length, length).map((bytes) => {
    const parsed = addressFromBytes(bytes)
    if (parsed === undefined) throw new Error('not 4 or 16 octets')
    return parsed
  })
}

/** What is above IP: UDP, TCP, ICMP or octets of a protocol that nobody knows. */
export interface Upper {
  readonly protocol: number
  readonly payload: Uint8Array
  readonly ports: { readonly source: number; readonly destination: number } | undefined
}

const port = fc.integer({ min: 0, max: 0xffff })

export function anyUpper(source: Address, destination: Address, version: 4 | 6): fc.Arbitrary<Upper> {
  const ends = (from: number, to: number) => ({ source: { address: source, port: from }, destination: { address: destination, port: to } })
  const udp = fc.tuple(port, port, octets(0, 200)).map(([from, to, payload]): Upper => {
    return { protocol: ipProtocol.UDP, payload: udpDatagram({ ...ends(from, to), payload }), ports: { source: from, destination: to } }
  })
  const tcp = fc.tuple(port, port, octets(0, 200)).map(([from, to, payload]): Upper => {
    const segment = tcpSegment({ ...ends(from, to), payload, sequence: from * to, acknowledgement: to, flags: 0x18, window: 512 })
    return { protocol: ipProtocol.TCP, payload: segment, ports: { source: from, destination: to } }
  })
  const icmp = octets(0, 200).map((data): Upper => {
    const message = icmpEcho({ kind: 'request', source, destination, identifier: 1, sequence: 2, data })
    const packed = (message[0] ?? 0) * 256
    return {
      protocol: version === 4 ? ipProtocol.ICMP : ipProtocol.ICMPV6,
      payload: message,
      ports: { source: packed, destination: packed },
    }
  })
  const unknown = octets(0, 200).map((payload): Upper => ({ protocol: 253, payload, ports: undefined }))
  return fc.oneof(udp, tcp, icmp, unknown)
}

export interface SamplePacket {
  readonly bytes: Uint8Array
  readonly source: Address
  readonly destination: Address
  readonly upper: Upper
  /** IPv4: octets of options. IPv6: types of extension headers in order. */
  readonly extras: readonly number[]
}

/** `plain`: a header of 20 or 40 octets. `extended`: with options or extension headers. */
export function anyPacket(version: 4 | 6, header: 'plain' | 'extended'): fc.Arbitrary<SamplePacket> {
  return fc.tuple(anyAddress(version), anyAddress(version)).chain(([source, destination]) =>
    fc
      .tuple(
        anyUpper(source, destination, version),
        header === 'plain' ? fc.constant([]) : extrasOf(version),
        fc.integer({ min: 0, max: 255 }),
      )
      .map(([upper, extensions, trafficClass]): SamplePacket => {
        const fields = { source, destination, protocol: upper.protocol, payload: upper.payload, trafficClass }
        const options = concat(...extensions.map((extension) => extension.content))
        const bytes = version === 4 ? ipv4Packet({ ...fields, options }) : ipv6Packet({ ...fields, extensions })
        return { bytes, source, destination, upper, extras: extensions.map((extension) => extension.type) }
      }),
  )
}

function extrasOf(version: 4 | 6): fc.Arbitrary<ExtensionHeader[]> {
  // RFC 791 §3.1: No Operation is an option of one octet.
  if (version === 4) return fc.integer({ min: 1, max: 10 }).map((words) => [{ type: 0, content: new Uint8Array(4 * words).fill(1) }])
  return fc
    .subarray([ipProtocol.HOPOPT, ipProtocol.IPV6_OPTS, ipProtocol.IPV6_ROUTE, -ipProtocol.IPV6_OPTS])
    .chain((types) =>
      fc.tuple(
        ...types.map((type) =>
          fc
            .integer({ min: 0, max: 2 })
            .map((units) => ({ type: Math.abs(type), content: type === ipProtocol.IPV6_ROUTE ? endedRoute(units) : padding(units) })),
        ),
      ),
    )
}

/** RFC 8200 §4.4: of a type that nobody knows, with no segments left. */
function endedRoute(units: number): Uint8Array {
  const content = new Uint8Array(6 + 8 * units).fill(0xa5)
  content.set([1, 0])
  return content
}

/** RFC 8200 §4.2: PadN fills the header. */
function padding(units: number): Uint8Array {
  const content = new Uint8Array(6 + 8 * units)
  content.set([1, content.length - 2])
  return content
}

/** RFC 1071 §1 by the letter: 16-bit words are added, a carry is added at once. */
export function slowChecksum(...parts: readonly Uint8Array[]): number {
  const all = concat(...parts)
  const even = all.length % 2 === 0 ? all : concat(all, new Uint8Array(1))
  let sum = 0
  for (let i = 0; i < even.length; i += 2) {
    sum += (even[i] ?? 0) * 256 + (even[i + 1] ?? 0)
    if (sum > 0xffff) sum -= 0xffff
  }
  return 0xffff - sum
}

/** The upper-layer checksum from scratch, over a written-out pseudo header: RFC 9293 §3.1 for IPv4, RFC 8200 §8.1 for IPv6. */
export function slowUpperChecksum(source: Address, destination: Address, protocol: number, upper: Uint8Array, checksumAt: number): number {
  const blank = upper.slice()
  blank.fill(0, checksumAt, checksumAt + 2)
  const addresses = concat(addressBytes(source), addressBytes(destination))
  const high = upper.length >>> 8
  const low = upper.length & 0xff
  const rest = addresses.length === 8 ? Uint8Array.of(0, protocol, high, low) : Uint8Array.of(0, 0, high, low, 0, 0, 0, protocol)
  return slowChecksum(addresses, rest, blank)
}
