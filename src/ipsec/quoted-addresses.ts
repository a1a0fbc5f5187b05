// Other addresses in the packet that an ICMP error quotes, with every checksum that covers them: each side knows the packet by the addresses that it
// had there, and finds the socket by them. What RFC 5508 §4 has NATs do with errors that they can read; RFC 792, RFC 4443 §3, RFC 1624.
import { putU16, u16 } from '../bytes/bytes.ts'
import type { OriginalAddresses, SaInstall } from '../contract/install.ts'
import type { TrafficSelector } from '../contract/selectors.ts'
import { type Address, addressBytes } from '../net/address.ts'
import { onesSum, updateChecksum } from '../net/checksum.ts'
import { emptyFlow, type Flow, readQuotedFlow } from '../net/flow.ts'
import { addressLength, type IpLayout } from '../net/layout.ts'
import { icmpField, tcpMinimumHeader } from '../net/transport.ts'
import { exchangeAddress } from './address-exchange.ts'

/** The addresses of the two ends, as octets. */
export interface Ends {
  readonly local: Uint8Array
  readonly remote: Uint8Array
}

/** Transport mode through a NAT: what the peer knows the two ends by, and what we do (RFC 7296 §2.23.1). */
export interface TwoViews {
  readonly theirs: Ends
  readonly ours: Ends
}

/** `undefined`: there is no NAT between, and both know them by the same. */
export function twoViews({ mode, original, local, remote, localSelectors, remoteSelectors }: SaInstall): TwoViews | undefined {
  if (mode !== 'transport' || original === undefined) return undefined
  // Who has moved since is shown where it was when the selectors were agreed on (RFC 7296 §2.23.1).
  const [ourLocal, ourRemote] = [agreed(localSelectors, local.address), agreed(remoteSelectors, remote.address)]
  return { theirs: ends(original), ours: ends({ local: ourLocal, remote: ourRemote }) }
}

const agreed = ([first]: readonly TrafficSelector[], otherwise: Address): Address =>
  first === undefined || first.startAddress !== first.endAddress ? otherwise : first.startAddress

/** An error that came in: what it quotes went from us to the peer. */
export function exchangeQuotedIn(bytes: Uint8Array, error: IpLayout, { theirs, ours }: TwoViews): void {
  if (!readQuotedFlow(bytes, error, quoted)) return
  const { source, destination } = quoted
  if (!hasAddress(bytes, quoted, source, theirs.local) || !hasAddress(bytes, quoted, destination, theirs.remote)) return
  exchange(bytes, error, source, ours.local)
  exchange(bytes, error, destination, ours.remote)
}

/** An error that goes out: what it quotes went from the peer to us. */
export function exchangeQuotedOut(bytes: Uint8Array, error: IpLayout, { theirs, ours }: TwoViews): void {
  if (!readQuotedFlow(bytes, error, quoted)) return
  const { source, destination } = quoted
  if (!hasAddress(bytes, quoted, source, ours.remote) || !hasAddress(bytes, quoted, destination, ours.local)) return
  exchange(bytes, error, source, theirs.remote)
  exchange(bytes, error, destination, theirs.local)
}

/** One end of what is quoted, if it has the address `from`: its source or its destination. */
export function exchangeQuotedEnd(
  bytes: Uint8Array,
  error: IpLayout,
  end: 'source' | 'destination',
  from: Uint8Array,
  to: Uint8Array,
): void {
  if (readQuotedFlow(bytes, error, quoted) && hasAddress(bytes, quoted, quoted[end], from)) exchange(bytes, error, quoted[end], to)
}

/** `quoted` has been read. RFC 4443 §2.3, RFC 792: the checksum of ICMP covers the quotation; that it gives the same for the IP header is not relied on. */
function exchange(bytes: Uint8Array, error: IpLayout, at: number, address: Uint8Array): void {
  if (hasAddress(bytes, quoted, at, address)) return
  const { start } = quoted
  // Nothing further inside changes.
  const length = Math.min(quoted.end, quoted.upper + tcpMinimumHeader) - start
  const before = onesSum(bytes, start, length, 0)
  exchangeAddress(bytes, quoted, at, address)
  const checksumAt = error.upper + icmpField.checksum
  putU16(bytes, checksumAt, updateChecksum(u16(bytes, checksumAt), before, onesSum(bytes, start, length, 0)))
}

/** Whether `address` is in the place of an address of the packet. */
export function hasAddress(bytes: Uint8Array, layout: IpLayout, at: number, address: Uint8Array): boolean {
  if (address.length !== addressLength(layout)) return false
  for (let i = 0; i < address.length; i++) if (bytes[at + i] !== address[i]) return false
  return true
}

const ends = ({ local, remote }: OriginalAddresses): Ends => ({ local: addressBytes(local), remote: addressBytes(remote) })

/** Filled anew for each error. */
const quoted: Flow = emptyFlow()
