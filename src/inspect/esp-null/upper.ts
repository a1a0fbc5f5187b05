// Checks of what can be inside an authenticated-only packet, by its Next Header. RFC 5879 §8.3, RFC 791, RFC 8200, RFC 768.
import { u16 } from '../../bytes/bytes.ts'
import { ipProtocol } from '../../iana/ip-protocols.ts'
import { onesSum } from '../../net/checksum.ts'
import { ipv4Field, ipv4FragmentOffsetMask, ipv4MinimumHeader, ipv4MoreFragments } from '../../net/ipv4.ts'
import { extensionHeaderLength, fragmentField, ipv6Field, ipv6FragmentMask, ipv6HeaderLength } from '../../net/ipv6.ts'
import { type Inside, type Look, rarity } from './look.ts'
import { checkIcmp, checkSctp, checkTcp, checkUdp } from './transport-checks.ts'

/** RFC 5879 §8.2: the nine in common use, and what dummy packets have (RFC 4303 §2.6). */
const commonProtocols: ReadonlySet<number> = new Set([
  ipProtocol.ICMP,
  ipProtocol.IPV4,
  ipProtocol.TCP,
  ipProtocol.UDP,
  ipProtocol.IPV6,
  ipProtocol.IPV6_FRAG,
  ipProtocol.ICMPV6,
  ipProtocol.NO_NEXT_HEADER,
  ipProtocol.IPV6_OPTS,
  ipProtocol.SCTP,
])

/** An unknown protocol is no reason against: the packet passes with nothing in its favour (RFC 5879 §8.2). */
export function checkNextHeader(look: Look, protocol: number): void {
  look.traces.nextHeader = protocol
  if (protocol === look.before.nextHeader) look.pass('next-header-again', 8)
  else if (commonProtocols.has(protocol)) look.pass('next-header', rarity(commonProtocols.size, 256))
}

/** Whether the place of the payload, and so the length of an IV before it, can be told by what is there. */
export const showsItsPlace = (protocol: number): boolean => commonProtocols.has(protocol) && protocol !== ipProtocol.NO_NEXT_HEADER

/** Extension headers and tunnels nest; deeper than this nobody looks. */
const deepest = 8

export function checkUpper(look: Look, protocol: number, inside: Inside, depth = 0): void {
  if (depth > deepest) return
  switch (protocol) {
    case ipProtocol.TCP:
      checkTcp(look, inside)
      break
    case ipProtocol.UDP:
      checkUdp(look, inside)
      break
    case ipProtocol.ICMP:
    case ipProtocol.ICMPV6:
      checkIcmp(look, inside, protocol)
      break
    case ipProtocol.SCTP:
      checkSctp(look, inside)
      break
    case ipProtocol.IPV4:
      checkIpv4(look, inside, depth)
      break
    case ipProtocol.IPV6:
      checkIpv6(look, inside, depth)
      break
    case ipProtocol.HOPOPT:
    case ipProtocol.IPV6_ROUTE:
    case ipProtocol.IPV6_OPTS:
    case ipProtocol.IPV6_FRAG:
      checkExtension(look, protocol, inside, depth)
      break
    default:
  }
}

function checkIpv4(look: Look, { bytes, at, end }: Inside, depth: number): void {
  const available = end - at
  const first = bytes[at] ?? 0
  const headerLength = (first & 15) * 4
  const total = u16(bytes, at + ipv4Field.totalLength)
  if (available < ipv4MinimumHeader) return look.refuse('too short for the inner IPv4 header')
  if (first >>> 4 !== 4) return look.refuse(`version ${first >>> 4} where IPv4 is said to be`)
  if (headerLength < ipv4MinimumHeader || headerLength > available) return look.refuse('length of the inner IPv4 header')
  // RFC 5879 §8.3.5: TFC padding may follow, so that the total length may be less.
  if (total < headerLength || total > available) return look.refuse('total length of the inner IPv4 packet')
  look.pass('ip-version', 4)
  if (headerLength === ipv4MinimumHeader) look.pass('ip-header', 4)
  look.pass('length', total === available ? 16 : rarity(available - headerLength + 1, 65_536))
  if (onesSum(bytes, at, headerLength, 0) === 0xffff) look.pass('ip-checksum', 16)
  const addressSum = passAddresses(look, bytes, at + ipv4Field.source, 4)
  const fragment = u16(bytes, at + ipv4Field.flagsAndFragment)
  if ((fragment & (ipv4FragmentOffsetMask | ipv4MoreFragments)) !== 0) return undefined
  return checkBelow(look, bytes[at + ipv4Field.protocol] ?? 0, { bytes, at: at + headerLength, end: at + total, addressSum }, depth)
}

