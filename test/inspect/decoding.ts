// A whole capture through reader and frame decoder, as the command does it.
import { formatCaptureFault } from '../../src/inspect/capture/frame.ts'
import { CaptureReader } from '../../src/inspect/capture/reader.ts'
import { type DecodedFrame, FrameDecoder, type FrameDecoderOptions } from '../../src/inspect/frame-decoder.ts'

export interface DecodedCapture {
  readonly frames: readonly DecodedFrame[]
  /** Of the file. */
  readonly faults: readonly string[]
  readonly decoder: FrameDecoder
}

export function decodeCapture(file: Uint8Array, options: Partial<FrameDecoderOptions> = {}): DecodedCapture {
  const decoder = new FrameDecoder({ decryption: undefined, ports: [], scope: 'ipsec', ...options })
  const reader = new CaptureReader()
  const items = [...reader.read(file), ...reader.end()]
  return {
    frames: items.flatMap((item) => (item.kind === 'frame' ? [decoder.decode(item.frame)] : [])),
    faults: items.flatMap((item) => (item.kind === 'fault' ? [formatCaptureFault(item.fault)] : [])),
    decoder,
  }
}
