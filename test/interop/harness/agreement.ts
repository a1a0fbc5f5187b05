// Two ends that have SAs with each other: telling them to renew these, and whether both list the same ones, one of each kind and no more.
import { type CharonChildSa, type CharonIkeSa, parseSas } from './charon-sas.ts'
import { report, until } from './command.ts'
import type { Answer, Embedded } from './embedded.ts'
import type { Charon } from './strongswan.ts'

export interface Ends {
  readonly us: Embedded
  readonly peer: Charon
}
export interface Agreed {
  readonly ours: Answer
  readonly ikeSa: CharonIkeSa
  readonly child: CharonChildSa
}
export type Kind = 'child' | 'ike'

export const rekey = {
  us: async ({ us }: Ends, what: Kind): Promise<void> => void (await us.ask({ do: 'rekey', what, when: 'now' })),
  charon: async ({ peer }: Ends, what: Kind): Promise<void> => {
    const told = await peer.swanctl('--rekey', ...(what === 'child' ? ['--child', 'k'] : ['--ike', 'c']))
    if (told.code !== 0) throw new Error(report(told))
  },
  /** Its request is in our socket, unread, when ours goes out. */
  both: async (ends: Ends, what: Kind): Promise<void> => {
    const ours = ends.us.ask({ do: 'rekey', what, when: 'when-asked' })
    await rekey.charon(ends, what)
    await ours
  },
}

/**
 * Waits until both ends list exactly one IKE SA with exactly one Child SA, with the same SPIs; and `renewed` since `before`, where that is
 * given. `emptied`: besides, we may have IKE SAs without Child SAs, of which the Delete is the peer's to send.
 */
export async function agreement(ends: Ends, more: Expectation = {}): Promise<Agreed> {
  let last = ''
  try {
    return await until('one IKE SA with one Child SA, the same on both sides', more.limit ?? 15_000, async () => {
      const ours = await ends.us.ask({ do: 'status' })
      last = JSON.stringify(ours.ikeSas, undefined, 1)
      const own = soleIkeSa(ours, more.emptied ?? 'gone')
      // Asking ourselves costs less.
      if (own === undefined || (more.renewed !== undefined && !isNew(own, more.renewed))) return undefined
      const theirs = await ends.peer.sas()
      last += `\n${theirs}`
      return compare(ours, own, parseSas(theirs))
    })
  } catch (error) {
    throw new Error(`${String(error)}\n${last}\n${conversation(ends.us)}\n${await ends.peer.log()}`, { cause: error })
  }
}
export interface Expectation {
  readonly renewed?: { readonly what: Kind; readonly since: Agreed }
  readonly emptied?: 'gone' | 'may-stay'
  /** In ms. */
  readonly limit?: number
}

/** Our messages, one line each. */
export function conversation(us: Embedded): string {
  const lines = us.events('message').map(({ direction, role, exchangeType, messageId, ikeSa, payloads }) => {
    const arrow = direction === 'sent' ? '-->' : '<--'
    return `${arrow} IKE SA ${String(ikeSa)} exchange ${String(exchangeType)} ${String(role)} ${String(messageId)} ${String(payloads)}`
  })
  return lines.join('\n')
}

type Own = Answer['ikeSas'][number]

function soleIkeSa({ ikeSas }: Answer, emptied: 'gone' | 'may-stay'): Own | undefined {
  const [own, ...more] = ikeSas.filter(({ phase, children }) => emptied === 'gone' || phase !== 'replaced' || children.length > 0)
  if (own?.phase !== 'established' || more.length > 0) return undefined
  return own.children.length === 1 && own.children[0]?.life === 'alive' ? own : undefined
}

function compare(ours: Answer, own: Own, theirs: readonly CharonIkeSa[]): Agreed | undefined {
  const [ikeSa, ...others] = theirs
  if (ikeSa?.state !== 'ESTABLISHED' || others.length > 0) return undefined
  if (own.initiatorSpi !== ikeSa.initiatorSpi || own.responderSpi !== ikeSa.responderSpi) return undefined
  const [half] = own.children
  // One that is DELETED is kept for five seconds, for packets that are still on their way (`delete_rekeyed_delay`).
  const [child, ...children] = ikeSa.children.filter(({ state }) => state !== 'DELETED')
  if (half === undefined || child?.state !== 'INSTALLED' || children.length > 0) return undefined
  return half.inbound === child.outbound && half.outbound === child.inbound ? { ours, ikeSa, child } : undefined
}

function isNew(own: Own, { what, since }: { readonly what: Kind; readonly since: Agreed }): boolean {
  return what === 'child' ? own.children[0]?.inbound !== since.child.outbound : own.initiatorSpi !== since.ikeSa.initiatorSpi
}
