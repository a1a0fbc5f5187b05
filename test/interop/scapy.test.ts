// scapy opens what we seal, and we open what scapy seals: bare ESP in whole IP packets. scapy 2.5 has faults of its own with UDP
// encapsulation and with extended sequence numbers beside an HMAC, so the UDP header is put on and taken off here, and ESN is for AEADs.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { u16, u32 } from '../../src/bytes/bytes.ts'
import { ReplayWindow } from '../../src/ipsec/replay.ts'
import type { Address } from '../../src/net/address.ts'
import { ipPacket, ipv4Packet, ipv6Packet, tcpSegment, udpDatagram } from '../../src/net/build.ts'
import { echoPacket } from '../../src/net/icmp.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import {
  address,
  alice,
  bob,
  countingOctets,
  endpoint,
  open,
  optionalSuites,
  outcomes,
  packets,
  pair,
  type PairOptions,
  seal,
  spi,
  suites,
} from '../ipsec/fixtures.ts'
import { Scapy, type ScapySa } from './harness/scapy.ts'

const inScapysWords: Readonly<Record<string, readonly [string, string]>> = {
  'AES-GCM-128': ['AES-GCM', 'NULL'],
  'AES-GCM-192': ['AES-GCM', 'NULL'],
  'AES-GCM-256': ['AES-GCM', 'NULL'],
  'ChaCha20-Poly1305': ['CHACHA20-POLY1305', 'NULL'],
  'AES-CBC-128 with HMAC-SHA2-256-128': ['AES-CBC', 'SHA2-256-128'],
  'AES-CBC-192 with HMAC-SHA2-384-192': ['AES-CBC', 'SHA2-384-192'],
  'AES-CBC-256 with HMAC-SHA2-512-256': ['AES-CBC', 'SHA2-512-256'],
  'NULL with HMAC-SHA2-256-128': ['NULL', 'SHA2-256-128'],
  'AES-CTR-128 with HMAC-SHA2-256-128': ['AES-CTR', 'SHA2-256-128'],
  'AES-CTR-256 with AES-CMAC-96': ['AES-CTR', 'AES-CMAC-96'],
  'AES-CBC-128 with HMAC-SHA1-96': ['AES-CBC', 'HMAC-SHA1-96'],
  'AES-CBC-256 with AES-CMAC-96': ['AES-CBC', 'AES-CMAC-96'],
  'Triple DES with HMAC-SHA1-96': ['3DES', 'HMAC-SHA1-96'],
  'Triple DES with HMAC-SHA2-256-128': ['3DES', 'SHA2-256-128'],
  'AES-CCM-16-128': ['AES-CCM', 'NULL'],
  'AES-CCM-16-256': ['AES-CCM', 'NULL'],
}
type Suite = (typeof suites)[number]
const aeads = suites.filter(({ integrityKeyLength }) => integrityKeyLength === 0)
const versions = [4, 6] as const
const inner: Record<4 | 6, readonly [Address, Address]> = {
  4: [address('10.1.0.1'), address('10.2.0.1')],
  6: [address('fd00:1::1'), address('fd00:2::1')],
}

let scapy: Scapy
beforeAll(async () => {
  scapy = await Scapy.start()
})
// Where the start has failed there is nothing to close.
afterAll(() => {
  if (scapy instanceof Scapy) scapy.close()
})

/** What scapy needs to know of the SA that `pair` makes with these options. */
function scapySa(suite: Suite, options: PairOptions, sequenceHigh: number | null = null): ScapySa {
  const [cipher, mac] = inScapysWords[suite.name] ?? ['', '']
  const version = options.version ?? 4
  return {
    spi,
    cipher,
    cipherKey: countingOctets(1)(suite.encryptionKeyLength),
    mac,
    macKey: countingOctets(2)(suite.integrityKeyLength),
    tunnel: options.mode === 'tunnel' ? [alice[version], bob[version]] : null,
    sequenceHigh,
  }
}

