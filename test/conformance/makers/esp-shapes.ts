// Packets of every shape: lengths around the blocks of the cipher, headers with options, next headers, UDP encapsulation, congestion marks.
import { toHex } from '../../../src/bytes/bytes.ts'
import { ipv4Packet, ipv6Packet, type ExtensionHeader } from '../../../src/net/build.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import { cbc, ctr, chacha, gcm, gmac, isDeterministic, nullSuite, openCase, protect, saOf, sealCase, suiteId, type Suite } from './esp.ts'
import { barePacket, ends, innerEnds, upperPacket } from './esp-packets.ts'
import { leastPadding } from './esp-suites.ts'
import type { MadeCase, MadeFile } from './files.ts'

export const shapeFiles = (): readonly MadeFile[] => [
  {
    name: 'esp/padding.json',
    title: 'Payloads of every length around the blocks of a cipher',
    kind: 'esp-packet',
    flags: { SenderChoice: leastPadding },
    cases: lengthCases(),
  },
  {
    name: 'esp/headers.json',
    title: 'IPv4 options, IPv6 extension headers, next headers, UDP encapsulation, congestion marks',
    kind: 'esp-packet',
    flags: { SenderChoice: leastPadding, Congestion: 'The outer header has met congestion on the way (RFC 4301 §5.1.2.1, note 6).' },
    cases: [...headerCases(), ...udpCases(), ...congestionCases()],
  },
]

/** Of protocol 254, which is for experiments (RFC 3692): nothing is between the header and the data. */
function lengthCases(): readonly MadeCase[] {
  const reach: readonly (readonly [Suite, number, number])[] = [
    [gcm, 0, 18],
    [chacha, 0, 5],
    [nullSuite, 0, 8],
    [ctr, 0, 5],
    [cbc, 0, 33],
    [gcm, 1432, 1436],
  ]
  return reach.flatMap(([suite, first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i): MadeCase => {
      const length = first + i
      const isSealed = isDeterministic(suite) && length % 2 === 0
      const id = `esp-padding-${suiteId(suite)}-${length}`
      const sa = saOf(id, suite)
      const packet = barePacket(id, ends[length % 3 === 0 ? 6 : 4], 254, length)
      const options = { section: '2.4', title: `${length} octets of payload` }
      return isSealed
        ? sealCase(id, sa, 1n, packet, 'none', { ...options, flags: ['SenderChoice'] })
        : openCase(id, sa, 0n, protect(id, sa, 1n, packet), options)
    }),
  )
}

const noop = Uint8Array.of(1, 1, 1, 0)
/** RFC 2113. */
const routerAlert = Uint8Array.of(0x94, 4, 0, 0)
const padN = (length: number): Uint8Array => Uint8Array.of(1, length - 2, ...new Uint8Array(length - 2))
const hopByHop: ExtensionHeader = { type: ipProtocol.HOPOPT, content: Uint8Array.of(5, 2, 0, 0, 1, 0) }
const destination: ExtensionHeader = { type: ipProtocol.IPV6_OPTS, content: padN(6) }
const longDestination: ExtensionHeader = { type: ipProtocol.IPV6_OPTS, content: padN(14) }
/** RFC 6275 §6.4, with no segment left. */
const routing: ExtensionHeader = { type: ipProtocol.IPV6_ROUTE, content: Uint8Array.of(2, 0, 0, 0, 0, 0, ...new Uint8Array(15), 9) }
/** RFC 6946: a fragment that is the whole packet. */
const atomic: ExtensionHeader = { type: ipProtocol.IPV6_FRAG, content: Uint8Array.of(0, 0, 1, 2, 3, 4) }

interface Shape {
  readonly name: string
  readonly title: string
  readonly packet: Uint8Array
  /** scapy puts ESP behind destination options, and has no atomic fragments in mind. */
  readonly inScapy?: 'yes' | 'no'
}

