import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, fromHex } from '../../src/bytes/bytes.ts'
import { octetsAround } from '../../src/inspect/around.ts'
import type { CapturedFrame } from '../../src/inspect/capture/frame.ts'
import { octetsKinds } from '../../src/inspect/capture/guess.ts'
import { type DecodedFrame, FrameDecoder } from '../../src/inspect/frame-decoder.ts'
import { espFlowLines } from '../../src/inspect/esp-null/words.ts'
import { frameJson } from '../../src/inspect/frame-json.ts'
import { frameFaultLines, frameHeading, frameRemarks } from '../../src/inspect/frame-words.ts'
import { htmlSection } from '../../src/inspect/html.ts'
import { formatTree } from '../../src/inspect/tree-text.ts'
import { parseAddress } from '../../src/net/address.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { payloadSamples } from '../wire/samples.ts'
import { udpPacket } from '../../src/net/udp.ts'
import { alice, bob, packets, pair, seal } from '../ipsec/fixtures.ts'
import { nullWith } from './esp-null/suites.ts'
import { encodeMessage } from '../../src/wire/codec.ts'
import { ikeSpi } from '../../src/contract/units.ts'

const address = (text: string): NonNullable<ReturnType<typeof parseAddress>> => parseAddress(text) ?? expect.unreachable(text)
const ends = { IPv4: [address('192.0.2.1'), address('192.0.2.2')], IPv6: [address('2001:db8::1'), address('2001:db8::2')] } as const
const ike = encodeMessage({
  header: {
    initiatorSpi: ikeSpi('0102030405060708'),
    responderSpi: ikeSpi('0000000000000000'),
    majorVersion: 2,
    minorVersion: 0,
    exchangeType: 34,
    flags: 8,
    messageId: 0,
  },
  payloads: payloadSamples.slice(0, 3).map(({ payload }) => payload),
})
const esp = fromHex('0badcafe000000010001020304050607000102030405060708090a0b0c0d0e0f') ?? expect.unreachable()

function inUdp(family: keyof typeof ends, port: number, payload: Uint8Array): Uint8Array {
  const [from, to] = ends[family]
  return ipPacket(from, to, 17, udpDatagram({ source: { address: from, port }, destination: { address: to, port }, payload }))
}
const frameOf = (octets: Uint8Array, linkType = 101, originalLength = octets.length): CapturedFrame => ({
  number: 1,
  offset: 0,
  at: 0n,
  linkType,
  octets,
  originalLength,
  comments: [],
})
const decoder = (ports: readonly number[] = []): FrameDecoder => new FrameDecoder({ decryption: undefined, ports, scope: 'ipsec' })

describe.each(['IPv4', 'IPv6'] as const)('%s packets claim to be', (family) => {
  const [from, to] = ends[family]
  const marked = concat(new Uint8Array(4), ike)

  test.each([
    ['IKE on port 500', inUdp(family, 500, ike), 'ike'],
    ['IKE on port 500, whatever they carry', inUdp(family, 500, Uint8Array.of(1, 2, 3)), 'ike'],
    ['what port 4500 carries', inUdp(family, 4500, esp), 'encapsulated'],
    ['IKE on any port, by its header', inUdp(family, 1234, ike), 'ike'],
    ['IKE behind a marker on any port', inUdp(family, 1234, marked), 'encapsulated'],
    ['nothing, when the Length is not right there', inUdp(family, 1234, concat(ike, Uint8Array.of(0))), undefined],
    ['nothing', inUdp(family, 1234, esp), undefined],
    ['ESP', ipPacket(from, to, 50, esp), 'esp'],
    ['AH', ipPacket(from, to, 51, new Uint8Array(24)), 'ah'],
  ])('%s', (_, packet, claim) => {
    expect(decoder().decode(frameOf(packet)).claim).toBe(claim)
  })

  test('ESP on ports that the user names', () => {
    expect(decoder([1234]).decode(frameOf(inUdp(family, 1234, esp))).claim).toBe('encapsulated')
    expect(decoder([1234]).decode(frameOf(inUdp(family, 1234, ike))).claim).toBe('ike')
  })

  test('what they are even when they are cut, and the frame is to blame', () => {
    const packet = inUdp(family, 500, ike)
    const { claim, faults, annotation } = decoder().decode(frameOf(packet.subarray(0, 60), 101, packet.length))
    expect(claim).toBe('ike')
    expect(faults[0]?.code).toBe('FRAME_SHORT')
    expect(annotation?.region.bytes).toHaveLength(60)
  })
})

