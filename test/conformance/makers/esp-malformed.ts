// ESP packets that are cut off, padded strangely or hold no packet, that come twice or for nobody; and what only looks so. RFC 4303 §2, §3.
import { concat, putU16, putU32, toHex } from '../../../src/bytes/bytes.ts'
import { ipPacket } from '../../../src/net/build.ts'
import { writeIpv4Checksum } from '../../../src/net/ipv4.ts'
import { cbc, chacha, forge, gcm, nullSuite, openCase, protect, saOf, sealCase, suiteId, type Suite } from './esp.ts'
import { barePacket, ends, innerEnds, upperPacket } from './esp-packets.ts'
import type { MadeCase, MadeFile } from './files.ts'

const few: readonly Suite[] = [gcm, cbc, nullSuite]

export const malformedFiles = (): readonly MadeFile[] => [
  {
    name: 'esp/malformed.json',
    title: 'Packets that are cut off, padded strangely, or hold no packet; reserved SPIs; dummies',
    kind: 'esp-packet',
    flags: {
      PaddingUnchecked:
        'RFC 4303 §2.4: the receiver SHOULD inspect the padding. Ours refuses; an implementation that does not look opens it.',
      ReservedSpi: 'RFC 4303 §2.1: IANA reserves 1 to 255, and would not normally assign them. Ours has no SA with them.',
      NumberZero: 'RFC 4303 §3.3.3: the first packet has number 1. What a receiver does with 0 is not said. Ours refuses.',
    },
    cases: [...cutCases(), ...paddingCases(), ...dummyCases(), ...innerCases(), ...spiCases(), ...numberCases(), ...senderCases()],
  },
]

/** What is in all of these packets, in transport mode. */
const plain = (id: string, length = 9): Uint8Array => upperPacket(id, ends[4], length)

/** ESP of another length in the same outer header. */
function withEsp(esp: Uint8Array): Uint8Array {
  return ipPacket(...ends[4], 50, esp)
}

function cutCases(): readonly MadeCase[] {
  const inside = few.flatMap((suite) =>
    [0, 3, 4, 8, 15, 19].map((length) => {
      const id = `esp-cut-${suiteId(suite)}-${length}`
      const sa = saOf(id, suite)
      const esp = protect(id, sa, 1n, plain(id)).subarray(20)
      return openCase(id, sa, 0n, withEsp(esp.slice(0, length)), { title: `Only ${length} octets of ESP`, result: 'invalid', section: '2' })
    }),
  )
  const uneven = few.flatMap((suite) =>
    [1, 2, 3].map((cut) => {
      const id = `esp-uneven-${suiteId(suite)}-${cut}`
      const sa = saOf(id, suite)
      const esp = protect(id, sa, 1n, plain(id)).subarray(20)
      return openCase(id, sa, 0n, withEsp(esp.slice(0, -cut)), { title: `${cut} octets cut off`, result: 'invalid', section: '2.4' })
    }),
  )
  return [...inside, ...uneven, ...outerCases()]
}

/** What is wrong before ESP begins. */
function outerCases(): readonly MadeCase[] {
  const changed = (
    name: string,
    title: string,
    change: (packet: Uint8Array) => Uint8Array,
    section: string,
    encapsulation: 'none' | 'udp' = 'none',
  ): MadeCase => {
    const id = `esp-outer-${name}`
    const sa = saOf(id, gcm)
    const packet = protect(id, sa, 1n, plain(id), encapsulation)
    return openCase(id, sa, 0n, change(packet), { title, result: 'invalid', section })
  }
  const fragment = (flags: number) => (packet: Uint8Array) => {
    putU16(packet, 6, flags)
    writeIpv4Checksum(packet, 0, 20)
    return packet
  }
  const named = (protocol: number) => (packet: Uint8Array) => ipPacket(...ends[4], protocol, packet.slice(20))
  const udpLength = (length: number) => (packet: Uint8Array) => {
    putU16(packet, 24, length)
    return packet
  }
  return [
    changed('short', 'Fewer octets than the IPv4 header says', (packet) => packet.slice(0, -1), '3.4'),
    changed('header-only', 'An IPv4 header that is cut off', (packet) => packet.slice(0, 19), '3.4'),
    changed('empty', 'No octet at all', () => new Uint8Array(0), '3.4'),
    changed('version', 'IP version 5', (packet) => Uint8Array.of(0x55, ...packet.subarray(1)), '3.4'),
    changed('first-fragment', 'The first fragment of a packet', fragment(0x2000), '3.4.1'),
    changed('later-fragment', 'A later fragment', fragment(8), '3.4.1'),
    changed('tcp', 'No ESP, but TCP', named(6), '3.4'),
    changed('udp-long', 'A UDP length that is longer than the packet', udpLength(200), '3.4', 'udp'),
    changed('udp-short', 'A UDP length that is shorter than its header', udpLength(7), '3.4', 'udp'),
  ]
}

