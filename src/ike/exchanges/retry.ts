// What a CREATE_CHILD_SA exchange does about an answer that is no. RFC 7296 §1.3, §2.25.
import { u16 } from '../../bytes/bytes.ts'
import { later } from '../../contract/units.ts'
import { transformType } from '../../iana/transforms.ts'
import type { Proposal } from '../../wire/message.ts'
import { chance } from '../child/lifetime.ts'
import type { Context } from '../context.ts'
import { limits } from '../limits.ts'
import type { IkeSa, Intention } from '../sa/ike-sa.ts'
import { timers } from '../timers.ts'
import { startClosing } from '../sa/close.ts'

/** INVALID_KE_PAYLOAD: the groups tried and the one that the peer wants; `undefined` where we do not offer it, or have tried it. */
export function nextGroup(
  context: Context,
  offered: readonly Proposal[],
  sent: number | undefined,
  tried: readonly number[],
  value: Uint8Array,
): readonly number[] | undefined {
  if (value.length !== 2 || sent === undefined) return undefined
  const group = u16(value, 0)
  const all = tried.includes(sent) ? tried : [...tried, sent]
  const isOffered = offered.some(({ transforms }) => transforms.some(({ type, id }) => type === transformType.KE && id === group))
  if (!isOffered || all.includes(group) || all.length >= limits.keyExchangeRounds) return undefined
  return context.provider.keyExchange(group) === undefined ? undefined : [...all, group]
}

/** RFC 7296 §2.25: MUST NOT be tried again at once; after several minutes of it, the two ends are out of step. */
export function postpone(context: Context, sa: IkeSa, intention: Extract<Intention, { readonly refusedSince: unknown }>): void {
  const refusedSince = intention.refusedSince ?? context.now
  if (context.now - refusedSince > timers.temporaryFailurePatience) return startClosing(context, sa)
  const wait = timers.temporaryFailureRetry + chance(context, timers.temporaryFailureRetry / 2)
  sa.requests.postponed.push({ at: later(context.now, wait), intention: { ...intention, refusedSince } })
}
