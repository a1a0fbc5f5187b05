// RFC 4303 §2.7: packets look longer than they are, and come out as they were.
import { describe, expect, test } from 'vitest'
import { concat, putU16 } from '../../src/bytes/bytes.ts'
import type { TfcPadding } from '../../src/contract/install.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { ownEnd } from '../../src/ipsec/esp/tfc.ts'
import { ipPacket, ipv6Packet, tcpSegment, udpDatagram } from '../../src/net/build.ts'
import { icmpEcho } from '../../src/net/icmp.ts'
import { alice, bob, forge, open, outcomes, packets, pair, type PairOptions, seal, suites, withTrailer } from './fixtures.ts'

const versions = [4, 6] as const
const datagram = (length: number, version: 4 | 6): Uint8Array =>
  udpDatagram({
    source: { address: alice[version], port: 4000 },
    destination: { address: bob[version], port: 5000 },
    payload: new Uint8Array(length).fill(0xab),
  })
const udp = (length: number, version: 4 | 6 = 4): Uint8Array =>
  ipPacket(alice[version], bob[version], ipProtocol.UDP, datagram(length, version))
const tcp = (length: number): Uint8Array =>
  ipPacket(
    alice[4],
    bob[4],
    ipProtocol.TCP,
    tcpSegment({
      source: { address: alice[4], port: 1 },
      destination: { address: bob[4], port: 2 },
      payload: new Uint8Array(length),
      sequence: 1,
      acknowledgement: 1,
      flags: 16,
      window: 1,
    }),
  )
const echo = (length: number): Uint8Array =>
  ipPacket(
    alice[4],
    bob[4],
    ipProtocol.ICMP,
    icmpEcho({ kind: 'request', source: alice[4], destination: bob[4], identifier: 1, sequence: 1, data: new Uint8Array(length) }),
  )
const lengths = [0, 1, 2, 3, 99, 500, 1300]

const shaped = (tfc: TfcPadding, options: PairOptions = {}): ReturnType<typeof pair> =>
  pair({ ...options, sending: { ...options.sending, tfc } })
/** Of what is sealed of each. */
const sizes = (tfc: TfcPadding | undefined, plain: readonly Uint8Array[], options: PairOptions = {}): number[] =>
  packets(seal(pair({ ...options, sending: { tfc } }).sender, 'ip', ...plain)).map(({ length }) => length)

describe.each(suites)('$name', (suite) => {
  test.each(['transport', 'tunnel'] as const)('%s mode: every length comes out as it was, whatever it looked like', (mode) => {
    for (const version of versions) {
      const encapsulation = version === 4 ? 'udp' : 'none'
      const plain = lengths.map((length) => udp(length, version))
      for (const tfc of [{ to: 'size', octets: 700 }, { to: 'multiple', octets: 128 }, { to: 'mtu' }] as const) {
        const { sender, receiver } = shaped(tfc, { suite, mode, version, encapsulation })
        const sealed = packets(seal(sender, 'ip', ...plain))
        for (const packet of sealed) expect(packet.length).toBeLessThanOrEqual(1500)
        if (tfc.to === 'mtu') expect(new Set(sealed.map(({ length }) => length)).size).toBe(1)
        const opened = open(receiver, 'ip', undefined, ...sealed)
        expect(outcomes(opened)).toEqual(plain.map(() => 'done'))
        expect(packets(opened)).toEqual(plain)
      }
    }
  })
})

