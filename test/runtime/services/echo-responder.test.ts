import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../src/bytes/bytes.ts'
import { ipPacket, udpDatagram } from '../../../src/net/build.ts'
import { decodeEcho, echoPacket } from '../../../src/net/icmp.ts'
import { answerPing, answerUdpEcho, serviceOf } from '../../../src/runtime/services/echo-responder.ts'
import { address } from '../../inspect/samples.ts'

const pairs = [
  { version: 'IPv4', us: address('192.0.2.1'), peer: address('192.0.2.2') },
  { version: 'IPv6', us: address('2001:db8::1'), peer: address('2001:db8::2') },
] as const

describe.each(pairs)('a host of few words over $version', ({ us, peer }) => {
  const udp = (sourcePort: number, destinationPort: number): Uint8Array => {
    const source = { address: peer, port: sourcePort }
    const destination = { address: us, port: destinationPort }
    return ipPacket(peer, us, 17, udpDatagram({ source, destination, payload: utf8('hello') }))
  }
  const udpAt = us.includes(':') ? 40 : 20

  test('answers an echo request with the same data', () => {
    const request = echoPacket({ kind: 'request', source: peer, destination: us, identifier: 7, sequence: 9, data: utf8('hello') })
    const reply = answerPing(request)
    expect(reply && decodeEcho(reply)).toEqual({
      kind: 'reply',
      source: us,
      destination: peer,
      identifier: 7,
      sequence: 9,
      data: utf8('hello'),
    })
  })
  test('does not answer an answer', () => {
    expect(
      answerPing(echoPacket({ kind: 'reply', source: peer, destination: us, identifier: 7, sequence: 9, data: utf8('x') })),
    ).toBeUndefined()
  })
  test('sends what came to UDP port 7 back', () => {
    const source = { address: us, port: 7 }
    const destination = { address: peer, port: 4711 }
    expect(answerUdpEcho(udp(4711, 7))).toEqual(ipPacket(us, peer, 17, udpDatagram({ source, destination, payload: utf8('hello') })))
  })
  test('does not answer other ports, nor echo with itself', () => {
    expect(answerUdpEcho(udp(4711, 8))).toBeUndefined()
    expect(answerUdpEcho(udp(7, 7))).toBeUndefined()
  })
  test('does not answer a datagram with a wrong checksum', () => {
    const packet = udp(4711, 7)
    const at = packet.length - 1
    packet[at] = (packet[at] ?? 0) ^ 1
    expect(answerUdpEcho(packet)).toBeUndefined()
  })
  test('takes a datagram without a checksum over IPv4 only (RFC 768, RFC 8200 §8.1)', () => {
    const packet = udp(4711, 7)
    packet[udpAt + 6] = 0
    packet[udpAt + 7] = 0
    expect(answerUdpEcho(packet) === undefined).toBe(udpAt === 40)
  })
  test('survives every truncation', () => {
    for (const packet of [
      udp(4711, 7),
      echoPacket({ kind: 'request', source: peer, destination: us, identifier: 1, sequence: 1, data: utf8('x') }),
    ]) {
      for (let length = 0; length < packet.length; length++) {
        expect(serviceOf(answerPing, answerUdpEcho)(packet.subarray(0, length))).toBeUndefined()
      }
    }
  })
})
