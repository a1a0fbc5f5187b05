// Finding NATs between the peers. RFC 7296 §2.23.
import { concat, equal, fromHex, putU16 } from '../bytes/bytes.ts'
import type { RandomSource } from '../contract/random.ts'
import type { IkeSpi } from '../contract/units.ts'
import type { CryptoProvider } from '../crypto/provider.ts'
import { notify } from '../iana/notify.ts'
import { addressBytes, type Endpoint } from '../net/address.ts'
import type { NotifyPayload, Payload } from '../wire/message.ts'
import { type Context, emit } from './context.ts'
import { notification, notifications } from './notifications.ts'
import type { IkeSa } from './sa/ike-sa.ts'

interface Spis {
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
}

/** The two notifications of our IKE_SA_INIT message. With `force` the source never matches, so that the peer sees a NAT before us. */
export function natDetectionPayloads(
  provider: CryptoProvider,
  random: RandomSource,
  spis: Spis,
  local: Endpoint,
  remote: Endpoint,
  encapsulation: 'force' | 'when-needed',
): readonly NotifyPayload[] {
  const source = encapsulation === 'force' ? random(20) : natDigest(provider, spis, local)
  return [
    notification(notify.NAT_DETECTION_SOURCE_IP, source),
    notification(notify.NAT_DETECTION_DESTINATION_IP, natDigest(provider, spis, remote)),
  ]
}

export interface NatDetection {
  /** Whether the peer sent both kinds of notification, and so knows NAT traversal. */
  readonly supported: 'supported' | 'not-supported'
  readonly local: 'behind-nat' | 'no-nat'
  readonly remote: 'behind-nat' | 'no-nat'
}

/** What the peer's IKE_SA_INIT message, that came from `remote` to `local`, tells of NATs. */
export function detectNat(
  provider: CryptoProvider,
  spis: Spis,
  local: Endpoint,
  remote: Endpoint,
  payloads: readonly Payload[],
): NatDetection {
  const sources = notifications(payloads, notify.NAT_DETECTION_SOURCE_IP)
  const destinations = notifications(payloads, notify.NAT_DETECTION_DESTINATION_IP)
  if (sources.length === 0 || destinations.length === 0) return { supported: 'not-supported', local: 'no-nat', remote: 'no-nat' }
  const remoteDigest = natDigest(provider, spis, remote)
  const localDigest = natDigest(provider, spis, local)
  return {
    supported: 'supported',
    // RFC 7296 §2.23: the sender may name several sources; only if none matches is it behind a NAT.
    remote: sources.some((source) => equal(source.value, remoteDigest)) ? 'no-nat' : 'behind-nat',
    local: destinations.some((destination) => equal(destination.value, localDigest)) ? 'no-nat' : 'behind-nat',
  }
}

/** Tells of a NAT that was found, or of one that we pretend. */
export function reportNat(context: Context, sa: IkeSa): void {
  const { local, remote, encapsulation } = sa.path.nat
  if (encapsulation === 'none') return
  const forced = local === 'no-nat' && remote === 'no-nat' ? 'forced' : 'found'
  emit(context, { name: 'nat-detected', ikeSa: sa.id, local: { behindNat: local }, remote: { behindNat: remote }, forced })
}

/** RFC 7296 §2.23: SHA-1 of the SPIs in the order of the header, the address and the port. */
function natDigest(provider: CryptoProvider, spis: Spis, endpoint: Endpoint): Uint8Array {
  const port = new Uint8Array(2)
  putU16(port, 0, endpoint.port)
  return provider.sha1(concat(spiBytes(spis.initiatorSpi), spiBytes(spis.responderSpi), addressBytes(endpoint.address), port))
}

export function spiBytes(spi: IkeSpi): Uint8Array {
  return fromHex(spi) ?? new Uint8Array(8)
}
