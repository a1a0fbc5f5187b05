// What is to be renewed, and what ends, as time passes or packets do. RFC 7296 §2.8, §2.8.3, §2.25; RFC 4478.
import { type ChildSaId, earliest, type Instant, later } from '../../contract/units.ts'
import { type ChildSa, childDeadline, holdsOutbound, useOutbound } from '../child/child-sa.ts'
import type { Context } from '../context.ts'
import { deleteChild } from '../exchanges/create-child.initiator.ts'
import { startClosing } from './close.ts'
import type { IkeSa, Intention } from './ike-sa.ts'
import { intend, rekeyIkeSa } from './intend.ts'
import { timers } from '../timers.ts'

/** It may ask for things; a contested one is being rekeyed already. */
export const isInForce = ({ state }: IkeSa): boolean => state.phase === 'established' || state.phase === 'contested'

export function lifetimeDue(sa: IkeSa): Instant | undefined {
  const { rekeyAt, reauthenticateAt, expiresAt } = sa.lifetime
  let due = earliest(earliest(rekeyAt, reauthenticateAt), expiresAt)
  for (const { at } of sa.requests.postponed) due = earliest(due, at)
  for (const child of sa.children.values()) due = earliest(due, childDeadline(child))
  return due
}

/** Does what is due at `context.now`. */
export function onLifetime(context: Context, sa: IkeSa): void {
  const { now } = context
  const isDue = (at: Instant | undefined): boolean => at !== undefined && at <= now
  const { lifetime } = sa
  // RFC 7296 §2.8: it MUST NOT be used any longer.
  if (isDue(lifetime.expiresAt)) return startClosing(context, sa)
  if (isDue(lifetime.reauthenticateAt)) {
    lifetime.reauthenticateAt = undefined
    context.reauthenticate(sa)
  }
  if (isDue(lifetime.rekeyAt)) startIkeRekey(sa)
  resume(sa, now)
  for (const child of sa.children.values()) {
    if (isDue(child.expiresAt)) {
      // RFC 7296 §2.8: where rekeying has been wanted and has failed until the end, the IKE SA MUST be closed.
      if (child.life.kind === 'alive' && child.config.soft.time !== undefined) return startClosing(context, sa)
      deleteChild(context, sa, child)
    } else if (isDue(child.useAt)) useOutbound(context, child)
    else if (isDue(child.rekeyAt)) startChildRekey(context, sa, child)
    else if (child.life.kind === 'replaced' && isDue(child.life.until)) deleteChild(context, sa, child)
  }
}

export function startIkeRekey(sa: IkeSa): void {
  sa.lifetime.rekeyAt = undefined
  if (sa.state.phase === 'established' && !isUnderWay(sa, ({ kind }) => kind === 'rekey-ike-sa')) intend(sa, rekeyIkeSa)
}

/** Nothing happens while it is being rekeyed, or deleted, or has been replaced. */
export function startChildRekey(context: Context, sa: IkeSa, child: ChildSa): void {
  child.rekeyAt = undefined
  if (child.life.kind !== 'alive' || child.successor !== undefined || isBeingReplaced(sa, child.id)) return
  if (holdsOutbound(child)) {
    // The peer may not know of it yet: our answer that made it may be lost.
    child.rekeyAt = later(context.now, timers.temporaryFailureRetry)
    return
  }
  const request = { id: context.newChildId(), config: child.config, spi: context.newSpi(), trigger: undefined }
  intend(sa, { kind: 'create-child-sa', request, replaces: child.id, groups: [], refusedSince: undefined })
}

/** Whether Child SAs are still to come. */
export const isMakingChildren = (sa: IkeSa): boolean => isUnderWay(sa, ({ kind }) => kind === 'create-child-sa')

const isBeingReplaced = (sa: IkeSa, child: ChildSaId): boolean =>
  isUnderWay(sa, (intention) => intention.kind === 'create-child-sa' && intention.replaces === child)

/** Meant, postponed, or out. */
function isUnderWay({ requests }: IkeSa, about: (intention: Intention) => boolean): boolean {
  const { waiting, postponed, outstanding } = requests
  return (
    waiting.some(about) ||
    postponed.some(({ intention }) => about(intention)) ||
    outstanding.some(({ purpose }) => (purpose.kind === 'create-child-sa' || purpose.kind === 'rekey-ike-sa') && about(purpose.intention))
  )
}

/** What the peer could not do some time ago is asked again (RFC 7296 §2.25). */
function resume({ requests }: IkeSa, now: Instant): void {
  const { postponed, waiting } = requests
  waiting.push(...postponed.filter(({ at }) => at <= now).map(({ intention }) => intention))
  postponed.splice(0, postponed.length, ...postponed.filter(({ at }) => at > now))
}
