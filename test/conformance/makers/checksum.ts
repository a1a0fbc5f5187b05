// Upper-layer checksums of transport mode behind NATs. RFC 3948 §3.1.2, RFC 1624.
import { putU16, toHex, u16 } from '../../../src/bytes/bytes.ts'
import { checksumRepair } from '../../../src/conformance/kinds/checksum-repair.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import type { Address } from '../../../src/net/address.ts'
import { checksum } from '../../../src/net/checksum.ts'
import { ipPacket, ipv4Packet, ipv6Packet, tcpSegment, udpDatagram, upperChecksum } from '../../../src/net/build.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import { seededRandom, stream } from '../../../src/lab/random.ts'
import { address, type Version } from './esp-packets.ts'
import { expectedOf, scapy, type MadeCase, type MadeFile } from './files.ts'

export const checksumFiles = (): readonly MadeFile[] => [
  {
    name: 'checksum/nat.json',
    title: 'Checksums over addresses that a NAT has changed',
    kind: 'checksum-repair',
    flags: {
      StaysWrong: 'The checksum was wrong when it came: an incremental update keeps it wrong (RFC 1624), and must not launder it.',
      UdpZeroIpv6:
        'RFC 8200 §8.1: a receiver discards it, save where a tunnel protocol allows it (RFC 6935). Ours hands it on as it is, for the receiver to judge.',
      BeyondRfc3948: 'RFC 3948 speaks of TCP and UDP. ICMPv6 has the addresses in its checksum too (RFC 4443 §2.3).',
    },
    cases: [...situationCases(), ...edgeCases(), ...randomCases()],
  },
]

type Ends = readonly [Address, Address]
type Upper = 'tcp' | 'udp' | 'icmpv6' | 'icmp'

const real: Readonly<Record<Version, Ends>> = {
  4: [address('10.0.0.5'), address('172.16.3.4')],
  6: [address('fd00:1::5'), address('fd00:2::4')],
}
const seen: Readonly<Record<Version, Ends>> = {
  4: [address('192.0.2.77'), address('198.51.100.2')],
  6: [address('2001:db8:77::1'), address('2001:db8:78::2')],
}
const provider = nodeProvider()
const twin = 'twin written from RFC 1071 and RFC 1624'

/** As the sender made it: over its own addresses. */
function upperOctets(upper: Upper, [source, destination]: Ends, data: Uint8Array): Uint8Array {
  const fields = { source: { address: source, port: 4321 }, destination: { address: destination, port: 80 }, payload: data }
  if (upper === 'udp') return udpDatagram(fields)
  if (upper === 'tcp') return tcpSegment({ ...fields, sequence: 0x01020304, acknowledgement: 0x0a0b0c0d, flags: 0x18, window: 8192 })
  const octets = Uint8Array.of(upper === 'icmp' ? 8 : 128, 0, 0, 0, 1, 2, 0, 3, ...data)
  // RFC 792: ICMP has no pseudo header.
  putU16(octets, 2, upper === 'icmp' ? checksum(octets, 0, octets.length, 0) : upperChecksum(source, destination, 58, octets))
  return octets
}

const protocols: Readonly<Record<Upper, number>> = {
  tcp: ipProtocol.TCP,
  udp: ipProtocol.UDP,
  icmp: ipProtocol.ICMP,
  icmpv6: ipProtocol.ICMPV6,
}
const checksumAt: Readonly<Record<Upper, number>> = { tcp: 16, udp: 6, icmp: 2, icmpv6: 2 }

interface Options {
  readonly title?: string
  readonly result?: MadeCase['result']
  readonly flags?: readonly string[]
  readonly confirmedBy?: readonly string[]
}

/** `packet` has the addresses that the NAT left; `original` those of the checksum. */
function made(id: string, packet: Uint8Array, [source, destination]: Ends, options: Options = {}): MadeCase {
  const { title, result = 'valid', flags = [], confirmedBy = [twin, scapy] } = options
  const inputs = { packet: toHex(packet), original: { source, destination } }
  return {
    id,
    ...(title === undefined ? {} : { title }),
    source: { made: 'RFC 3948', section: '3.1.2', confirmedBy },
    result,
    ...(flags.length === 0 ? {} : { flags }),
    inputs,
    expected: expectedOf(id, result, checksumRepair.answer(provider, inputs)),
  }
}

