import { describe, expect, test } from 'vitest'
import { concat } from '../../src/bytes/bytes.ts'
import type { TrafficSelector } from '../../src/contract/selectors.ts'
import { ipPacket, ipv4Packet, udpDatagram } from '../../src/net/build.ts'
import { echoPacket } from '../../src/net/icmp.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import { address, alice, anything, bob, endpoint, onlyFrom, open, outcomes, packets, pair, seal } from './fixtures.ts'

const udp = (sourcePort: number, destinationPort: number): Uint8Array =>
  ipPacket(
    alice[4],
    bob[4],
    ipProtocol.UDP,
    udpDatagram({
      source: endpoint(alice[4], sourcePort),
      destination: endpoint(bob[4], destinationPort),
      payload: new Uint8Array(4),
    }),
  )

/** What becomes of a packet from Alice at Bob, with these selectors for Alice's side and for his own. */
function verdict(packet: Uint8Array, remote: readonly TrafficSelector[], local: readonly TrafficSelector[] = [anything(4)]): string {
  const { sender, receiver } = pair({ mode: 'tunnel', receiving: { remoteSelectors: remote, localSelectors: local } })
  return outcomes(open(receiver, 'esp', undefined, ...packets(seal(sender, 'esp', packet))))[0] ?? 'nothing'
}

const passed = 'done'
const refused = 'selector-mismatch'
const range = (from: string, to: string, rest: Partial<TrafficSelector> = {}): TrafficSelector => ({
  ...onlyFrom(from, rest),
  endAddress: address(to),
})

