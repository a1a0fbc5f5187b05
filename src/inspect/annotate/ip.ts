// IP packets as spans, from the outer header to what is in ESP. RFC 791, RFC 8200, RFC 768, RFC 9293, RFC 792, RFC 4443, RFC 4302, RFC 4303,
// RFC 3948. Headers are decoded by the tables of `wire/headers/`; what is between and behind them is found here.
import { concat, putU32, u32 } from '../../bytes/bytes.ts'
import { formatSpi } from '../../contract/units.ts'
import { ipProtocol, ipProtocolName, ipProtocols } from '../../iana/ip-protocols.ts'
import type { Struct, ValuesBefore } from '../../wire/fields.ts'
import { authenticationHeader } from '../../wire/headers/ah.ts'
import { clearEsp, closedEsp, espTrailer, sealedEsp } from '../../wire/headers/esp.ts'
import { type IcmpStart, icmpTable, icmpv6Table } from '../../wire/headers/icmp.ts'
import { ipv4Header } from '../../wire/headers/ipv4.ts'
import { extensionHeader, ipv6Header } from '../../wire/headers/ipv6.ts'
import { tcpHeader, udpHeader } from '../../wire/headers/transport.ts'
import { natKeepalive, nonEspMarkerTable } from '../../wire/headers/udp-encapsulation.ts'
import type { StringField } from '../../wire/trace.ts'
import type { Claim } from '../capture/claims.ts'
import { isSurelyIke } from '../capture/guess.ts'
import type { Authentication, Region, Summary } from '../span.ts'
import { walkIke } from './ike.ts'
import { type Decryption, type Opened, open, type Path, wrongIcv } from './keys.ts'
import { type Divider, SpanBuilder } from './span-builder.ts'
import { nothingKnown, told } from './summary.ts'

type Channel = Extract<Claim, 'ike' | 'encapsulated'>

/** What is the same for all layers of a packet. */
export interface Walk {
  readonly decryption: Decryption | undefined
  /** Of the innermost IP header so far. */
  readonly path: Path | undefined
  /** What the outermost UDP datagram carries, where the caller knows; otherwise its ports say it. */
  readonly claim: Claim | undefined
  /** What the outermost ESP packet is known to be made of: it is only authenticated, and needs no keys to be read. */
  readonly clear: ClearEsp | undefined
  /** IP headers and ESP packets around this one. */
  readonly depth: number
}

/** Lengths in octets of an ESP packet that is not encrypted. */
export interface ClearEsp {
  readonly ivLength: number
  readonly icvLength: number
}

/** Packets in packets beyond this stay closed: each level costs a few octets to send, and more than that to look at. */
const deepest = 8

/** `end`: of what carries the packet; octets between the packet's own end and this one are padding. */
export function walkIp(builder: SpanBuilder, end: number, walk: Walk, padding: 'link' | 'esp'): Summary {
  const start = builder.covered
  const version = (builder.bytes[start] ?? 0) >>> 4
  if (walk.depth >= deepest) return closed(builder, end, 'IP packet', 'RFC 4301 §5', 'packets in packets, too deep to look into')
  if (start === end) {
    builder.failAt('WIRE_TRUNCATED', start, 'IP.version', 'RFC 791 §3.1', 'no octets are there')
    return told('IP, cut off')
  }
  if (version !== 4 && version !== 6) {
    builder.failAt('WIRE_VERSION_UNSUPPORTED', start, 'IP.version', 'RFC 791 §3.1', `is ${version}, neither 4 nor 6`)
    return told(`IP version ${version}`)
  }
  const summary = version === 4 ? walkIpv4(builder, end, walk) : walkIpv6(builder, end, walk)
  if (builder.fault === undefined)
    builder.leaf(
      end,
      padding === 'esp'
        ? { kind: 'opaque', name: 'TFC Padding', rfc: 'RFC 4303 §2.7' }
        : { kind: 'opaque', name: 'Padding of the link', rfc: 'RFC 894', meaning: 'not part of the IP packet' },
    )
  return summary
}

