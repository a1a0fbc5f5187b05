// Captures that others published, where they are at hand (`../shared/data`): every one opens; what is well-formed decodes, what is not ends
// in a fault, IKEv1 is shown and is no fault.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { nodeProvider } from '../../src/crypto/providers/node.ts'
import type { DecodedFrame } from '../../src/inspect/frame-decoder.ts'
import { frameHeading, frameRemarks } from '../../src/inspect/frame-words.ts'
import { frameJson } from '../../src/inspect/frame-json.ts'
import { htmlSection } from '../../src/inspect/html.ts'
import { keySource } from '../../src/inspect/key-rows.ts'
import type { Region, Span } from '../../src/inspect/span.ts'
import { formatTree } from '../../src/inspect/tree-text.ts'
import { readEspTable } from '../../src/inspect/wireshark-tables.ts'
import { type DecodedCapture, decodeCapture } from './decoding.ts'

const data = join(import.meta.dirname, '../../../shared/data')
const present = existsSync(data)
const where = present ? '' : ' (SKIPPED: ../shared/data is not here)'

const read = (file: string): Uint8Array => new Uint8Array(readFileSync(join(data, file)))
const faultsOf = (frames: readonly DecodedFrame[]): readonly string[] =>
  frames.flatMap(({ frame, faults }) => faults.slice(0, 1).map(({ code }) => `${frame.number} ${code}`))

/** Frames by what they claim to be, and their first faults. Files that are not here have IKEv1 or well-formed messages only. */
const faulty: Readonly<Record<string, readonly string[]>> = {
  'arkime/ike-cert_synthetic.pcap': ['2 WIRE_COUNT_MISMATCH', '4 WIRE_COUNT_MISMATCH'],
  'suricata-verify/eve-flow-esp__input.pcap': [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `${number} WIRE_VALUE_ILLEGAL`),
  'tcpdump/esp_truncated.pcap': ['1 FRAME_SHORT'],
  'tcpdump/ikev1_id_ipv6_addr_subnet-oobr.pcap': ['1 FRAME_SHORT'],
  'tcpdump/ikev2-id-normal.pcap': ['1 WIRE_VALUE_ILLEGAL'],
  'tcpdump/ikev2-id-short.pcap': ['1 WIRE_VALUE_ILLEGAL'],
  'tcpdump/ikev2pI2-segfault.pcapng': ['1 WIRE_VALUE_ILLEGAL'],
  'tcpdump/isakmp-3948-oobr-2.pcap': ['1 FRAME_SHORT'],
  'tcpdump/isakmp-delete-segfault.pcap': ['1 WIRE_VERSION_UNSUPPORTED'],
  'tcpdump/isakmp-ikev1_n_print-oobr.pcap': ['1 FRAME_SHORT', '3 FRAME_SHORT'],
  'tcpdump/isakmp-rfc3948-oobr.pcap': ['23 FRAME_SHORT'],
  'tcpdump/isakmp-various-oobr.pcap': ['1 FRAME_SHORT'],
  'tcpdump/isakmpv1-attr-oobr.pcap': ['1 FRAME_SHORT'],
}
const files = present
  ? readdirSync(data, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.pcap(ng)?$/.test(name))
      .sort()
  : ['none']

describe.skipIf(!present)(`every capture opens${where}`, () => {
  test.each(files)('%s', (file) => {
    const { frames, faults } = decodeCapture(read(file))
    expect(faults).toEqual([])
    expect(frames.length).toBeGreaterThan(0)
    expect(faultsOf(frames)).toEqual(faulty[file] ?? [])
    for (const { claim, annotation, fragments } of frames) {
      if (claim === undefined) continue
      expect(annotation).toBeDefined()
      if (annotation !== undefined && fragments.length === 0) expectCovered(annotation.region)
    }
  })

  test.each(files)('%s: every form shows every frame', (file) => {
    for (const decoded of decodeCapture(read(file), { scope: 'all' }).frames.slice(0, 40)) {
      expect(JSON.parse(JSON.stringify(frameJson(decoded)))).toMatchObject({ kind: 'frame', frame: decoded.frame.number })
      const text = [frameHeading(decoded, undefined), ...frameRemarks(decoded)]
      if (decoded.annotation !== undefined) text.push(formatTree(decoded.annotation))
      const html = htmlSection({
        heading: frameHeading(decoded, undefined),
        remarks: [],
        faults: [],
        region: decoded.annotation?.region,
        shown: 'open',
      })
      // Nothing that steers a terminal, nothing that is markup.
      for (const shown of [...text, html]) expect(shown).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u)
    }
  })
})

