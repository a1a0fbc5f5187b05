// IKE SAs that are over: our last answers may have been lost, so that a retransmitted request is answered once more. RFC 7296 §2.1.
// A responder has many of these, and each holds as little as that takes.
import type { Role } from '../../contract/events.ts'
import type { IkeSaId, IkeSpi, Instant } from '../../contract/units.ts'
import type { SentMessage } from './exchange.ts'
import type { RepeatedFragmentation } from './fragmentation.ts'
import type { IkeSa } from './ike-sa.ts'
import type { Protection } from './protect.ts'
import type { Session } from './states.ts'

export interface OverIkeSa extends Protection {
  readonly id: IkeSaId
  readonly role: Role
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
  readonly fragmentation: RepeatedFragmentation | undefined
  readonly answers: SentMessage[]
  /** Hash of the IKE_SA_INIT request that it came of, as its responder. */
  readonly initDigest: string | undefined
  readonly expires: Instant
}

/** What is left of `sa`; `undefined` where the peer has asked for nothing that it could ask for again. */
export function whatIsLeftOf(sa: IkeSa, session: Session, initDigest: string | undefined, expires: Instant): OverIkeSa | undefined {
  const answers = [...sa.responses.answers.values()].filter((answer) => answer !== undefined)
  if (answers.length === 0) return undefined
  const { id, role, initiatorSpi, responderSpi } = sa
  const { fragmentation, keys } = session
  const { skEi, skEr, skAi, skAr } = keys
  return {
    id,
    role,
    initiatorSpi,
    responderSpi,
    algorithms: session.algorithms,
    keys: { skEi, skEr, skAi, skAr },
    sealed: session.sealed,
    fragmentation: fragmentation === undefined ? undefined : { sending: fragmentation.sending, repeated: fragmentation.repeated },
    answers,
    initDigest,
    expires,
  }
}

/** RFC 7296 §2.12: keys that are needed no more are forgotten. */
export function wipeKeysOf({ keys: { skEi, skEr, skAi, skAr } }: OverIkeSa): void {
  for (const key of [skEi, skEr, skAi, skAr]) key?.wipe()
}