function walkIpv4(builder: SpanBuilder, end: number, walk: Walk): Summary {
  const start = builder.covered
  const header = builder.decode(ipv4Header, end)
  if (header === undefined) return told('IPv4, not decoded')
  const packetEnd = start + header.totalLength
  if (packetEnd < builder.covered) {
    builder.failAt('WIRE_LENGTH_TOO_SMALL', start + 2, 'IPv4.totalLength', 'RFC 791 §3.1', `is ${header.totalLength}, less than the header`)
    return told('IPv4, not decoded')
  }
  const { source, destination } = header
  const inside: Walk = { ...walk, path: { source, destination }, depth: walk.depth + 1 }
  const fragmentation: Fragmentation = header.fragmentOffset > 0 ? 'later' : header.moreFragments ? 'first' : 'whole'
  const summary = walkUpper(builder, Math.min(packetEnd, end), header.protocol, inside, fragmentation)
  if (packetEnd > end) cutOff(builder, start + 2, 'IPv4.totalLength', 'RFC 791 §3.1', header.totalLength, end - start)
  return { ...summary, addresses: { source, destination } }
}

function walkIpv6(builder: SpanBuilder, end: number, walk: Walk): Summary {
  const start = builder.covered
  const header = builder.decode(ipv6Header, end)
  if (header === undefined) return told('IPv6, not decoded')
  const { source, destination, payloadLength } = header
  const packetEnd = builder.covered + payloadLength
  const upperEnd = Math.min(packetEnd, end)
  const upper = walkExtensions(builder, upperEnd, header.nextHeader)
  if (upper === undefined) return { ...told('IPv6, not decoded'), addresses: { source, destination } }
  const inside: Walk = { ...walk, path: { source, destination }, depth: walk.depth + 1 }
  const summary = walkUpper(builder, upperEnd, upper.protocol, inside, upper.fragmentation)
  if (packetEnd > end) cutOff(builder, start + 4, 'IPv6.payloadLength', 'RFC 8200 §3', payloadLength, upperEnd - start - 40)
  return { ...summary, addresses: { source, destination } }
}

/** RFC 8200 §4.1. What follows the Fragment header of a later fragment is no header. */
function walkExtensions(builder: SpanBuilder, end: number, first: number): Upper | undefined {
  const upper: { protocol: number; fragmentation: Fragmentation } = { protocol: first, fragmentation: 'whole' }
  for (let table = extensionHeader(first); table !== undefined; table = extensionHeader(upper.protocol)) {
    const extension = builder.decode(table, end)
    if (extension === undefined) return undefined
    upper.protocol = extension.nextHeader
    if ((extension.fragmentOffset ?? 0) > 0) return { ...upper, fragmentation: 'later' }
    if (extension.moreFragments === true) upper.fragmentation = 'first'
  }
  return upper
}

interface Upper {
  readonly protocol: number
  readonly fragmentation: Fragmentation
}

// ---- above IP --------------------------------------------------------------------------------------------------------------

function walkUpper(builder: SpanBuilder, end: number, protocol: number, walk: Walk, fragmentation: Fragmentation): Summary {
  const name = ipProtocolName(protocol)
  if (fragmentation === 'later') return closed(builder, end, 'Fragment Data', 'RFC 791 §3.2', `of ${name}, not its beginning`)
  if (fragmentation === 'first' && protocol !== ipProtocol.UDP)
    return closed(builder, end, 'Fragment Data', 'RFC 791 §3.2', `the beginning of ${name}`)
  switch (protocol) {
    case ipProtocol.UDP:
      return walkUdp(builder, end, walk, fragmentation)
    case ipProtocol.TCP:
      return walkTcp(builder, end)
    case ipProtocol.ICMP:
      return walkIcmp(builder, end, icmpTable(builder.bytes[builder.covered] ?? 0))
    case ipProtocol.ICMPV6:
      return walkIcmp(builder, end, icmpv6Table(builder.bytes[builder.covered] ?? 0))
    case ipProtocol.ESP:
      return walkEsp(builder, end, walk)
    case ipProtocol.AH:
      return walkAh(builder, end, walk)
    case ipProtocol.IPV4:
    case ipProtocol.IPV6: {
      const inside = walkIp(builder, end, walk, 'link')
      return { ...nothingKnown, text: `IP in IP: ${inside.text}`, inside }
    }
    default:
      return closed(builder, end, `${name} payload`, ipProtocols.entry(protocol)?.rfc ?? 'RFC 791 §3.1', undefined)
  }
}