/** A trailer behind `payload`: any octets, Pad Length, Next Header. */
const withTrailer = (payload: Uint8Array, padding: readonly number[], padLength: number, nextHeader: number): Uint8Array =>
  concat(payload, Uint8Array.from(padding), Uint8Array.of(padLength, nextHeader))

const counted = (length: number): readonly number[] => Array.from({ length }, (_, i) => i + 1)

function paddingCases(): readonly MadeCase[] {
  // 14 and 30 octets of payload, so that text ends on a block of 16 with 0 or 16 of padding.
  const upper = (id: string, length: number): Uint8Array => barePacket(id, ends[4], 254, length).subarray(20)
  return few.flatMap((suite) => {
    const made = (what: string, title: string, text: (payload: Uint8Array) => Uint8Array, length: number, result: MadeCase['result']) => {
      const id = `esp-trailer-${suiteId(suite)}-${what}`
      const sa = saOf(id, suite)
      const payload = upper(id, length)
      const packet = withEsp(forge(id, sa, 1n, text(payload)))
      const open = { packet: toHex(ipPacket(...ends[4], 254, payload)) }
      const options = { title, result, section: '2.4' }
      return result === 'acceptable'
        ? openCase(id, sa, 0n, packet, { ...options, flags: ['PaddingUnchecked'], elsewhere: open })
        : openCase(id, sa, 0n, packet, options)
    }
    return [
      made('no-padding', 'No padding', (payload) => withTrailer(payload, [], 0, 254), 14, 'valid'),
      made('block-more', 'A block of padding more than is needed', (payload) => withTrailer(payload, counted(16), 16, 254), 14, 'valid'),
      made('longest', 'The longest padding, 255 octets', (payload) => withTrailer(payload, counted(255), 255, 254), 15, 'valid'),
      made('too-long', 'A Pad Length of one more than there is', (payload) => withTrailer(payload, [], 15, 254), 14, 'invalid'),
      made('far-too-long', 'A Pad Length of 255 in a short packet', (payload) => withTrailer(payload, [], 255, 254), 14, 'invalid'),
      made('zeros', 'Padding of zeros', (payload) => withTrailer(payload, [0, 0, 0, 0], 4, 254), 10, 'acceptable'),
      made(
        'last-wrong',
        'Only the last octet of the padding is wrong',
        (payload) => withTrailer(payload, [1, 2, 3, 5], 4, 254),
        10,
        'acceptable',
      ),
      made(
        'first-wrong',
        'Only the first octet of the padding is wrong',
        (payload) => withTrailer(payload, [0, 2, 3, 4], 4, 254),
        10,
        'acceptable',
      ),
      made('from-zero', 'Padding that counts from 0', (payload) => withTrailer(payload, [0, 1, 2, 3], 4, 254), 10, 'acceptable'),
    ]
  })
}