function shapes(): readonly Shape[] {
  const [source4, destination4] = ends[4]
  const [source6, destination6] = ends[6]
  const payload = Uint8Array.from({ length: 11 }, (_, i) => i)
  const v4 = { source: source4, destination: destination4, protocol: 254, payload }
  const v6 = { source: source6, destination: destination6, protocol: 254, payload }
  return [
    { name: 'ipv4-no-operation', title: 'IPv4 with an option', packet: ipv4Packet({ ...v4, options: noop }) },
    { name: 'ipv4-router-alert', title: 'IPv4 with Router Alert', packet: ipv4Packet({ ...v4, options: routerAlert }) },
    {
      name: 'ipv4-longest-header',
      title: 'IPv4 with 40 octets of options',
      packet: ipv4Packet({ ...v4, options: new Uint8Array(40).fill(1) }),
    },
    {
      name: 'ipv4-fields',
      title: 'IPv4 with DSCP, ECN, identification, DF and TTL',
      packet: ipv4Packet({ ...v4, trafficClass: 0xb9, identification: 0xbeef, flagsAndFragment: 0x4000, timeToLive: 3 }),
    },
    {
      name: 'ipv6-fields',
      title: 'IPv6 with traffic class, flow label and hop limit',
      packet: ipv6Packet({ ...v6, trafficClass: 0xb9, flowLabel: 0xabcde, hopLimit: 255 }),
    },
    { name: 'ipv6-hop-by-hop', title: 'Hop-by-hop options stay before ESP', packet: ipv6Packet({ ...v6, extensions: [hopByHop] }) },
    { name: 'ipv6-routing', title: 'A routing header stays before ESP', packet: ipv6Packet({ ...v6, extensions: [routing] }) },
    {
      name: 'ipv6-destination',
      title: 'Destination options are protected',
      packet: ipv6Packet({ ...v6, extensions: [destination] }),
      inScapy: 'no',
    },
    {
      name: 'ipv6-destination-routing',
      title: 'Destination options before a routing header stay before ESP',
      packet: ipv6Packet({ ...v6, extensions: [destination, routing] }),
      inScapy: 'no',
    },
    {
      name: 'ipv6-all',
      title: 'Hop-by-hop, destination and routing headers before ESP, destination options behind it',
      packet: ipv6Packet({ ...v6, extensions: [hopByHop, destination, routing, longDestination] }),
      inScapy: 'no',
    },
    {
      name: 'ipv6-atomic-fragment',
      title: 'A fragment header of a whole packet stays before ESP',
      packet: ipv6Packet({ ...v6, extensions: [atomic] }),
      inScapy: 'no',
    },
    ...[1, 6, 17, 47, 58, 132, 136].map((protocol) => ({
      name: `next-header-${protocol}`,
      title: `Next Header ${protocol}`,
      packet: barePacket(`next-header-${protocol}`, ends[protocol === 58 ? 6 : 4], protocol, 24),
    })),
    // RFC 4303 §2.6: an IP packet in transport mode is one more protocol.
    {
      name: 'next-header-ip-in-ip',
      title: 'An IP packet in IP, in transport mode',
      packet: ipv4Packet({ ...v4, protocol: 4, payload: upperPacket('ip-in-ip', innerEnds[4], 4) }),
    },
  ]
}

/** In transport mode by scapy. */
const unopened: ReadonlySet<string> = new Set(['ipv6-atomic-fragment', 'ipv6-routing'])

function headerCases(): readonly MadeCase[] {
  return shapes().flatMap(({ name, title, packet, inScapy = 'yes' as const }) =>
    (['transport', 'tunnel'] as const).flatMap((mode) => {
      const id = `esp-header-${name}-${mode}`
      const section = mode === 'transport' ? '3.1.1' : '3.1.2'
      const sa = saOf(id, gcm, { mode })
      const opened = saOf(`${id}-open`, cbc, { mode })
      return [
        sealCase(`${id}-seal`, sa, 1n, packet, 'none', { title, section, flags: ['SenderChoice'], inScapy }),
        openCase(`${id}-open`, opened, 0n, protect(`${id}-open`, opened, 1n, packet), {
          title,
          section,
          inScapy: unopened.has(name) && mode === 'transport' ? 'no' : 'yes',
        }),
      ]
    }),
  )
}

function udpCases(): readonly MadeCase[] {
  return [gcm, cbc, chacha, nullSuite].flatMap((suite) =>
    ([4, 6] as const).flatMap((version) =>
      (['transport', 'tunnel'] as const).flatMap((mode) => {
        const id = `esp-udp-${suiteId(suite)}-ipv${version}-${mode}`
        const sa = saOf(id, suite, { mode })
        const packet = upperPacket(id, mode === 'tunnel' ? innerEnds[version] : ends[version], 9)
        const options = { document: 'RFC 3948', section: mode === 'tunnel' ? '3.4' : '3.2', title: 'Encapsulated in UDP' }
        const sealed = isDeterministic(suite)
          ? [sealCase(`${id}-seal`, sa, 77n, packet, 'udp', { ...options, flags: ['SenderChoice'] })]
          : []
        return [...sealed, openCase(`${id}-open`, sa, 76n, protect(id, sa, 77n, packet, 'udp'), options)]
      }),
    ),
  )
}

/** Mixed versions, and all pairs of marks that matter. */
function congestionCases(): readonly MadeCase[] {
  return ([4, 6] as const).flatMap((inner) =>
    ([0, 1, 2, 3] as const).map((ecn) => {
      const id = `esp-congestion-ipv${inner}-ecn-${ecn}`
      const sa = saOf(id, gmac, { mode: 'tunnel' })
      const [source, target] = innerEnds[inner]
      const fields = { source, destination: target, protocol: 254, payload: Uint8Array.of(1, 2, 3), trafficClass: 0x28 | ecn }
      const packet = inner === 4 ? ipv4Packet(fields) : ipv6Packet(fields)
      const outer = protect(id, sa, 1n, packet)
      if (inner === 4) outer[1] = (outer[1] ?? 0) | 3
      else outer[1] = (outer[1] ?? 0) | 0x30
      return openCase(id, sa, 0n, outer, {
        document: 'RFC 4301',
        section: '5.1.2.1',
        title: `Congestion outside, ECN ${ecn} inside`,
        flags: ['Congestion'],
        inScapy: 'no',
        // RFC 6040 §4.2: who could not be told of congestion is to lose the packet; RFC 4301 alone lets it through as it is.
        ...(ecn === 0 ? { result: 'acceptable', document: 'RFC 6040', section: '4.2', elsewhere: { packet: toHex(packet) } } : {}),
      })
    }),
  )
}
