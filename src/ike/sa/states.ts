// The states of an IKE SA: each variant holds only what is legal in it.
import type { OperationKind, SharedKeyMacRequest } from '../../contract/machine.ts'
import type { Identity } from '../../contract/identity.ts'
import type { Refusal } from '../../contract/refusal.ts'
import type { IkeSuite } from '../../contract/transforms.ts'
import type { IkeSaId, IkeSpi, Instant, OperationId } from '../../contract/units.ts'
import type { Fault } from '../../contract/faults.ts'
import type { IkeKeys } from '../../crypto/key-schedule.ts'
import type { KeyPair } from '../../crypto/provider.ts'
import type { IkeAlgorithms } from '../../crypto/suites.ts'
import type { Connection } from '../../policy/connection.ts'
import type { Payload, Proposal } from '../../wire/message.ts'
import type { Arrival } from './exchange.ts'
import type { ChildRequest } from '../child/child-request.ts'
import type { Fragmentation } from './fragmentation.ts'
import type { Protection } from './protect.ts'

export type IkeSaState =
  /** Initiator: IKE_SA_INIT request is out. */
  | { readonly phase: 'init-sent'; readonly attempt: InitAttempt }
  /** Initiator: our AUTH is being computed. */
  | { readonly phase: 'auth-signing'; readonly operation: PendingOperation; readonly auth: InitiatorAuth; readonly session: Session }
  /** Initiator: IKE_AUTH request is out. */
  | { readonly phase: 'auth-sent'; readonly auth: InitiatorAuth; readonly session: Session }
  /** Initiator: the MAC that the responder's AUTH must equal is being computed. */
  | {
      readonly phase: 'auth-verifying'
      readonly operation: PendingOperation
      readonly auth: InitiatorAuth
      readonly session: Session
      readonly answer: AuthAnswer
    }
  /** Responder: IKE_SA_INIT is answered. */
  | { readonly phase: 'init-answered'; readonly auth: ResponderAuth; readonly session: Session; readonly expires: Instant }
  /** Responder: the MAC that the initiator's AUTH must equal is being computed. */
  | {
      readonly phase: 'peer-verifying'
      readonly operation: PendingOperation
      readonly auth: ResponderAuth
      readonly session: Session
      readonly request: AuthRequest
    }
  /** Responder: the initiator is who it says; our AUTH is being computed. */
  | {
      readonly phase: 'own-signing'
      readonly operation: PendingOperation
      readonly auth: ResponderAuth
      readonly session: Session
      readonly request: AuthRequest
      readonly connection: Connection
    }
  /** Both sides are authenticated, and either may ask for something. */
  | { readonly phase: 'established'; readonly session: Session; readonly established: Established }
  /** Both ends rekey it: what the peer's rekey has made is there, the answer to ours is not (RFC 7296 §2.8.2). */
  | { readonly phase: 'contested'; readonly session: Session; readonly established: Established; readonly heir: Heir }
  /** A rekey of the peer's has made another in its place: what is left to come is its Delete. */
  | {
      readonly phase: 'replaced'
      readonly session: Session
      readonly established: Established
      /** `redundant`: it never had anything; the peer may have forgotten that it asked for it (RFC 7296 §2.25.2). */
      readonly because: 'inherited' | 'redundant'
      readonly expires: Instant
    }
  /** Our Delete, or our AUTHENTICATION_FAILED, is out. */
  | { readonly phase: 'closing'; readonly session: Session; readonly established: Established | undefined }
  /** Gone, with its keys and all that waited for it; answers that the peer may ask for again are kept elsewhere (`OverIkeSa`). */
  | { readonly phase: 'closed' }

export type Phase = IkeSaState['phase']

/** What a state waits for, for a while. */
export interface PendingOperation {
  readonly id: OperationId
  readonly kind: OperationKind
  readonly since: Instant
}