describe.skipIf(!present)(`what is inside them${where}`, () => {
  test('IKEv1 is shown by its header, and its body as octets', () => {
    const { frames } = decodeCapture(read('tcpdump/ISAKMP_sa_setup.pcap'))
    expect(frames.map(({ carries }) => carries)).toEqual([
      ...Array.from({ length: 4 }, () => 'IKEv1 Identity Protection'),
      ...Array.from({ length: 2 }, () => 'IKEv1 Identity Protection, encrypted'),
      ...Array.from({ length: 3 }, () => 'IKEv1 Quick Mode, encrypted'),
    ])
  })

  test('a message in fragments is put together, and its retransmissions are known for what they are', () => {
    const { frames, decoder } = decodeCapture(read('zeek-spicy-ipsec/tests/traces/ipsec_client.pcap'))
    const whole = frames.filter(({ fragments }) => fragments.length > 0)
    expect(whole.map(({ fragments, place }) => [fragments, place?.transmission, place?.firstFrame])).toEqual([
      [[3, 4, 5], 1, 5],
      [[6, 7, 8], 2, 5],
      [[9, 10, 11], 3, 5],
    ])
    expect(decoder.unanswered).toEqual([{ frame: 5, exchange: 'IKE_AUTH', messageId: 1, transmissions: 3 }])
  })

  test('AH with ESP in it', () => {
    const { frames } = decodeCapture(read('arkime/ah-esp.pcap'))
    expect(frames.map(({ annotation }) => annotation?.summary.security?.protocol)).toEqual(Array.from({ length: 10 }, () => 'AH'))
    expect(frames.map(({ annotation }) => annotation?.summary.inside?.security?.protocol)).toEqual(Array.from({ length: 10 }, () => 'ESP'))
  })
})

describe.skipIf(!present)(`08-sunrise-sunset with a row of esp_sa that was written by hand${where}`, () => {
  const row =
    '"IPv4","192.1.2.*","*","0xd1234567","AES-CBC [RFC3602]","0xaaaabbbbccccdddd4043434545464649494a4a4c4c4f4f515152525454575758","ANY 96 bit authentication [no checking]",""'
  let capture: DecodedCapture

  beforeAll(() => {
    const { rows, faults } = readEspTable(row)
    expect(faults).toEqual([])
    capture = decodeCapture(read('tcpdump/08-sunrise-sunset-aes.pcap'), {
      decryption: { crypto: nodeProvider(), keys: keySource([], rows) },
    })
  })

  test('its AES-CBC packets decrypt, each marked not authenticated', () => {
    const opened = capture.frames.flatMap(({ annotation }) => (annotation === undefined ? [] : innerRegions(annotation.region)))
    expect(opened).toHaveLength(8)
    expect(opened.map(({ authentication }) => authentication)).toEqual(Array.from({ length: 8 }, () => 'not-authenticated'))
    expect(faultsOf(capture.frames)).toEqual([])
    expect(capture.frames.map(({ annotation }) => annotation?.summary.inside?.text)).toEqual(Array.from({ length: 8 }, () => 'ICMP Echo'))
  })

  test('each form says so', () => {
    const first = capture.frames[0] ?? expect.unreachable()
    const annotation = first.annotation ?? expect.unreachable()
    expect(formatTree(annotation)).toContain('Decrypted content of ESP, 96 octets, not authenticated')
    expect(JSON.stringify(frameJson(first))).toContain('"authentication":"not-authenticated"')
    expect(htmlSection({ heading: '', remarks: [], faults: [], region: annotation.region, shown: 'open' })).toContain(
      '>not authenticated</small>',
    )
  })

  test('with a wrong algorithm it ends in a fault instead', () => {
    const wrong = row.replace('ANY 96 bit', 'ANY 128 bit')
    const { frames } = decodeCapture(read('tcpdump/08-sunrise-sunset-aes.pcap'), {
      decryption: { crypto: nodeProvider(), keys: keySource([], readEspTable(wrong).rows) },
    })
    expect(faultsOf(frames)).toHaveLength(8)
  })
})

describe.skipIf(!present)(`02-sunrise-sunset: Triple DES of FreeS/WAN's days${where}`, () => {
  const row =
    '"IPv4","192.1.2.*","*","0x12345678","TripleDES-CBC [RFC2451]","0x4043434545464649494a4a4c4c4f4f515152525454575758","ANY 96 bit authentication [no checking]",""'

  test('its packets decrypt', () => {
    const keys = keySource([], readEspTable(row).rows)
    const { frames } = decodeCapture(read('tcpdump/02-sunrise-sunset-esp.pcap'), { decryption: { crypto: nodeProvider(), keys } })
    expect(faultsOf(frames)).toEqual([])
    expect(frames.map(({ annotation }) => annotation?.summary.inside?.text)).toEqual(Array.from({ length: 8 }, () => 'ICMP Echo'))
  })
})

/** Leaves cover each octet once, in order. */
function expectCovered(region: Region): void {
  let at = 0
  const walk = (span: Span): void => {
    if (span.children.length > 0) {
      for (const child of span.children) walk(child)
      return
    }
    if (span.start !== at) expect.unreachable(`octet ${at} of ${region.title}: the next field is ${span.name} at ${span.start}`)
    at = span.end
    if (span.inner !== undefined) expectCovered(span.inner)
  }
  for (const span of region.spans) walk(span)
  expect(at).toBe(region.bytes.length)
}

function innerRegions(region: Region): readonly Region[] {
  const inside = (spans: readonly Span[]): readonly Region[] =>
    spans.flatMap((span) => [...(span.inner === undefined ? [] : [span.inner]), ...inside(span.children)])
  return inside(region.spans)
}
