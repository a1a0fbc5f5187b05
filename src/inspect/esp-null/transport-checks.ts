// Checks of TCP, UDP, ICMP and SCTP inside an authenticated-only packet. RFC 5879 §8.3.1 to §8.3.4 and appendix A.2, RFC 9293 §3.1,
// RFC 768, RFC 792, RFC 4443, RFC 9260 §3.
import { u16, u32 } from '../../bytes/bytes.ts'
import { ipProtocol } from '../../iana/ip-protocols.ts'
import { onesSum } from '../../net/checksum.ts'
import { icmpField, tcpField, tcpMinimumHeader, udpField, udpHeaderLength } from '../../net/transport.ts'
import { crc32c } from './crc32c.ts'
import { type Inside, type Look, rarity } from './look.ts'

const flag = { fin: 1, syn: 2, rst: 4, ack: 16, urg: 32 } as const

/**
 * Wrong checksums are no reason against TCP and UDP: a NAT that took the packet for an encrypted one changed the addresses, and left
 * the checksum (RFC 5879 §8.3.1).
 */
export function checkTcp(look: Look, inside: Inside): void {
  const { bytes, at, end } = inside
  const headerLength = ((bytes[at + tcpField.dataOffset] ?? 0) >>> 4) * 4
  if (end - at < tcpMinimumHeader) return look.refuse('too short for TCP')
  if (headerLength < tcpMinimumHeader || headerLength > end - at) return look.refuse('Data Offset of TCP')
  // RFC 6335 §6: port 0 is reserved.
  if (u16(bytes, at) === 0 || u16(bytes, at + 2) === 0) return look.refuse('a port 0 of TCP')
  passTcpHeader(look, inside, headerLength)
  if (look.impossible !== undefined) return undefined
  passChecksum(look, inside, ipProtocol.TCP, end - at)
  passPorts(look, inside)
  const { traces, before } = look
  const flags = bytes[at + tcpField.flags] ?? 0
  traces.number = u32(bytes, at + tcpField.sequence)
  traces.nextNumber = (traces.number + end - at - headerLength + ((flags & (flag.syn | flag.fin)) === 0 ? 0 : 1)) >>> 0
  traces.acknowledgement = (flags & flag.ack) === 0 ? -1 : u32(bytes, at + tcpField.acknowledgement)
  if (!inside.mayCount && (traces.number === before.number || traces.number === before.nextNumber)) look.pass('tcp-sequence', 31)
  if (traces.acknowledgement >= 0 && traces.acknowledgement === before.acknowledgement) look.pass('tcp-acknowledgement', 32)
  return undefined
}

function passTcpHeader(look: Look, { bytes, at }: Inside, headerLength: number): void {
  const flags = bytes[at + tcpField.flags] ?? 0
  const starts = flags & (flag.fin | flag.syn | flag.rst)
  const oneAtMost = (starts & (starts - 1)) === 0
  const belong = oneAtMost && ((flags & flag.ack) !== 0 || starts === flag.syn || starts === flag.rst)
  const reserved = (bytes[at + tcpField.dataOffset] ?? 0) & 0x0e
  if (headerLength === tcpMinimumHeader) look.pass('tcp-header', (reserved === 0 ? 3 : 0) + 4 + (belong ? 1 : 0))
  else {
    look.pass('tcp-header', (reserved === 0 ? 3 : 0) + (belong ? 1 : 0))
    const known = knownOptions(bytes, at + tcpMinimumHeader, at + headerLength)
    if (known === undefined) return look.refuse('options of TCP')
    look.pass('tcp-options', Math.min(24, 12 * known))
  }
  if ((flags & flag.ack) === 0 && u32(bytes, at + tcpField.acknowledgement) === 0) look.pass('tcp-no-acknowledgement', 32)
  if ((flags & flag.urg) === 0 && u16(bytes, at + tcpField.urgent) === 0) look.pass('tcp-no-urgent', 16)
  return undefined
}

/** Kind and length of options in use (RFC 9293 §3.1, RFC 7323, RFC 2018). */
const optionLengths: Readonly<Record<number, number>> = { 2: 4, 3: 3, 4: 2, 8: 10 }

/** How many have the length of their kind; `undefined`: they do not fit (RFC 9293 §3.1). */
function knownOptions(bytes: Uint8Array, start: number, end: number): number | undefined {
  let known = 0
  let at = start
  while (at < end) {
    const kind = bytes[at] ?? 0
    if (kind === 0) return known
    const length = kind === 1 ? 1 : at + 1 < end ? (bytes[at + 1] ?? 0) : 0
    if (length < (kind === 1 ? 1 : 2) || at + length > end) return undefined
    if (optionLengths[kind] === length) known++
    at += length
  }
  return known
}

