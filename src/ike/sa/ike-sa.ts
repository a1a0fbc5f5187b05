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

/** Our requests. The peer's window is 1 until it says otherwise (RFC 7296 §2.3). */
export interface RequestWindow {
  nextId: number
  outstanding: OutstandingRequest | undefined
  readonly waiting: PlannedRequest[]
}
export interface OutstandingRequest {
  readonly message: SentMessage
  readonly purpose: RequestPurpose
  readonly firstSent: Instant
  transmissions: number
  nextAt: Instant
  /** For the one who reads the failure. */
  hint: SilenceHint
}
export interface PlannedRequest {
  readonly purpose: RequestPurpose
}
/** What an answer will be about. */
export type RequestPurpose =
  | { readonly kind: 'ike-sa-init' }
  | { readonly kind: 'ike-auth' }
  | { readonly kind: 'delete-ike-sa' }
  | { readonly kind: 'delete-child-sa'; readonly child: ChildSaId }
  | { readonly kind: 'liveness' }
  | { readonly kind: 'authentication-failed' }

/** The peer's requests, one at a time: the last answer is kept to be sent again (RFC 7296 §2.1). */
export interface ResponseWindow {
  expectedId: number
  /** Which request, and our answer to it; `answer` is absent while an operation is under way. */
  last: { readonly messageId: number; readonly answer: SentMessage | undefined } | undefined
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
