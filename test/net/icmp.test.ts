import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import { type Address, parseAddress } from '../../src/net/address.ts'
import { answerEcho, decodeEcho, type Echo, echoPacket } from '../../src/net/icmp.ts'
import { slowChecksum, slowUpperChecksum } from './arbitraries.ts'

function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}

const request: Record<4 | 6, Echo> = {
  4: echo('192.0.2.1', '192.0.2.2'),
  6: echo('2001:db8::1', '2001:db8::2'),
}

function echo(source: string, destination: string): Echo {
  const data = Uint8Array.of(1, 2, 3, 4, 5)
  return { kind: 'request', source: address(source), destination: address(destination), identifier: 0x1234, sequence: 7, data }
}

describe('echo', () => {
  test('has the checksum of its version: without pseudo header in ICMP, with it in ICMPv6 (RFC 4443 §2.3)', () => {
    const v4 = echoPacket(request[4]).subarray(20)
    expect(slowChecksum(v4)).toBe(0)
    const v6 = echoPacket(request[6]).subarray(40)
    expect(((v6[2] ?? 0) << 8) | (v6[3] ?? 0)).toBe(slowUpperChecksum(request[6].source, request[6].destination, 58, v6, 2))
  })

  for (const version of [4, 6] as const) {
    test(`IPv${version}: a request is read back, and answered with its data and the addresses swapped`, () => {
      expect(decodeEcho(echoPacket(request[version]))).toEqual(request[version])
      const { source, destination } = request[version]
      expect(decodeEcho(answerEcho(request[version]))).toEqual({
        ...request[version],
        kind: 'reply',
        source: destination,
        destination: source,
      })
    })

    test(`IPv${version}: a wrong octet anywhere in the message makes it no echo`, () => {
      const packet = echoPacket(request[version])
      for (let at = version === 4 ? 20 : 40; at < packet.length; at++) {
        const damaged = packet.slice()
        damaged[at] = (damaged[at] ?? 0) ^ 0x10
        expect(decodeEcho(damaged), `${at} of ${toHex(damaged)}`).toBeUndefined()
      }
    })
  }
})