const through = (upper: Upper, from: Ends, to: Ends, data: Uint8Array): Uint8Array =>
  ipPacket(...to, protocols[upper], upperOctets(upper, from, data))

function situationCases(): readonly MadeCase[] {
  const uppers: readonly (readonly [Upper, Version])[] = [
    ['tcp', 4],
    ['tcp', 6],
    ['udp', 4],
    ['udp', 6],
    ['icmp', 4],
    ['icmpv6', 6],
  ]
  return uppers.flatMap(([upper, version]) =>
    ([0, 7, 8] as const).flatMap((length) => {
      const [source, destination] = real[version]
      const [seenSource, seenDestination] = seen[version]
      const changes: readonly (readonly [string, Ends])[] = [
        ['none', [source, destination]],
        ['source', [seenSource, destination]],
        ['destination', [source, seenDestination]],
        ['both', [seenSource, seenDestination]],
      ]
      return changes.map(([name, to]) => {
        const id = `checksum-${upper}-ipv${version}-${name}-${length}`
        const title = `${upper === 'icmp' ? 'No pseudo header' : 'Changed'}: ${name}; ${length} octets of data`
        const flags = upper === 'icmpv6' ? ['BeyondRfc3948'] : []
        return made(id, through(upper, real[version], to, seededRandom(1, 'checksum', id)(length)), real[version], { title, flags })
      })
    }),
  )
}

/** Data whose last two octets make the checksum over these addresses come out as zero. */
function dataForZero(upper: 'tcp' | 'udp', ends: Ends, length: number): Uint8Array {
  const data = seededRandom(1, 'zero', upper, length)(length)
  data.fill(0, length - 2)
  putU16(data, length - 2, u16(upperOctets(upper, ends, data), checksumAt[upper]))
  return data
}

function withChecksum(packet: Uint8Array, upper: Upper, value: number): Uint8Array {
  putU16(packet, ((packet[0] ?? 0) >>> 4 === 6 ? 40 : 20) + checksumAt[upper], value)
  return packet
}

function edgeCases(): readonly MadeCase[] {
  return [...([4, 6] as const).flatMap(versionEdges), ...headerEdges(), ...malformed()]
}

function versionEdges(version: Version): readonly MadeCase[] {
  const from = real[version]
  const to = seen[version]
  const id = (name: string): string => `checksum-ipv${version}-${name}`
  const data = seededRandom(1, 'checksum', 'edges', version)(9)
  const wrong = (upper: Upper, name: string, change: (old: number) => number): MadeCase => {
    const packet = through(upper, from, to, data)
    const old = u16(packet, (version === 6 ? 40 : 20) + checksumAt[upper])
    return made(id(name), withChecksum(packet, upper, change(old)), from, {
      title: 'It came wrong',
      flags: ['StaysWrong'],
      confirmedBy: [twin],
    })
  }
  const even = data.subarray(0, 8)
  return [
    made(id('udp-zero'), withChecksum(through('udp', from, to, data), 'udp', 0), from, {
      title: 'UDP without a checksum',
      result: version === 6 ? 'acceptable' : 'valid',
      flags: version === 6 ? ['UdpZeroIpv6'] : [],
      confirmedBy: [twin],
    }),
    made(id('tcp-was-zero'), through('tcp', from, to, dataForZero('tcp', from, 8)), from, { title: 'TCP, it came as 0x0000' }),
    made(id('tcp-was-ones'), withChecksum(through('tcp', from, to, dataForZero('tcp', from, 8)), 'tcp', 0xffff), from, {
      title: 'TCP, it came as 0xffff, which is another zero',
      confirmedBy: [twin],
    }),
    made(id('tcp-becomes-zero'), through('tcp', from, to, dataForZero('tcp', to, 8)), from, { title: 'TCP, it becomes 0x0000' }),
    made(id('udp-was-ones'), through('udp', from, to, dataForZero('udp', from, 8)), from, { title: 'UDP, it came as 0xffff' }),
    made(id('udp-becomes-ones'), through('udp', from, to, dataForZero('udp', to, 8)), from, {
      title: 'UDP, it comes out as zero and is sent as 0xffff (RFC 768)',
    }),
    wrong('tcp', 'tcp-wrong', (old) => old ^ 1),
    wrong('udp', 'udp-wrong', (old) => old ^ 0x8000),
    wrong('tcp', 'tcp-wrong-all', (old) => ~old & 0xffff),
    made(id('swapped'), through('tcp', from, [from[1], from[0]], even), from, {
      title: 'Addresses changed into each other: the sum is the same',
    }),
    made(id('longest-data'), through('udp', from, to, seededRandom(1, 'long', version)(1401)), from, { title: '1,401 octets of data' }),
  ]
}