describe('whatever a frame holds', () => {
  const samples = (['IPv4', 'IPv6'] as const).flatMap((family) => [
    inUdp(family, 500, ike),
    inUdp(family, 4500, concat(new Uint8Array(4), ike)),
    inUdp(family, 4500, esp),
    ipPacket(ends[family][0], ends[family][1], 50, esp),
    ipPacket(ends[family][0], ends[family][1], 51, concat(Uint8Array.of(50, 4, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1), new Uint8Array(12), esp)),
  ])
  const damaged = fc
    .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 4 }), fc.nat(300))
    .map(([sample, changes, length]) => {
      const octets = sample.slice(0, Math.max(1, length))
      for (const [at, octet] of changes) octets[at % octets.length] = octet
      return octets
    })
  const junk = fc.uint8Array({ maxLength: 200 })

  test('it is decoded or refused, and every form shows it', () => {
    const links = fc.constantFrom(101, 1, 113, 276, 0, 108, 147)
    const shared = new FrameDecoder({ decryption: undefined, ports: [7], scope: 'all' })
    fc.assert(
      fc.property(fc.oneof(damaged, junk), links, (octets, link) => {
        expectShown(shared.decode(frameOf(octets, link, octets.length + (octets.length % 2))))
      }),
      { numRuns: 1500, seed: 3 },
    )
  })

  test('also without a frame around it', () => {
    fc.assert(
      fc.property(fc.oneof(damaged, junk), fc.constantFrom(...octetsKinds), (octets, kind) => {
        expectShown(decoder().decodeOctets(octets, kind))
      }),
      { numRuns: 1000, seed: 5 },
    )
  })
})

function expectShown(decoded: DecodedFrame): void {
  const heading = frameHeading(decoded, 0n)
  const faults = decoded.faults.flatMap(frameFaultLines)
  const page = htmlSection({ heading, remarks: frameRemarks(decoded), faults, region: decoded.annotation?.region, shown: 'open' })
  const tree = decoded.annotation === undefined ? '' : formatTree(decoded.annotation)
  for (const text of [heading, page, tree, ...faults]) expect(text).not.toMatch(/[^\P{C}\n]/u)
  expect(frameJson(decoded)['frame']).toBe(1)
}

test.each([
  [4, '… 01 02 03 [04] 05 06 07 …'],
  [0, '[00] 01 02 03 …'],
  [9, '… 06 07 08 [09]'],
  [10, '… 07 08 09 []'],
  [99, '… 07 08 09 []'],
])('the octets around octet %i', (offset, text) => {
  expect(
    octetsAround(
      Uint8Array.from({ length: 10 }, (_, i) => i),
      offset,
      3,
    ),
  ).toBe(text)
})

describe('ESP that is only authenticated', () => {
  const clear = packets(
    seal(
      pair({ suite: nullWith('AUTH_HMAC_SHA2_384_192') }).sender,
      'ip',
      ...Array.from({ length: 3 }, (_, n) =>
        udpPacket({
          source: { address: alice[4], port: 5000 },
          destination: { address: bob[4], port: 53 },
          payload: new Uint8Array(20 + n),
        }),
      ),
    ),
  )

  test('is shown without keys as soon as that is clear, and told of once', () => {
    const shared = decoder()
    const frames = clear.map((packet) => shared.decode(frameOf(packet)))
    const texts = frames.map(({ carries }) => carries)
    expect(texts.at(-1)).toBe('ESP 0x0badcafe sequence 3: UDP 5000 → 53, 22 octets')
    const remarks = frames.flatMap(frameRemarks)
    expect(
      remarks.filter((remark) => remark.startsWith('by its packets this flow is authenticated only: an ICV of 24 octets')),
    ).toHaveLength(1)
    expect(formatTree(frames.at(-1)?.annotation ?? expect.unreachable())).toMatch(/Content of ESP, \d+ octets, not authenticated/)
    expect(shared.espFlows).toMatchObject([{ verdict: { state: 'authenticated-only', icvLength: 24, ivLength: 0 }, packets: 3 }])
    expect(espFlowLines(shared.espFlows[0] ?? expect.unreachable())[0]).toMatch(
      /^192\.0\.2\.1 → 198\.51\.100\.2 ESP 0x0badcafe, 3 packets: auth/,
    )
  })

  test('is found behind UDP, behind AH, and as octets in hexadecimal', () => {
    const esp = clear.map((packet) => packet.subarray(20))
    const inAh = (octets: Uint8Array): Uint8Array => concat(Uint8Array.of(50, 4, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1), new Uint8Array(12), octets)
    for (const wrap of [
      (octets: Uint8Array) => inUdp('IPv4', 4500, octets),
      (octets: Uint8Array) => ipPacket(alice[4], bob[4], 51, inAh(octets)),
    ]) {
      const shared = decoder()
      for (const octets of esp) shared.decode(frameOf(wrap(octets)))
      expect(shared.espFlows).toMatchObject([{ verdict: { state: 'authenticated-only', icvLength: 24 } }])
    }
    const shared = decoder()
    for (const octets of esp) shared.decodeOctets(octets, 'esp')
    expect(shared.espFlows).toMatchObject([{ source: undefined, verdict: { state: 'authenticated-only', icvLength: 24 } }])
  })

  test('is not made of keepalives and IKE on port 4500', () => {
    const shared = decoder()
    shared.decode(frameOf(inUdp('IPv4', 4500, Uint8Array.of(255))))
    shared.decode(frameOf(inUdp('IPv4', 4500, concat(new Uint8Array(4), ike))))
    expect(shared.espFlows).toEqual([])
  })
})
