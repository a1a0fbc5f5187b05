// A packet in fragments. RFC 791 §3.2 (an example fragmentation procedure), RFC 8200 §4.5. No atomic fragments (RFC 8021): what fits goes whole.
import { putU16, putU32, u16 } from '../bytes/bytes.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { ipv4DontFragment, ipv4Field, ipv4FragmentOffsetMask, ipv4MinimumHeader, ipv4MoreFragments, writeIpv4Checksum } from './ipv4.ts'
import { fragmentField, fragmentHeaderLength, ipv6Field, ipv6HeaderLength } from './ipv6.ts'
import { emptyLayout, type IpLayout, readLayout } from './layout.ts'

export type Fragments =
  | { readonly kind: 'fragments'; readonly fragments: readonly Uint8Array[] }
  /** `malformed`: no IP packet. `may-not`: DF is set, or it is an IPv6 fragment already. `no-room`: not even eight octets fit behind the headers. */
  | { readonly kind: 'malformed' | 'may-not' | 'no-room' }

/**
 * The packet in fragments of at most `mtu` octets, itself where it fits. `identification`: for IPv6, different for each packet between two
 * addresses within a minute (RFC 8200 §4.5); an IPv4 packet brings its own. A fragment of IPv4 may be fragmented again.
 */
export function fragmentPacket(packet: Uint8Array, mtu: number, identification: number): Fragments {
  if (!readLayout(packet, 0, packet.length, layout)) return { kind: 'malformed' }
  if (layout.end <= mtu) return { kind: 'fragments', fragments: [packet.subarray(0, layout.end)] }
  return layout.version === 4 ? fragmentV4(packet, mtu) : fragmentV6(packet, mtu, identification)
}

const layout: IpLayout = emptyLayout()

function fragmentV4(packet: Uint8Array, mtu: number): Fragments {
  const flags = u16(packet, ipv4Field.flagsAndFragment)
  if ((flags & ipv4DontFragment) !== 0) return { kind: 'may-not' }
  const { upper, end } = layout
  const copied = copiedOptions(packet.subarray(0, upper))
  const room = (mtu - upper) & -8
  const laterRoom = (mtu - copied.length) & -8
  if (room < 8) return { kind: 'no-room' }
  const fragments: Uint8Array[] = []
  const first = flags & ipv4FragmentOffsetMask
  for (let at = upper; at < end; at = at === upper ? at + room : at + laterRoom) {
    const header = at === upper ? packet.subarray(0, upper) : copied
    const stop = Math.min(end, at + (at === upper ? room : laterRoom))
    const part = new Uint8Array(header.length + stop - at)
    part.set(header)
    part.set(packet.subarray(at, stop), header.length)
    putU16(part, ipv4Field.totalLength, part.length)
    // The last one of a fragment is the last only where that was.
    const more = stop < end ? ipv4MoreFragments : flags & ipv4MoreFragments
    putU16(part, ipv4Field.flagsAndFragment, more | (first + (at - upper) / 8))
    writeIpv4Checksum(part, 0, header.length)
    fragments.push(part)
  }
  return { kind: 'fragments', fragments }
}

/** RFC 791 §3.1: options whose copied flag is set are in all fragments, others in the first only. */
function copiedOptions(header: Uint8Array): Uint8Array {
  const kept: number[] = []
  for (let at = ipv4Field.options; at < header.length; ) {
    const type = header[at] ?? 0
    if (type === endOfOptions) break
    const length = type === noOperation ? 1 : Math.max(2, header[at + 1] ?? 0)
    if ((type & copiedFlag) !== 0) kept.push(...header.subarray(at, Math.min(header.length, at + length)))
    at += length
  }
  const copied = new Uint8Array((ipv4MinimumHeader + kept.length + 3) & -4)
  copied.set(header.subarray(0, ipv4MinimumHeader))
  copied.set(kept, ipv4MinimumHeader)
  copied[ipv4Field.versionAndLength] = 0x40 | (copied.length / 4)
  return copied
}
const endOfOptions = 0
const noOperation = 1
const copiedFlag = 0x80

/** RFC 8200 §4.5: only sources fragment. The fragment header goes where ESP would: behind hop-by-hop options and routing headers. */
function fragmentV6(packet: Uint8Array, mtu: number, identification: number): Fragments {
  if (layout.fragmentHeader !== 0) return { kind: 'may-not' }
  const { insertion, insertionNamedAt, end, upper } = layout
  const headerLength = insertion + fragmentHeaderLength
  const room = (mtu - headerLength) & -8
  // The headers through the upper-layer one are in the first fragment.
  if (room < 8 || insertion + room < upper + 8) return { kind: 'no-room' }
  const fragments: Uint8Array[] = []
  for (let at = insertion; at < end; at += room) {
    const stop = Math.min(end, at + room)
    const part = new Uint8Array(headerLength + stop - at)
    part.set(packet.subarray(0, insertion))
    part.set(packet.subarray(at, stop), headerLength)
    part[insertionNamedAt] = ipProtocol.IPV6_FRAG
    part[insertion + fragmentField.nextHeader] = packet[insertionNamedAt] ?? 0
    putU16(part, insertion + fragmentField.offsetAndFlags, (at - insertion) | (stop < end ? 1 : 0))
    putU32(part, insertion + fragmentField.identification, identification)
    putU16(part, ipv6Field.payloadLength, part.length - ipv6HeaderLength)
    fragments.push(part)
  }
  return { kind: 'fragments', fragments }
}
