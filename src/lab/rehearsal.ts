// Two hosts rehearse: they really negotiate, on a network in memory, and time is jumped to each renewal of what they have. What shows only
// after an hour, or four, is known at once. RFC 7296 §1.2, §1.3, §2.8, §2.8.3.
import type { ChildSaEstablished, IkeSaEstablished } from '../contract/events.ts'
import { effectiveMtu, packetShape } from '../ipsec/overhead.ts'
import { type Caution, cautionsOf, type ChildNames, type Forecast, forecast } from './forecast.ts'
import { type Failures, failuresOf, makeRehearsalStage, otherSide, type RehearsalPair, retriesOf, type Side } from './rehearsal-stage.ts'
import { type Renewal, renewals } from './renewal.ts'
import type { World } from './stage.ts'

export interface Rehearsal {
  /** `agree`: whoever may start reaches a Child SA, and whatever is renewed can be. */
  readonly verdict: 'agree' | 'disagree'
  /** One for each side that may start, and each of its children. */
  readonly starts: readonly Start[]
  readonly forecast: Forecast
  readonly cautions: readonly Caution[]
}

export interface Start {
  readonly by: Side
  readonly child: string
  readonly outcome: RehearsalOutcome
}

export type RehearsalOutcome =
  | {
      readonly kind: 'established'
      /** As the side sees them that has started. */
      readonly ikeSa: IkeSaEstablished
      readonly childSa: ChildSaEstablished
      /** What the other side calls it. */
      readonly peerChild: string
      /** What the first link of the side that has started takes, in octets: as it is configured, or Ethernet's. */
      readonly linkMtu: number
      /** Octets of the longest packet that fits into one of `linkMtu` (RFC 4302 §2, RFC 4303 §2, RFC 3948 §2.1). */
      readonly mtu: number
      /** INVALID_KE_PAYLOAD: rounds in vain (RFC 7296 §1.2). */
      readonly retries: number
      /** Of the side that may start first; empty for the other one, since it would be the same. */
      readonly renewals: readonly Renewal[]
    }
  | { readonly kind: 'refused'; readonly failures: Failures; readonly retries: number }

const ethernetMtu = 1500

/** Until an answer comes, or it is plain that none does (`ike/timers.ts`). */
const patience = 600_000
const aside = 1_000

/** Nothing leaves the process. Throws ApiMisuse where the provider lacks an algorithm. */
export function rehearse(pair: RehearsalPair, world: World): Rehearsal {
  const may = (['a', 'b'] as const).filter((side) => pair[side].starts === 'by-itself')
  // Where nobody may start, somebody is told to.
  const starters: readonly Side[] = may.length === 0 ? ['a'] : may
  const starts = starters.flatMap((by, i) =>
    pair[by].connection.children.map(({ name }, j): Start => {
      const first = j === 0 ? 'with-ike-sa' : 'child-sa-alone'
      return { by, child: name, outcome: outcomeOf(pair, world, by, name, i === 0 ? first : 'none') }
    }),
  )
  const verdict = starts.every(({ outcome }) => isGood(outcome)) ? 'agree' : 'disagree'
  const expected = forecast(pair, starts.filter(({ by }) => by === starters[0]).flatMap(childNames))
  return {
    verdict,
    starts,
    forecast: expected,
    cautions: [...starts.filter(({ by }) => by === starters[0]).flatMap(bareCaution), ...cautionsOf(pair, expected)],
  }
}

export function isGood(outcome: RehearsalOutcome): boolean {
  return outcome.kind === 'established' && outcome.renewals.every(({ result }) => result.kind !== 'refused')
}

function bareCaution({ child, outcome }: Start): readonly Caution[] {
  if (outcome.kind === 'refused' || outcome.childSa.encapsulation === 'udp') return []
  return [{ kind: 'not-in-udp', child, protocol: outcome.childSa.suite.protocol }]
}

function childNames({ by, child, outcome }: Start): readonly ChildNames[] {
  if (outcome.kind === 'refused') return []
  return [by === 'a' ? { child, a: child, b: outcome.peerChild } : { child, a: outcome.peerChild, b: child }]
}

function outcomeOf(
  pair: RehearsalPair,
  world: World,
  by: Side,
  child: string,
  renewed: 'with-ike-sa' | 'child-sa-alone' | 'none',
): RehearsalOutcome {
  const stage = makeRehearsalStage(pair, world, by)
  const [starter, other] = [stage.hosts[by], stage.hosts[otherSide(by)]]
  stage.initiate(child)
  const isOver = (): boolean =>
    starter.named('ike-sa-failed').length + starter.named('child-sa-failed').length > 0 ||
    (starter.named('child-sa-established').length > 0 && other.named('child-sa-established').length > 0)
  stage.network.run(patience, isOver)
  // What the starter says of it is on its way.
  stage.network.run(aside)
  const retries = retriesOf(starter)
  const [ikeSa] = starter.named('ike-sa-established')
  const [childSa] = starter.named('child-sa-established')
  if (ikeSa === undefined || childSa === undefined) return { kind: 'refused', failures: failuresOf(pair, stage.hosts), retries }
  const { path } = pair[by].connection.children.find(({ name }) => name === child) ?? {}
  const linkMtu = path?.mtu ?? ethernetMtu
  const peerChild = other.named('child-sa-established')[0]?.established.childName ?? ''
  return {
    kind: 'established',
    ikeSa: ikeSa.established,
    childSa: childSa.established,
    linkMtu,
    mtu: mtuOf(linkMtu, ikeSa.established, childSa.established),
    peerChild,
    retries,
    renewals: renewed === 'none' ? [] : renewals(pair, world, { by, child, peerChild, of: renewed }),
  }
}

function mtuOf(linkMtu: number, { local }: IkeSaEstablished, { suite, mode, encapsulation }: ChildSaEstablished): number {
  const shape = packetShape({ suite, mode, encapsulation, local })
  return shape === undefined ? 0 : effectiveMtu(shape, linkMtu)
}