function checkIpv6(look: Look, { bytes, at, end }: Inside, depth: number): void {
  const available = end - at
  const version = (bytes[at] ?? 0) >>> 4
  const total = ipv6HeaderLength + u16(bytes, at + ipv6Field.payloadLength)
  if (available < ipv6HeaderLength) return look.refuse('too short for the inner IPv6 header')
  if (version !== 6) return look.refuse(`version ${version} where IPv6 is said to be`)
  if (total > available) return look.refuse('payload length of the inner IPv6 packet')
  look.pass('ip-version', 4)
  look.pass('length', total === available ? 16 : rarity(available - ipv6HeaderLength + 1, 65_536))
  const addressSum = passAddresses(look, bytes, at + ipv6Field.source, 16)
  const inside = { bytes, at: at + ipv6HeaderLength, end: at + total, addressSum }
  return checkBelow(look, bytes[at + ipv6Field.nextHeader] ?? 0, inside, depth)
}

/** The sum of both addresses. */
function passAddresses(look: Look, bytes: Uint8Array, at: number, length: 4 | 16): number {
  const addresses = bytes.subarray(at, at + 2 * length)
  const text = String.fromCharCode(...addresses)
  if (look.traces.addresses === '') {
    look.traces.addresses = text
    if (text === look.before.addresses) look.pass('ip-addresses-again', 64)
  }
  return onesSum(addresses, 0, addresses.length, 0)
}

/** RFC 8200 §4.3 to §4.6. */
function checkExtension(look: Look, protocol: number, inside: Inside, depth: number): void {
  const { bytes, at, end } = inside
  if (end - at < 8) return look.refuse('too short for the extension header')
  const next = at + extensionHeaderLength(bytes, at, protocol)
  if (next > end) return look.refuse('length of the extension header')
  if (protocol !== ipProtocol.IPV6_FRAG) {
    if (protocol !== ipProtocol.IPV6_ROUTE && !optionsFit(bytes, at + 2, next)) return look.refuse('options of the extension header')
    if (protocol === ipProtocol.IPV6_ROUTE && (bytes[at + 3] ?? 0) > (bytes[at + 1] ?? 0))
      return look.refuse('segments of the routing header')
    look.pass('extension', rarity((end - at) / 8, 256))
    return checkBelow(look, bytes[at] ?? 0, { ...inside, at: next }, depth)
  }
  const offsetAndFlags = u16(bytes, at + fragmentField.offsetAndFlags)
  // RFC 8200 §4.5: reserved fields are sent as zero.
  if (bytes[at + fragmentField.reserved] === 0 && (offsetAndFlags & 6) === 0) look.pass('extension', 10)
  return (offsetAndFlags & ipv6FragmentMask) === 0 ? checkBelow(look, bytes[at] ?? 0, { ...inside, at: next }, depth) : undefined
}

/** RFC 8200 §4.2: type, length, data; Pad1 is a single octet. */
function optionsFit(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end) at += bytes[at] === 0 ? 1 : 2 + (bytes[at + 1] ?? 0)
  return at === end
}

function checkBelow(look: Look, protocol: number, inside: Omit<Inside, 'mayCount'>, depth: number): void {
  if (commonProtocols.has(protocol)) look.pass('next-header', rarity(commonProtocols.size, 256))
  checkUpper(look, protocol, { ...inside, mayCount: false }, depth + 1)
}
