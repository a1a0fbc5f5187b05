// RFC 6864 §4.3, RFC 8200 §5: what leaves a stack.
import { expect, test } from 'vitest'
import { u16 } from '../../src/bytes/bytes.ts'
import { PlainStack } from '../../src/cli/plain-stack.ts'
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
