// The older capture format. draft-ietf-opsawg-pcap §4 (file header), §5 (packet record). Both byte orders, microseconds and nanoseconds.
import type { CaptureItem } from './frame.ts'
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

const fileHeader = 24
const recordHeader = 16
/** What capture tools hold to be the longest packet, whatever the file's header says. */
const usualLongest = 262_144

/** What a first word of four octets says of byte order and time stamps; `undefined` when it does not start a pcap file. */
export function pcapFormat(word: number): CaptureFormat | undefined {
  switch (word) {
    case 0xa1b2c3d4:
      return pcap(bigEndian, 1000n)
    case 0xd4c3b2a1:
      return pcap(littleEndian, 1000n)
    case 0xa1b23c4d:
      return pcap(bigEndian, 1n)
    case 0x4d3cb2a1:
      return pcap(littleEndian, 1n)
    default:
      return undefined
  }
}

interface FileHeader {
  readonly linkType: number
  readonly longest: number
}

/** `tick`: nanoseconds that the second half of a time stamp counts. */
function pcap(integers: Integers, tick: bigint): CaptureFormat {
  let header: FileHeader | undefined
  let frames = 0

  function readHeader({ octets, at }: Window): FileHeader {
    const snapLength = integers.u32(octets, at + 16)
    // §4: the upper 16 bits tell of frame check sequences.
    return { linkType: integers.u32(octets, at + 20) & 0xffff, longest: Math.min(Math.max(snapLength, usualLongest), longestFrame) }
  }

  function frameItem({ octets, at, offset }: Window, linkType: number, length: number): CaptureItem {
    const seconds = BigInt(integers.u32(octets, at))
    return {
      kind: 'frame',
      frame: {
        number: ++frames,
        offset: offset + recordHeader,
        at: seconds * 1_000_000_000n + BigInt(integers.u32(octets, at + 4)) * tick,
        linkType,
        octets: octets.subarray(at + recordHeader, at + recordHeader + length),
        originalLength: integers.u32(octets, at + 12),
        comments: [],
      },
    }
  }

  return {
    step(window): Step {
      const there = available(window)
      if (header === undefined) {
        if (there < fileHeader) return wait(fileHeader)
        header = readHeader(window)
        return taken(fileHeader)
      }
      if (there < recordHeader) return wait(recordHeader)
      const length = integers.u32(window.octets, window.at + 8)
      if (length > header.longest) {
        const found = `the record says that ${length} octets were captured`
        const expected = `at most ${header.longest}`
        return stop({ kind: 'fault', fault: { code: 'CAPTURE_CORRUPT', frame: frames + 1, offset: window.offset + 8, found, expected } })
      }
      if (there < recordHeader + length) return wait(recordHeader + length)
      return taken(recordHeader + length, frameItem(window, header.linkType, length))
    },

    cutOff(window): readonly CaptureItem[] {
      const there = available(window)
      const fault = (found: string, expected: string): CaptureItem => ({
        kind: 'fault',
        fault: { code: 'CAPTURE_TRUNCATED', frame: header === undefined ? undefined : frames + 1, offset: window.offset, found, expected },
      })
      if (header === undefined) return [fault(`the file ends after ${there} octets`, `a pcap file header of ${fileHeader} octets`)]
      if (there < recordHeader)
        return [fault(`the file ends after ${there} more octets`, `a packet record header of ${recordHeader} octets`)]
      const length = integers.u32(window.octets, window.at + 8)
      const cut = fault(`the file ends after ${there - recordHeader} octets of the packet`, `${length} octets of it, as its record says`)
      return [cut, frameItem(window, header.linkType, there - recordHeader)]
    },
  }
}
