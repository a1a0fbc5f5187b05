// Just enough of pcap and pcapng to get IKE messages out of public captures. For tests only: it trusts its files.
import { u16, u32 } from '../../src/bytes/bytes.ts'

const linkHeader: Readonly<Record<number, number>> = { 0: 4, 1: 14, 12: 0, 101: 0, 113: 16 }

interface Frame {
  readonly linkType: number
  readonly bytes: Uint8Array
}

/** The IKE messages of a capture, in order, without Non-ESP Marker. */
export function ikeMessages(capture: Uint8Array): readonly Uint8Array[] {
  const frames = u32(capture, 0) === 0x0a0d0d0a ? pcapngFrames(capture) : pcapFrames(capture)
  return frames.flatMap((frame) => {
    const header = linkHeader[frame.linkType]
    return header === undefined ? [] : ikeInIp(frame.bytes.subarray(header))
  })
}

function pcapFrames(capture: Uint8Array): readonly Frame[] {
  const little = capture[0] === 0xd4 || capture[0] === 0x4d
  const number = (at: number): number => (little ? littleU32(capture, at) : u32(capture, at))
  const frames: Frame[] = []
  for (let at = 24; at + 16 <= capture.length; at += 16 + number(at + 8))
    frames.push({ linkType: number(20) & 0xffff, bytes: capture.subarray(at + 16, at + 16 + number(at + 8)) })
  return frames
}

function pcapngFrames(capture: Uint8Array): readonly Frame[] {
  const little = capture[8] === 0x4d
  const number = (at: number): number => (little ? littleU32(capture, at) : u32(capture, at))
  const frames: Frame[] = []
  let linkType = 1
  for (let at = 0; at + 12 <= capture.length; at += Math.max(12, number(at + 4))) {
    if (number(at) === 1) linkType = little ? (capture[at + 8] ?? 0) : u16(capture, at + 8)
    if (number(at) === 6) frames.push({ linkType, bytes: capture.subarray(at + 28, at + 28 + number(at + 20)) })
  }
  return frames
}

function ikeInIp(packet: Uint8Array): readonly Uint8Array[] {
  const version = (packet[0] ?? 0) >>> 4
  const headerLength = version === 4 ? 4 * ((packet[0] ?? 0) & 15) : 40
  const protocol = version === 4 ? packet[9] : packet[6]
  const fragmented = version === 4 && (u16(packet, 6) & 0x3fff) !== 0
  if (protocol !== 17 || fragmented) return []
  const udp = packet.subarray(headerLength)
  const payload = udp.subarray(8, u16(udp, 4))
  const ports = [u16(udp, 0), u16(udp, 2)]
  if (ports.includes(500)) return [payload]
  return ports.includes(4500) && payload.length > 4 && u32(payload, 0) === 0 ? [payload.subarray(4)] : []
}

function littleU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
}