function walkIcmp(builder: SpanBuilder, end: number, table: Struct<IcmpStart>): Summary {
  const message = builder.decode(table, end)
  return told(`${table.name} ${message === undefined ? 'not decoded' : table.brief(message)}`)
}

function walkTcp(builder: SpanBuilder, end: number): Summary {
  const header = builder.decode(tcpHeader, end)
  if (header === undefined) return told('TCP, not decoded')
  const octets = end - builder.covered
  builder.leaf(end, { kind: 'opaque', name: 'Data', rfc: 'RFC 9293 §3.1' })
  const ports = { source: header.sourcePort, destination: header.destinationPort }
  return { ...nothingKnown, ports, text: `TCP ${ports.source} → ${ports.destination}, ${octets} octets` }
}

function walkUdp(builder: SpanBuilder, end: number, walk: Walk, fragmentation: Fragmentation): Summary {
  const start = builder.covered
  const header = builder.decode(udpHeader, end)
  if (header === undefined) return told('UDP, not decoded')
  const ports = { source: header.sourcePort, destination: header.destinationPort }
  if (header.length < 8) {
    builder.failAt('WIRE_LENGTH_TOO_SMALL', start + 4, 'UDP.length', 'RFC 768', `is ${header.length}, less than the header`)
    return { ...told('UDP, not decoded'), ports }
  }
  if (fragmentation === 'first')
    return { ...closed(builder, end, 'Fragment Data', 'RFC 791 §3.2', 'the beginning of a UDP datagram'), ports }
  const datagramEnd = Math.min(start + header.length, end)
  const { claim } = walk
  const known = claim === 'ike' || claim === 'encapsulated' ? claim : undefined
  const channel = known ?? channelOf(ports, builder.bytes, builder.covered, datagramEnd)
  const text = `UDP ${ports.source} → ${ports.destination}, ${datagramEnd - builder.covered} octets`
  const summary = channel === undefined ? told(text) : walkUdpPayload(builder, datagramEnd, walk, channel)
  if (builder.fault === undefined) {
    builder.leaf(datagramEnd, { kind: 'opaque', name: 'data octets', rfc: 'RFC 768' })
    builder.leaf(end, { kind: 'opaque', name: 'Surplus of the IP packet', rfc: 'RFC 768', meaning: 'behind the UDP datagram' })
  }
  if (start + header.length > end) cutOff(builder, start + 4, 'UDP.length', 'RFC 768', header.length, end - start)
  return { ...summary, ports }
}

const ikePort = 500
const natPort = 4500

/** By port, and on other ports by what can be nothing else than IKE. */
function channelOf(ports: Ports, bytes: Uint8Array, start: number, end: number): Channel | undefined {
  if (ports.source === natPort || ports.destination === natPort) return 'encapsulated'
  if (ports.source === ikePort || ports.destination === ikePort) return 'ike'
  if (isSurelyIke(bytes, start, end)) return 'ike'
  return u32(bytes, start) === 0 && isSurelyIke(bytes, start + 4, end) ? 'encapsulated' : undefined
}
interface Ports {
  readonly source: number
  readonly destination: number
}

/** RFC 7296 §2: IKE alone on port 500. RFC 3948 §2: ESP, IKE behind the Non-ESP Marker, and keepalives on port 4500. */
export function walkUdpPayload(builder: SpanBuilder, end: number, walk: Walk, channel: Channel): Summary {
  const { bytes, covered: start } = builder
  if (channel === 'ike') return walkIke(builder, end, walk.decryption)
  if (end - start === 1 && bytes[start] === 0xff) {
    builder.decode(natKeepalive, end)
    return told('NAT keepalive')
  }
  if (end - start < 4 || u32(bytes, start) !== 0) return walkEsp(builder, end, walk)
  builder.decode(nonEspMarkerTable, end)
  return walkIke(builder, end, walk.decryption)
}

