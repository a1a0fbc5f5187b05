// RFC 6864 §4.3, RFC 8200 §5: what leaves a stack.
import { describe, expect, test } from 'vitest'
import { u16 } from '../../src/bytes/bytes.ts'
import { PlainStack } from '../../src/cli/plain-stack.ts'
import { instant } from '../../src/contract/units.ts'
import { checksum } from '../../src/net/checksum.ts'
import { fragmentPacket } from '../../src/net/fragment.ts'
import { echoPacket } from '../../src/net/icmp.ts'
import { address } from '../inspect/samples.ts'

const echo = (source: string, destination: string, octets: number): Uint8Array =>
  echoPacket({
    kind: 'reply',
    source: address(source),
    destination: address(destination),
    identifier: 1,
    sequence: 1,
    data: new Uint8Array(octets),
  })

test('IPv4 is numbered, and goes whole: it may be fragmented on its way', () => {
  const stack = new PlainStack()
  const sent = [stack.ready(echo('192.0.2.1', '192.0.2.2', 3000), 1452), stack.ready(echo('192.0.2.1', '192.0.2.2', 8), undefined)]
  expect(sent.map((packets) => packets.map((packet) => u16(packet, 4)))).toEqual([[1], [2]])
})

test('IPv6 goes in fragments that fit, where it is known what does', () => {
  const stack = new PlainStack()
  const packet = (): Uint8Array => echo('2001:db8::1', '2001:db8::2', 3000)
  const fragments = stack.ready(packet(), 1452)
  expect(fragments).toHaveLength(3)
  expect(fragments.every(({ length }) => length <= 1452)).toBe(true)
  const others = stack.ready(packet(), 1452)
  expect(others[0]?.subarray(44, 48)).not.toEqual(fragments[0]?.subarray(44, 48))
  expect(stack.ready(packet(), undefined)).toEqual([packet()])
  expect(stack.ready(echo('2001:db8::1', '2001:db8::2', 8), 1452)).toHaveLength(1)
})

describe('who wants to know what the path takes (RFC 1191 §3)', () => {
  const df = 0x4000
  const flags = (packets: readonly Uint8Array[]): readonly number[] => packets.map((packet) => u16(packet, 6) & df)

  test('sends IPv4 with DF, save what is known to be too long', () => {
    const stack = new PlainStack()
    const of = (octets: number): Uint8Array => echo('192.0.2.1', '192.0.2.2', octets)
    expect(flags(stack.discovering(of(3000), undefined))).toEqual([df])
    expect(flags(stack.discovering(of(1452 - 28), 1452))).toEqual([df])
    const [long] = stack.discovering(of(1452 - 27), 1452)
    expect([flags([long ?? of(0)]), u16(long ?? of(0), 4)]).toEqual([[0], 1])
    const [sent] = stack.discovering(of(8), undefined)
    expect(checksum(sent ?? of(0), 0, 20, 0)).toBe(0)
  })

  test('and IPv6 as anybody does', () => {
    const stack = new PlainStack()
    expect(stack.discovering(echo('2001:db8::1', '2001:db8::2', 3000), 1452)).toHaveLength(3)
    expect(stack.discovering(echo('2001:db8::1', '2001:db8::2', 3000), undefined)).toHaveLength(1)
  })
})

test('what comes out of a tunnel in fragments is put together, and what is whole stays as it is', () => {
  const stack = new PlainStack()
  for (const packet of [echo('192.0.2.1', '192.0.2.2', 3000), echo('2001:db8::1', '2001:db8::2', 3000)]) {
    const cut = fragmentPacket(packet, 1300, 7)
    const parts = cut.kind === 'fragments' ? cut.fragments : []
    const came = parts.map((part) => stack.whole(instant(0), part))
    expect(came.map((whole) => whole?.length)).toEqual([undefined, undefined, packet.length])
    expect(came.at(-1)?.subarray(60)).toEqual(packet.subarray(60))
    expect(stack.whole(instant(0), packet)).toBe(packet)
  }
})
