// One IKE SA takes the place of another: who inherits, and when. RFC 7296 §2.8, §2.8.2, §2.18.
import type { Secret } from '../../bytes/secret.ts'
import type { Role } from '../../contract/events.ts'
import type { IkeSuite } from '../../contract/transforms.ts'
import { type IkeSpi, later } from '../../contract/units.ts'
import { expandIkeKeys, rekeySkeyseed } from '../../crypto/key-schedule.ts'
import type { IkeAlgorithms } from '../../crypto/suites.ts'
import type { Context } from '../context.ts'
import { timers } from '../timers.ts'
import { announceIkeSa, dangerLogKeys } from './establish.ts'
import { inheritedFragmentation } from './fragmentation.ts'
import { type IkeSa, type Intention, newIkeSa, transition } from './ike-sa.ts'
import { intendWindow } from './window.ts'
import { chosenIkeLifetime } from './lifetime.ts'
import type { Established, Session } from './states.ts'

/** What both sides have agreed on in an exchange that rekeys an IKE SA. */
export interface AgreedIkeSa {
  /** Ours in the exchange: RFC 7296 §1.3.2, its initiator is the original initiator of the new IKE SA. */
  readonly role: Role
  readonly suite: IkeSuite
  readonly algorithms: IkeAlgorithms
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
  readonly nonceI: Uint8Array
  readonly nonceR: Uint8Array
  readonly sharedSecret: Secret
}

/** Makes the new IKE SA. It has no Child SAs before `inherit`. */
export function makeSuccessor(context: Context, old: IkeSa, session: Session, established: Established, agreed: AgreedIkeSa): IkeSa {
  const { role, suite, algorithms, initiatorSpi, responderSpi, nonceI, nonceR, sharedSecret } = agreed
  // RFC 7296 §2.18: with the PRF of the old IKE SA; all other keys with that of the new one.
  const seed = rekeySkeyseed(session.algorithms.prf, session.keys.skD, nonceI, nonceR, sharedSecret)
  const keys = expandIkeKeys(algorithms, seed, { nonceI, nonceR, spiI: initiatorSpi, spiR: responderSpi })
  seed.wipe()
  const sa = newIkeSa(context.now, {
    id: context.newIkeSaId(),
    role,
    initiatorSpi,
    responderSpi,
    replaces: old.id,
    reauthenticates: undefined,
    state: {
      phase: 'established',
      session: { suite, algorithms, keys, sealed: 0, fragmentation: inheritedFragmentation(session) },
      established,
    },
    path: old.path,
    heardFrom: old.heardFrom,
  })
  sa.lifetime = {
    ...chosenIkeLifetime(context, established.connection),
    // RFC 7296 §2.8.3: a rekey authenticates nobody.
    reauthenticateAt: old.lifetime.reauthenticateAt,
  }
  context.addIkeSa(sa)
  if (sa.state.phase === 'established') dangerLogKeys(context, sa, sa.state.session)
  return sa
}

/** RFC 7296 §2.8: the new IKE SA inherits all Child SAs, and what we meant to ask about them. */
export function inherit(context: Context, old: IkeSa, heir: IkeSa): void {
  for (const child of old.children.values()) {
    heir.children.set(child.id, child)
    context.addChild(child.id, heir)
  }
  old.children.clear()
  const successor = old.reauthenticatedBy === undefined ? undefined : context.ikeSaById(old.reauthenticatedBy)
  if (successor !== undefined) successor.reauthenticates = heir.id
  heir.reauthenticatedBy = old.reauthenticatedBy
  const { waiting, postponed } = old.requests
  heir.requests.waiting.push(...waiting.filter(concernsChildren))
  heir.requests.postponed.push(...postponed.filter(({ intention }) => concernsChildren(intention)))
  waiting.length = 0
  postponed.length = 0
  if (heir.state.phase === 'established') {
    announceIkeSa(context, heir, heir.state.session, heir.state.established)
    intendWindow(heir, heir.state.established.connection)
  }
  context.touch(heir)
}

/** The peer's rekey stands: its SA inherits, and the old one waits for the peer's Delete. */
export function yieldTo(context: Context, old: IkeSa, heir: IkeSa): void {
  if (old.state.phase !== 'established' && old.state.phase !== 'contested') return
  inherit(context, old, heir)
  giveAway(context, old, 'inherited')
}

/** RFC 7296 §2.8.2: the redundant one is deleted by who created it, which was the peer. */
export function outdo(context: Context, old: IkeSa): void {
  if (old.state.phase !== 'contested') return
  const { session, established, heir } = old.state
  const redundant = context.ikeSaById(heir.ikeSa)
  transition(old, { phase: 'established', session, established })
  if (redundant === undefined) return
  giveAway(context, redundant, 'redundant')
  context.touch(redundant)
}

/** What is left of it is the peer's Delete. */
function giveAway(context: Context, sa: IkeSa, because: 'inherited' | 'redundant'): void {
  if (sa.state.phase !== 'established' && sa.state.phase !== 'contested') return
  const { session, established } = sa.state
  sa.lifetime = { rekeyAt: undefined, reauthenticateAt: undefined, expiresAt: undefined }
  transition(sa, { phase: 'replaced', session, established, because, expires: later(context.now, timers.replacedPatience) })
}

/** Nothing comes of our own rekey, or nothing is to: what the peer's has made, while that was not decided, inherits. */
export function settleContest(context: Context, old: IkeSa): void {
  if (old.state.phase !== 'contested') return
  const heir = context.ikeSaById(old.state.heir.ikeSa)
  if (heir !== undefined) yieldTo(context, old, heir)
}

/** Whoever makes or rekeys SAs here has chosen this IKE SA to inherit, if that was still in question (RFC 7296 §2.8.2). */
export function noteChoice(context: Context, sa: IkeSa): void {
  const predecessor = contestedBy(context, sa)
  if (predecessor !== undefined) settleContest(context, predecessor)
}

/** What the peer's rekey made is gone: ours stands alone, and its answer is to come. */
export function withdraw(context: Context, sa: IkeSa): void {
  const predecessor = contestedBy(context, sa)
  if (predecessor?.state.phase !== 'contested') return
  const { session, established } = predecessor.state
  transition(predecessor, { phase: 'established', session, established })
  context.touch(predecessor)
}

/** The peer's rekey has made it, and ours is out: it may come to nothing (RFC 7296 §2.8.2). */
export const isInQuestion = (context: Context, sa: IkeSa): boolean => contestedBy(context, sa) !== undefined

function contestedBy(context: Context, sa: IkeSa): IkeSa | undefined {
  const predecessor = sa.replaces === undefined ? undefined : context.ikeSaById(sa.replaces)
  return predecessor?.state.phase === 'contested' && predecessor.state.heir.ikeSa === sa.id ? predecessor : undefined
}

function concernsChildren({ kind }: Intention): boolean {
  return kind === 'create-child-sa' || kind === 'delete-child-sa' || kind === 'disown-child-sa'
}