/** UDP, TCP and ICMP, with so many octets of data that every length of padding occurs. */
function samples(source: Address, destination: Address): Uint8Array[] {
  const ends = { source: endpoint(source, 5001), destination: endpoint(destination, 5002) }
  const data = (length: number): Uint8Array => countingOctets(3)(length)
  const datagrams = Array.from({ length: 17 }, (_, length) =>
    ipPacket(source, destination, ipProtocol.UDP, udpDatagram({ ...ends, payload: data(length) })),
  )
  const segment = tcpSegment({ ...ends, sequence: 1, acknowledgement: 2, flags: 0x18, window: 512, payload: data(1380) })
  return [
    ...datagrams,
    ipPacket(source, destination, ipProtocol.TCP, segment),
    echoPacket({ kind: 'request', source, destination, identifier: 1, sequence: 2, data: data(56) }),
  ]
}

async function expectAgreement(suite: Suite, options: PairOptions, plain: readonly Uint8Array[]): Promise<void> {
  const sa = scapySa(suite, options)
  const { sender, receiver } = pair({ ...options, suite })
  const sealed = seal(sender, 'ip', ...plain)
  expect(outcomes(sealed)).toEqual(plain.map(() => 'done'))
  for (const [i, packet] of packets(sealed).entries()) expect(await scapy.open(sa, packet)).toEqual(plain[i])
  const theirs: Uint8Array[] = []
  for (const [i, packet] of plain.entries()) theirs.push(await scapy.seal(sa, i + 1, packet))
  const opened = open(receiver, 'ip', undefined, ...theirs)
  expect(outcomes(opened)).toEqual(plain.map(() => 'done'))
  expect(packets(opened)).toEqual(plain)
}

for (const suite of [...suites, ...optionalSuites]) {
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
    }
  })
}

describe('headers', () => {
  const rest = { protocol: 253, payload: countingOctets(4)(33) }
  const extension = (type: number) => ({ type, content: Uint8Array.of(1, 4, 0, 0, 0, 0) })
  const [hopByHop, routing, destination] = [ipProtocol.HOPOPT, ipProtocol.IPV6_ROUTE, ipProtocol.IPV6_OPTS]
  // Type 2 (RFC 6275 §6.4): one segment left, one address.
  const toHome = { type: routing, content: Uint8Array.of(2, 1, 0, 0, 0, 0, ...new Uint8Array(16).fill(0xfd)) }

  test('IPv4 options stay in front of ESP', async () => {
    const options = Uint8Array.of(148, 4, 0, 0)
    const packet = ipv4Packet({ source: alice[4], destination: bob[4], options, trafficClass: 0xb8, identification: 7, ...rest })
    for (const suite of suites) await expectAgreement(suite, { version: 4 }, [packet])
  })

  test('so do the extension headers of IPv6 that belong there', async () => {
    for (const extensions of [
      [extension(hopByHop)],
      [extension(hopByHop), extension(destination), toHome],
      [toHome, extension(destination)],
    ]) {
      const packet = ipv6Packet({ source: alice[6], destination: bob[6], extensions, flowLabel: 0x12345, ...rest })
      for (const suite of suites) await expectAgreement(suite, { version: 6 }, [packet])
    }
  })

  test('destination options alone are inside ESP when we seal, outside when scapy does, and each opens the other’s', async () => {
    const packet = ipv6Packet({ source: alice[6], destination: bob[6], extensions: [extension(destination)], ...rest })
    const theirs = await scapy.seal(scapySa(suites[0] ?? missing(), {}), 1, packet)
    expect([theirs[6], theirs[40]]).toEqual([destination, ipProtocol.ESP])
    expect(seal(pair({ version: 6 }).sender, 'ip', packet).packet(0)[6]).toBe(ipProtocol.ESP)
    for (const suite of suites) await expectAgreement(suite, { version: 6 }, [packet])
  })
})

