import { describe, expect, test } from 'vitest'
import { concat, u16 } from '../../src/bytes/bytes.ts'
import { addressBytes } from '../../src/net/address.ts'
import { fitsLengthField, writeIpv6UdpChecksum } from '../../src/ipsec/outer.ts'
import { slowUpperChecksum } from '../net/arbitraries.ts'
import { alice, bob } from './fixtures.ts'

test('a UDP checksum over IPv6 that comes out as zero is sent as all ones (RFC 8200 §8.1)', () => {
  const header = concat(new Uint8Array(8), addressBytes(alice[6]), addressBytes(bob[6]))
  const blank = Uint8Array.of(0x11, 0x94, 0x11, 0x94, 0, 10, 0, 0, 0, 0)
  const missing = slowUpperChecksum(alice[6], bob[6], 17, blank, 6)
  for (const [last, expected] of [
    [missing, 0xffff],
    [missing - 1, 1],
  ] as const) {
    const datagram = blank.slice()
    datagram.set([last >>> 8, last], 8)
    const packet = concat(header, datagram)
    writeIpv6UdpChecksum(packet, 0, 40)
    expect(u16(packet, 46)).toBe(expected)
  }
})

describe('the length field of IP', () => {
  test('counts the header in IPv4, and what follows the first 40 octets in IPv6', () => {
    expect(fitsLengthField(4, 20, 65515)).toBe(true)
    expect(fitsLengthField(4, 20, 65516)).toBe(false)
    expect(fitsLengthField(6, 40, 65535)).toBe(true)
    expect(fitsLengthField(6, 48, 65527)).toBe(true)
    expect(fitsLengthField(6, 48, 65528)).toBe(false)
  })
})
