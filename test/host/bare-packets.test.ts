// The channel `ip`: whole IP packets of ESP and AH, negotiated and with manual keys. RFC 4302, RFC 4303; RFC 4301 §4.5.1.
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/bytes/secret.ts'
import { ApiMisuse } from '../../src/contract/faults.ts'
import type { SaInstall, SaMode } from '../../src/contract/install.ts'
import type { Datagram, Input } from '../../src/contract/machine.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import { childSaId, espSpi, ikeSaId, instant } from '../../src/contract/units.ts'
import type { Route } from '../../src/host/children.ts'
import { createHost, type Host, type HostOptions } from '../../src/host/host.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { protocol } from '../../src/iana/protocols.ts'
import { encryption, integrity } from '../../src/iana/transforms.ts'
import { describeDatagram, framePacket } from '../../src/inspect/frame.ts'
import { seededRandom } from '../../src/lab/random.ts'
import type { Address } from '../../src/net/address.ts'
import { ipPacket, ipv6Packet, udpDatagram } from '../../src/net/build.ts'
import { pathDefaults } from '../../src/policy/defaults.ts'
import { parseProposals } from '../../src/policy/proposal-words.ts'
import { address, alice, anyTraffic, bob, bringUp, pair, type Pair, provider, type Side, value } from './two-hosts.ts'

const side = (protocolId: number, words: string, more: Partial<Side> = {}): Partial<Side> => ({
  bare: 'ip',
  connection: { encapsulation: 'when-needed' },
  ...more,
  child: { proposals: value(parseProposals(words, protocolId)), ...more.child },
})
const ahSide = (more: Partial<Side> = {}): Partial<Side> => side(protocol.AH, 'sha256-noesn', more)
const espSide = (more: Partial<Side> = {}): Partial<Side> => side(protocol.ESP, 'aes128gcm16-noesn', more)

function udpPacket(from: Address, to: Address, length: number): Uint8Array {
  const payload = seededRandom(5)(length)
  return ipPacket(
    from,
    to,
    ipProtocol.UDP,
    udpDatagram({ source: { address: from, port: 4000 }, destination: { address: to, port: 5000 }, payload }),
  )
}
const there = udpPacket(alice.address, bob.address, 100)
const back = udpPacket(bob.address, alice.address, 33)

function exchangePackets({ a, b, network }: Pair): readonly Datagram[] {
  const before = network.sent.length
  network.feed(a, { kind: 'packet', bytes: there })
  network.feed(b, { kind: 'packet', bytes: back })
  network.run(1_000)
  expect(b.delivered.map(({ bytes }) => bytes)).toEqual([there])
  expect(a.delivered.map(({ bytes }) => bytes)).toEqual([back])
  return network.sent.slice(before)
}

function up(left: Partial<Side>, right: Partial<Side>): Pair {
  const both = pair(left, right)
  bringUp(both)
  both.network.run(1_000)
  return both
}