describe('what comes out of an SA is matched against its selectors (RFC 4301 §5.2 step 4)', () => {
  test('addresses: both ends of a range belong to it, and source and destination are not mixed up', () => {
    const packet = udp(1, 2)
    expect(verdict(packet, [range('192.0.2.1', '192.0.2.9')])).toBe(passed)
    expect(verdict(packet, [range('192.0.1.255', '192.0.2.1')])).toBe(passed)
    expect(verdict(packet, [range('192.0.2.2', '192.0.2.9')])).toBe(refused)
    expect(verdict(packet, [range('10.0.0.0', '192.0.2.0')])).toBe(refused)
    expect(verdict(packet, [range('192.0.2.0', '192.0.2.255')], [range('198.51.100.0', '198.51.100.255')])).toBe(passed)
    expect(verdict(packet, [range('198.51.100.0', '198.51.100.255')], [range('192.0.2.0', '192.0.2.255')])).toBe(refused)
  })

  test('the destination alone can be what does not fit', () => {
    expect(verdict(udp(1, 2), [anything(4)], [onlyFrom('198.51.100.2')])).toBe(passed)
    expect(verdict(udp(1, 2), [anything(4)], [onlyFrom('198.51.100.3')])).toBe(refused)
  })

  test('any of several selectors will do, none will not', () => {
    expect(verdict(udp(1, 2), [onlyFrom('192.0.2.7'), onlyFrom('192.0.2.1')])).toBe(passed)
    expect(verdict(udp(1, 2), [])).toBe(refused)
  })

  test('versions of IP', () => {
    expect(verdict(udp(1, 2), [anything(6)])).toBe(refused)
    expect(verdict(udp(1, 2), [anything(6), anything(4)])).toBe(passed)
  })

  test('protocol', () => {
    expect(verdict(udp(1, 2), [onlyFrom('192.0.2.1', { protocol: ipProtocol.UDP })])).toBe(passed)
    expect(verdict(udp(1, 2), [onlyFrom('192.0.2.1', { protocol: ipProtocol.TCP })])).toBe(refused)
  })

  test('ports, of the right side', () => {
    const from = (startPort: number, endPort: number) => [{ ...anything(4), protocol: ipProtocol.UDP, startPort, endPort }]
    expect(verdict(udp(53, 9000), from(53, 53))).toBe(passed)
    expect(verdict(udp(54, 9000), from(50, 53))).toBe(refused)
    expect(verdict(udp(9000, 53), from(53, 53))).toBe(refused)
    expect(verdict(udp(9000, 53), [anything(4)], from(53, 53))).toBe(passed)
  })

  test('type and code of ICMP are the port of both sides (RFC 7296 §3.13.1)', () => {
    const echo = echoPacket({
      kind: 'request',
      source: alice[4],
      destination: bob[4],
      identifier: 1,
      sequence: 1,
      data: new Uint8Array(0),
    })
    const icmp = (port: number) => [{ ...anything(4), protocol: ipProtocol.ICMP, startPort: port, endPort: port }]
    expect(verdict(echo, icmp(8 * 256), icmp(8 * 256))).toBe(passed)
    expect(verdict(echo, icmp(0), icmp(0))).toBe(refused)
  })

  test('a later fragment has no ports: ANY and OPAQUE take it, a range does not (RFC 4301 §4.4.1.1)', () => {
    const later = ipv4Packet({
      source: alice[4],
      destination: bob[4],
      protocol: ipProtocol.UDP,
      payload: udp(53, 53).slice(20),
      flagsAndFragment: 5,
    })
    const ports = (startPort: number, endPort: number) => [{ ...anything(4), startPort, endPort }]
    expect(verdict(later, ports(0, 65535))).toBe(passed)
    expect(verdict(later, ports(65535, 0))).toBe(passed)
    expect(verdict(later, ports(53, 53))).toBe('fragment-unmatched')
    expect(verdict(later, ports(0, 65534))).toBe('fragment-unmatched')
    expect(verdict(udp(53, 53), ports(65535, 0))).toBe(refused)
  })

  test('a later fragment that begins in the header of its packet is refused in a tunnel (RFC 4301 §7.2)', () => {
    const at = (offset: number): Uint8Array =>
      ipv4Packet({
        source: alice[4],
        destination: bob[4],
        protocol: ipProtocol.TCP,
        payload: new Uint8Array(32),
        flagsAndFragment: offset / 8,
      })
    for (const selectors of [[anything(4)], [{ ...anything(4), protocol: ipProtocol.TCP, startPort: 65535, endPort: 0 }]]) {
      expect([8, 16, 24].map((offset) => verdict(at(offset), selectors, selectors))).toEqual([
        'fragment-too-small',
        'fragment-too-small',
        passed,
      ])
    }
  })

  test('an ICMP error passes by the packet that it is about, and not by another (RFC 4301 §6.2)', () => {
    const udpOnly = [{ ...anything(4), protocol: ipProtocol.UDP }]
    const about = (quoted: Uint8Array): Uint8Array =>
      ipPacket(alice[4], bob[4], ipProtocol.ICMP, concat(Uint8Array.of(3, 3, 0, 0, 0, 0, 0, 0), quoted.subarray(0, 28)))
    const ours = (protocol: number): Uint8Array => ipPacket(bob[4], alice[4], protocol, new Uint8Array(8))
    expect(verdict(about(ours(ipProtocol.UDP)), udpOnly, udpOnly)).toBe(passed)
    expect(verdict(about(ours(ipProtocol.TCP)), udpOnly, udpOnly)).toBe(refused)
    expect(verdict(about(ours(ipProtocol.UDP)), udpOnly, [{ ...anything(4), protocol: ipProtocol.UDP, startPort: 9, endPort: 9 }])).toBe(
      refused,
    )
    expect(verdict(about(new Uint8Array(0)), udpOnly, udpOnly)).toBe(refused)
  })

  test('in transport mode the addresses are the outer ones', () => {
    const { sender, receiver } = pair({ receiving: { remoteSelectors: [onlyFrom(alice[4])] } })
    const [first = udp(1, 2), second = udp(1, 2)] = packets(seal(sender, 'esp', udp(1, 2), udp(1, 2)))
    const from = (text: string) => ({ source: endpoint(address(text), 4500), destination: endpoint(bob[4], 4500) })
    expect(outcomes(open(receiver, 'esp', from('192.0.2.66'), first))).toEqual(['selector-mismatch'])
    expect(outcomes(open(receiver, 'esp', from(alice[4]), second))).toEqual(['done'])
  })
})
