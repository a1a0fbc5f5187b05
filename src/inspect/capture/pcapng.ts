// The newer capture format. draft-ietf-opsawg-pcapng §3 (blocks and options), §4.1 (section header), §4.2 (interface description),
// §4.3 (enhanced packet), §4.4 (simple packet), appendix A (obsolete packet block). Blocks of other types are skipped unseen.
import type { CaptureFault, CaptureFaultCode, CaptureItem } from './frame.ts'
import {
  available,
  bigEndian,
  type CaptureFormat,
  type Integers,
  littleEndian,
  longestFrame,
  type Step,
  stop,
  taken,
  wait,
  type Window,
} from './steps.ts'
import { interfaceTime, readOptions, optionCode, type TimeBase } from './pcapng-options.ts'

export const sectionHeaderBlock = 0x0a0d0d0a
const blockType = { interfaceDescription: 1, packet: 2, simplePacket: 3, enhancedPacket: 6 } as const
/** Type, length, and the length once more. */
const frameOfBlock = 12
const mostInterfaces = 65_536

interface Interface {
  readonly linkType: number
  /** 0: no limit. */
  readonly snapLength: number
  readonly time: TimeBase
}

/** Where the parts of a packet are in the three kinds of block, as offsets from the block's start. */
interface PacketBlock {
  readonly interfaceId: number
  readonly at: bigint | undefined
  readonly captured: number
  readonly original: number
  readonly data: number
}

