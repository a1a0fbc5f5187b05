// AH vectors: every integrity algorithm, mutable fields, options, extension headers, extended sequence numbers, and what is wrong. From seeds.
import { concat, toHex } from '../../../src/bytes/bytes.ts'
import { Secret } from '../../../src/bytes/secret.ts'
import { installOf, sequenceNumber } from '../../../src/conformance/esp-sa.ts'
import { ahPacket } from '../../../src/conformance/kinds/ah-packet.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import { integrity } from '../../../src/iana/transforms.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import { sealPacket } from '../../../src/ipsec/packet.ts'
import { createOutboundSa } from '../../../src/ipsec/sa.ts'
import { seededRandom } from '../../../src/lab/random.ts'
import { addressBytes } from '../../../src/net/address.ts'
import { type ExtensionHeader, ipv4Packet, ipv6Packet } from '../../../src/net/build.ts'
import { hex64, octetsOf } from './esp.ts'
import { address, ends, innerEnds, upperPacket, type Version } from './esp-packets.ts'
import { expectedOf, type JsonObject, type MadeCase, type MadeFile, scapy } from './files.ts'

const twin = 'twin written from RFC 4302 over python3-cryptography 38.0.4'
const provider = nodeProvider()
const macs: Readonly<Record<string, number>> = integrity
const algorithms = Object.keys(macs).filter((name) => provider.packetMac(macs[name] ?? 0) !== undefined)
/** scapy 2.5 has neither AES-XCBC nor GMAC. */
const scapyMacs = algorithms.filter((name) => !name.includes('XCBC') && !name.includes('GMAC'))
const sha256 = 'AUTH_HMAC_SHA2_256_128'

interface Sa {
  readonly suite: { readonly integrity: string; readonly sequenceNumbers: 'ESN' | 'NO_ESN' }
  readonly integrityKey: string
  readonly spi: string
  readonly mode: 'transport' | 'tunnel'
}
interface Options {
  readonly title?: string
  readonly section?: string
  readonly document?: string
  readonly result?: MadeCase['result']
  readonly flags?: readonly string[]
  /** `no`: scapy does not do what the case asks. */
  readonly inScapy?: 'yes' | 'no'
}

export const ahFiles = (): readonly MadeFile[] => [
  {
    name: 'ah/every-algorithm.json',
    title: 'AH with every integrity algorithm, mode and version of IP',
    kind: 'ah-packet',
    flags,
    cases: algorithmCases(),
  },
  {
    name: 'ah/headers.json',
    title: 'Mutable, predictable and immutable parts of IP headers',
    kind: 'ah-packet',
    flags,
    cases: headerCases(),
  },
  { name: 'ah/on-the-way.json', title: 'What routers and others change on the way', kind: 'ah-packet', flags: {}, cases: wayCases() },
  { name: 'ah/extended-sequence.json', title: 'AH over the border of 2^32', kind: 'ah-packet', flags: {}, cases: sequenceCases() },
  { name: 'ah/malformed.json', title: 'AH that is wrong, in wrong packets', kind: 'ah-packet', flags: {}, cases: malformedCases() },
]

const flags = {
  SenderChoice:
    'Padding of the ICV is zero (RFC 4302 §3.3.3.2.1 leaves it to the sender), and the IV of GMAC is the 64-bit sequence number (RFC 4543 §3.1 leaves it to the sender): one that does otherwise cannot be graded by octets.',
}

// ---- every algorithm -------------------------------------------------------------------------------------------------

function algorithmCases(): readonly MadeCase[] {
  return algorithms.flatMap((name, i) =>
    ([4, 6] as const).flatMap((version, j) =>
      (['transport', 'tunnel'] as const).flatMap((mode, k) => {
        const id = `ah-${short(name)}-ipv${version}-${mode}`
        const isExtended = (i + j + k) % 2 === 1
        const sa = saOf(id, { algorithm: name, mode, sequenceNumbers: isExtended ? 'ESN' : 'NO_ESN' })
        const sequence = BigInt(1000 + i) + (isExtended ? 0x5_0000_0000n : 0n)
        const packet = upperPacket(id, mode === 'tunnel' ? innerEnds[version === 4 ? 6 : 4] : ends[version], (i * 7 + j) % 23)
        const sealed = mode === 'transport' ? [sealCase(`${id}-seal`, sa, sequence, packet, { flags: ['SenderChoice'] })] : []
        return [...sealed, openCase(`${id}-open`, sa, sequence - 1n, protect(sa, sequence, packet, version))]
      }),
    ),
  )
}

