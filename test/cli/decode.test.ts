// `ikebana decode`, with what it writes caught on the way out.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '../../src/bytes/bytes.ts'
import { parseCommandLine } from '../../src/cli/command-line.ts'
import { decode } from '../../src/cli/decode.ts'
import { ikeSpi } from '../../src/contract/units.ts'
import { pcapngFile } from '../../src/inspect/pcapng.ts'
import { parseAddress } from '../../src/net/address.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { encodeMessage } from '../../src/wire/codec.ts'
import type { Message } from '../../src/wire/message.ts'
import { pcapFile } from '../inspect/capture/files.ts'
import { type Caught, caught } from './caught.ts'

const folder = mkdtempSync(join(tmpdir(), 'decode-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** As on the command line, but for the words `ikebana decode`. */
const decoded = (...words: readonly string[]): Promise<Caught> =>
  caught(() => {
    const request = parseCommandLine(['decode', ...words])
    return request.verb === 'decode' ? decode(request.what, request.options) : expect.unreachable()
  })

const address = (text: string): NonNullable<ReturnType<typeof parseAddress>> => parseAddress(text) ?? expect.unreachable(text)
const [us, them, other] = [address('192.0.2.1'), address('192.0.2.2'), address('192.0.2.3')]

const message = (exchangeType: number, flags: number, messageId: number, value: Uint8Array = new Uint8Array(4)): Uint8Array => {
  const whole: Message = {
    header: {
      initiatorSpi: ikeSpi('0102030405060708'),
      responderSpi: ikeSpi('1112131415161718'),
      majorVersion: 2,
      minorVersion: 0,
      exchangeType,
      flags,
      messageId,
    },
    payloads: [{ kind: 'V', critical: false, vendorId: value }],
  }
  return encodeMessage(whole)
}
const inUdp = (from: typeof us, to: typeof us, payload: Uint8Array, port = 500): Uint8Array =>
  ipPacket(from, to, 17, udpDatagram({ source: { address: from, port }, destination: { address: to, port }, payload }))
const esp = fromHex('0badcafe000000010001020304050607000102030405060708090a0b0c0d0e0f') ?? expect.unreachable()
const request = inUdp(us, them, message(37, 0x08, 4))
const response = inUdp(them, us, message(37, 0x20, 4))
const packets = [request, response, request, ipPacket(us, other, 50, esp), ipPacket(us, them, 6, new Uint8Array(20))]

function file(name: string, octets: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, octets)
  return path
}
const capture = (name: string, linkType: number, frames: readonly Uint8Array[], original?: number): string =>
  file(
    name,
    pcapFile(
      'little',
      0xa1b2c3d4,
      linkType,
      frames.map((octets, i) => ({ seconds: i, fraction: 0, octets, ...(original === undefined ? {} : { original }) })),
    ),
  )
const good = capture('good.pcap', 101, packets)

describe('a capture', () => {
  test('as text: a tree for each frame of IKE, ESP and AH', async () => {
    const { code, stdout, stderr } = await decoded(good)
    expect(code).toBe(0)
    const headings = stdout.split('\n').filter((line) => line.startsWith('frame '))
    expect(headings).toEqual([
      'frame 1, 0.000000 s, 192.0.2.1:500 → 192.0.2.2:500: INFORMATIONAL request 4: V',
      'frame 2, 1.000000 s, 192.0.2.2:500 → 192.0.2.1:500: INFORMATIONAL response 4: V',
      'frame 3, 2.000000 s, 192.0.2.1:500 → 192.0.2.2:500: INFORMATIONAL request 4: V',
      'frame 4, 3.000000 s, 192.0.2.1 → 192.0.2.3: ESP 0x0badcafe sequence 1',
    ])
    expect(stdout).toContain('answers frame 1')
    expect(stdout).toContain('transmission 2 of the message in frame 1\n  the response in frame 2 was lost, or came too late')
    expect(stdout).toContain('Message ID 4')
    expect(stderr).toContain('5 frames')
    expect(stdout).not.toContain('\u001b')
  })

  test('with --all, other packets as well', async () => {
    expect((await decoded(good, '--all')).stdout).toContain('frame 5, 4.000000 s, 192.0.2.1')
  })

  test('as JSON: a line a frame', async () => {
    const { stdout } = await decoded(good, '--json')
    const lines = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    // Four frames, and what is made of the one flow of ESP.
    expect(lines).toHaveLength(5)
    expect(lines[4]).toMatchObject({ kind: 'esp-flow' })
    expect(lines[2]).toMatchObject({
      kind: 'frame',
      frame: 3,
      time: '2.000000',
      link: 'raw IP',
      claim: 'ike',
      summary: { ike: { exchange: 'INFORMATIONAL', messageId: 4, direction: 'request', initiatorSpi: '0102030405060708' } },
      place: { transmission: 2, firstFrame: 1, lostResponse: 2 },
      faults: [],
      tree: { title: 'IP packet', authentication: 'none' },
    })
  })

  test('as a page', async () => {
    const { stdout, code } = await decoded(good, '--html')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^<!doctype html>\n/)
    expect(stdout.match(/<section>/g)).toHaveLength(4)
    expect(stdout).toMatch(/<\/html>\n$/)
  })

  test('as a page of many packets: ESP is a list from some point on, IKE is open wherever it is', async () => {
    const many = [...Array.from({ length: 30 }, () => ipPacket(us, other, 50, esp)), request]
    const { stdout } = await decoded(capture('many.pcap', 101, many), '--html')
    const states = [...stdout.matchAll(/<details( open)?><summary><h2>/g)].map(([, open]) => open ?? ' closed')
    expect(states).toEqual([...Array.from({ length: 20 }, () => ' open'), ...Array.from({ length: 10 }, () => ' closed'), ' open'])
  })

  test('as ladders, one for each pair of hosts', async () => {
    const { stdout } = await decoded(good, '--ladder')
    expect(stdout).toContain('INFORMATIONAL request 4, 36 octets, transmission 2')
    expect(stdout).toContain('the response in frame 2 was lost, or came too late: frame 3 asks again')
    expect(stdout).toContain('ESP 0x0badcafe: 1 packets, 32 octets')
    expect(stdout.match(/initiator {3,}/g)).toHaveLength(2)
  })

  test.each([
    [['--address', '192.0.2.3'], [4]],
    [['--spi', '0x0badcafe'], [4]],
    [
      ['--spi', '1112131415161718'],
      [1, 2, 3],
    ],
    [
      ['--exchange', 'informational'],
      [1, 2, 3],
    ],
    [['--exchange', '35'], []],
    [['--exchange', '37', '--address', '192.0.2.3'], []],
    [
      ['--spi', '0badcafe', '--spi', '0102030405060708'],
      [1, 2, 3, 4],
    ],
  ])('filtered by %s', async (words, frames) => {
    const { stdout } = await decoded(good, ...words)
    expect([...stdout.matchAll(/^frame (\d+)/gm)].map(([, number]) => Number(number))).toEqual(frames)
  })

  test('of which a comment, a name and a payload are hostile', async () => {
    const harm = '\u001b[2J\u202e<script>alert(1)</script>'
    const packet = inUdp(us, them, message(37, 0x08, 4, utf8(harm)))
    const path = file('evil\u001b[2J<b>.pcapng', pcapngFile('x', 'y', [{ at: 0n, packet, direction: undefined, comment: harm }]))
    for (const form of [[], ['--json'], ['--html'], ['--ladder']]) {
      const { stdout, stderr } = await decoded(path, ...form)
      expect(stdout + stderr).not.toMatch(/[^\P{C}\n]/u)
      if (form[0] === '--html') expect(stdout).not.toMatch(/<script>alert|<b>\.pcapng/)
    }
    expect((await decoded(path)).stdout).toContain('comment: \\x1b[2J\\u{202e}<script>')
  })
})

