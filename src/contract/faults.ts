// The families of failure. Faults are values: data from a peer never makes the core throw. Only ApiMisuse and Bug are thrown.
// No fault ever contains key material.
import type { OperationKind } from './machine.ts'
import type { Milliseconds } from './units.ts'

/** Octets that do not decode. */
export interface WireFault {
  readonly family: 'wire'
  readonly code: WireFaultCode
  /** Where, in octets from the start of what was given to decode. */
  readonly offset: number
  /** Which field, from the outside in: `SA.proposal[0].transform[1].length`. */
  readonly field: string
  readonly rfc: string
  readonly message: string
}

export type WireFaultCode =
  | 'WIRE_TRUNCATED'
  | 'WIRE_LENGTH_MISMATCH'
  | 'WIRE_LENGTH_TOO_SMALL'
  | 'WIRE_TRAILING_OCTETS'
  | 'WIRE_VERSION_UNSUPPORTED'
  | 'WIRE_VALUE_ILLEGAL'
  | 'WIRE_COUNT_MISMATCH'
  | 'WIRE_LIMIT_EXCEEDED'

/** Decodes, but is illegal, incompatible or unauthenticated. */
export interface PeerFault {
  readonly family: 'peer'
  readonly code: PeerFaultCode
  readonly message: string
  readonly rfc: string
}

export type PeerFaultCode =
  | 'PEER_AUTHENTICATION_FAILED'
  | 'PEER_CRITICAL_PAYLOAD_UNKNOWN'
  | 'PEER_FRAGMENTS_EXCESSIVE'
  | 'PEER_INTEGRITY_CHECK_FAILED'
  | 'PEER_KEY_EXCHANGE_INVALID'
  | 'PEER_MESSAGE_ID_UNEXPECTED'
  | 'PEER_PAYLOAD_MISSING'
  | 'PEER_PAYLOAD_UNEXPECTED'
  | 'PEER_PROPOSAL_ILLEGAL'
  | 'PEER_REFUSED'
  | 'PEER_SILENT'
  | 'PEER_SPI_ILLEGAL'
  | 'PEER_UNSUPPORTED_VERSION'

/** Our configuration says no; `refusal` says how the comparison went. */
export interface PolicyFault {
  readonly family: 'policy'
  readonly code: PolicyFaultCode
  readonly message: string
}

export type PolicyFaultCode =
  | 'POLICY_NO_PROPOSAL_CHOSEN'
  | 'POLICY_TRAFFIC_SELECTORS_UNACCEPTABLE'
  | 'POLICY_IDENTITY_UNKNOWN'
  | 'POLICY_MODE_MISMATCH'
  | 'POLICY_PROTOCOL_UNUSABLE'
  | 'POLICY_CONNECTION_UNKNOWN'
  | 'POLICY_LIMIT_REACHED'

/** Work that the core asked for was not done: neither the peer nor the configuration is at fault. */
export interface OperationFault {
  readonly family: 'operation'
  readonly code: OperationFaultCode
  /** What nobody answered, and for how long it was waited for. */
  readonly operation: OperationKind
  readonly elapsed: Milliseconds
  readonly message: string
}

export type OperationFaultCode = 'OPERATION_UNANSWERED'

export type Fault = WireFault | PeerFault | PolicyFault | OperationFault
export type FaultCode = WireFaultCode | PeerFaultCode | PolicyFaultCode | OperationFaultCode

/** The caller broke the contract: the message says what to do instead. */
export class ApiMisuse extends Error {
  override readonly name: string = 'ApiMisuse'
}

/** We broke an invariant of our own: please report it. */
export class Bug extends Error {
  override readonly name: string = 'Bug'
}
