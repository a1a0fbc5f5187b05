// A capture file as it comes, in chunks of any size, frame by frame. Memory: the chunks that one frame lies in.
import { concat, toHex, u32 } from '../../bytes/bytes.ts'
import type { CaptureItem } from './frame.ts'
import { pcapFormat } from './pcap.ts'
import { pcapngFormat, sectionHeaderBlock } from './pcapng.ts'
import type { CaptureFormat } from './steps.ts'

export class CaptureReader {
  #format: CaptureFormat | undefined
  #chunks: Uint8Array[] = []
  /** Octets in `#chunks`, and how many it takes to go on. */
  #held = 0
  #wanted = 4
  /** Where the first octet of `#chunks` is in the file. */
  #offset = 0
  /** Octets still to come that nobody looks at. */
  #skipped = 0
  #stopped = false

  /** The next octets of the file, which must not change any more: frames are views of them. */
  read(chunk: Uint8Array): readonly CaptureItem[] {
    const passed = Math.min(this.#skipped, chunk.length)
    this.#skipped -= passed
    this.#offset += passed
    if (this.#stopped || passed === chunk.length) return []
    this.#chunks.push(passed === 0 ? chunk : chunk.subarray(passed))
    this.#held += chunk.length - passed
    return this.#held < this.#wanted ? [] : this.#advance()
  }

  /** The file is at its end: what it was in the middle of, as far as it goes, and what is missing. */
  end(): readonly CaptureItem[] {
    if (this.#stopped) return []
    this.#stopped = true
    if (this.#format === undefined) return [unknownFormat(concat(...this.#chunks))]
    if (this.#skipped > 0) {
      const found = 'the file ends inside a block'
      const expected = `${this.#skipped} octets more`
      return [{ kind: 'fault', fault: { code: 'CAPTURE_TRUNCATED', frame: undefined, offset: this.#offset, found, expected } }]
    }
    return this.#held === 0 ? [] : this.#format.cutOff({ octets: concat(...this.#chunks), at: 0, offset: this.#offset })
  }

  /** Nothing that comes can be read: the fault has been told. */
  get stopped(): boolean {
    return this.#stopped
  }

  #advance(): readonly CaptureItem[] {
    const [first] = this.#chunks
    const octets = this.#chunks.length === 1 && first !== undefined ? first : concat(...this.#chunks)
    this.#format ??= formatOf(octets)
    if (this.#format === undefined) {
      this.#stopped = true
      this.#keep(octets, octets.length)
      return [unknownFormat(octets)]
    }
    const items: CaptureItem[] = []
    let at = 0
    this.#wanted = 1
    while (at < octets.length) {
      const step = this.#format.step({ octets, at, offset: this.#offset + at })
      if (step.kind === 'wait') {
        this.#wanted = step.wanted
        break
      }
      items.push(...step.items)
      if (step.kind === 'stop') {
        this.#stopped = true
        at = octets.length
      } else at += step.octets
    }
    this.#skipped = Math.max(0, at - octets.length)
    this.#keep(octets, Math.min(at, octets.length))
    return items
  }

  #keep(octets: Uint8Array, from: number): void {
    this.#offset += from
    this.#held = octets.length - from
    this.#chunks = this.#held === 0 ? [] : [octets.subarray(from)]
  }
}

function formatOf(octets: Uint8Array): CaptureFormat | undefined {
  const word = u32(octets, 0)
  return word === sectionHeaderBlock ? pcapngFormat() : pcapFormat(word)
}

/** Whether a file that starts so is a capture. */
export const startsCapture = (octets: Uint8Array): boolean => octets.length >= 4 && formatOf(octets) !== undefined

function unknownFormat(octets: Uint8Array): CaptureItem {
  const start = octets.subarray(0, 4)
  const known = compressions.find(({ magic }) => toHex(start).startsWith(magic))
  const found =
    octets.length === 0
      ? 'the file is empty'
      : known === undefined
        ? `the file starts with ${toHex(start)}`
        : `the file is compressed (${known.name})`
  const expected =
    known === undefined
      ? 'pcap (a1b2c3d4 or a1b23c4d, in either byte order) or pcapng (0a0d0d0a)'
      : `a capture: uncompress it first (${known.tool})`
  return { kind: 'fault', fault: { code: 'CAPTURE_UNKNOWN_FORMAT', frame: undefined, offset: 0, found, expected } }
}

const compressions = [
  { magic: '1f8b', name: 'gzip', tool: 'gunzip' },
  { magic: '28b52ffd', name: 'zstd', tool: 'unzstd' },
  { magic: 'fd377a58', name: 'xz', tool: 'unxz' },
  { magic: '425a68', name: 'bzip2', tool: 'bunzip2' },
  { magic: '04224d18', name: 'lz4', tool: 'unlz4' },
] as const