describe('UDP ports', () => {
  const marked = concat(new Uint8Array(4), message(37, 0x08, 1))

  test('that are not known carry IKE when it looks like IKE, and ESP from then on', async () => {
    const path = capture('ports.pcap', 101, [inUdp(us, them, esp, 3333), inUdp(us, them, marked, 3333), inUdp(them, us, esp, 3333)])
    expect((await decoded(path)).stdout.match(/^frame .*/gm)).toEqual([
      expect.stringContaining('frame 2, '),
      'frame 3, 1.000000 s, 192.0.2.2:3333 → 192.0.2.1:3333: ESP 0x0badcafe sequence 1',
    ])
  })

  test('that the user names carry both', async () => {
    const path = capture('named.pcap', 101, [inUdp(us, them, esp, 3333), inUdp(us, them, message(37, 8, 1), 3333)])
    expect((await decoded(path, '--port', '3333')).stdout.match(/^frame .*/gm)).toHaveLength(2)
  })
})

describe('octets in hexadecimal', () => {
  test.each([
    ['an IP packet', toHex(request), []],
    ['an IKE message', toHex(message(37, 0x08, 4)), []],
    ['what port 4500 carries', `00000000${toHex(message(37, 0x08, 4))}`, []],
    ['an IKE message that is said to be one', toHex(message(37, 0x08, 4)), ['--as', 'ike']],
  ])('%s', async (_, words, options) => {
    const { code, stdout } = await decoded(words, ...options)
    expect(stdout).toContain('INFORMATIONAL request 4: V')
    expect(code).toBe(0)
  })

  test('from a file, as a dump', async () => {
    const dump = toHex(request)
      .replace(/(.{32})/g, '$1\n')
      .split('\n')
    const text = dump
      .map((line, i) => `${(16 * i).toString(16).padStart(8, '0')}: ${line.replace(/(.{4})/g, '$1 ')} ................`)
      .join('\n')
    expect((await decoded(file('dump.txt', utf8(text)))).stdout).toContain('INFORMATIONAL request 4: V')
  })
})