/** What protects messages from IKE_AUTH on. */
export interface Session extends Protection {
  readonly suite: IkeSuite
  readonly algorithms: IkeAlgorithms
  readonly keys: IkeKeys
  /** `undefined`: one of both does not know it, or does not want it (RFC 7383 §2.3). */
  readonly fragmentation: Fragmentation | undefined
}

/** What an initiator remembers while it waits for the answer to IKE_SA_INIT. */
export interface InitAttempt {
  readonly connection: Connection
  /** `undefined`: an IKE SA is all that is wanted (RFC 6023). */
  readonly child: ChildRequest | undefined
  readonly nonce: Uint8Array
  readonly keyExchange: number
  readonly keyPair: KeyPair
  readonly triedGroups: readonly number[]
  readonly offered: readonly Proposal[]
  /** Those that were followed; the last one is in the request. */
  readonly cookies: readonly HeldCookie[]
  /** Another one, which came while the answer to the request may be on its way: followed should that not come. */
  readonly spareCookie: Uint8Array | undefined
  /** As in the first request: RFC 7296 §2.6 wants them unchanged in all that follow. Empty before it. */
  readonly natDetection: readonly Payload[]
  /** As sent, from the first octet of the IKE header: part of what AUTH covers. */
  readonly request: Uint8Array
  /** An unprotected refusal that we do not believe yet (RFC 7296 §2.21.1). */
  readonly doubt: { readonly fault: Fault; readonly refusal: Refusal | undefined; readonly until: Instant } | undefined
}

export interface HeldCookie {
  readonly value: Uint8Array
  /** The key exchange of the request that it was demanded for. */
  readonly group: number
}

export interface InitiatorAuth {
  readonly connection: Connection
  readonly child: ChildRequest | undefined
  /** Whether the responder said that IKE_AUTH may come without a Child SA (RFC 6023 §3). */
  readonly childless: 'possible' | 'unsupported'
  readonly nonceI: Uint8Array
  readonly nonceR: Uint8Array
  readonly initRequest: Uint8Array
  readonly initResponse: Uint8Array
}

/** The payloads of the responder's IKE_AUTH answer. */
export interface AuthAnswer {
  readonly macRequest: SharedKeyMacRequest
  readonly identity: Identity
  readonly authentication: Uint8Array
  readonly payloads: readonly Payload[]
}

export interface ResponderAuth {
  readonly candidates: readonly Connection[]
  readonly nonceI: Uint8Array
  readonly nonceR: Uint8Array
  /** The one that was answered; then those that came after it with other cookies, and are the same otherwise. */
  readonly initRequests: readonly [Uint8Array, ...Uint8Array[]]
  readonly initResponse: Uint8Array
}

/** The payloads of the initiator's IKE_AUTH request. */
export interface AuthRequest {
  readonly messageId: number
  readonly macRequest: SharedKeyMacRequest
  /** What AUTH may be over instead, if it is not over this. */
  readonly otherMacs: readonly SharedKeyMacRequest[]
  readonly arrival: Arrival
  readonly identity: Identity
  readonly authentication: Uint8Array
  /** `undefined` when no configured connection has such a peer: the answer comes as late and says as little as for a wrong key. */
  readonly connection: Connection | undefined
  readonly refusal: Refusal | undefined
  readonly payloads: readonly Payload[]
}

export interface Established {
  /** When the two ends had authenticated each other. */
  readonly since: Instant
  readonly connection: Connection
  readonly localIdentity: Identity
  readonly remoteIdentity: Identity
}

/** The IKE SA that would inherit. */
export interface Heir {
  readonly ikeSa: IkeSaId
  /** Of the two nonces of the exchange that made it (RFC 7296 §2.8.1). */
  readonly lowestNonce: Uint8Array
}

/** A request to rekey an IKE SA that is out. */
export interface IkeRekeyAttempt {
  readonly spi: IkeSpi
  readonly offered: readonly Proposal[]
  readonly nonce: Uint8Array
  readonly group: number
  readonly keyPair: KeyPair
}
