// RFC 6864 §4.3: a packet that may be fragmented has an Identification of its own.
import { expect, test } from 'vitest'
import { u16 } from '../../src/bytes/bytes.ts'
import { ipv4Packet, ipv6Packet } from '../../src/net/build.ts'
import { onesSum } from '../../src/net/checksum.ts'
import { Identifications } from '../../src/net/identification.ts'
import { address } from '../inspect/samples.ts'

const packet = (more: object = {}): Uint8Array =>
  ipv4Packet({ source: address('192.0.2.1'), destination: address('192.0.2.2'), protocol: 1, payload: new Uint8Array(8), ...more })

test('each packet gets the next number, never zero, and a right checksum', () => {
  const numbers = new Identifications(0xfffe)
  const numbered = Array.from({ length: 4 }, () => numbers.number(packet()))
  expect(numbered.map((each) => u16(each, 4))).toEqual([0xfffe, 0xffff, 1, 2])
  for (const each of numbered) expect(onesSum(each, 0, 20, 0)).toBe(0xffff)
  expect(u16(new Identifications(0).number(packet({ options: Uint8Array.of(148, 4, 0, 0) })), 4)).toBe(1)
})

test('what has a number, or needs none, stays as it is', () => {
  const numbers = new Identifications(7)
  for (const each of [
    packet({ identification: 9 }),
    packet({ flagsAndFragment: 0x4000 }),
    ipv6Packet({ source: address('2001:db8::1'), destination: address('2001:db8::2'), protocol: 58, payload: new Uint8Array(8) }),
    Uint8Array.of(0x45, 0, 0),
    new Uint8Array(0),
  ]) {
    expect(numbers.number(each.slice())).toEqual(each)
  }
})
