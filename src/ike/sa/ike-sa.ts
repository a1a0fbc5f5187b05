// One IKE SA: small coupled machines side by side. Its life (`state`), our requests, the peer's requests, its path, its Child SAs.
import type { Role } from '../../contract/events.ts'
import type { SilenceHint } from '../../contract/refusal.ts'
import type { HostPorts } from '../../contract/machine.ts'
import type { ChildSaId, IkeSaId, IkeSpi, Instant } from '../../contract/units.ts'
import type { Endpoint } from '../../net/address.ts'
import type { ChildSa } from '../child/child-sa.ts'
import type { SentMessage } from './exchange.ts'
import { assertTransition } from './transitions.ts'
import type { IkeSaState } from './states.ts'

export interface IkeSa {
  readonly id: IkeSaId
  /** Our role in the IKE_SA_INIT that made it: decides flags, SPIs and keys for its whole life (RFC 7296 §2.2). */
  readonly role: Role
  readonly initiatorSpi: IkeSpi
  /** Sixteen zeros until known. */
  responderSpi: IkeSpi
  state: IkeSaState
  readonly requests: RequestWindow
  readonly responses: ResponseWindow
  path: SaPath
  readonly children: Map<ChildSaId, ChildSa>
  /** Where the last message that we could use came from. */
  heardFrom: Endpoint | undefined
  /** When the last fresh protected message or packet came (RFC 7296 §2.4). */
  lastReceived: Instant
  /** When anything last went to the peer: NAT keepalives count from here. */
  lastSent: Instant
  /** When an unprotected message last made us check that the peer lives. */
  lastProvoked: Instant | undefined
}

/** Our requests. */
export interface RequestWindow {
  nextId: number
  /** How many the peer takes at once: 1 until it says otherwise (RFC 7296 §2.3). */
  size: number
  /** In the order of their Message IDs. */
  readonly outstanding: OutstandingRequest[]
  /** What we mean to ask, once the window is open. */
  readonly waiting: Intention[]
}
export interface OutstandingRequest {
  /** The same content always, but perhaps in more fragments than at first. */
  message: SentMessage
  readonly purpose: RequestPurpose
  readonly firstSent: Instant
  transmissions: number
  /** How many transmissions there had been when the timers last started over (RFC 7383 §2.5.2); 0 at first. */
  startedOver: number
  /** The largest IP datagram that is tried now; `undefined`: what the IKE SA has come to. */
  threshold: number | undefined
  nextAt: Instant
  /** For the one who reads the failure. */
  hint: SilenceHint
}
/** A request that is to be made of what there is when it is sent. */
export type Intention =
  | { readonly kind: 'delete-ike-sa' }
  | { readonly kind: 'delete-child-sa'; readonly child: ChildSaId }
  | { readonly kind: 'liveness' }
/** What an answer will be about. */
export type RequestPurpose =
  | { readonly kind: 'ike-sa-init' }
  | { readonly kind: 'ike-auth' }
  | { readonly kind: 'delete-ike-sa' }
  | { readonly kind: 'delete-child-sa'; readonly child: ChildSaId }
  | { readonly kind: 'liveness' }
  | { readonly kind: 'authentication-failed' }

/** The peer's requests. As many answers as we take requests at once are kept to be sent again (RFC 7296 §2.1, §2.3). */
export interface ResponseWindow {
  /** The first request that has not come. */
  expectedId: number
  /** How many we take at once: 1 until the peer knows better. */
  size: number
  /** By Message ID; `undefined` while an operation is under way. */
  readonly answers: Map<number, SentMessage | undefined>
}

export interface SaPath {
  readonly channel: 'ike' | 'nat-t'
  readonly local: Endpoint
  readonly remote: Endpoint
  /** Where else both can be reached, for the move to port 4500. */
  readonly localPorts: HostPorts
  readonly remotePorts: HostPorts
  readonly nat: NatSituation
}
export interface NatSituation {
  readonly local: 'behind-nat' | 'no-nat'
  readonly remote: 'behind-nat' | 'no-nat'
  /** Whether ESP goes in UDP (RFC 7296 §2.23). */
  readonly encapsulation: 'udp' | 'none'
}

export function transition(sa: IkeSa, next: IkeSaState): void {
  assertTransition(sa.state.phase, next.phase)
  sa.state = next
}

/** The SPI that we chose, by which the peer's messages find this IKE SA. */
export const localSpi = (sa: IkeSa): IkeSpi => (sa.role === 'initiator' ? sa.initiatorSpi : sa.responderSpi)

export const peerRole = (sa: IkeSa): Role => (sa.role === 'initiator' ? 'responder' : 'initiator')