describe('extended sequence numbers with AEADs', () => {
  for (const suite of aeads) {
    for (const version of versions) {
      test(`${suite.name}, IPv${version}: over the border of 2^32, both ways`, async () => {
        const [plain = missing()] = samples(alice[version], bob[version])
        const options: PairOptions = { version, extendedSequence: 'esn' }
        const sender = pair({ ...options, suite, lastSequence: { high: 6, low: 0xfffffffd } }).sender
        const sealed = packets(seal(sender, 'ip', plain, plain, plain, plain))
        const headerLength = version === 4 ? 20 : 40
        expect(sealed.map((packet) => u32(packet, headerLength + 4))).toEqual([0xfffffffe, 0xffffffff, 0, 1])
        for (const [i, packet] of sealed.entries()) expect(await scapy.open(scapySa(suite, options, i < 2 ? 6 : 7), packet)).toEqual(plain)
        await expect(scapy.open(scapySa(suite, options, 8), sealed[3] ?? missing())).rejects.toThrow('IPSecIntegrityError')

        const window = new ReplayWindow(64, 'esn', { high: 6, low: 0xfffffff0 })
        const { receiver } = pair({ ...options, suite, window })
        const theirs = [
          await scapy.seal(scapySa(suite, options, 6), 0xffffffff, plain),
          await scapy.seal(scapySa(suite, options, 7), 1, plain),
        ]
        expect(packets(open(receiver, 'ip', undefined, ...theirs))).toEqual([plain, plain])
        expect(receiver.window.highest).toEqual({ high: 7, low: 1 })
      })
    }
  }
})

describe('in UDP, with the UDP header put on and taken off here', () => {
  for (const suite of suites) {
    for (const version of versions) {
      for (const mode of ['transport', 'tunnel'] as const) {
        test(`${suite.name}, ${mode} mode, IPv${version}`, async () => {
          const [plain = missing()] = samples(...(mode === 'tunnel' ? inner[4] : ([alice[version], bob[version]] as const)))
          const options: PairOptions = { mode, version, encapsulation: 'udp' }
          const { sender, receiver } = pair({ ...options, suite })
          const headerLength = version === 4 ? 20 : 40
          const ours = seal(sender, 'ip', plain).packet(0)
          const datagram = ours.subarray(headerLength)
          expect([u16(datagram, 0), u16(datagram, 2), u16(datagram, 4)]).toEqual([4500, 4501, datagram.length])
          const bare = ipPacket(alice[version], bob[version], ipProtocol.ESP, datagram.subarray(8))
          expect(await scapy.open(scapySa(suite, options), bare)).toEqual(plain)

          const theirs = (await scapy.seal(scapySa(suite, options), 1, plain)).subarray(headerLength)
          const ends = { source: endpoint(alice[version], 4500), destination: endpoint(bob[version], 4501) }
          const wrapped = ipPacket(alice[version], bob[version], ipProtocol.UDP, udpDatagram({ ...ends, payload: theirs }))
          expect(packets(open(receiver, 'ip', undefined, wrapped))).toEqual([plain])
        })
      }
    }
  }
})

test('neither opens what the other has sealed with another key', async () => {
  for (const suite of suites) {
    const [plain = missing()] = samples(alice[4], bob[4])
    const sa = scapySa(suite, {})
    const wrong: ScapySa = { ...sa, cipherKey: countingOctets(5)(sa.cipherKey.length), macKey: countingOctets(6)(sa.macKey.length) }
    const { sender, receiver } = pair({ suite })
    await expect(scapy.open(wrong, seal(sender, 'ip', plain).packet(0))).rejects.toThrow('IPSecIntegrityError')
    expect(outcomes(open(receiver, 'ip', undefined, await scapy.seal(wrong, 1, plain)))).toEqual(['integrity-check-failed'])
  }
})

function missing(): never {
  throw new Error('a sample is missing')
}