export function pcapngFormat(): CaptureFormat {
  let integers = littleEndian
  let interfaces: Interface[] = []
  let frames = 0

  const fault = (code: CaptureFaultCode, offset: number, found: string, expected: string, frame?: number): CaptureItem => {
    const value: CaptureFault = { code, frame, offset, found, expected }
    return { kind: 'fault', fault: value }
  }

  function sectionStart({ octets, at, offset }: Window): CaptureItem | undefined {
    const magic = bigEndian.u32(octets, at + 8)
    if (magic !== 0x1a2b3c4d && magic !== 0x4d3c2b1a)
      return fault('CAPTURE_CORRUPT', offset + 8, `byte-order magic 0x${magic.toString(16)}`, '0x1a2b3c4d in either byte order')
    integers = magic === 0x1a2b3c4d ? bigEndian : littleEndian
    // §4.2: interfaces are numbered within their section.
    interfaces = []
    return undefined
  }

  function describeInterface({ octets, at }: Window, length: number): void {
    const options = readOptions(octets, at + 16, at + length - 4, integers)
    interfaces.push({
      linkType: integers.u16(octets, at + 8),
      snapLength: integers.u32(octets, at + 12),
      time: interfaceTime(options, integers),
    })
  }

  function packetItems(window: Window, type: number, length: number, end: number): readonly CaptureItem[] {
    const { octets, at, offset } = window
    const number = ++frames
    const room = end - at
    const packet = packetBlock(octets, at, type, integers, interfaces, length)
    const source = interfaces[packet.interfaceId]
    const items: CaptureItem[] = []
    if (source === undefined) {
      const expected =
        interfaces.length === 0
          ? 'an interface description block before the first packet'
          : `one of the ${interfaces.length} described before`
      return [fault('CAPTURE_CORRUPT', offset + 8, `the packet is of interface ${packet.interfaceId}`, expected, number)]
    }
    // A block that says more than it holds: what it holds is shown.
    const held = Math.max(0, Math.min(packet.captured, room - packet.data))
    if (packet.data + packet.captured > length - 4) {
      const expected = `at most ${Math.max(0, length - 4 - packet.data)}, which the block has room for`
      items.push(fault('CAPTURE_CORRUPT', offset, `the packet block says that ${packet.captured} octets were captured`, expected, number))
    }
    const optionsAt = at + packet.data + ((packet.captured + 3) & ~3)
    const options = type === blockType.simplePacket ? [] : readOptions(octets, optionsAt, Math.min(at + length - 4, end), integers)
    const time = packet.at === undefined ? undefined : source.time.toNanoseconds(packet.at)
    items.push({
      kind: 'frame',
      frame: {
        number,
        offset: offset + packet.data,
        at: time,
        linkType: source.linkType,
        octets: octets.subarray(at + packet.data, at + packet.data + held),
        originalLength: packet.original,
        comments: options.filter(({ code }) => code === optionCode.comment).map(({ value }) => value),
      },
    })
    return items
  }

  function wholeBlock(window: Window, type: number, length: number): Step {
    const { octets, at, offset } = window
    const again = integers.u32(octets, at + length - 4)
    if (again !== length)
      return stop(
        fault(
          'CAPTURE_CORRUPT',
          offset + length - 4,
          `the block's length is ${again} at its end`,
          `${length}, as at its start`,
          nextFrame(),
        ),
      )
    if (length < leastLength(type))
      return stop(
        fault('CAPTURE_CORRUPT', offset + 4, `a block of type ${type} has ${length} octets`, `at least ${leastLength(type)}`, nextFrame()),
      )
    if (type === blockType.interfaceDescription) {
      if (interfaces.length === mostInterfaces)
        return stop(fault('CAPTURE_CORRUPT', offset, 'one more interface', `at most ${mostInterfaces} in a section`, nextFrame()))
      describeInterface(window, length)
      return taken(length)
    }
    return taken(length, ...packetItems(window, type, length, at + length - 4))
  }

  const nextFrame = (): number | undefined => (frames === 0 ? undefined : frames + 1)

  return {
    step(window): Step {
      const { octets, at, offset } = window
      if (available(window) < frameOfBlock) return wait(frameOfBlock)
      const isSection = bigEndian.u32(octets, at) === sectionHeaderBlock
      const wrong = isSection ? sectionStart(window) : undefined
      if (wrong !== undefined) return stop(wrong)
      const length = integers.u32(octets, at + 4)
      // §3.1: a multiple of four.
      if (length < frameOfBlock || length % 4 !== 0)
        return stop(fault('CAPTURE_CORRUPT', offset + 4, `a block of ${length} octets`, 'a multiple of 4, at least 12', nextFrame()))
      const type = integers.u32(octets, at)
      if (isSection || !isRead(type)) return taken(length)
      if (length > longestFrame)
        return stop(fault('CAPTURE_CORRUPT', offset + 4, `a packet block of ${length} octets`, `at most ${longestFrame}`, nextFrame()))
      return available(window) < length ? wait(length) : wholeBlock(window, type, length)
    },

    cutOff(window): readonly CaptureItem[] {
      const { octets, at, offset } = window
      const there = available(window)
      if (there < frameOfBlock)
        return [
          fault('CAPTURE_TRUNCATED', offset, `the file ends after ${there} more octets`, 'a block of at least 12 octets', nextFrame()),
        ]
      const type = integers.u32(octets, at)
      const length = integers.u32(octets, at + 4)
      const cut = fault(
        'CAPTURE_TRUNCATED',
        offset,
        `the file ends after ${there} octets of the block`,
        `${length} octets, as its length says`,
        frames + 1,
      )
      const hasStart = isPacket(type) && length >= leastLength(type) && there >= leastLength(type) - 4
      return hasStart ? [cut, ...packetItems(window, type, length, octets.length)] : [cut]
    },
  }
}

const isPacket = (type: number): boolean =>
  type === blockType.packet || type === blockType.simplePacket || type === blockType.enhancedPacket
const isRead = (type: number): boolean => isPacket(type) || type === blockType.interfaceDescription

function leastLength(type: number): number {
  return type === blockType.interfaceDescription ? 20 : type === blockType.simplePacket ? 16 : 32
}

function packetBlock(
  octets: Uint8Array,
  at: number,
  type: number,
  { u16, u32 }: Integers,
  interfaces: readonly Interface[],
  length: number,
): PacketBlock {
  if (type === blockType.simplePacket) {
    // §4.4: of the first interface, cut at its snapshot length, without a time.
    const original = u32(octets, at + 8)
    const limit = interfaces[0]?.snapLength ?? 0
    const captured = Math.min(original, limit === 0 ? original : limit, length - 16)
    return { interfaceId: 0, at: undefined, captured, original, data: 12 }
  }
  const interfaceId = type === blockType.packet ? u16(octets, at + 8) : u32(octets, at + 8)
  const time = (BigInt(u32(octets, at + 12)) << 32n) | BigInt(u32(octets, at + 16))
  return { interfaceId, at: time, captured: u32(octets, at + 20), original: u32(octets, at + 24), data: 28 }
}