// ---- AH and ESP ------------------------------------------------------------------------------------------------------------

function walkAh(builder: SpanBuilder, end: number, walk: Walk): Summary {
  const header = builder.decode(authenticationHeader, end)
  if (header === undefined) return told('AH, not decoded')
  const { spi, sequence, nextHeader } = header
  const inside = walkUpper(builder, end, nextHeader, { ...walk, depth: walk.depth + 1 }, 'whole')
  return {
    ...nothingKnown,
    security: { protocol: 'AH', spi, sequence },
    inside,
    text: `AH ${formatSpi(spi)} sequence ${sequence}: ${inside.text}`,
  }
}

/** The packet from the first octet without a span to `end`. */
export function walkEsp(builder: SpanBuilder, end: number, walk: Walk): Summary {
  const start = builder.covered
  const { bytes } = builder
  if (end - start < 12) {
    builder.decode(closedEsp, end)
    return told('ESP, cut off')
  }
  const spi = u32(bytes, start)
  const sequence = u32(bytes, start + 4)
  const text = `ESP ${formatSpi(spi)} sequence ${sequence}`
  const withKeys = openEsp(bytes, start, end, walk)
  const inClear = withKeys.kind === 'unavailable' ? readClear(bytes, start, end, walk.clear) : undefined
  const opened = inClear ?? withKeys
  const inside =
    opened.kind === 'opened' && walk.depth < deepest
      ? openedText(opened.plaintext, opened.authentication, walk, inClear === undefined ? 'Decrypted content of ESP' : 'Content of ESP')
      : undefined
  const security = { protocol: 'ESP', spi, sequence } as const
  if (opened.kind === 'unavailable' || opened.kind === 'misshapen') {
    builder.divider = new ClosedEspDivider(opened.says)
    builder.decode(closedEsp, end)
    builder.divider = undefined
    if (opened.kind === 'misshapen') builder.failAt('WIRE_LENGTH_MISMATCH', start + 8, 'ESP.text', 'RFC 4303 §2.4', opened.says)
    return { ...nothingKnown, security, text }
  }
  const { ivLength, icvLength } = opened
  builder.divider = new OpenedEspDivider(inside?.region, opened.kind === 'opened' ? opened.verdict : 'wrong')
  const table = inClear === undefined ? sealedEsp : clearEsp
  builder.decode(table(ivLength, end - start - 8 - ivLength - icvLength, icvLength), end)
  builder.divider = undefined
  if (opened.kind === 'wrong-icv') builder.fail(wrongIcv(end - icvLength, 'RFC 4303 §3.4.4'))
  return { ...nothingKnown, security, text: inside === undefined ? text : `${text}: ${inside.summary.text}`, inside: inside?.summary }
}

/** `says`: why the packet stays closed. */
class ClosedEspDivider implements Divider {
  readonly #says: string | undefined

  constructor(says: string | undefined) {
    this.#says = says
  }

