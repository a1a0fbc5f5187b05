// What the two may be told in each state, and how their story is told when something breaks.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { type Exploration, Explorer, type ExploreOptions } from '../../../src/lab/explore/explore.ts'
import type { Nonces, Start } from '../../../src/lab/explore/subject.ts'
import { explainViolation } from '../../../src/lab/explore/story.ts'
import type { IkeSaView } from '../../../src/ike/sa/view.ts'
import type { Starts } from './subjects.ts'

export type StartKind = 'close-child-sa' | 'close-ike-sa' | 'check-liveness' | 'rekey-child-sa' | 'rekey-ike-sa' | 'reauthenticate'

/** All that a host may be told in a state, of these kinds. */
export const startsOf =
  (kinds: readonly StartKind[]): Starts =>
  ({ ikeSas }, side) =>
    ikeSas
      .filter(({ phase }) => phase === 'established')
      .flatMap((ikeSa) => kinds.flatMap((kind) => startsWith(ikeSa, kind, initiatorNonces[side])))

/**
 * RFC 7296 §2.8.1: of rekeys at once the lowest of the four nonces decides. What a responder draws is in the middle, and Alice's is below
 * Bob's: so Alice's exchange is the redundant one for the nonce of its initiator, or Bob's is for that of its responder, Alice's again
 * being below Bob's among those of the initiators.
 */
const initiatorNonces = { alice: ['low', 'high'], bob: ['high'] } as const

function startsWith({ id, children }: IkeSaView, kind: StartKind, ways: readonly Nonces[]): readonly Start[] {
  const alive = children.filter(({ life }) => life === 'alive')
  switch (kind) {
    case 'close-ike-sa':
    case 'check-liveness':
    case 'reauthenticate':
      return [{ command: { kind, ikeSa: id }, nonces: 'middle' }]
    case 'rekey-ike-sa':
      return ways.map((nonces) => ({ command: { kind, ikeSa: id }, nonces }))
    case 'rekey-child-sa':
      return alive.flatMap((child) => ways.map((nonces) => ({ command: { kind, child: child.id }, nonces })))
    case 'close-child-sa':
      return alive.map((child) => ({ command: { kind, child: child.id }, nonces: 'middle' }))
  }
}

/** Runs it, and says on one line how it went. */
export function explored(name: string, options: ExploreOptions): { readonly found: Exploration; readonly told: string } {
  const explorer = new Explorer(options)
  const from = performance.now()
  const found = explorer.run()
  const seconds = (performance.now() - from) / 1_000
  const { starts, losses, duplicates, haste } = options.bound
  const rate = Math.round(found.states / seconds)
  process.stdout.write(
    `${name}: ${found.states} distinct states, ${found.transitions} transitions, ${found.hostStates.join(' and ')} states of the hosts, ` +
      `${found.depth} actions deep; the bound (${starts} starts each, ${losses} losses, ${duplicates} duplicates, ${haste} hasty timers) ` +
      `${found.end === 'exhausted' ? 'is exhausted' : `is not exhausted (${found.end})`}; ${seconds.toFixed(1)} s, ${rate} states/s\n`,
  )
  return { found, told: found.violation === undefined ? '' : explainViolation(explorer, found.violation) }
}
