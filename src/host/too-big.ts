// Word from the network that a packet of ours was too long, or did not arrive. RFC 4301 §6.1.1, §8.2.1; RFC 1191, RFC 8201. It is not authenticated: it
// has to quote a packet that we may well have sent a moment ago, it makes nothing smaller than every path is, and it is forgotten (§8.2.2).
import { u16, u32 } from '../bytes/bytes.ts'
import type { TooBig } from '../contract/machine.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import type { Address } from '../net/address.ts'
import { destinationAddress, emptyLayout, type IpLayout, readQuotedLayout, sourceAddress } from '../net/layout.ts'
import { udpField, udpHeaderLength } from '../net/transport.ts'
import type { OutboundChild } from './children.ts'

/** What a quoted packet says of the SA that it went through. */
export interface QuotedSeal {
  readonly local: Address
  readonly remote: Address
  readonly spi: number
  /** `undefined`: the quotation ends before it. */
  readonly sequence: number | undefined
  /** Ports of a quoted UDP header. */
  readonly ports: { readonly local: number; readonly remote: number } | undefined
}

/** How long ago, in packets, what is quoted may have been sent. */
export const plausibleAge = 65_536

/** `undefined`: it quotes neither ESP nor AH, or too little of it. */
export function readQuotedSeal({ quoted }: Pick<TooBig, 'quoted'>): QuotedSeal | undefined {
  if (!readQuotedLayout(quoted, 0, quoted.length, layout) || layout.fragmentation === 'later') return undefined
  const local = sourceAddress(quoted, layout)
  const remote = destinationAddress(quoted, layout)
  const { protocol, upper, end } = layout
  const isUdp = protocol === ipProtocol.UDP
  const at = upper + (isUdp ? udpHeaderLength : protocol === ipProtocol.AH ? ahSpiAt : 0)
  if (local === undefined || remote === undefined || at + 4 > end) return undefined
  if (!isUdp && protocol !== ipProtocol.ESP && protocol !== ipProtocol.AH) return undefined
  const ports = isUdp
    ? { local: u16(quoted, upper + udpField.sourcePort), remote: u16(quoted, upper + udpField.destinationPort) }
    : undefined
  return { local, remote, spi: u32(quoted, at), sequence: at + 8 > end ? undefined : u32(quoted, at + 4), ports }
}

/** Whether it may well have been a packet of this SA: between its endpoints, with a number that was used a moment ago. */
export function isOf(seal: QuotedSeal, { sa, route }: OutboundChild): boolean {
  if (seal.remote !== route.remote.address || seal.local !== route.local.address) return false
  if (seal.ports !== undefined && seal.ports.remote !== route.remote.port) return false
  // Who has not seen the packet does not know the SPI, and hardly the number.
  return seal.sequence !== undefined && (sa.lastSequence.low - seal.sequence) >>> 0 < plausibleAge
}

const ahSpiAt = 4
const layout: IpLayout = emptyLayout()