export function checkUdp(look: Look, inside: Inside): void {
  const { bytes, at, end } = inside
  const available = end - at
  const length = u16(bytes, at + udpField.length)
  if (available < udpHeaderLength) return look.refuse('too short for UDP')
  if (length < udpHeaderLength || length > available) return look.refuse('length of UDP')
  // RFC 768: only the source port may be 0.
  if (u16(bytes, at + udpField.destinationPort) === 0) return look.refuse('destination port 0 of UDP')
  look.pass('length', length === available ? 16 : rarity(available - udpHeaderLength + 1, 65_536))
  if (u16(bytes, at + udpField.checksum) === 0) look.pass('checksum', 16)
  else passChecksum(look, inside, ipProtocol.UDP, length)
  if (u16(bytes, at) === u16(bytes, at + 2)) look.pass('equal-ports', 16)
  passPorts(look, inside)
  return undefined
}

/** Types with the highest code that each has (RFC 792, RFC 1256; RFC 4443, RFC 4861, RFC 3810). */
const icmpCodes: Readonly<Record<number, number>> = { 0: 0, 3: 15, 5: 3, 8: 0, 9: 0, 10: 0, 11: 1, 12: 2, 13: 0, 14: 0 }
const icmpv6Codes: Readonly<Record<number, number>> = {
  1: 8,
  2: 0,
  3: 1,
  4: 3,
  128: 0,
  129: 0,
  130: 0,
  131: 0,
  132: 0,
  133: 0,
  134: 0,
  135: 0,
  136: 0,
  137: 0,
  143: 0,
}
const icmpEchoes: Readonly<Record<number, readonly number[]>> = { [ipProtocol.ICMP]: [0, 8], [ipProtocol.ICMPV6]: [128, 129] }

export function checkIcmp(look: Look, inside: Inside, protocol: number): void {
  const { bytes, at, end } = inside
  // RFC 792: every message has eight octets; RFC 4443 §2.1: four, and there is none with less than eight.
  if (end - at < icmpField.data) return look.refuse('too short for ICMP')
  const type = bytes[at] ?? 0
  const highest = (protocol === ipProtocol.ICMP ? icmpCodes : icmpv6Codes)[type]
  if (highest !== undefined && (bytes[at + icmpField.code] ?? 0) <= highest) look.pass('icmp-type', rarity(32, 65_536))
  if (protocol === ipProtocol.ICMPV6) passChecksum(look, inside, protocol, end - at)
  else if (onesSum(bytes, at, end - at, 0) === 0xffff) look.pass('checksum', 16)
  if (icmpEchoes[protocol]?.includes(type) !== true) return undefined
  const { traces, before } = look
  traces.number = u32(bytes, at + icmpField.identifier)
  traces.nextNumber = (traces.number + 1) >>> 0
  if (!inside.mayCount && (traces.number === before.number || traces.number === before.nextNumber)) look.pass('icmp-echo-again', 31)
  return undefined
}

const sctpHeaderLength = 12

/** RFC 9260 §3: header with a checksum of its own, which no NAT breaks; then chunks, each of whole words. */
export function checkSctp(look: Look, inside: Inside): void {
  const { bytes, at, end } = inside
  if (end - at < sctpHeaderLength + 4) return look.refuse('too short for SCTP')
  if (u16(bytes, at) === 0 || u16(bytes, at + 2) === 0) return look.refuse('a port 0 of SCTP')
  let chunk = at + sctpHeaderLength
  while (chunk < end) {
    const length = end - chunk < 4 ? 0 : u16(bytes, chunk + 2)
    if (length < 4 || chunk + length > end) return look.refuse('chunks of SCTP')
    chunk += (length + 3) & -4
  }
  look.pass('length', 16)
  const octets = bytes.slice(at, end)
  octets.fill(0, 8, sctpHeaderLength)
  const sent = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 8, true)
  if (crc32c(octets) === sent) look.pass('checksum', 32)
  passPorts(look, inside)
  look.traces.number = u32(bytes, at + 4)
  if (!inside.mayCount && look.traces.number === look.before.number) look.pass('sctp-tag-again', 32)
  return undefined
}

function passChecksum(look: Look, { bytes, at, addressSum }: Inside, protocol: number, length: number): void {
  if (onesSum(bytes, at, length, addressSum + protocol + length) === 0xffff) look.pass('checksum', 16)
}

function passPorts(look: Look, { bytes, at, mayCount }: Inside): void {
  const { traces, before } = look
  traces.ports = u32(bytes, at)
  if (mayCount) return
  if (traces.ports === before.ports) look.pass('ports-again', 32)
  // RFC 5879 §8.3: after a rekey the flows of the old SA go on in the new one.
  else look.pass('ports-of-another-sa', look.portsElsewhere(traces.ports))
}