describe('negotiated', () => {
  it.each(['transport', 'tunnel'] as const)('AH in %s mode goes as whole IP packets of protocol 51', (mode: SaMode) => {
    const sent = exchangePackets(up(ahSide({ child: { mode } }), ahSide({ child: { mode } })))
    expect(sent.map(({ channel, bytes }) => [channel, bytes[9]])).toEqual([
      ['ip', ipProtocol.AH],
      ['ip', ipProtocol.AH],
    ])
    expect(sent.map(describeDatagram)).toEqual([
      expect.stringMatching(/^AH 0x.{8} sequence 1$/),
      expect.stringMatching(/^AH 0x.{8} sequence 1$/),
    ])
    for (const datagram of sent) expect(framePacket('sent', datagram)).toEqual(datagram.bytes)
  })

  it('ESP without UDP goes as whole IP packets where the host says so, and without its IP header where it does not', () => {
    const whole = exchangePackets(up(espSide(), espSide()))
    expect(whole.map(({ channel, bytes }) => [channel, bytes[9]])).toEqual([
      ['ip', ipProtocol.ESP],
      ['ip', ipProtocol.ESP],
    ])
    expect(whole.map(describeDatagram)).toEqual([expect.stringMatching(/^ESP 0x/), expect.stringMatching(/^ESP 0x/)])
    const [ours = whole[0]] = exchangePackets(up(espSide({ bare: 'esp' }), espSide({ bare: 'esp' })))
    expect(ours?.channel).toBe('esp')
  })

  it('AES-GMAC in AH counts its nonces by the sequence number', () => {
    const [first] = exchangePackets(up(side(protocol.AH, 'aes128gmac-esn'), side(protocol.AH, 'aes128gmac-esn')))
    expect(first?.bytes.subarray(32, 40)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1))
  })

  it('in bursts, the route says `ip`, and so does who opens them', () => {
    const { a, b, network } = up(ahSide(), ahSide())
    const batch = new PacketBatch(8, 1500)
    for (let i = 0; i < 6; i++) batch.add(there)
    const routes: (Route | undefined)[] = []
    a.host.seal(network.now, batch, routes)
    expect(Array.from(batch.outcome.subarray(0, 6))).toEqual([0, 0, 0, 0, 0, 0])
    expect(routes.map((route) => [route?.channel, route?.remote.address])).toEqual(Array.from({ length: 6 }, () => ['ip', bob.address]))
    const from = { channel: 'ip', local: { address: bob.address, port: 0 }, remote: { address: alice.address, port: 0 } } as const
    batch.arena[(batch.offset[3] ?? 0) + 60] = 0
    const children: unknown[] = []
    b.host.open(network.now, batch, from, [])
    for (let i = 0; i < 6; i++) children.push(batch.outcome[i] === 0 ? batch.packet(i).slice() : batch.outcome[i])
    expect(children).toEqual([there, there, there, 21, there, there])
    expect(b.host.counters.dropped).toEqual({ 'integrity-check-failed': 1 })
  })
})

describe('what comes in on `ip` and belongs to nobody is dropped and counted', () => {
  const from = { local: { address: bob.address, port: 0 }, remote: { address: alice.address, port: 0 } }
  const dropsOf = (both: Pair, channel: 'ip' | 'esp', bytes: Uint8Array): Readonly<Record<string, number>> => {
    both.network.feed(both.b, { kind: 'datagram', datagram: { channel, ...from, bytes } })
    const batch = new PacketBatch(1, 1500)
    batch.add(bytes)
    both.b.host.open(both.network.now, batch, { channel, ...from }, [])
    return both.b.host.counters.dropped
  }

  it('ESP with the SPI of an SA of AH, and AH with one of ESP', () => {
    for (const [sides, other] of [
      [ahSide(), ipProtocol.ESP],
      [espSide(), ipProtocol.AH],
    ] as const) {
      const both = up(sides, sides)
      const [sent] = exchangePackets(both)
      const packet = sent?.bytes.slice() ?? there
      const upper = packet.slice(20)
      // AH has its SPI four octets further on.
      const moved = other === ipProtocol.ESP ? upper.subarray(4) : Uint8Array.of(17, 4, 0, 0, ...upper)
      expect(dropsOf(both, 'ip', ipPacket(alice.address, bob.address, other, moved))).toEqual({ 'unknown-spi': 2 })
      if (other === ipProtocol.ESP) expect(dropsOf(both, 'esp', moved)).toEqual({ 'unknown-spi': 4 })
    }
  })

  it('no IP packet, one of another protocol, a fragment, one without room for an SPI', () => {
    const both = up(ahSide(), ahSide())
    const ends = [alice.address, bob.address] as const
    const fragment = ipPacket(...ends, ipProtocol.AH, new Uint8Array(40))
    fragment[6] = 0x20
    expect(dropsOf(both, 'ip', Uint8Array.of(0x45, 0, 0))).toEqual({ 'malformed-packet': 2 })
    expect(dropsOf(both, 'ip', there)).toEqual({ 'malformed-packet': 2, 'malformed-datagram': 2 })
    // It waits for the others.
    expect(dropsOf(both, 'ip', fragment)).toEqual({ 'malformed-packet': 2, 'malformed-datagram': 2 })
    expect(dropsOf(both, 'ip', ipPacket(...ends, ipProtocol.AH, new Uint8Array(7)))).toMatchObject({ 'unknown-spi': 2 })
    expect(dropsOf(both, 'ip', ipPacket(...ends, ipProtocol.ESP, Uint8Array.of(0, 0, 0, 9)))).toMatchObject({ 'unknown-spi': 4 })
    expect(describeDatagram({ channel: 'ip', ...from, bytes: fragment })).toBe('first fragment of AH 0x00000000 sequence 0')
  })
})

