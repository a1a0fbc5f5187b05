import { describe, expect, test } from 'vitest'
import { u16 } from '../../src/bytes/bytes.ts'
import { ipv4Packet, ipv6Packet } from '../../src/net/build.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { address, alice, bob, open, outcomes, packets, pair, seal } from './fixtures.ts'

const payload = new Uint8Array(24).fill(0xab)
const inner = {
  4: { source: address('10.1.0.1'), destination: address('10.2.0.1'), protocol: 253, payload },
  6: { source: address('fd00:1::1'), destination: address('fd00:2::1'), protocol: 253, payload },
}

describe('the outer header (RFC 4301 §5.1.2)', () => {
  test('IPv4 around IPv4: constructed, but for DSCP, ECN and DF, which are copied', () => {
    const packet = ipv4Packet({
      ...inner[4],
      trafficClass: 0xba,
      flagsAndFragment: 0x4000,
      timeToLive: 3,
      options: Uint8Array.of(1, 1, 1, 1),
    })
    const outer = seal(pair({ mode: 'tunnel' }).sender, 'ip', packet).packet(0)
    const expected = ipv4Packet({
      source: alice[4],
      destination: bob[4],
      protocol: ipProtocol.ESP,
      payload: outer.slice(20),
      trafficClass: 0xba,
      flagsAndFragment: 0x4000,
      identification: 1,
      timeToLive: 64,
    })
    expect(outer).toEqual(expected)
  })

  test('IPv4 around IPv6 may be fragmented on its way, so each packet has an identification of its own', () => {
    const packet = ipv6Packet({ ...inner[6], trafficClass: 0x2e })
    const sealed = packets(seal(pair({ mode: 'tunnel', lastSequence: { high: 0, low: 0x1ffff } }).sender, 'ip', packet, packet))
    expect(sealed.map((outer) => [outer[1], u16(outer, 4), u16(outer, 6)])).toEqual([
      [0x2e, 0, 0],
      [0x2e, 1, 0],
    ])
  })

  test('IPv6 around IPv4', () => {
    const packet = ipv4Packet({ ...inner[4], trafficClass: 0xba, timeToLive: 3 })
    const outer = seal(pair({ mode: 'tunnel', version: 6 }).sender, 'ip', packet).packet(0)
    const expected = ipv6Packet({
      source: alice[6],
      destination: bob[6],
      protocol: ipProtocol.ESP,
      payload: outer.slice(40),
      trafficClass: 0xba,
    })
    expect(outer).toEqual(expected)
  })
})

describe('fragments', () => {
  test('pass through a tunnel like every IP packet (RFC 4303 §3.3.4)', () => {
    const { sender, receiver } = pair({ mode: 'tunnel' })
    const fragments = [
      ipv4Packet({ ...inner[4], flagsAndFragment: 0x2000 }),
      ipv4Packet({ ...inner[4], flagsAndFragment: 0x0003 }),
      ipv6Packet({ ...inner[6], extensions: [{ type: ipProtocol.IPV6_FRAG, content: Uint8Array.of(0, 8, 0, 0, 0, 1) }] }),
    ]
    expect(packets(open(receiver, 'ip', undefined, ...packets(seal(sender, 'ip', ...fragments))))).toEqual(fragments)
  })
})

describe('congestion (RFC 4301 §5.1.2.1, note 6)', () => {
  for (const version of [4, 6] as const) {
    const withClass = (trafficClass: number): Uint8Array =>
      version === 4 ? ipv4Packet({ ...inner[4], trafficClass }) : ipv6Packet({ ...inner[6], trafficClass })

    test(`a mark that the outer packet met on its way is carried over to an IPv${version} packet whose transport understands it`, () => {
      const { sender, receiver } = pair({ mode: 'tunnel', version })
      // Not-ECT, ECT(1), ECT(0), CE below a DSCP.
      const batch = seal(sender, 'ip', ...[0xb8, 0xb9, 0xba, 0xbb].map(withClass))
      for (let i = 0; i < 4; i++) mark(batch.packet(i))
      receiver.open(batch, 0, 4, 'ip', undefined)
      // RFC 6040 §4.2: who does not understand it is to notice a loss.
      expect(outcomes(batch)[0]).toBe('congestion-unheard')
      expect(packets(batch).slice(1)).toEqual([0xbb, 0xbb, 0xbb].map(withClass))
    })
  }

  test('without a mark nothing changes, and the outer DSCP never comes in', () => {
    const { sender, receiver } = pair({ mode: 'tunnel' })
    const packet = ipv4Packet({ ...inner[4], trafficClass: 0xb9 })
    const batch = seal(sender, 'ip', packet)
    batch.packet(0)[1] = 0x05
    receiver.open(batch, 0, 1, 'ip', undefined)
    expect(outcomes(batch)).toEqual(['done'])
    expect(packets(batch)).toEqual([packet])
  })
})

/** Congestion Experienced, as a router sets it; nobody here checks the outer checksum. */
function mark(outer: Uint8Array): void {
  if ((outer[0] ?? 0) >>> 4 === 4) outer[1] = (outer[1] ?? 0) | 3
  else outer[1] = (outer[1] ?? 0) | 0x30
}
