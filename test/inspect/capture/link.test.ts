import { expect, test } from 'vitest'
import { fromHex } from '../../../src/bytes/bytes.ts'
import { findIp } from '../../../src/inspect/capture/link.ts'

const hex = (text: string): Uint8Array => fromHex(text) ?? expect.unreachable(text)
const macs = '020000000001 020000000002'

test.each([
  ['Ethernet with IPv4', 1, `${macs} 0800 45`, 14],
  ['Ethernet with IPv6', 1, `${macs} 86dd 60`, 14],
  ['one VLAN tag', 1, `${macs} 8100 0001 0800 45`, 18],
  ['two VLAN tags', 1, `${macs} 88a8 0001 8100 0002 86dd 60`, 22],
  ['SNAP', 1, `${macs} 0020 aaaa03 000000 0800 45`, 22],
  ['PPPoE', 1, `${macs} 8864 1100 0001 0020 0021 45`, 22],
  ['Linux cooked', 113, '0000 0001 0006 0200000000010000 0800 45', 16],
  ['Linux cooked with a VLAN tag', 113, '0000 0001 0006 0200000000010000 8100 0007 0800 45', 20],
  ['Linux cooked v2', 276, '86dd 0000 00000001 0001 00 06 0200000000010000 60', 20],
  ['raw IP', 101, '45', 0],
  ['raw IP as BSD files number it', 12, '60', 0],
  ['raw IP as OpenBSD files number it', 14, '45', 0],
  ['raw IPv4', 228, '45', 0],
  ['raw IPv6', 229, '60', 0],
  ['loopback, little-endian IPv4', 0, '02000000 45', 4],
  ['loopback, big-endian IPv6 of FreeBSD', 0, '0000001c 60', 4],
  ['loopback, little-endian IPv6 of macOS', 0, '1e000000 60', 4],
  ['OpenBSD loopback', 108, '00000018 60', 4],
])('%s: the IP packet is found', (_, type, octets, at) => {
  expect(findIp(type, hex(octets))).toEqual({ kind: 'ip', at })
})

test.each([
  ['ARP', 1, `${macs} 0806 0001`, { kind: 'other', carries: 'ARP' }],
  ['an unknown EtherType', 1, `${macs} 1234 00`, { kind: 'other', carries: 'EtherType 0x1234' }],
  ['a version of IP that does not exist', 101, '75', { kind: 'other', carries: 'IP version 7' }],
  ['an address family', 0, '07000000 45', { kind: 'other', carries: 'address family 7' }],
  ['too many tags', 1, `${macs} ${'8100 0001'.repeat(9)} 0800 45`, { kind: 'other', carries: 'too many VLAN tags' }],
  ['a short Ethernet header', 1, macs, { kind: 'short', expected: 'an Ethernet header of 14 octets' }],
  ['half a VLAN tag', 1, `${macs} 8100 00`, { kind: 'short', expected: 'a VLAN tag of 4 octets' }],
  ['nothing behind the header', 1, `${macs} 0800`, { kind: 'short', expected: 'an IP packet behind the link header' }],
  ['an unknown link type', 147, '00', { kind: 'unknown-link', linkType: 147 }],
])('%s is told', (_, type, octets, finding) => {
  expect(findIp(type, hex(octets))).toEqual(finding)
})
