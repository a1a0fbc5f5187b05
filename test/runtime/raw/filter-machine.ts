// The kernel's packet filter, as much of it as our programs use: Linux, Documentation/networking/filter.rst.
import type { FilterProgram } from '../../../src/runtime/raw/packet-filter.ts'

const loadWord = 0x20
const loadOctet = 0x30
const loadBehindHeader = 0x50
const loadHeaderLength = 0xb1
const jumpIfEqual = 0x15
const give = 0x06
/** SKF_AD_OFF + SKF_AD_PKTTYPE. */
const packetType = 0xfffff004

/** Whether the program lets a packet through that was sent to the host (`type` 0), or to somebody else. Throws where the kernel would refuse the program. */
export function passes({ length, instructions }: FilterProgram, packet: Uint8Array, type: number = 0): boolean {
  const program = new DataView(instructions.buffer)
  const octets = new DataView(packet.buffer, packet.byteOffset, packet.length)
  let accumulator = 0
  let index = 0
  for (let at = 0; at < length; at++) {
    const value = program.getUint32(8 * at + 4, true)
    const code = program.getUint16(8 * at, true)
    if (code === give) return value > 0
    if (code === jumpIfEqual) at += program.getUint8(8 * at + (accumulator === value ? 2 : 3))
    else if (code === loadWord && value === packetType) accumulator = type
    // The kernel gives up on a packet that is too short.
    else if (value + (code === loadBehindHeader ? index : 0) + (code === loadWord ? 4 : 1) > packet.length) return false
    else if (code === loadHeaderLength) index = 4 * (octets.getUint8(value) & 0x0f)
    else if (code === loadBehindHeader) accumulator = octets.getUint8(index + value)
    else if (code === loadWord) accumulator = octets.getUint32(value)
    else if (code === loadOctet) accumulator = octets.getUint8(value)
    else throw new Error(`instruction ${code}`)
  }
  throw new Error('the program runs over its end')
}
