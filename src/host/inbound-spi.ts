// Which SA what came from the network names, on every channel. RFC 4301 §5.2, RFC 4302 §3.4.2, RFC 4303 §3.4.2.
import { u32 } from '../bytes/bytes.ts'
import type { Channel } from '../contract/machine.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { protocol } from '../iana/protocols.ts'
import { ahField } from '../ipsec/ah/header.ts'
import { drop } from '../ipsec/drops.ts'
import { isSpi } from '../ipsec/sad.ts'
import { emptyLayout, type IpLayout, readLayout } from '../net/layout.ts'
import { outcome } from './outcomes.ts'

/** A record to be filled again and again. */
export interface NamedSa {
  spi: number
  /** Protocol ID of AH or ESP: a packet of one does not belong to an SA of the other, whatever its SPI. */
  protocol: number
}

const layout: IpLayout = emptyLayout()

/** Fills `named`. The number of an outcome where there is no SPI, or no such packet. */
export function readSpi(bytes: Uint8Array, offset: number, length: number, channel: Channel, named: NamedSa): number {
  named.protocol = protocol.ESP
  named.spi = 0
  if (channel !== 'ip') return take(bytes, offset, offset + length, named)
  if (!readLayout(bytes, offset, length, layout)) return drop['malformed-packet']
  if (layout.fragmentation !== 'whole') return drop.fragment
  if (layout.protocol === ipProtocol.ESP) return take(bytes, layout.upper, layout.end, named)
  if (layout.protocol !== ipProtocol.AH) return outcome['malformed-datagram']
  named.protocol = protocol.AH
  return take(bytes, layout.upper + ahField.spi, layout.end, named)
}

function take(bytes: Uint8Array, at: number, end: number, named: NamedSa): number {
  if (at + 4 > end) return outcome['unknown-spi']
  const spi = u32(bytes, at)
  // 0 to 255 are reserved (RFC 4302 §2.4, RFC 4303 §2.1).
  if (!isSpi(spi)) return outcome['unknown-spi']
  named.spi = spi
  return 0
}