describe('what is wrong is said with file, frame and offset; what can be shown is shown', () => {
  const octets = new Uint8Array(readFileSync(good))
  const broken = message(37, 0x08, 4)
  broken[27] = 99

  test.each([
    ['not a capture', file('x.bin', Uint8Array.of(1, 2, 3, 4, 0x80)), 'x.bin: offset 0: the file starts with 01020304; expected pcap'],
    ['an empty file', file('empty', new Uint8Array(0)), 'empty: offset 0: the file is empty'],
    [
      'compressed',
      file('x.gz', Uint8Array.of(0x1f, 0x8b, 8, 0, 0)),
      'the file is compressed (gzip); expected a capture: uncompress it first (gunzip)',
    ],
    [
      'cut short in the middle',
      file('cut.pcap', octets.subarray(0, octets.length - 5)),
      /cut\.pcap: frame 5, offset \d+: the file ends after 35 octets of the packet; expected 40 octets/,
    ],
    ['neither file nor hexadecimal', 'no-such-file', 'no-such-file: there is no such file, and it is not hexadecimal either'],
    ['odd hexadecimal', '450', 'the hexadecimal, column 3: an odd number of digits; expected two hexadecimal digits an octet'],
    ['text that is no hexadecimal', file('text', utf8('45 00\nhello')), /text:2:1: the character "h"; expected a hexadecimal digit/],
    ['octets that look like nothing', '0000000100', 'look like neither IP nor IKE nor ESP: say what they are with --as'],
  ])('%s', async (_, what, says) => {
    const { code, stderr } = await decoded(what)
    if (typeof says === 'string') expect(stderr).toContain(says)
    else expect(stderr).toMatch(says)
    expect(code).toBe(what === 'no-such-file' ? 3 : 1)
  })

  test('frames before the cut are shown', async () => {
    expect((await decoded(join(folder, 'cut.pcap'))).stdout.match(/^frame /gm)).toHaveLength(4)
  })

  test('a snapshot length that was too small', async () => {
    const { code, stdout } = await decoded(capture('snap.pcap', 101, [request.subarray(0, 50)], request.length))
    expect(code).toBe(1)
    expect(stdout).toContain(
      `FRAME_SHORT: only 50 of the frame's ${request.length} octets are in the file (snapshot length too small?); expected all of them`,
    )
    expect(stdout).toContain("IKE SA Initiator's SPI")
  })

  test('a link type that is not known, once', async () => {
    const { code, stdout } = await decoded(capture('link.pcap', 147, [request, request, request]))
    expect(code).toBe(1)
    expect(stdout.match(/link type 147 is not known here; expected Ethernet, Linux cooked, loopback or raw IP/g)).toHaveLength(1)
  })

  test('an IKE message that does not decode, with the octets around the place', async () => {
    const { code, stdout } = await decoded(capture('broken.pcap', 101, [request, inUdp(us, them, broken)]))
    expect(code).toBe(1)
    expect(stdout).toMatch(/WIRE_LENGTH_MISMATCH: header\.length: is 99, but the message has 36 octets \(RFC 7296 §3\.1\)/)
    expect(stdout).toMatch(/IP packet, octet 52: … .*\[00\] 00 00 63/)
  })

  test('broken IKE that a filter hides is not counted', async () => {
    expect((await decoded(join(folder, 'broken.pcap'), '--exchange', 'IKE_AUTH')).code).toBe(0)
  })

  test('IKEv1 is no fault', async () => {
    const one = message(37, 0x08, 4)
    one[17] = 0x10
    one[18] = 2
    one[19] = 0
    const { code, stdout } = await decoded(capture('one.pcap', 101, [inUdp(us, them, one)]))
    expect(stdout).toContain('IKEv1 Identity Protection')
    expect(code).toBe(0)
  })

  test('tables of keys: a directory without them, and a row that is wrong', async () => {
    expect(await decoded(good, '--keys', folder)).toMatchObject({
      code: 3,
      stderr: `the keys: ${folder}: there is neither ikev2_decryption_table nor esp_sa in it`,
    })
    const keys = join(folder, 'keys')
    mkdirSync(keys)
    writeFileSync(join(keys, 'esp_sa'), '# mine\n"IPv4","*","*","*","AES-CBC [RFC3602]","0x123","NULL",""\n')
    const { code, stdout, stderr } = await decoded(good, '--keys', keys)
    expect(stderr).toContain(`${join(keys, 'esp_sa')}:2:40: an odd number of hexadecimal digits (3); expected a key in hexadecimal`)
    expect(stdout.match(/^frame /gm)).toHaveLength(4)
    expect(code).toBe(3)
  })

  test.each([
    [['--json', '--html'], '--json and --html exclude each other'],
    [['--spi', 'x'], '--spi x: An SPI is 16 hexadecimal digits for IKE, up to 8 for ESP and AH.'],
    [['--exchange', 'IKE_AUHT'], '--exchange IKE_AUHT: Did you mean IKE_AUTH?'],
    [['--address', '1.2.3'], '--address 1.2.3: It is an IPv4 or IPv6 address.'],
    [['--as', 'isp'], '--as isp: Did you mean'],
    [['--port', '70000'], '--port 70000: A port is a number from 1 to 65535.'],
    [['--as', 'ike'], '--as is for hexadecimal'],
  ])('wrong words: %s', async (words, says) => {
    const { code, stderr } = await decoded(good, ...words)
    expect(stderr).toContain(says)
    expect(code).toBe(2)
  })
})
