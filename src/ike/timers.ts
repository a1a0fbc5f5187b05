// Every timer of the IKE room: one constant and one sentence each. Milliseconds.
import type { Milliseconds } from '../contract/units.ts'

export const timers: Readonly<Record<TimerName, Milliseconds>> = {
  /** The first retransmission of a request; the waits grow from here. */
  retransmitFirst: 500,
  /** RFC 7296 §2.4: times between retransmissions MUST increase exponentially. */
  retransmitFactor: 1.5,
  /** RFC 7296 §2.4: at least a dozen times, over several minutes. */
  retransmitTimes: 12,
  /** RFC 7296 §2.21.1: after an unprotected refusal the initiator keeps trying for some time before it gives up. */
  unprotectedRefusalPatience: 3_000,
  /** A responder keeps a half-open IKE SA for as long as an initiator may go on retransmitting. */
  halfOpenLifetime: 200_000,
  /** The same while half-open SAs are many: RFC 7296 §2.6. */
  halfOpenLifetimeUnderLoad: 30_000,
  /**
   * RFC 7383 §2.6: a message of which fragments are missing for this long is forgotten; RECOMMENDED is what an initiator waits before it
   * gives up.
   */
  reassemblyLifetime: 200_000,
  /** RFC 7383 §2.5.2: transmissions without an answer after which a request goes on in smaller fragments. */
  probeTransmissions: 3,
  /** Transmissions of a request, none of them answered, after which its IKE SA may be one that the peer has given up (RFC 7296 §2.4). */
  doubtfulTransmissions: 6,
  /** A refused or deleted IKE SA still answers retransmitted requests for this long (RFC 7296 §2.1). */
  lingerLifetime: 200_000,
  /** What the peer could not do for the moment is tried again after this long, or half as long again, by chance (RFC 7296 §2.25). */
  temporaryFailureRetry: 5_000,
  /** RFC 7296 §2.25: who hears TEMPORARY_FAILURE for several minutes closes the IKE SA. */
  temporaryFailurePatience: 180_000,
  /** A reauthentication that failed is tried again after this long, or half as long again, by chance. */
  reauthenticationRetry: 60_000,
  /** What the peer has replaced, and does not delete, we delete after this long. */
  replacedPatience: 60_000,
  /** A Child SA that rekeys none is sent through after this long, even if the peer has not shown that it is ready (RFC 7296 §2.8). */
  readinessPatience: 5_000,
  /** Packets that were under way through a Child SA when another took its place are received for this long. */
  childLinger: 5_000,
  /** An operation that nobody answers for this long is cancelled, and the IKE SA that waits for it fails. */
  operationPatience: 30_000,
  /** A cookie secret serves this long, and as long again as the previous one (RFC 7296 §2.6). */
  cookieSecretLifetime: 60_000,
  /** RFC 7296 §2.21.4: liveness checks that unprotected messages provoke are at least this far apart, for each IKE SA. */
  provokedLivenessInterval: 10_000,
}

export type TimerName =
  | 'retransmitFirst'
  | 'retransmitFactor'
  | 'retransmitTimes'
  | 'unprotectedRefusalPatience'
  | 'halfOpenLifetime'
  | 'halfOpenLifetimeUnderLoad'
  | 'reassemblyLifetime'
  | 'probeTransmissions'
  | 'doubtfulTransmissions'
  | 'lingerLifetime'
  | 'temporaryFailureRetry'
  | 'temporaryFailurePatience'
  | 'reauthenticationRetry'
  | 'replacedPatience'
  | 'readinessPatience'
  | 'childLinger'
  | 'operationPatience'
  | 'cookieSecretLifetime'
  | 'provokedLivenessInterval'

/**
 * How long to wait after the transmission with this number (0 is the first) before the next one, or before giving up; `chance`, from 0 to
 * 1, makes it up to a tenth shorter, so that many do not repeat themselves in step.
 */
export function retransmitDelay(transmission: number, chance: number): Milliseconds {
  return Math.round(timers.retransmitFirst * timers.retransmitFactor ** transmission * (1 - 0.1 * chance))
}