function dummyCases(): readonly MadeCase[] {
  return [gcm, chacha, cbc, nullSuite].flatMap((suite) =>
    (['transport', 'tunnel'] as const).map((mode) => {
      const id = `esp-dummy-${suiteId(suite)}-${mode}`
      const sa = saOf(id, suite, { mode })
      const payload = barePacket(id, ends[4], 254, 30).subarray(20)
      return openCase(id, sa, 0n, withEsp(forge(id, sa, 1n, withTrailer(payload, [], 0, 59))), {
        title: 'A dummy packet',
        section: '2.6',
      })
    }),
  )
}

function innerCases(): readonly MadeCase[] {
  const v4 = (id: string): Uint8Array => upperPacket(id, innerEnds[4], 6)
  const v6 = (id: string): Uint8Array => upperPacket(id, innerEnds[6], 6)
  const patched = (packet: Uint8Array, at: number, value: number): Uint8Array => {
    packet[at] = value
    return packet
  }
  const rows: readonly (readonly [string, string, (id: string) => Uint8Array, number, MadeCase['result']])[] = [
    ['ipv6-as-ipv4', 'Next Header says IPv4, inside is IPv6', v6, 4, 'invalid'],
    ['ipv4-as-ipv6', 'Next Header says IPv6, inside is IPv4', v4, 41, 'invalid'],
    ['udp', 'Next Header says UDP', (id) => v4(id).subarray(20), 17, 'invalid'],
    ['empty', 'Nothing inside', () => new Uint8Array(0), 4, 'invalid'],
    ['cut-ipv4', 'The IPv4 packet inside is longer than what is there', (id) => v4(id).slice(0, -2), 4, 'invalid'],
    ['cut-ipv6', 'The IPv6 packet inside is longer than what is there', (id) => v6(id).slice(0, -2), 41, 'invalid'],
    ['short-header', 'An IPv4 header length of 16 octets inside', (id) => patched(v4(id), 0, 0x44), 4, 'invalid'],
    ['long-header', 'An IPv4 header inside that is longer than its packet', (id) => patched(v4(id), 0, 0x4f), 4, 'invalid'],
    ['version-0', 'IP version 0 inside', (id) => patched(v4(id), 0, 5), 4, 'invalid'],
    ['cut-extension', 'An extension header inside that is cut off', (id) => patched(patched(v6(id), 6, 60), 41, 40), 41, 'invalid'],
    ['tfc-ipv4', 'Traffic flow confidentiality padding behind the IPv4 packet', (id) => concat(v4(id), new Uint8Array(40)), 4, 'valid'],
    ['tfc-ipv6', 'Traffic flow confidentiality padding behind the IPv6 packet', (id) => concat(v6(id), new Uint8Array(7)), 41, 'valid'],
  ]
  return rows.flatMap(([name, title, inside, nextHeader, result]) =>
    [gcm, cbc].map((suite) => {
      const id = `esp-inner-${suiteId(suite)}-${name}`
      const sa = saOf(id, suite, { mode: 'tunnel' })
      const payload = inside(id)
      const pad = (16 - ((payload.length + 2) % 16)) % 16
      const packet = withEsp(forge(id, sa, 1n, withTrailer(payload, counted(pad), pad, nextHeader)))
      const section = name.startsWith('tfc') ? '2.7' : '3.4.4.1'
      return openCase(id, sa, 0n, packet, { title, result, section })
    }),
  )
}

