// An IPv4 header as AH's ICV covers it: what routers may change is zero. RFC 4302 §3.3.3.1.1, appendix A1.
import { putU16 } from '../../bytes/bytes.ts'
import { ipv4Option } from '../../iana/ip-options.ts'
import { ipv4Field, ipv4MinimumHeader } from '../../net/ipv4.ts'
import { drop, type DropCode } from '../drops.ts'

/** RFC 791 §3.1: the first address of a route has this place in its option, counted from 1. */
const firstPointer = 4
const addressLength = 4

/** Appendix A1, "included in ICV calculation", as whole octets of copied flag, class and number; EOL and NOP have no length. */
const extendedSecurity = 133
const selectiveDirectedBroadcast = 149

/**
 * Masks the header at `at` in place. A drop where its options lie about their lengths: what has been masked by then is lost.
 * `end` says whether the packet is about to go, or has arrived: then its source route has ended.
 */
export function maskIpv4(bytes: Uint8Array, at: number, headerLength: number, end: 'sender' | 'receiver'): DropCode | 0 {
  bytes[at + ipv4Field.trafficClass] = 0
  putU16(bytes, at + ipv4Field.flagsAndFragment, 0)
  bytes[at + ipv4Field.timeToLive] = 0
  putU16(bytes, at + ipv4Field.checksum, 0)
  return headerLength === ipv4MinimumHeader ? 0 : maskOptions(bytes, at, at + headerLength, end)
}

function maskOptions(bytes: Uint8Array, at: number, headerEnd: number, end: 'sender' | 'receiver'): DropCode | 0 {
  let isRouted = false
  for (let option = at + ipv4Field.options; option < headerEnd; ) {
    const type = bytes[option] ?? 0
    if (type === ipv4Option.EOL) return 0
    if (type === ipv4Option.NOP) {
      option++
      continue
    }
    const length = option + 1 < headerEnd ? (bytes[option + 1] ?? 0) : 0
    const next = option + length
    if (length < 2 || next > headerEnd) return drop['malformed-options']
    if (type === ipv4Option.LSR || type === ipv4Option.SSR) {
      // RFC 791 §3.1: appears at most once in a datagram.
      const refused = isRouted ? drop['unpredictable-route'] : endRoute(bytes, at, option, length, end)
      if (refused !== 0) return refused
      isRouted = true
    }
    // RFC 4302 §3.3.3.1: an option that is not recognised is zeroed as a whole, by its second octet; so is a mutable one (§3.3.3.1.1.2).
    if (!isImmutable(type)) bytes.fill(0, option, next)
    option = next
  }
  return 0
}

/** RFC 4302 §3.3.3.1.1.1: with a source route the destination is predictable: it is the last address of the route. */
function endRoute(bytes: Uint8Array, at: number, option: number, length: number, end: 'sender' | 'receiver'): DropCode | 0 {
  const pointer = bytes[option + 2] ?? 0
  if (length < firstPointer - 1 || (length - firstPointer + 1) % addressLength !== 0) return drop['malformed-options']
  if (pointer < firstPointer || pointer % addressLength !== 0) return drop['malformed-options']
  if (pointer > length) return 0
  if (end === 'receiver') return drop['unpredictable-route']
  bytes.copyWithin(at + ipv4Field.destination, option + length - addressLength, option + length)
  return 0
}

function isImmutable(type: number): boolean {
  return (
    type === ipv4Option.SEC ||
    type === extendedSecurity ||
    type === ipv4Option.CIPSO ||
    type === ipv4Option.RTRALT ||
    type === selectiveDirectedBroadcast
  )
}