describe('manual keys', () => {
  const v6 = { alice: address('2001:db8::1'), bob: address('2001:db8::2') }
  const everything = [...selectors('0.0.0.0', '255.255.255.255'), ...selectors('::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')]

  function selectors(first: string, last: string) {
    return [{ protocol: 0, startPort: 0, endPort: 65_535, startAddress: address(first), endAddress: address(last) }]
  }

  /** The two SAs of one end; those of the other have them the other way round. */
  function manual(us: Address, peer: Address, spis: readonly [number, number], changes: Partial<SaInstall> = {}): SaInstall[] {
    return (['in', 'out'] as const).map((direction, i) => ({
      ikeSa: ikeSaId(-1),
      child: childSaId(-1),
      connection: 'by-hand',
      childName: 'all',
      direction,
      spi: espSpi(spis[i] ?? 0),
      suite: {
        protocol: protocol.AH,
        encryption: undefined,
        integrity: { type: 3, id: integrity.AUTH_HMAC_SHA2_256_128, keyLength: undefined },
        extendedSequence: 'no-esn',
      },
      encryptionKey: undefined,
      integrityKey: new Secret(new Uint8Array(32).fill(spis[i] ?? 0)),
      mode: 'transport',
      localSelectors: everything,
      remoteSelectors: everything,
      local: { address: us, port: 0 },
      remote: { address: peer, port: 0 },
      encapsulation: 'none',
      original: undefined,
      replayWindow: 0,
      tfc: undefined,
      path: pathDefaults,
      laterFragments: 'not-agreed',
      soft: { packets: undefined, bytes: undefined, until: undefined },
      hard: { packets: undefined, bytes: undefined, until: undefined },
      ...changes,
    }))
  }

  const host = (sas: readonly SaInstall[], changes: Partial<HostOptions> = {}): Host =>
    createHost({
      provider,
      random: seededRandom(1),
      connections: [],
      policies: [
        {
          name: 'all',
          direction: 'both',
          local: anyTraffic,
          remote: anyTraffic,
          action: { kind: 'PROTECT', connection: 'by-hand', child: 'all' },
        },
      ],
      local: [],
      dangerKeyLog: 'off',
      bare: 'ip',
      dangerManualSas: sas,
      ...changes,
    })

  it.each(['transport', 'tunnel'] as const)('protect by policy from the start, in %s mode, without any negotiation', (mode: SaMode) => {
    const a = host(manual(v6.alice, v6.bob, [300, 400], { mode }))
    const b = host(manual(v6.bob, v6.alice, [400, 300], { mode }))
    const packet = ipv6Packet({ source: v6.alice, destination: v6.bob, protocol: 253, payload: Uint8Array.of(1, 2, 3) })
    for (let i = 0; i < 2; i++) {
      const [sent, ...more] = a.handle(instant(0), { kind: 'packet', bytes: packet })
      expect([sent?.kind, more]).toEqual(['send', []])
      if (sent?.kind !== 'send') return
      expect(sent.datagram).toMatchObject({ channel: 'ip', remote: { address: v6.bob } })
      const { local: remote, remote: local, bytes } = sent.datagram
      const arrival = { kind: 'datagram', datagram: { channel: 'ip', local, remote, bytes } } as const
      const delivered = [{ kind: 'deliver', bytes: packet, child: -1 }]
      expect(b.handle(instant(0), arrival)).toEqual(delivered)
      // The caller has switched anti-replay off.
      expect(b.handle(instant(0), arrival)).toEqual(delivered)
    }
  })

  it('are no SAs that IKE knows: nothing is negotiated when they have run out, and nothing is sent in clear', () => {
    const a = host(manual(alice.address, bob.address, [300, 400], { hard: { packets: 1, bytes: undefined, until: undefined } }))
    expect(a.handle(instant(0), { kind: 'packet', bytes: there }).map(({ kind }) => kind)).toEqual(['send'])
    expect(a.handle(instant(0), { kind: 'packet', bytes: there })).toEqual([
      { kind: 'event', event: { name: 'packet-dropped', reason: 'limit-reached', child: -1 } },
    ])
    expect(a.deadline).toBeUndefined()
  })

  it.each([
    ['IPv4', alice.address, bob.address],
    ['IPv6', v6.alice, v6.bob],
  ] as const)('have dummies at their rate over %s, which the peer drops (RFC 4303 §2.6)', (_, from, to) => {
    const esp: Partial<SaInstall> = {
      suite: {
        protocol: protocol.ESP,
        encryption: { type: 1, id: encryption.ENCR_AES_GCM_16, keyLength: 128 },
        integrity: undefined,
        extendedSequence: 'no-esn',
      },
      encryptionKey: new Secret(new Uint8Array(20).fill(7)),
      integrityKey: undefined,
    }
    const a = host(manual(from, to, [300, 400], { ...esp, dummies: { interval: 250, octets: { least: 60, most: 60 } } }))
    const b = host(manual(to, from, [400, 300], esp))
    const sent: Datagram[] = []
    for (let now = a.deadline; now !== undefined && now <= 1_000; now = a.deadline)
      for (const output of a.handle(now, { kind: 'tick' })) if (output.kind === 'send') sent.push(output.datagram)
    expect([sent.length, new Set(sent.map(({ bytes }) => bytes.length)).size]).toEqual([4, 1])
    for (const { local: remote, remote: local, bytes } of sent)
      expect(b.handle(instant(1_000), { kind: 'datagram', datagram: { channel: 'ip', local, remote, bytes } })).toEqual([])
    expect(b.counters).toMatchObject({ opened: 0, dropped: { 'dummy-packet': 4 } })
    a.handle(instant(1_000), { kind: 'command', command: { kind: 'close-child-sa', child: childSaId(-1) } })
    expect(a.deadline).toBeUndefined()
  })

  it.each(['spi', 'spi-destination-source'] as const)('are gone when they are closed: found by %s', (lookup) => {
    const a = host(manual(alice.address, bob.address, [300, 400]))
    const b = host(manual(bob.address, alice.address, [400, 300], { lookup }))
    const sealed = (): Input => {
      const [send] = a.handle(instant(0), { kind: 'packet', bytes: there })
      if (send?.kind !== 'send') throw new Error('nothing was sealed')
      const { local: remote, remote: local, bytes } = send.datagram
      return { kind: 'datagram', datagram: { channel: 'ip', local, remote, bytes } }
    }
    expect(b.handle(instant(0), sealed()).map(({ kind }) => kind)).toEqual(['deliver'])
    expect(b.replacePolicies([])).toEqual([-1])
    b.handle(instant(0), { kind: 'command', command: { kind: 'close-child-sa', child: childSaId(-1) } })
    expect(b.replacePolicies([])).toEqual([])
    expect(b.handle(instant(0), sealed())).toMatchObject([{ event: { name: 'packet-dropped', reason: 'unknown-spi' } }])
  })

  it.each([
    ['an id that IKE could use', { child: childSaId(1) }, {}],
    ['a reserved SPI', { spi: espSpi(255) }, {}],
    ['a key of another length', { integrityKey: new Secret(new Uint8Array(31)) }, {}],
    ['a suite that nobody has', { suite: { protocol: 2, encryption: undefined, integrity: undefined, extendedSequence: 'no-esn' } }, {}],
    ['AH in UDP', { encapsulation: 'udp' }, {}],
    ['AH where there are no whole IP packets', {}, { bare: 'esp' }],
    ['two of one SPI', {}, { dangerManualSas: [300, 300].flatMap((spi) => manual(alice.address, bob.address, [spi, 400])) }],
  ] as const)('are refused before the first packet: %s', (_, sa, options) => {
    expect(() => host(manual(alice.address, bob.address, [300, 400], sa), options)).toThrow(ApiMisuse)
  })

  it('there are none unless they are given', () => {
    expect(() => host([])).toThrow('policy all protects by by-hand/all, which is not configured')
  })
})
