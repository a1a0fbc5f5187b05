// scapy opens what AH of ours protects, and the other way round: every mode, version, integrity algorithm that scapy has (HMAC and CMAC), with
// and without ESN, with options and extension headers that routers change.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { concat } from '../../src/bytes/bytes.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { ReplayWindow } from '../../src/ipsec/replay.ts'
import { type Address, addressBytes } from '../../src/net/address.ts'
import { ipPacket, ipv4Packet, ipv6Packet, tcpSegment, udpDatagram } from '../../src/net/build.ts'
import { echoPacket } from '../../src/net/icmp.ts'
import {
  address,
  ahSha256,
  ahSuites,
  alice,
  bob,
  countingOctets,
  endpoint,
  type NamedSuite,
  open,
  outcomes,
  packets,
  pair,
  type PairOptions,
  seal,
  spi,
} from '../ipsec/fixtures.ts'
import { Scapy, type ScapySa } from './harness/scapy.ts'

/** scapy 2.5 has neither AES-XCBC nor GMAC. */
const inScapysWords: Readonly<Record<string, string>> = {
  AUTH_HMAC_SHA1_96: 'HMAC-SHA1-96',
  AUTH_HMAC_SHA2_256_128: 'SHA2-256-128',
  AUTH_HMAC_SHA2_384_192: 'SHA2-384-192',
  AUTH_HMAC_SHA2_512_256: 'SHA2-512-256',
  AUTH_AES_CMAC_96: 'AES-CMAC-96',
}
const suites = ahSuites.filter(({ name }) => name in inScapysWords)
const versions = [4, 6] as const
const inner: Record<4 | 6, readonly [Address, Address]> = {
  4: [address('10.1.0.1'), address('10.2.0.1')],
  6: [address('fd00:1::1'), address('fd00:2::1')],
}

let scapy: Scapy
beforeAll(async () => {
  scapy = await Scapy.start()
})
afterAll(() => {
  if (scapy instanceof Scapy) scapy.close()
})

function scapySa(suite: NamedSuite, options: PairOptions, sequenceHigh: number | null = null): ScapySa {
  const version = options.version ?? 4
  return {
    protocol: 'AH',
    spi,
    cipher: 'NULL',
    cipherKey: new Uint8Array(0),
    mac: inScapysWords[suite.name] ?? '',
    macKey: countingOctets(2)(suite.integrityKeyLength),
    tunnel: options.mode === 'tunnel' ? [alice[version], bob[version]] : null,
    sequenceHigh,
  }
}

function samples(source: Address, destination: Address): Uint8Array[] {
  const ends = { source: endpoint(source, 5001), destination: endpoint(destination, 5002) }
  const data = (length: number): Uint8Array => countingOctets(3)(length)
  const segment = tcpSegment({ ...ends, sequence: 1, acknowledgement: 2, flags: 0x18, window: 512, payload: data(1380) })
  return [
    ...[0, 1, 17].map((length) => ipPacket(source, destination, ipProtocol.UDP, udpDatagram({ ...ends, payload: data(length) }))),
    ipPacket(source, destination, ipProtocol.TCP, segment),
    echoPacket({ kind: 'request', source, destination, identifier: 1, sequence: 2, data: data(56) }),
  ]
}

/** `arrived`: what routers make of the protected packet on its way. */
async function expectAgreement(
  suite: NamedSuite,
  options: PairOptions,
  plain: readonly Uint8Array[],
  route: { readonly arrived: (packet: Uint8Array) => Uint8Array; readonly plain: readonly Uint8Array[] } = { arrived: same, plain },
): Promise<void> {
  const sa = scapySa(suite, options)
  const { sender, receiver } = pair({ ...options, suite })
  const sealed = seal(sender, 'ip', ...plain)
  expect(outcomes(sealed)).toEqual(plain.map(() => 'done'))
  const ours = packets(sealed)
  for (const [i, packet] of ours.entries()) expect(await scapy.open(sa, route.arrived(packet))).toEqual(route.plain[i])
  const theirs: Uint8Array[] = []
  for (const [i, packet] of plain.entries()) theirs.push(await scapy.seal(sa, i + 1, packet))
  // The outer header of a tunnel is as each sender likes; in transport mode there is nothing to choose.
  if (options.mode !== 'tunnel') expect(theirs).toEqual(ours)
  const opened = open(receiver, 'ip', undefined, ...theirs.map(route.arrived))
  expect(outcomes(opened)).toEqual(plain.map(() => 'done'))
  expect(packets(opened)).toEqual(route.plain)
}

