import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, toHex, utf8 } from '../../../src/bytes/bytes.ts'
import { type CaptureFault, type CapturedFrame, type CaptureItem, formatCaptureFault } from '../../../src/inspect/capture/frame.ts'
import { CaptureReader } from '../../../src/inspect/capture/reader.ts'
import { block, type ByteOrder, enhancedPacket, interfaceBlock, option, pcapFile, sectionHeader, u16, u32 } from './files.ts'

const orders: readonly ByteOrder[] = ['little', 'big']
const packet = Uint8Array.of(0x45, 1, 2, 3, 4)
const second = 1_000_000_000n

function readAll(file: Uint8Array, cuts: readonly number[] = []): readonly CaptureItem[] {
  const reader = new CaptureReader()
  const items: CaptureItem[] = []
  let from = 0
  for (const cut of [...cuts.filter((at) => at <= file.length).sort((a, b) => a - b), file.length]) {
    items.push(...reader.read(file.slice(from, cut)))
    from = cut
  }
  return [...items, ...reader.end()]
}
const framesOf = (file: Uint8Array): readonly CapturedFrame[] =>
  readAll(file).flatMap((item) => (item.kind === 'frame' ? [item.frame] : []))
const faultsOf = (file: Uint8Array): readonly CaptureFault[] => readAll(file).flatMap((item) => (item.kind === 'fault' ? [item.fault] : []))
const saysOf = (file: Uint8Array): readonly string[] => faultsOf(file).map(formatCaptureFault)

describe.each(orders)('pcap, %s-endian', (order) => {
  test('with microseconds', () => {
    const [frame] = framesOf(pcapFile(order, 0xa1b2c3d4, 101, [{ seconds: 7, fraction: 5, octets: packet }]))
    expect(frame).toEqual({
      number: 1,
      offset: 40,
      at: 7n * second + 5_000n,
      linkType: 101,
      octets: packet,
      originalLength: 5,
      comments: [],
    })
  })

  test('with nanoseconds', () => {
    const [frame] = framesOf(pcapFile(order, 0xa1b23c4d, 1, [{ seconds: 7, fraction: 5, octets: packet }]))
    expect(frame).toMatchObject({ at: 7n * second + 5n, linkType: 1 })
  })

  test('a frame that the snapshot length cut says how long it was', () => {
    const [frame] = framesOf(pcapFile(order, 0xa1b2c3d4, 101, [{ seconds: 0, fraction: 0, octets: packet, original: 1500 }]))
    expect(frame).toMatchObject({ octets: packet, originalLength: 1500 })
  })
})

