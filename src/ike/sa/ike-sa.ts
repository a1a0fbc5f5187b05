// One IKE SA: small coupled machines side by side. Its life (`state`), our requests, the peer's requests, its path, its Child SAs.
import type { Role } from '../../contract/events.ts'
import type { SilenceHint } from '../../contract/refusal.ts'
import type { HostPorts, IkeChannel } from '../../contract/machine.ts'
import type { ChildSaId, IkeSaId, IkeSpi, Instant, Spi } from '../../contract/units.ts'
import type { Endpoint } from '../../net/address.ts'
import type { ChildSa } from '../child/child-sa.ts'
import type { ChildAttempt, ChildRequest } from '../child/child-request.ts'
import type { SentMessage } from './exchange.ts'
import { assertTransition } from './transitions.ts'
import type { IkeRekeyAttempt, IkeSaState } from './states.ts'

export interface IkeSa {
  readonly id: IkeSaId
  /** When its first message came or went. */
  readonly born: Instant
  /** Our role in the exchange that made it: decides flags, SPIs and keys for its whole life (RFC 7296 §2.2). */
  readonly role: Role
  readonly initiatorSpi: IkeSpi
  /** Sixteen zeros until known. */
  responderSpi: IkeSpi
  /** The one that it was rekeyed from. */
  readonly replaces: IkeSaId | undefined
  /** The one that is to end when this one has all that it had (RFC 7296 §2.8.3). */
  reauthenticates: IkeSaId | undefined
  /** The one that is to take its place that way. */
  reauthenticatedBy: IkeSaId | undefined
  state: IkeSaState
  readonly requests: RequestWindow
  readonly responses: ResponseWindow
  path: SaPath
  readonly children: Map<ChildSaId, ChildSa>
  lifetime: LifetimeEnds
  /** Where the last message that we could use came from. */
  heardFrom: Endpoint | undefined
  /** When the last fresh protected message or packet came (RFC 7296 §2.4). */
  lastReceived: Instant
  /** When anything last went to the peer: NAT keepalives count from here. */
  lastSent: Instant
  /** When an unprotected message last made us check that the peer lives. */
  lastProvoked: Instant | undefined
}

/** `undefined`: never, or it is under way. */
export interface LifetimeEnds {
  rekeyAt: Instant | undefined
  reauthenticateAt: Instant | undefined
  expiresAt: Instant | undefined
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
  /** What the peer could not do just then (RFC 7296 §2.25). */
  readonly postponed: { readonly at: Instant; readonly intention: Intention }[]
  /** What the peer has deleted before we knew of it, by `saKey`: its answer to a request of ours for a Child SA is late, or was lost. */
  readonly forestalled: Map<string, { readonly protocol: number; readonly spi: Spi }>
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
  /** A Child SA that the peer has and we could not use (RFC 7296 §2.21). */
  | { readonly kind: 'disown-child-sa'; readonly protocol: number; readonly spi: Spi }
  | { readonly kind: 'liveness' }
  /** How many requests of the peer's we take at once (RFC 7296 §2.3). */
  | { readonly kind: 'announce-window' }
  | CreateChildIntention
  | RekeyIkeIntention
export interface CreateChildIntention extends Retriable {
  readonly kind: 'create-child-sa'
  readonly request: ChildRequest
  /** Rekeys it (RFC 7296 §1.3.3). */
  readonly replaces: ChildSaId | undefined
}
export interface RekeyIkeIntention extends Retriable {
  readonly kind: 'rekey-ike-sa'
}
export interface Retriable {
  /** Groups that were tried; the last one is to be used. Empty: the first that we have. */
  readonly groups: readonly number[]
  /** When the peer first answered TEMPORARY_FAILURE to it (RFC 7296 §2.25). */
  readonly refusedSince: Instant | undefined
}

/** What an answer will be about. */
export type RequestPurpose =
  | { readonly kind: 'ike-sa-init' }
  | { readonly kind: 'ike-auth' }
  | { readonly kind: 'delete-ike-sa' }
  | { readonly kind: 'delete-child-sa'; readonly child: ChildSaId }
  | { readonly kind: 'disown-child-sa'; readonly protocol: number; readonly spi: Spi }
  | { readonly kind: 'liveness' }
  | { readonly kind: 'announce-window' }
  | { readonly kind: 'authentication-failed' }
  | { readonly kind: 'create-child-sa'; readonly intention: CreateChildIntention; readonly attempt: ChildAttempt }
  | { readonly kind: 'rekey-ike-sa'; readonly intention: RekeyIkeIntention; readonly attempt: IkeRekeyAttempt }

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
  readonly channel: IkeChannel
  readonly local: Endpoint
  readonly remote: Endpoint
  /** Where else both can be reached, for the move to port 4500. */
  readonly localPorts: HostPorts
  readonly remotePorts: HostPorts
  readonly nat: NatSituation
  /** What our driver has for what is not in UDP: IP packets whole, or ESP without its IP header. */
  readonly bare: 'esp' | 'ip'
}
export interface NatSituation {
  readonly local: 'behind-nat' | 'no-nat'
  readonly remote: 'behind-nat' | 'no-nat'
  /** Whether ESP goes in UDP (RFC 7296 §2.23). */
  readonly encapsulation: 'udp' | 'none'
}

/** One that has just come into being. Member for member: what is spread first and added to afterwards takes V8 four times as long. */
export function newIkeSa(
  now: Instant,
  born: Pick<IkeSa, 'id' | 'role' | 'initiatorSpi' | 'responderSpi' | 'replaces' | 'reauthenticates' | 'state' | 'path' | 'heardFrom'>,
): IkeSa {
  return {
    id: born.id,
    born: now,
    role: born.role,
    initiatorSpi: born.initiatorSpi,
    responderSpi: born.responderSpi,
    replaces: born.replaces,
    reauthenticates: born.reauthenticates,
    reauthenticatedBy: undefined,
    state: born.state,
    requests: { nextId: 0, size: 1, outstanding: [], waiting: [], postponed: [], forestalled: new Map() },
    responses: { expectedId: 0, size: 1, answers: new Map() },
    path: born.path,
    children: new Map(),
    lifetime: { rekeyAt: undefined, reauthenticateAt: undefined, expiresAt: undefined },
    heardFrom: born.heardFrom,
    lastReceived: now,
    lastSent: now,
    lastProvoked: undefined,
  }
}

export function transition(sa: IkeSa, next: IkeSaState): void {
  assertTransition(sa.state.phase, next.phase)
  sa.state = next
}

/** The SPI that we chose, by which the peer's messages find this IKE SA. */
export const localSpi = (sa: Pick<IkeSa, 'role' | 'initiatorSpi' | 'responderSpi'>): IkeSpi =>
  sa.role === 'initiator' ? sa.initiatorSpi : sa.responderSpi

export const peerRole = (sa: Pick<IkeSa, 'role'>): Role => (sa.role === 'initiator' ? 'responder' : 'initiator')

/** RFC 7296 §2.6: a responder does not know yet who its peer is. */
export function isHalfOpen({ state }: IkeSa): boolean {
  return state.phase === 'init-answered' || state.phase === 'peer-verifying' || state.phase === 'own-signing'
}
