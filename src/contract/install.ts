// What a data plane needs to know of one SA: enough for our packet processor and for a kernel's. RFC 4301 §4.4.2.
import type { Secret } from '../bytes/secret.ts'
import type { Address, Endpoint } from '../net/address.ts'
import type { PathTerms } from './path-terms.ts'
import type { TrafficSelector } from './selectors.ts'
import type { ChildSuite } from './transforms.ts'
import type { ChildSaId, IkeSaId, Instant, Milliseconds, Spi } from './units.ts'

export type SaMode = 'transport' | 'tunnel'

export interface SaInstall {
  readonly ikeSa: IkeSaId
  readonly child: ChildSaId
  /** Names in the configuration. */
  readonly connection: string
  readonly childName: string
  readonly direction: 'in' | 'out'
  readonly spi: Spi
  /**
   * By what packets find it (RFC 4301 §4.1): `spi`, where it is left out, which is right for all that IKE negotiates. The others are for groups, whose SPIs are not ours to
   * choose: `local` is then the destination of its packets, and `remote` their source. Inbound only.
   */
  readonly lookup?: 'spi' | 'spi-destination' | 'spi-destination-source'
  readonly suite: ChildSuite
  readonly encryptionKey: Secret | undefined
  readonly integrityKey: Secret | undefined
  readonly mode: SaMode
  /** Ours first, whatever the direction. */
  readonly localSelectors: readonly TrafficSelector[]
  readonly remoteSelectors: readonly TrafficSelector[]
  /** Outer endpoints; the ports are those of the UDP encapsulation. */
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly encapsulation: 'udp' | 'none'
  /**
   * Transport mode behind a NAT: the addresses that the packet had where it was sealed (RFC 7296 §2.23.1, RFC 3948 §3.1.2).
   * `undefined` where no NAT is between.
   */
  readonly original: OriginalAddresses | undefined
  /**
   * What our plain side knows the peer by, where its own address is another peer's, too (RFC 3948 §5.2): put in the place of the source of
   * what comes in, once it has been checked. Packets to it go out through this SA, to the address that the selectors have.
   */
  readonly mapped?: Address | undefined
  /** In packets; 0 switches the check off. Inbound only. */
  readonly replayWindow: number
  /** `undefined`: packets show how long they are. Outbound ESP only. */
  readonly tfc: TfcPadding | undefined
  /** None, where it is left out. Outbound ESP that encrypts only. */
  readonly dummies?: DummyTerms | undefined
  readonly path: PathTerms
  /** RFC 4301 §7.3: whether both sides send and take later fragments through a tunnel whose selectors name ports. */
  readonly laterFragments: 'agreed' | 'not-agreed'
  readonly soft: Limits
  readonly hard: Limits
}

/**
 * TFC padding (RFC 4303 §2.7): how long plain IP packets are made to look, in octets; `mtu` is the longest that the path takes, and no padding
 * goes beyond that. In transport mode only what says itself how long it is can be padded: UDP, IP in IP.
 */
export type TfcPadding =
  | { readonly to: 'size'; readonly octets: number }
  | { readonly to: 'multiple'; readonly octets: number }
  | { readonly to: 'mtu' }

/**
 * Dummy packets (RFC 4303 §2.6): time is cut into intervals, and at the end of each in which nothing has gone through the SA a dummy goes. So the SA
 * never shows less than one packet in each, and with nothing to send exactly one.
 */
export interface DummyTerms {
  /** 1 to 3,600,000. */
  readonly interval: Milliseconds
  /**
   * How long they look: octets of a plain IP packet, all lengths as likely, never longer than the path takes. `undefined`: as TFC padding makes packets
   * look; without that, any length from 40.
   */
  readonly octets: { readonly least: number; readonly most: number } | undefined
}

/** As the peer knows them: `remote` is the peer's own address, `local` the one it believes us to have. */
export interface OriginalAddresses {
  readonly local: Endpoint['address']
  readonly remote: Endpoint['address']
}

/** `undefined` is no limit. */
export interface Limits {
  readonly packets: number | undefined
  readonly bytes: number | undefined
  readonly until: Instant | undefined
}