describe.each(orders)('pcapng, %s-endian', (order) => {
  const ticks = (exponent: number): Uint8Array => option(order, 9, Uint8Array.of(exponent))

  test('several interfaces, each with its link type and its clock', () => {
    const offset = option(order, 14, order === 'big' ? concat(u32(0, order), u32(100, order)) : concat(u32(100, order), u32(0, order)))
    const file = concat(
      sectionHeader(order),
      interfaceBlock(order, 1, 0),
      interfaceBlock(order, 101, 0, ticks(9)),
      interfaceBlock(order, 113, 0, ticks(0x80 | 10), offset),
      enhancedPacket(order, 0, 3_000_001n, packet),
      enhancedPacket(order, 1, 3_000_000_001n, packet),
      enhancedPacket(order, 2, 512n, packet),
    )
    expect(framesOf(file).map(({ linkType, at }) => [linkType, at])).toEqual([
      [1, 3n * second + 1_000n],
      [101, 3n * second + 1n],
      [113, 100n * second + second / 2n],
    ])
  })

  test('comments come with their frame, as octets', () => {
    const comments = ['IKE_SA_INIT', 'second'].map((text) => option(order, 1, utf8(text)))
    const file = concat(sectionHeader(order), interfaceBlock(order, 101, 0), enhancedPacket(order, 0, 0n, packet, ...comments))
    expect(framesOf(file)[0]?.comments).toEqual([utf8('IKE_SA_INIT'), utf8('second')])
  })

  test('simple packets have no time and end at the snapshot length', () => {
    const file = concat(
      sectionHeader(order),
      interfaceBlock(order, 101, 4),
      block(order, 3, u32(9, order), packet.subarray(0, 4)),
      block(order, 3, u32(3, order), packet.subarray(0, 3)),
    )
    expect(framesOf(file).map(({ octets, originalLength, at }) => [toHex(octets), originalLength, at])).toEqual([
      ['45010203', 9, undefined],
      ['450102', 3, undefined],
    ])
  })

  test('the obsolete packet block is read, too', () => {
    const body = [u16(0, order), u16(0, order), u32(0, order), u32(9, order), u32(5, order), u32(5, order), packet]
    const file = concat(sectionHeader(order), interfaceBlock(order, 101, 0, ticks(9)), block(order, 2, ...body))
    expect(framesOf(file)).toMatchObject([{ at: 9n, octets: packet }])
  })

  test('blocks of other types are skipped, however long', () => {
    const file = concat(
      sectionHeader(order),
      block(order, 4, new Uint8Array(100)),
      interfaceBlock(order, 101, 0),
      block(order, 0x0bad_cafe, new Uint8Array(70_000)),
      enhancedPacket(order, 0, 0n, packet),
    )
    expect(framesOf(file)).toHaveLength(1)
    expect(faultsOf(file)).toEqual([])
  })

  test('a second section has interfaces and a byte order of its own', () => {
    const other: ByteOrder = order === 'big' ? 'little' : 'big'
    const file = concat(
      ...[order, other].flatMap((each, i) => [
        sectionHeader(each),
        interfaceBlock(each, i === 0 ? 1 : 101, 0),
        enhancedPacket(each, 0, 1n, packet),
      ]),
    )
    expect(framesOf(file).map(({ number, linkType, at }) => [number, linkType, at])).toEqual([
      [1, 1, 1_000n],
      [2, 101, 1_000n],
    ])
  })
})

describe('how the file is cut into chunks', () => {
  const pcap = pcapFile('little', 0xa1b2c3d4, 101, [
    { seconds: 1, fraction: 1, octets: packet },
    { seconds: 2, fraction: 2, octets: new Uint8Array(60).fill(7) },
  ])
  const pcapng = concat(
    sectionHeader('big'),
    interfaceBlock('big', 101, 0),
    block('big', 99, new Uint8Array(50)),
    enhancedPacket('big', 0, 5n, packet, option('big', 1, utf8('x'))),
    enhancedPacket('big', 0, 6n, new Uint8Array(41)),
  )

  test.each([
    ['pcap', pcap],
    ['pcapng', pcapng],
  ])('does not matter to %s, whole or cut off', (_, file) => {
    const cutAnywhere = fc.array(fc.integer({ min: 0, max: file.length }), { maxLength: 12 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: file.length }), cutAnywhere, (length, cuts) => {
        const cut = file.slice(0, length)
        expect(readAll(cut, cuts)).toEqual(readAll(cut))
      }),
      { numRuns: 300, seed: 7 },
    )
  })

  test('nor does any octet that is not what it was make it throw', () => {
    fc.assert(
      fc.property(fc.constantFrom(pcap, pcapng), fc.nat(200), fc.nat(255), (file, at, octet) => {
        const damaged = file.slice()
        damaged[at % file.length] = octet
        for (const item of readAll(damaged))
          if (item.kind === 'fault') expect(formatCaptureFault(item.fault)).toMatch(/offset \d+: .*; expected /)
      }),
      { numRuns: 2000, seed: 8 },
    )
  })
})

