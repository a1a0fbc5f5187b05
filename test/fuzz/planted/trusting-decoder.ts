// A planted bug: a decoder that reads as many SPIs as a Delete payload says that it has (RFC 7296 §3.11), before anything is checked.
import { u16 } from '../../../src/bytes/bytes.ts'
import { payloadType } from '../../../src/iana/payloads.ts'
import type { decodePayloads } from '../../../src/wire/codec.ts'

type DecodePayloads = typeof decodePayloads

export function trusting(real: DecodePayloads): DecodePayloads {
  return (firstType, bytes, ...rest) => {
    readSpis(firstType, bytes)
    return real(firstType, bytes, ...rest)
  }
}

function readSpis(firstType: number, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let type = firstType
  for (let at = 0; at + 8 <= bytes.length; at += Math.max(4, u16(bytes, at + 2))) {
    const count = type === payloadType.D ? u16(bytes, at + 6) : 0
    for (let i = 0; i < count; i++) view.getUint32(at + 8 + 4 * i)
    type = bytes[at] ?? 0
  }
}