const same = (packet: Uint8Array): Uint8Array => packet

for (const suite of suites) {
  describe(suite.name, () => {
    for (const version of versions) {
      test(`transport mode over IPv${version}`, async () => {
        await expectAgreement(suite, { mode: 'transport', version }, samples(alice[version], bob[version]))
      })
      for (const innerVersion of versions) {
        test(`tunnel mode, IPv${innerVersion} in IPv${version}`, async () => {
          await expectAgreement(suite, { mode: 'tunnel', version }, samples(...inner[innerVersion]))
        })
      }
      test(`extended sequence numbers over the border of 2^32, IPv${version}`, async () => {
        const [plain = missing()] = samples(alice[version], bob[version])
        const options: PairOptions = { version, extendedSequence: 'esn' }
        const sender = pair({ ...options, suite, lastSequence: { high: 6, low: 0xfffffffe } }).sender
        const sealed = packets(seal(sender, 'ip', plain, plain, plain))
        for (const [i, packet] of sealed.entries()) expect(await scapy.open(scapySa(suite, options, i < 1 ? 6 : 7), packet)).toEqual(plain)
        await expect(scapy.open(scapySa(suite, options, 8), sealed[2] ?? missing())).rejects.toThrow('IPSecIntegrityError')
        const window = new ReplayWindow(64, 'esn', { high: 6, low: 0xfffffff0 })
        const { receiver } = pair({ ...options, suite, window })
        const theirs = [
          await scapy.seal(scapySa(suite, options, 6), 0xffffffff, plain),
          await scapy.seal(scapySa(suite, options, 7), 1, plain),
        ]
        expect(packets(open(receiver, 'ip', undefined, ...theirs))).toEqual([plain, plain])
      })
    }
  })
}