describe('what is wrong with a file is said with its place', () => {
  const good = pcapFile('little', 0xa1b2c3d4, 101, [
    { seconds: 0, fraction: 0, octets: packet },
    { seconds: 0, fraction: 0, octets: packet },
  ])

  test.each([
    [
      'nothing',
      new Uint8Array(0),
      'offset 0: the file is empty; expected pcap (a1b2c3d4 or a1b23c4d, in either byte order) or pcapng (0a0d0d0a)',
    ],
    [
      'text',
      utf8('hello'),
      'offset 0: the file starts with 68656c6c; expected pcap (a1b2c3d4 or a1b23c4d, in either byte order) or pcapng (0a0d0d0a)',
    ],
    [
      'a compressed file',
      Uint8Array.of(0x1f, 0x8b, 8, 0),
      'offset 0: the file is compressed (gzip); expected a capture: uncompress it first (gunzip)',
    ],
    ['half a file header', good.slice(0, 10), 'offset 0: the file ends after 10 octets; expected a pcap file header of 24 octets'],
    [
      'half a record header',
      good.slice(0, 50),
      'frame 2, offset 45: the file ends after 5 more octets; expected a packet record header of 16 octets',
    ],
    [
      'half a packet',
      good.slice(0, 63),
      'frame 2, offset 45: the file ends after 2 octets of the packet; expected 5 octets of it, as its record says',
    ],
  ])('%s', (_, file, says) => {
    expect(saysOf(file)).toEqual([says])
  })

  test('of a packet that is cut short, what is there is shown', () => {
    expect(framesOf(good.slice(0, 63)).map(({ octets }) => toHex(octets))).toEqual(['4501020304', '4501'])
  })

  test('a length that nobody can mean ends the reading', () => {
    const bad = good.slice()
    bad.set(u32(0x7fffffff, 'little'), 45 + 8)
    expect(saysOf(bad)).toEqual(['frame 2, offset 53: the record says that 2147483647 octets were captured; expected at most 262144'])
    expect(framesOf(bad)).toHaveLength(1)
  })

  const start = concat(sectionHeader('little'), interfaceBlock('little', 101, 0))

  test.each([
    [
      'a block without end',
      concat(start, enhancedPacket('little', 0, 0n, packet).slice(0, 30)),
      /^frame 1, offset 48: the file ends after 30 octets of the block; expected 40 octets/,
    ],
    [
      'two lengths of one block',
      concat(start, enhancedPacket('little', 0, 0n, packet).slice(0, 36), u32(44, 'little')),
      /^offset 84: the block's length is 44 at its end; expected 40/,
    ],
    [
      'an interface that is not described',
      concat(start, enhancedPacket('little', 3, 0n, packet)),
      /^frame 1, offset 56: the packet is of interface 3; expected one of the 1 described before/,
    ],
    [
      'a block of 13 octets',
      concat(start, u32(6, 'little'), u32(13, 'little'), new Uint8Array(20)),
      /^offset 52: a block of 13 octets; expected a multiple of 4/,
    ],
    ['no byte order', concat(u32(0x0a0d0d0a, 'big'), new Uint8Array(24)), /^offset 8: byte-order magic 0x0; expected 0x1a2b3c4d/],
    [
      'the end inside a block that is skipped',
      concat(start, block('little', 9, new Uint8Array(80)).slice(0, 40)),
      /the file ends inside a block; expected 52 octets more/,
    ],
  ])('%s', (_, file, says) => {
    expect(saysOf(file).join('\n')).toMatch(says)
  })

  test('a packet that claims more than its block holds is shown as far as it goes', () => {
    const lying = enhancedPacket('little', 0, 0n, packet)
    lying.set(u32(500, 'little'), 20)
    expect(saysOf(concat(start, lying))).toEqual([
      'frame 1, offset 48: the packet block says that 500 octets were captured; expected at most 8, which the block has room for',
    ])
    expect(framesOf(concat(start, lying)).map(({ octets }) => octets.length)).toEqual([8])
  })
})
