// Captures in pcapng: one section, one interface of raw IP packets, one enhanced packet block a packet.
// draft-ietf-opsawg-pcapng §4.1 (section header), §4.2 (interface description), §4.3 (enhanced packet); link type 101 (RAW): the packet
// starts with its IP header.
import { concat, utf8 } from '../bytes/bytes.ts'

export interface CapturedPacket {
  /** Nanoseconds since 1970-01-01T00:00Z. */
  readonly at: bigint
  /** From the IP header on. */
  readonly packet: Uint8Array
  readonly direction: 'sent' | 'received' | undefined
  readonly comment: string | undefined
}

/** What a file starts with. `application` names who wrote it, `interfaceName` where the packets were seen. */
export function pcapngStart(application: string, interfaceName: string): Uint8Array {
  return concat(sectionHeader(application), interfaceDescription(interfaceName))
}

/** One packet; append it to what `pcapngStart` gave. */
export function pcapngPacket(captured: CapturedPacket): Uint8Array {
  const options: Option[] = []
  // §4.3: epb_flags, bits 0 and 1: 1 inbound, 2 outbound.
  if (captured.direction !== undefined) options.push({ code: 2, value: u32le(captured.direction === 'received' ? 1 : 2) })
  if (captured.comment !== undefined) options.push({ code: commentOption, value: utf8(captured.comment) })
  const length = u32le(captured.packet.length)
  return block(0x00000006, [
    u32le(0),
    u32le(Number((captured.at >> 32n) & 0xffffffffn)),
    u32le(Number(captured.at & 0xffffffffn)),
    length,
    length,
    padded(captured.packet),
    encodeOptions(options),
  ])
}

/** A whole file. */
export function pcapngFile(application: string, interfaceName: string, packets: readonly CapturedPacket[]): Uint8Array {
  return concat(pcapngStart(application, interfaceName), ...packets.map(pcapngPacket))
}

interface Option {
  readonly code: number
  readonly value: Uint8Array
}
const commentOption = 1

function sectionHeader(application: string): Uint8Array {
  // Version 1.0; the section's length is not known while it is being written: all ones.
  const version = Uint8Array.of(1, 0, 0, 0)
  const unknownLength = new Uint8Array(8).fill(0xff)
  return block(0x0a0d0d0a, [u32le(0x1a2b3c4d), version, unknownLength, encodeOptions([{ code: 4, value: utf8(application) }])])
}

function interfaceDescription(name: string): Uint8Array {
  // Link type 101, two reserved octets, no snapshot limit; if_name is option 2; if_tsresol is option 9: ten to the minus nine seconds.
  const options = [
    { code: 2, value: utf8(name) },
    { code: 9, value: Uint8Array.of(9) },
  ]
  return block(0x00000001, [Uint8Array.of(101, 0, 0, 0), u32le(0), encodeOptions(options)])
}

/** Every block carries its length before and after its body. */
function block(type: number, body: readonly Uint8Array[]): Uint8Array {
  const content = concat(...body)
  const length = u32le(content.length + 12)
  return concat(u32le(type), length, content, length)
}

function encodeOptions(options: readonly Option[]): Uint8Array {
  if (options.length === 0) return new Uint8Array(0)
  const parts = options.map(({ code, value }) => {
    // An option's length has 16 bits: a longer comment is cut.
    const cut = value.subarray(0, 0xffff)
    return concat(u16le(code), u16le(cut.length), padded(cut))
  })
  return concat(...parts, u32le(0))
}

/** Filled up to 32 bits with zeros. */
function padded(octets: Uint8Array): Uint8Array {
  const whole = new Uint8Array((octets.length + 3) & ~3)
  whole.set(octets)
  return whole
}

const u16le = (value: number): Uint8Array => Uint8Array.of(value, value >>> 8)
const u32le = (value: number): Uint8Array => Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24)