describe('what a packet looks like', () => {
  test('size: as long as a plain packet of so many octets, and longer only where it is longer', () => {
    for (const mode of ['transport', 'tunnel'] as const) {
      const [like] = sizes(undefined, [udp(600 - 28)], { mode })
      expect(sizes({ to: 'size', octets: 600 }, [udp(0), udp(1), udp(571), udp(572)], { mode })).toEqual([like, like, like, like])
      expect(sizes({ to: 'size', octets: 600 }, [udp(700)], { mode })).toEqual(sizes(undefined, [udp(700)], { mode }))
    }
  })

  test('multiple: as long as the next one', () => {
    for (const mode of ['transport', 'tunnel'] as const)
      expect(sizes({ to: 'multiple', octets: 256 }, [udp(0), udp(228), udp(229), udp(484)], { mode })).toEqual(
        sizes(undefined, [udp(228), udp(228), udp(484), udp(484)], { mode }),
      )
  })

  test('mtu: the longest that the path takes, which the host may learn; nothing is padded beyond it', () => {
    const { sender } = shaped({ to: 'mtu' })
    expect(sender.pathMtu).toBe(1500)
    sender.pathMtu = 1280
    const [small = 0, large = 0] = packets(seal(sender, 'ip', udp(3), udp(1300))).map(({ length }) => length)
    expect(small).toBeGreaterThan(1280 - 16)
    expect(small).toBeLessThanOrEqual(1280)
    expect(large).toBe(sizes(undefined, [udp(1300)])[0])
    const wide = shaped({ to: 'size', octets: 9000 })
    wide.sender.pathMtu = 1400
    expect(packets(seal(wide.sender, 'ip', udp(3)))[0]?.length).toBeLessThanOrEqual(1400)
  })

  test('as far as the slot reaches, and no further', () => {
    const { sender, receiver } = shaped({ to: 'mtu' })
    const batch = new PacketBatch(2, 100)
    batch.add(udp(40))
    batch.add(udp(60))
    sender.seal(batch, 0, 2, 'ip')
    expect(outcomes(batch)).toEqual(['done', 'done'])
    expect(packets(open(receiver, 'ip', undefined, ...packets(batch)))).toEqual([udp(40), udp(60)])
  })

  test('dummies look like the others', () => {
    const { sender, receiver } = shaped({ to: 'size', octets: 600 })
    const batch = new PacketBatch(2, 1500)
    batch.add(new Uint8Array(10))
    sender.sealDummies(batch, 0, 1, 'ip')
    expect(batch.length[0]).toBe(sizes({ to: 'size', octets: 600 }, [udp(0)])[0])
    receiver.open(batch, 0, 1, 'ip', undefined)
    expect(outcomes(batch)).toEqual(['dummy-packet'])
  })

  test('nothing of what the slot held before goes out', () => {
    const secret = 0x5a
    const { sender } = shaped({ to: 'mtu' }, { suite: suites.at(-1) ?? expect.unreachable(), mode: 'tunnel' })
    const batch = new PacketBatch(1, 1500)
    batch.arena.fill(secret)
    batch.add(udp(20))
    sender.seal(batch, 0, 1, 'ip')
    // NULL encryption: the ICV is the last 16 octets.
    expect(batch.packet(0).subarray(0, -16)).not.toContain(secret)
    expect(batch.length[0]).toBeGreaterThan(1480)
  })
})

describe('transport mode', () => {
  test('TCP and ICMP do not say how long they are, and stay as they are', () => {
    const plain = [tcp(10), echo(10)]
    expect(sizes({ to: 'mtu' }, plain)).toEqual(sizes(undefined, plain))
    expect(sizes({ to: 'mtu' }, plain, { mode: 'tunnel' })).not.toEqual(sizes(undefined, plain, { mode: 'tunnel' }))
  })

  test('IP in IP, and UDP behind destination options, do', () => {
    const inIp = ipPacket(alice[4], bob[4], ipProtocol.IPV4, tcp(10))
    const option = { type: ipProtocol.IPV6_OPTS, content: Uint8Array.of(1, 4, 0, 0, 0, 0) }
    const behind = ipv6Packet({
      source: alice[6],
      destination: bob[6],
      protocol: ipProtocol.UDP,
      payload: datagram(10, 6),
      extensions: [option],
    })
    for (const [packet, version] of [
      [inIp, 4],
      [behind, 6],
    ] as const) {
      const { sender, receiver } = shaped({ to: 'mtu' }, { version })
      const [sealed = expect.unreachable()] = packets(seal(sender, 'ip', packet))
      expect(sealed.length).toBeGreaterThan(1480)
      expect(packets(open(receiver, 'ip', undefined, sealed))).toEqual([packet])
    }
  })

  test('octets behind a UDP datagram that came so are not mixed up with padding of ours', () => {
    const surplus = ipPacket(alice[4], bob[4], ipProtocol.UDP, concat(datagram(10, 4), new Uint8Array(8)))
    expect(sizes({ to: 'mtu' }, [surplus])).toEqual(sizes(undefined, [surplus]))
  })

  test('padding of any content goes, and the lengths of IP are those of the packet', () => {
    const { sender, receiver } = pair()
    const text = withTrailer(concat(datagram(10, 4), new Uint8Array(300).fill(0xff)), ipProtocol.UDP)
    const opened = open(receiver, 'esp', undefined, forge(sender, text, 1))
    expect(outcomes(opened)).toEqual(['done'])
    expect(packets(opened)).toEqual([udp(10)])
  })

  test('a length that lies is left to whom it is for', () => {
    for (const length of [0, 7, 19, 0xffff]) {
      const lying = datagram(10, 4)
      putU16(lying, 4, length)
      expect(ownEnd(lying, ipProtocol.UDP, 0, lying.length)).toBe(-1)
    }
    expect(ownEnd(Uint8Array.of(60, 0), ipProtocol.IPV6_OPTS, 0, 2)).toBe(-1)
    expect(ownEnd(new Uint8Array(16).fill(60), ipProtocol.IPV6_OPTS, 0, 16)).toBe(-1)
  })
})