function spiCases(): readonly MadeCase[] {
  const text = (packet: Uint8Array): Uint8Array => withTrailer(packet, counted((2 - packet.length) & 3), (2 - packet.length) & 3, 4)
  const reserved = ['00000000', '00000001', '000000ff'].map((spi) => {
    const id = `esp-spi-${spi}`
    const sa = saOf(id, gcm, { mode: 'tunnel', spi })
    const inner = upperPacket(id, innerEnds[4], 4)
    const packet = withEsp(forge(id, sa, 1n, text(inner)))
    const title = spi === '00000000' ? 'SPI 0, which MUST NOT be sent' : 'An SPI that IANA has reserved'
    return spi === '00000000'
      ? openCase(id, sa, 0n, packet, { title, result: 'invalid', section: '2.1' })
      : openCase(id, sa, 0n, packet, {
          title,
          result: 'acceptable',
          section: '2.1',
          flags: ['ReservedSpi'],
          elsewhere: { packet: toHex(inner) },
        })
  })
  const smallest = saOf('esp-spi-00000100', gcm, { spi: '00000100' })
  const largest = saOf('esp-spi-ffffffff', gcm, { spi: 'ffffffff' })
  const other = saOf('esp-spi-other', gcm)
  const elsewhere = protect('esp-spi-other', other, 1n, plain('esp-spi-other'))
  putU32(elsewhere, 20, 0x12345678)
  return [
    ...reserved,
    openCase('esp-spi-00000100', smallest, 0n, protect('esp-spi-00000100', smallest, 1n, plain('s')), {
      title: 'The smallest SPI',
      section: '2.1',
    }),
    openCase('esp-spi-ffffffff', largest, 0n, protect('esp-spi-ffffffff', largest, 1n, plain('l')), {
      title: 'The largest SPI',
      section: '2.1',
    }),
    openCase('esp-spi-other', other, 0n, elsewhere, { title: 'The SPI of another SA', result: 'invalid', section: '3.4.2' }),
    sealCase('esp-spi-00000000-seal', saOf('esp-spi-seal', gcm, { spi: '00000000' }), 1n, plain('z'), 'none', {
      title: 'SPI 0, which MUST NOT be sent',
      result: 'invalid',
      section: '2.1',
    }),
  ]
}

/** The window has 64 places. */
function numberCases(): readonly MadeCase[] {
  const rows: readonly (readonly [string, bigint, bigint, MadeCase['result']])[] = [
    ['same', 100n, 100n, 'invalid'],
    ['in-window', 37n, 100n, 'invalid'],
    ['left-of-window', 36n, 100n, 'invalid'],
    ['next', 101n, 100n, 'valid'],
    ['far-ahead', 0xffffffffn, 100n, 'valid'],
    ['last', 0xffffffffn, 0xfffffffen, 'valid'],
    ['after-last', 1n, 0xffffffffn, 'invalid'],
    ['zero', 0n, 0n, 'acceptable'],
  ]
  return few.flatMap((suite) =>
    rows.map(([name, sequence, highest, result]) => {
      const id = `esp-number-${suiteId(suite)}-${name}`
      const sa = saOf(id, suite)
      const payload = barePacket(id, ends[4], 254, 14).subarray(20)
      const packet = withEsp(forge(id, sa, sequence, withTrailer(payload, [], 0, 254)))
      const title = `Number ${sequence} after ${highest}`
      return result === 'acceptable'
        ? openCase(id, sa, highest, packet, {
            title,
            result,
            section: '3.3.3',
            flags: ['NumberZero'],
            elsewhere: { packet: toHex(ipPacket(...ends[4], 254, payload)) },
          })
        : openCase(id, sa, highest, packet, { title, result, section: '3.4.3' })
    }),
  )
}

function senderCases(): readonly MadeCase[] {
  const invalid = (name: string, title: string, sequence: bigint, packet: Uint8Array, section: string): MadeCase => {
    const id = `esp-sender-${name}`
    return sealCase(id, saOf(id, gcm), sequence, packet, 'none', { title, result: 'invalid', section })
  }
  const fragment = (flags: number): Uint8Array => {
    const packet = plain('fragment')
    putU16(packet, 6, flags)
    writeIpv4Checksum(packet, 0, 20)
    return packet
  }
  return [
    invalid('cycle', 'The number after the last of 32 bits', 1n << 32n, plain('cycle'), '3.3.3'),
    invalid('zero', 'Number 0, which comes before the first', 0n, plain('zero'), '3.3.3'),
    invalid('first-fragment', 'A first fragment in transport mode', 1n, fragment(0x2000), '3.3.4'),
    invalid('later-fragment', 'A later fragment in transport mode', 1n, fragment(3), '3.3.4'),
    invalid('cut', 'A packet that is cut off', 1n, plain('cut').slice(0, -1), '3.3'),
  ]
}