  divide(builder: SpanBuilder, field: StringField, _at: number, end: number, _before: ValuesBefore, table: Struct<never>): 'done' | 'pass' {
    if (field.kind !== 'octets') return 'pass'
    builder.leaf(end, { kind: 'opaque', name: field.title, rfc: table.rfc, meaning: this.#says })
    return 'done'
  }
}

/** `verdict`: on the ICV. */
class OpenedEspDivider implements Divider {
  readonly #inside: Region | undefined
  readonly #verdict: string

  constructor(inside: Region | undefined, verdict: string) {
    this.#inside = inside
    this.#verdict = verdict
  }

  divide(builder: SpanBuilder, field: StringField, _at: number, end: number, _before: ValuesBefore, table: Struct<never>): 'done' | 'pass' {
    if (field.kind !== 'octets' || field.key === 'iv') return 'pass'
    const { title: name } = field
    const { rfc } = table
    if (field.key === 'text') builder.leaf(end, { kind: 'opaque', name, rfc, inner: this.#inside })
    else builder.leaf(end, { kind: 'field', name, rfc, meaning: this.#verdict })
    return 'done'
  }
}

function openEsp(bytes: Uint8Array, start: number, end: number, { decryption, path }: Walk): Opened {
  if (decryption === undefined) return { kind: 'unavailable', says: undefined }
  const keys = decryption.keys.esp(u32(bytes, start), path)
  if (keys === undefined) return { kind: 'unavailable', says: 'no keys for this SPI' }
  const { encryption, integrity, sequenceHigh } = keys
  const before = bytes.subarray(start, start + 8)
  const high = new Uint8Array(sequenceHigh === undefined ? 0 : 4)
  if (sequenceHigh !== undefined) putU32(high, 0, sequenceHigh)
  // RFC 4106 §5: SPI | sequence number, of 64 bits with ESN. RFC 4303 §2.2.1: a MAC has the high half at its end.
  const associated = concat(before.subarray(0, 4), high, before.subarray(4))
  return open(decryption.crypto, encryption, integrity, { body: bytes.subarray(start + 8, end), before, associated, behind: high })
}

/** `undefined`: it is not known to be in clear, or too short for that. */
function readClear(bytes: Uint8Array, start: number, end: number, clear: ClearEsp | undefined): Opened | undefined {
  if (clear === undefined || end - start < 8 + clear.ivLength + 2 + clear.icvLength) return undefined
  const plaintext = bytes.subarray(start + 8 + clear.ivLength, end - clear.icvLength)
  return { kind: 'opened', ...clear, plaintext, authentication: 'not-authenticated', verdict: 'not checked: no keys for this SPI' }
}

/** RFC 4303 §2.4 to §2.7: payload, TFC padding, padding, pad length, next header. */
function openedText(
  plaintext: Uint8Array,
  authentication: Authentication,
  walk: Walk,
  title: string,
): { readonly region: Region; readonly summary: Summary } {
  const builder = new SpanBuilder(plaintext)
  const padLength = plaintext[plaintext.length - 2] ?? 0
  const nextHeader = plaintext[plaintext.length - 1] ?? 0
  const end = plaintext.length - 2 - padLength
  if (end < 0) {
    const at = Math.max(plaintext.length - 2, 0)
    builder.failAt('WIRE_LENGTH_MISMATCH', at, 'ESP.padLength', 'RFC 4303 §2.5', `is ${padLength}, more than there is`)
    return { region: builder.region(title, authentication), summary: told('not decoded') }
  }
  const summary = walkPayload(builder, end, nextHeader, { ...walk, claim: undefined, clear: undefined, depth: walk.depth + 1 })
  if (builder.fault === undefined) builder.decode(espTrailer(padLength), plaintext.length)
  return { region: builder.region(title, authentication), summary }
}

function walkPayload(builder: SpanBuilder, end: number, nextHeader: number, walk: Walk): Summary {
  // RFC 4303 §2.6: a dummy packet need not be well-formed.
  if (nextHeader === ipProtocol.NO_NEXT_HEADER) return closed(builder, end, 'Payload Data', 'RFC 4303 §2.6', 'dummy packet')
  if (nextHeader === ipProtocol.IPV4 || nextHeader === ipProtocol.IPV6) return walkIp(builder, end, walk, 'esp')
  return walkUpper(builder, end, nextHeader, walk, 'whole')
}

// ---- small things ------------------------------------------------------------------------------------------------------------

type Fragmentation = 'whole' | 'first' | 'later'

function closed(builder: SpanBuilder, end: number, name: string, rfc: string, meaning: string | undefined): Summary {
  const octets = end - builder.covered
  builder.leaf(end, { kind: 'opaque', name, rfc, meaning })
  return told(`${name}, ${octets} octets`)
}

/** What is there has been shown; the length says that there was more. */
function cutOff(builder: SpanBuilder, offset: number, field: string, rfc: string, length: number, there: number): void {
  builder.failAt('WIRE_LENGTH_MISMATCH', offset, field, rfc, `is ${length}, but only ${there} octets are there`)
}