function headerEdges(): readonly MadeCase[] {
  const [source4, destination4] = seen[4]
  const [source6, destination6] = seen[6]
  const data = seededRandom(1, 'checksum', 'headers')(5)
  const v4 = (upper: Upper) => ({
    source: source4,
    destination: destination4,
    protocol: protocols[upper],
    payload: upperOctets(upper, real[4], data),
  })
  const v6 = (upper: Upper) => ({
    source: source6,
    destination: destination6,
    protocol: protocols[upper],
    payload: upperOctets(upper, real[6], data),
  })
  const options = { type: ipProtocol.IPV6_OPTS, content: Uint8Array.of(1, 4, 0, 0, 0, 0) }
  const hop = { type: ipProtocol.HOPOPT, content: Uint8Array.of(5, 2, 0, 0, 1, 0) }
  // The sum of both addresses is 0xffff, which is zero in ones' complement.
  const zeroSum: Ends = [address('192.0.2.1'), address('63.255.253.254')]
  return [
    made('checksum-ipv4-options', ipv4Packet({ ...v4('tcp'), options: Uint8Array.of(0x94, 4, 0, 0) }), real[4], {
      title: 'IPv4 with an option',
    }),
    made('checksum-ipv6-destination', ipv6Packet({ ...v6('udp'), extensions: [options] }), real[6], { title: 'Destination options' }),
    made('checksum-ipv6-hop-by-hop', ipv6Packet({ ...v6('tcp'), extensions: [hop, options] }), real[6], { title: 'Two extension headers' }),
    made('checksum-ipv4-zero-sum-before', through('tcp', zeroSum, seen[4], data), zeroSum, {
      title: 'The original addresses add up to 0xffff',
    }),
    made('checksum-ipv4-zero-sum-after', through('udp', real[4], zeroSum, data), real[4], { title: 'The addresses now add up to 0xffff' }),
    made('checksum-ipv4-other-protocol', ipPacket(...seen[4], 254, data), real[4], {
      title: 'A protocol without a checksum over addresses',
      confirmedBy: [twin],
    }),
    made('checksum-ipv4-sctp', ipPacket(...seen[4], ipProtocol.SCTP, seededRandom(1, 'sctp')(16)), real[4], {
      title: 'SCTP, whose checksum does not cover addresses (RFC 9260 §6.8)',
      confirmedBy: [twin],
    }),
  ]
}

function malformed(): readonly MadeCase[] {
  const packet = through('tcp', real[4], seen[4], Uint8Array.of(1, 2, 3))
  const options = { result: 'invalid', confirmedBy: [twin] } as const
  return [
    made('checksum-cut', packet.slice(0, -1), real[4], { ...options, title: 'Fewer octets than the IPv4 header says' }),
    made('checksum-empty', new Uint8Array(0), real[4], { ...options, title: 'No octet at all' }),
  ]
}

function randomCases(): readonly MadeCase[] {
  return Array.from({ length: 40 }, (_, seed) => {
    const version = seed % 2 === 0 ? 4 : 6
    const upper = seed % 4 < 2 ? 'tcp' : 'udp'
    const id = `checksum-random-${seed}`
    const random = stream(seed, id)
    const ends = (): Ends => [randomAddress(version, random.octets), randomAddress(version, random.octets)]
    const from = ends()
    return made(id, through(upper, from, ends(), random.octets(seed)), from)
  })
}

function randomAddress(version: Version, octets: (length: number) => Uint8Array): Address {
  const [a = 0, b = 0, c = 0, d = 0] = octets(4)
  if (version === 4) return address(`${1 + (a % 223)}.${b}.${c}.${d}`)
  return address(`2001:db8:${(a * 256 + b).toString(16)}::${(c * 256 + d).toString(16)}`)
}
