import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Channel, Datagram } from '../../src/contract/machine.ts'
import { describeDatagram, framePacket } from '../../src/inspect/frame.ts'
import { pcapngFile, pcapngStart } from '../../src/inspect/pcapng.ts'
import { endpoint } from './samples.ts'

const tshark = spawnSync('tshark', ['--version']).status === 0
const needsTshark = tshark ? '' : ' (SKIPPED: there is no tshark)'

function datagram(channel: Channel, local: string, remote: string, bytes: Uint8Array): Datagram {
  const port = channel === 'ike' ? 500 : 4500
  return { channel, local: endpoint(local, port), remote: endpoint(remote, port), bytes }
}

/** An IKE header with nothing behind it: IKE_SA_INIT request, message ID 0. */
function ikeHeader(): Uint8Array {
  const bytes = new Uint8Array(28)
  bytes.set([1, 2, 3, 4, 5, 6, 7, 8])
  bytes.set([0, 0x20, 34, 0x08], 16)
  bytes[27] = 28
  return bytes
}
const marked = (bytes: Uint8Array): Uint8Array => Uint8Array.from([0, 0, 0, 0, ...bytes])
const esp = (): Uint8Array => Uint8Array.from([0x0b, 0xad, 0xca, 0xfe, 0, 0, 0, 17, ...new Uint8Array(40).fill(0x5a)])

describe('a capture', () => {
  test('starts with a section header and an interface of raw IP', () => {
    const bytes = pcapngStart('ikebana', 'lo')
    const view = new DataView(bytes.buffer)
    expect(view.getUint32(0, true)).toBe(0x0a0d0d0a)
    expect(view.getUint32(8, true)).toBe(0x1a2b3c4d)
    const length = view.getUint32(4, true)
    expect(view.getUint32(length - 4, true)).toBe(length)
    expect(view.getUint32(length, true)).toBe(1)
    expect(view.getUint16(length + 8, true)).toBe(101)
    expect(bytes.length % 4).toBe(0)
  })

  test('holds every block twice measured, whatever the lengths', () => {
    for (let octets = 0; octets < 9; octets++) {
      const packet = { at: 1n, packet: new Uint8Array(octets), direction: 'sent', comment: 'x'.repeat(octets) } as const
      const file = pcapngFile('i', 'lo', [packet, packet])
      const view = new DataView(file.buffer)
      let at = 0
      let blocks = 0
      while (at < file.length) {
        const length = view.getUint32(at + 4, true)
        expect(length % 4).toBe(0)
        expect(view.getUint32(at + length - 4, true)).toBe(length)
        at += length
        blocks++
      }
      expect(at).toBe(file.length)
      expect(blocks).toBe(4)
    }
  })

  test.skipIf(!tshark)(`is opened by tshark, with times, comments, directions and right checksums${needsTshark}`, () => {
    const at = 1_700_000_000_123_456_789n
    const rows = [
      datagram('ike', '192.0.2.1', '192.0.2.2', ikeHeader()),
      datagram('nat-t', '2001:db8::1', '2001:db8::2', marked(ikeHeader())),
      datagram('nat-t', '192.0.2.1', '192.0.2.2', esp()),
      datagram('esp', '2001:db8::1', '2001:db8::2', esp()),
      datagram('nat-t', '192.0.2.1', '192.0.2.2', Uint8Array.of(0xff)),
    ]
    const file = pcapngFile(
      'ikebana test',
      'lab',
      rows.map((row, i) => ({
        at: at + BigInt(i),
        packet: framePacket(i === 1 ? 'received' : 'sent', row),
        direction: i === 1 ? 'received' : 'sent',
        comment: describeDatagram(row),
      })),
    )
    const folder = mkdtempSync(join(tmpdir(), 'pcapng-'))
    const path = join(folder, 'capture.pcapng')
    writeFileSync(path, file)
    const fields = [
      'frame.time_epoch',
      'frame.comment',
      'frame.packet_flags_direction',
      '_ws.col.Source',
      '_ws.col.Protocol',
      'udp.checksum.status',
    ]
    const checks = ['-o', 'udp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE']
    const options = [
      ...checks,
      '-T',
      'fields',
      ...fields.flatMap((field) => ['-e', field]),
      '-e',
      '_ws.malformed',
      '-e',
      'ip.checksum.status',
    ]
    const lines = execFileSync('tshark', ['-r', path, ...options], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    rmSync(folder, { recursive: true })
    expect(
      lines
        .split('\n')
        .slice(0, 5)
        .map((line) => line.split('\t')),
    ).toEqual([
      ['1700000000.123456789', 'IKE_SA_INIT request 0', '0x00000002', '192.0.2.1', 'ISAKMP', '1', '', '1'],
      ['1700000000.123456790', 'IKE_SA_INIT request 0', '0x00000001', '2001:db8::2', 'ISAKMP', '1', '', ''],
      ['1700000000.123456791', 'ESP 0x0badcafe sequence 17', '0x00000002', '192.0.2.1', 'ESP', '1', '', '1'],
      ['1700000000.123456792', 'ESP 0x0badcafe sequence 17', '0x00000002', '2001:db8::1', 'ESP', '', '', ''],
      ['1700000000.123456793', 'NAT keepalive', '0x00000002', '192.0.2.1', 'UDPENCAP', '1', '', '1'],
    ])
  })
})

describe('a datagram without keys', () => {
  test.each([
    ['IKE_SA_INIT request 0', datagram('ike', '192.0.2.1', '192.0.2.2', ikeHeader())],
    ['IKE, cut off', datagram('ike', '192.0.2.1', '192.0.2.2', new Uint8Array(27))],
    ['IKE, cut off', datagram('nat-t', '192.0.2.1', '192.0.2.2', new Uint8Array(4))],
    ['ESP, cut off', datagram('nat-t', '192.0.2.1', '192.0.2.2', new Uint8Array(3))],
    ['ESP, cut off', datagram('esp', '192.0.2.1', '192.0.2.2', new Uint8Array(0))],
  ])('is called %s', (text, given) => {
    expect(describeDatagram(given)).toBe(text)
  })
})