// ---- headers ---------------------------------------------------------------------------------------------------------

const payload = Uint8Array.from({ length: 11 }, (_, i) => i)
const [source4, destination4] = ends[4]
const [source6, destination6] = ends[6]
const v4 = { source: source4, destination: destination4, identification: 0xbeef, protocol: 254, payload }
const v6 = { source: source6, destination: destination6, protocol: 254, payload }
const withOptions = (...octets: readonly number[]): Uint8Array => ipv4Packet({ ...v4, options: Uint8Array.from(octets) })
const withExtensions = (...extensions: readonly ExtensionHeader[]): Uint8Array => ipv6Packet({ ...v6, extensions })
const extension = (type: number, ...octets: readonly number[]): ExtensionHeader => ({ type, content: Uint8Array.from(octets) })
const hopByHop = (...octets: readonly number[]): ExtensionHeader => extension(ipProtocol.HOPOPT, ...octets)
const destination = (...octets: readonly number[]): ExtensionHeader => extension(ipProtocol.IPV6_OPTS, ...octets)
const stop = (n: number): Uint8Array => addressBytes(address(`2001:db8:77::${n}`))
const route = (type: number, left: number, ...stops: readonly Uint8Array[]): ExtensionHeader => ({
  type: ipProtocol.IPV6_ROUTE,
  content: concat(Uint8Array.of(type, left, 0, 0, 0, 0), ...stops),
})
/** RFC 6946: a fragment that is the whole packet. */
const atomic = extension(ipProtocol.IPV6_FRAG, 0, 0, 1, 2, 3, 4)
const home = (held: Uint8Array): ExtensionHeader => ({
  type: ipProtocol.IPV6_OPTS,
  content: concat(Uint8Array.of(1, 2, 0, 0, 0xc9, 16), held),
})

interface Shape {
  readonly name: string
  readonly title: string
  readonly packet: Uint8Array
  readonly inScapy?: 'yes' | 'no'
  /** The route has a way to go: what arrives is another packet. */
  readonly sealedOnly?: 'yes'
  readonly section?: string
  readonly document?: string
}