describe('headers', () => {
  const rest = { protocol: 253, payload: countingOctets(4)(33) }
  const [hopByHop, routing, destination] = [ipProtocol.HOPOPT, ipProtocol.IPV6_ROUTE, ipProtocol.IPV6_OPTS]
  const v4 = { source: alice[4], destination: bob[4], trafficClass: 0xb8, identification: 7, flagsAndFragment: 0x4000, ...rest }
  const v6 = { source: alice[6], destination: bob[6], trafficClass: 0xb8, flowLabel: 0x12345, ...rest }
  /** Loose source route, timestamp, record route, stream, unknown: zero. Security, CIPSO, router alert, No Operation: as they are. */
  const optionLists = {
    'router alert': [148, 4, 0, 0],
    security: [130, 11, 0x6b, 0xc5, 0, 0, 0, 0, 0, 0, 0, 0],
    CIPSO: [134, 10, 0, 0, 0, 1, 2, 4, 0, 9, 1, 0],
    'record route': [7, 11, 8, 192, 0, 2, 33, 0, 0, 0, 0, 0],
    timestamp: [68, 8, 9, 0, 1, 2, 3, 4],
    stream: [136, 4, 0, 9],
    'a source route at its end': [131, 11, 12, 192, 0, 2, 7, 192, 0, 2, 8, 0],
    'one that nobody knows': [222, 7, 1, 2, 3, 4, 5, 0],
    several: [1, 148, 4, 0, 0, 7, 7, 4, 9, 9, 9, 9],
  }

  for (const [name, octets] of Object.entries(optionLists)) {
    test(`IPv4 option: ${name}`, async () => {
      await expectAgreement(ahSha256, { version: 4 }, [ipv4Packet({ ...v4, options: Uint8Array.from(octets) })])
    })
  }

  const option = (type: number) => Uint8Array.of(type, 4, 9, 8, 7, 6)
  const extensionLists = {
    'hop-by-hop, immutable': [{ type: hopByHop, content: option(0x1e) }],
    'hop-by-hop, mutable': [{ type: hopByHop, content: option(0x3e) }],
    'hop-by-hop, with paddings': [{ type: hopByHop, content: Uint8Array.of(0, 1, 1, 0, 0x3e, 1, 7, 1, 4, 0, 0, 0, 0, 0) }],
    'destination options behind hop-by-hop options': [
      { type: hopByHop, content: option(0x3e) },
      { type: destination, content: option(0x3f) },
      { type: routing, content: new Uint8Array(6) },
    ],
  }
  for (const [name, extensions] of Object.entries(extensionLists)) {
    test(`IPv6 extension headers: ${name}`, async () => {
      await expectAgreement(ahSha256, { version: 6 }, [ipv6Packet({ ...v6, extensions })])
    })
  }

  test('of a routing header that has ended nothing moves: scapy opens ours, though as a sender it moves the addresses once more', async () => {
    const extensions = [{ type: routing, content: concat(Uint8Array.of(0, 0, 0, 0, 0, 0), new Uint8Array(16).fill(0xfd)) }]
    const packet = ipv6Packet({ ...v6, extensions })
    const { sender, receiver } = pair({ version: 6, suite: ahSha256 })
    const sa = scapySa(ahSha256, { version: 6 })
    expect(await scapy.open(sa, seal(sender, 'ip', packet).packet(0))).toEqual(packet)
    expect(outcomes(open(receiver, 'ip', undefined, await scapy.seal(sa, 1, packet)))).toEqual(['integrity-check-failed'])
  })

  for (const [type, hops] of [
    [0, 1],
    [0, 3],
    [2, 1],
  ] as const) {
    test(`a routing header of type ${type} with ${hops} segments left is protected as it arrives`, async () => {
      const stops = Array.from({ length: hops }, (_, i) => addressBytes(address(`2001:db8:77::${i + 1}`)))
      const header = (left: number, ...addresses: readonly Uint8Array[]) => [
        { type: routing, content: concat(Uint8Array.of(type, left, 0, 0, 0, 0), ...addresses) },
      ]
      const before = ipv6Packet({ ...v6, extensions: header(hops, ...stops) })
      const last = address(`2001:db8:77::${hops}`)
      const ended = header(0, addressBytes(bob[6]), ...stops.slice(0, -1))
      const after = ipv6Packet({ ...v6, destination: last, extensions: ended })
      // The routers' part: nothing but the destination and the routing header changes.
      const arrived = (packet: Uint8Array): Uint8Array => {
        const moved = packet.slice()
        moved.set(after.subarray(24, 40), 24)
        moved.set(after.subarray(43, 48 + 16 * hops), 43)
        return moved
      }
      await expectAgreement(ahSha256, { version: 6 }, [before], { arrived, plain: [after] })
    })
  }
})

test('neither opens what the other has protected with another key', async () => {
  for (const suite of suites) {
    const [plain = missing()] = samples(alice[4], bob[4])
    const sa = scapySa(suite, {})
    const wrong: ScapySa = { ...sa, macKey: countingOctets(6)(sa.macKey.length) }
    const { sender, receiver } = pair({ suite })
    await expect(scapy.open(wrong, seal(sender, 'ip', plain).packet(0))).rejects.toThrow('IPSecIntegrityError')
    expect(outcomes(open(receiver, 'ip', undefined, await scapy.seal(wrong, 1, plain)))).toEqual(['integrity-check-failed'])
  }
})

function missing(): never {
  throw new Error('a sample is missing')
}