const optionShapes: readonly (readonly [string, string, readonly number[]])[] = [
  ['no-operation', 'No Operation and End of Options List are immutable', [1, 1, 1, 0]],
  ['security', 'Security is immutable', [130, 11, 0x6b, 0xc5, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['extended-security', 'Extended Security is immutable', [133, 4, 1, 2]],
  ['commercial-security', 'Commercial Security is immutable', [134, 10, 0, 0, 0, 1, 2, 4, 0, 9, 1, 0]],
  ['router-alert', 'Router Alert is immutable', [148, 4, 0, 0]],
  ['multi-destination', 'Sender Directed Multi-Destination Delivery is immutable', [149, 6, 10, 0, 0, 1, 0, 0]],
  ['record-route', 'Record Route is zeroed', [7, 11, 8, 192, 0, 2, 33, 0, 0, 0, 0, 0]],
  ['timestamp', 'Time Stamp is zeroed', [68, 8, 9, 0, 1, 2, 3, 4]],
  ['loose-source-route', 'Loose Source Route that has ended is zeroed', [131, 7, 8, 192, 0, 2, 7, 0]],
  ['strict-source-route', 'Strict Source Route that has ended is zeroed', [137, 7, 8, 192, 0, 2, 7, 0]],
  ['traceroute', 'Traceroute is zeroed', [82, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  ['stream', 'Stream ID is zeroed', [136, 4, 0, 9]],
  ['mtu-probe', 'MTU Probe is zeroed', [11, 4, 5, 0xdc]],
  ['unknown', 'An option that is not recognised is zeroed by its length', [222, 6, 1, 2, 3, 4, 1, 0]],
  ['longest', '40 octets of options', [148, 4, 0, 0, ...Array.from({ length: 32 }, () => 1), 7, 3, 4, 0]],
]

function shapes(): readonly Shape[] {
  const fixed = { section: '3.3.3.1.1.1' }
  const extensions = { section: '3.3.3.1.2.2' }
  const routes = { section: 'A2' }
  return [
    {
      name: 'ipv4-fields',
      title: 'DSCP, ECN, flags, TTL and checksum are zeroed, Identification is not',
      packet: ipv4Packet({ ...v4, trafficClass: 0xb9, flagsAndFragment: 0x4000, timeToLive: 3 }),
      ...fixed,
    },
    {
      name: 'ipv6-fields',
      title: 'Traffic Class, Flow Label and Hop Limit are zeroed',
      packet: ipv6Packet({ ...v6, trafficClass: 0xb9, flowLabel: 0xabcde, hopLimit: 255 }),
      section: '3.3.3.1.2.1',
    },
    ...optionShapes.map(
      ([name, title, octets]): Shape => ({ name: `option-${name}`, title, packet: withOptions(...octets), section: 'A1' }),
    ),
    {
      name: 'option-loose-source-route-under-way',
      title: 'With a source route, the destination is where it ends',
      packet: withOptions(131, 11, 4, 10, 0, 0, 7, 10, 0, 0, 8, 0),
      inScapy: 'no',
      sealedOnly: 'yes',
      ...fixed,
    },
    {
      name: 'hop-by-hop-immutable',
      title: 'An option without the third bit',
      packet: withExtensions(hopByHop(0x1e, 4, 1, 2, 3, 4)),
      ...extensions,
    },
    {
      name: 'hop-by-hop-mutable',
      title: 'An option with the third bit: its data are zeroed',
      packet: withExtensions(hopByHop(0x3e, 4, 1, 2, 3, 4)),
      ...extensions,
    },
    {
      name: 'hop-by-hop-several',
      title: 'Pad1, PadN, mutable and immutable options',
      packet: withExtensions(hopByHop(5, 2, 0, 0, 0x3e, 3, 7, 8, 9, 1, 1, 0, 0, 0)),
      ...extensions,
    },
    {
      name: 'destination-alone',
      title: 'Destination options behind AH are all immutable',
      packet: withExtensions(destination(0x3e, 4, 1, 2, 3, 4)),
      inScapy: 'no',
      section: '3.1.1',
    },
    {
      name: 'destination-before-route',
      title: 'Destination options before a routing header are before AH',
      packet: withExtensions(destination(0x3e, 4, 1, 2, 3, 4), route(0, 0), destination(0x3e, 4, 5, 6, 7, 8)),
      inScapy: 'no',
      ...extensions,
    },
    {
      name: 'route-0-ended',
      title: 'A routing header that has ended',
      packet: withExtensions(route(0, 0, stop(1))),
      inScapy: 'no',
      ...routes,
    },
    {
      name: 'route-0-one',
      title: 'Routing header of type 0, one segment left',
      packet: withExtensions(route(0, 1, stop(1))),
      sealedOnly: 'yes',
      ...routes,
    },
    {
      name: 'route-0-three',
      title: 'Three segments left',
      packet: withExtensions(route(0, 3, stop(1), stop(2), stop(3))),
      sealedOnly: 'yes',
      ...routes,
    },
    {
      name: 'route-0-two-of-three',
      title: 'Two of three segments left',
      packet: withExtensions(route(0, 2, stop(1), stop(2), stop(3))),
      inScapy: 'no',
      sealedOnly: 'yes',
      ...routes,
    },
    {
      name: 'route-2',
      title: 'Routing header of type 2 (RFC 6275 §6.4)',
      packet: withExtensions(route(2, 1, stop(1))),
      sealedOnly: 'yes',
      document: 'RFC 6275',
      section: '9.3.2',
    },
    {
      name: 'home-address',
      title: 'The home address and the source change places',
      packet: withExtensions(home(stop(9)), route(0, 0)),
      inScapy: 'no',
      document: 'RFC 6275',
      section: '6.3',
    },
    {
      name: 'atomic-fragment',
      title: 'A fragment header of a whole packet is removed',
      packet: withExtensions(hopByHop(0x3e, 4, 1, 2, 3, 4), atomic),
      inScapy: 'no',
      ...routes,
    },
    { name: 'no-payload-ipv4', title: 'Nothing behind AH', packet: ipv4Packet({ ...v4, payload: new Uint8Array(0) }), section: '3.3.3' },
    { name: 'no-payload-ipv6', title: 'Nothing behind AH', packet: ipv6Packet({ ...v6, payload: new Uint8Array(0) }), section: '3.3.3' },
  ]
}

function headerCases(): readonly MadeCase[] {
  return shapes().flatMap(({ name, packet, sealedOnly, ...options }) => {
    const id = `ah-header-${name}`
    const sa = saOf(id, {})
    const seal = sealCase(`${id}-seal`, sa, 7n, packet, { ...options, flags: ['SenderChoice'] })
    if (sealedOnly !== undefined) return [seal]
    const inTunnel = saOf(`${id}-tunnel`, { mode: 'tunnel' })
    return [
      seal,
      openCase(`${id}-open`, sa, 6n, protect(sa, 7n, packet, versionOf(packet)), options),
      openCase(`${id}-tunnel-open`, inTunnel, 6n, protect(inTunnel, 7n, packet, versionOf(packet)), {
        ...options,
        title: 'The same in a tunnel, where all of it is immutable',
        section: '3.1.2',
        document: 'RFC 4302',
        inScapy: 'no',
      }),
    ]
  })
}

// ---- on the way ------------------------------------------------------------------------------------------------------

function wayCases(): readonly MadeCase[] {
  const four = protect(saOf('ah-way-ipv4', {}), 7n, withOptions(148, 4, 0, 0, 7, 7, 4, 1, 2, 3, 4, 0), 4)
  const six = protect(saOf('ah-way-ipv6', {}), 7n, withExtensions(hopByHop(0x3e, 4, 1, 2, 3, 4)), 6)
  const changes: readonly (readonly [string, 4 | 6, string, readonly (readonly [number, number])[], 'valid' | 'invalid'])[] = [
    ['traffic-class', 4, 'DSCP and ECN', [[1, 0xff]], 'valid'],
    ['time-to-live', 4, 'TTL', [[8, 1]], 'valid'],
    ['do-not-fragment', 4, 'DF is set', [[6, 0x40]], 'valid'],
    [
      'record-route',
      4,
      'Record Route is filled in',
      [
        [26, 8],
        [27, 192],
        [30, 9],
      ],
      'valid',
    ],
    ['identification', 4, 'Identification', [[4, 1]], 'invalid'],
    ['source', 4, 'Source Address, as a NAT changes it', [[15, 9]], 'invalid'],
    ['destination', 4, 'Destination Address', [[19, 9]], 'invalid'],
    ['router-alert', 4, 'Router Alert', [[23, 1]], 'invalid'],
    ['icv', 4, 'ICV', [[44, 0x55]], 'invalid'],
    ['next-header', 4, 'Next Header', [[32, 6]], 'invalid'],
    ['reserved', 4, 'Reserved', [[34, 1]], 'invalid'],
    ['payload', 4, 'The last octet', [[four.length - 1, 0x55]], 'invalid'],
    [
      'traffic-class',
      6,
      'Traffic Class',
      [
        [0, 0x6f],
        [1, 0xf0],
      ],
      'valid',
    ],
    [
      'flow-label',
      6,
      'Flow Label',
      [
        [2, 9],
        [3, 9],
      ],
      'valid',
    ],
    ['hop-limit', 6, 'Hop Limit', [[7, 1]], 'valid'],
    ['mutable-option', 6, 'Data of a mutable option', [[44, 0xff]], 'valid'],
    ['option-type', 6, 'Type of a mutable option', [[42, 0x3f]], 'invalid'],
    ['source', 6, 'Source Address', [[23, 9]], 'invalid'],
    ['destination', 6, 'Destination Address', [[39, 1]], 'invalid'],
    ['padding', 6, 'Padding of the ICV', [[78, 1]], 'invalid'],
    ['payload', 6, 'The last octet', [[six.length - 1, 0x55]], 'invalid'],
  ]
  return changes.map(([name, version, title, octets, result]) => {
    const packet = (version === 4 ? four : six).slice()
    for (const [at, octet] of octets) packet[at] = octet
    return openCase(`ah-way-ipv${version}-${name}`, saOf(`ah-way-ipv${version}`, {}), 6n, packet, { title, result, section: '3.3.3.1' })
  })
}

// ---- sequence numbers ------------------------------------------------------------------------------------------------

function sequenceCases(): readonly MadeCase[] {
  const sequences: readonly (readonly [string, bigint, bigint, 'valid' | 'invalid'])[] = [
    ['last-of-subspace', 0xffff_ffffn, 0xffff_fff0n, 'valid'],
    ['first-of-next', 0x1_0000_0000n, 0xffff_fff0n, 'valid'],
    ['second-of-next', 0x1_0000_0001n, 0xffff_ffffn, 'valid'],
    ['back-over-the-border', 0xffff_fffen, 0x1_0000_0002n, 'invalid'],
    ['far-ahead', 0x7_0000_0009n, 0x7_0000_0001n, 'valid'],
    ['another-subspace', 0x9_0000_0009n, 0x7_0000_0001n, 'invalid'],
  ]
  return ([4, 6] as const).flatMap((version) =>
    sequences.map(([name, sequence, highest, result]) => {
      const id = `ah-sequence-ipv${version}-${name}`
      const sa = saOf(id, { sequenceNumbers: 'ESN', algorithm: version === 4 ? sha256 : 'AUTH_AES_CMAC_96' })
      const packet = protect(sa, sequence, upperPacket(id, ends[version], 8), version)
      return openCase(id, sa, highest, packet, { section: '2.5.1', result, document: 'RFC 4302' })
    }),
  )
}

// ---- wrong -----------------------------------------------------------------------------------------------------------

function malformedCases(): readonly MadeCase[] {
  const refusedSeals: readonly (readonly [string, string, Uint8Array, string])[] = [
    ['option-too-long', 'An IPv4 option that is longer than the header', withOptions(7, 9, 4, 0), '3.3.3.1'],
    ['option-too-short', 'An IPv4 option of one octet that should have two', withOptions(68, 1, 0, 0), '3.3.3.1'],
    ['option-cut', 'An IPv4 option without a length', withOptions(1, 1, 1, 7), '3.3.3.1'],
    ['two-source-routes', 'Two source routes', withOptions(131, 7, 4, 1, 2, 3, 4, 137, 7, 4, 1, 2, 3, 4, 0, 0), '3.3.3.1.1.1'],
    ['hop-by-hop-too-long', 'An IPv6 option that is longer than its header', withExtensions(hopByHop(1, 5, 0, 0, 0, 0)), '3.3.3.1.2.2'],
    ['jumbo', 'A Jumbo Payload option', withExtensions(hopByHop(0xc2, 4, 0, 1, 0, 0)), '3.3.3.1.2.2'],
    ['route-too-many-left', 'More segments left than there are', withExtensions(route(0, 2, stop(1))), 'A2'],
    ['route-unknown', 'A routing header of a type that nobody knows, with a segment left', withExtensions(route(99, 1, stop(1))), 'A2'],
    ['two-routes', 'Two routing headers with segments left', withExtensions(route(0, 1, stop(1)), route(0, 1, stop(2))), 'A2'],
    ['fragment', 'A fragment', ipv4Packet({ ...v4, flagsAndFragment: 0x2000 }), '3.3.4'],
    ['later-fragment', 'A later fragment', ipv4Packet({ ...v4, flagsAndFragment: 9 }), '3.3.4'],
  ]
  const seals = refusedSeals.map(([name, title, packet, section]) => {
    const id = `ah-malformed-${name}`
    return sealCase(id, saOf(id, {}), 7n, packet, { title, section, result: 'invalid' })
  })
  const sa = saOf('ah-malformed', {})
  const good = protect(sa, 7n, ipv4Packet(v4), 4)
  const changed = (...octets: readonly (readonly [number, number])[]): Uint8Array => {
    const packet = good.slice()
    for (const [at, octet] of octets) packet[at] = octet
    return packet
  }
  const cut = good.slice(0, 47)
  cut.set([0, 47], 2)
  const opens: readonly (readonly [string, string, Uint8Array, string, Sa])[] = [
    ['payload-length', 'Payload Len of one word more: padding beyond the least', changed([21, 6]), '2.6', sa],
    ['payload-length-short', 'Payload Len of one word less', changed([21, 4]), '2.2', sa],
    ['cut-off', 'AH is cut off', cut, '2.2', sa],
    ['not-ah', 'UDP in the place of AH', changed([9, 17]), '3.4.2', sa],
    ['spi', 'Another SPI', changed([27, 1]), '3.4.2', sa],
    ['arrived-fragment', 'A fragment arrives', changed([6, 0x20]), '3.4.1', sa],
    ['option-lies', 'The first option that arrives is longer than the header', lyingArrival(), '3.3.3.1', saOf('ah-malformed-arrival', {})],
    ['route-not-ended', 'A routing header with a segment left arrives', routeUnderWay(), 'A2', saOf('ah-malformed-route', {})],
    ['total-length', 'The packet is shorter than it says', changed([3, 200]), '3.4.2', sa],
  ]
  const replay = [
    openCase('ah-malformed-replayed', sa, 7n, good, { title: 'Received before', section: '3.4.3', result: 'invalid', inScapy: 'no' }),
    openCase('ah-malformed-too-old', sa, 99n, good, { title: 'Left of the window', section: '3.4.3', result: 'invalid', inScapy: 'no' }),
  ]
  const inner = saOf('ah-malformed-inner', {})
  const asTunnel = { ...inner, mode: 'tunnel' as const }
  return [
    ...seals,
    ...opens.map(([name, title, packet, section, with_]) =>
      openCase(`ah-malformed-${name}`, with_, 6n, packet, { title, section, result: 'invalid' }),
    ),
    ...replay,
    openCase('ah-malformed-inner', asTunnel, 6n, protect(inner, 7n, upperPacket('inner', ends[4], 9), 4), {
      title: 'TCP in a tunnel, where an IP packet belongs',
      section: '3.1.2',
      result: 'invalid',
      inScapy: 'no',
    }),
  ]
}

function lyingArrival(): Uint8Array {
  const packet = protect(saOf('ah-malformed-arrival', {}), 7n, withOptions(7, 4, 4, 0), 4)
  packet[21] = 99
  return packet
}

const routeUnderWay = (): Uint8Array => protect(saOf('ah-malformed-route', {}), 7n, withExtensions(route(0, 1, stop(1))), 6)

// ---- SAs and cases ---------------------------------------------------------------------------------------------------

const short = (name: string): string => name.replace('AUTH_', '').replaceAll('_', '-').toLowerCase()
const versionOf = (packet: Uint8Array): Version => ((packet[0] ?? 0) >>> 4 === 6 ? 6 : 4)

/** An SA with a key that depends on `id` alone. */
function saOf(
  id: string,
  {
    algorithm = sha256,
    mode = 'transport',
    sequenceNumbers = 'NO_ESN',
  }: { algorithm?: string; mode?: Sa['mode']; sequenceNumbers?: 'ESN' | 'NO_ESN' },
): Sa {
  const random = seededRandom(1, 'ah', id)
  const length = provider.packetMac(macs[algorithm] ?? 0)?.keyLength ?? 0
  return {
    suite: { integrity: algorithm, sequenceNumbers },
    integrityKey: toHex(random(length)),
    spi: toHex(Uint8Array.of((random(1)[0] ?? 0) | 1, ...random(3))),
    mode,
  }
}

/** `version`: of the outer header. */
function protect(sa: Sa, sequence: bigint, packet: Uint8Array, version: Version): Uint8Array {
  const described = {
    suite: { integrity: macs[sa.suite.integrity], sequenceNumbers: sa.suite.sequenceNumbers },
    integrityKey: new Secret(octetsOf(sa.integrityKey)),
    spi: octetsOf(sa.spi),
    mode: sa.mode,
  }
  const install = installOf(provider, described, { direction: 'out', encapsulation: 'none', version })
  if ('kind' in install) throw new Error(`no SA: ${JSON.stringify(install)}`)
  const { outcome, bytes } = sealPacket(createOutboundSa(install, provider, sequenceNumber(sequence - 1n)), packet, 'ip')
  if (outcome !== 0) throw new Error(`cannot be sealed: ${outcome}`)
  return bytes
}

const json = (sa: Sa): JsonObject => ({ suite: { ...sa.suite }, integrityKey: sa.integrityKey, spi: sa.spi, mode: sa.mode })

const sealCase = (id: string, sa: Sa, sequence: bigint, packet: Uint8Array, options: Options = {}): MadeCase =>
  madeCase(id, sa, { operation: 'seal', ...json(sa), sequence: hex64(sequence), packet: toHex(packet) }, options)

const openCase = (id: string, sa: Sa, highest: bigint, packet: Uint8Array, options: Options = {}): MadeCase =>
  madeCase(id, sa, { operation: 'open', ...json(sa), highest: hex64(highest), protected: toHex(packet) }, options)

function madeCase(id: string, sa: Sa, inputs: JsonObject, options: Options): MadeCase {
  const { title, result = 'valid', flags: flagged = [], document = 'RFC 4302', section = '3', inScapy = 'yes' } = options
  const expected = expectedOf(id, result, ahPacket.answer(provider, inputs))
  const judges = inScapy === 'yes' && scapyMacs.includes(sa.suite.integrity) && (result === 'valid' || expected['field'] === 'icv')
  return {
    id,
    ...(title === undefined ? {} : { title }),
    source: { made: document, section, confirmedBy: judges ? [twin, scapy] : [twin] },
    result,
    ...(flagged.length === 0 ? {} : { flags: flagged }),
    inputs,
    expected,
  }
}
