// How long what two sides set up will last, by the lifetimes of both, who renews first, and what to be careful of. RFC 7296 §2.4, §2.8, §2.8.1.
import type { Milliseconds } from '../contract/units.ts'
import type { RehearsalPair, Side } from './rehearsal-stage.ts'
import { type Due, dueOf } from './renewal.ts'

export interface Forecast {
  /** One for each that is set up, under the name that the side gives it that may start first. */
  readonly childSas: readonly (Span & { readonly child: string })[]
  readonly ikeSa: Span
}

/** Of one SA, as each side has it. */
export interface Span {
  readonly rekey: Readonly<Record<Side, Due>>
  /** When it ends; `undefined`: by no lifetime of that side. */
  readonly hard: Readonly<Record<Side, Milliseconds | undefined>>
  /** Who gives it new keys first, by time; `either`: by chance. */
  readonly first: Side | 'either' | 'nobody'
}

/** `child`: `undefined` is the IKE SA. */
export type Caution =
  /** Neither configuration says where the other side is. */
  | { readonly kind: 'nobody-starts' }
  /** They would not notice for long that the other one is gone. */
  | { readonly kind: 'dead-peer-unnoticed'; readonly sides: readonly Side[] }
  /** One side ends it before the other one, or itself, renews it. */
  | { readonly kind: 'ends-before-rekey'; readonly child: string | undefined; readonly side: Side; readonly hard: Milliseconds }
  /** It goes in no UDP: both ends need a driver that can do without, and AH needs whole IP packets. */
  | { readonly kind: 'not-in-udp'; readonly child: string; readonly protocol: number }
  | { readonly kind: 'never-rekeyed'; readonly child: string | undefined }
  /** Both at the same moment, without chance. */
  | { readonly kind: 'rekeyed-together'; readonly child: string | undefined }

/** What both sides call a Child SA, and its name on the side that may start first. */
export interface ChildNames extends Readonly<Record<Side, string>> {
  readonly child: string
}

export function forecast({ a, b }: RehearsalPair, children: readonly ChildNames[]): Forecast {
  const hardOf = ({ connection }: RehearsalPair[Side], child: string): Milliseconds | undefined =>
    connection.children.find(({ name }) => name === child)?.hard.time
  return {
    childSas: children.map((names) => ({
      child: names.child,
      ...span(
        { a: dueOf(a.connection, names.a, 'child-sa'), b: dueOf(b.connection, names.b, 'child-sa') },
        { a: hardOf(a, names.a), b: hardOf(b, names.b) },
      ),
    })),
    ikeSa: span(
      { a: dueOf(a.connection, '', 'ike-sa'), b: dueOf(b.connection, '', 'ike-sa') },
      { a: a.connection.lifetime.hard, b: b.connection.lifetime.hard },
    ),
  }
}

export function cautionsOf(pair: RehearsalPair, { childSas, ikeSa }: Forecast): readonly Caution[] {
  const cautions: Caution[] = []
  if (sides.every((side) => pair[side].starts === 'when-told')) cautions.push({ kind: 'nobody-starts' })
  // Whoever sets up from scratch gives everything new keys.
  const anew = Math.min(...sides.map((side) => latestOf(dueOf(pair[side].connection, '', 'reauthentication'))))
  for (const { child, ...each } of childSas) cautions.push(...spanCautions(child, each, anew))
  cautions.push(...spanCautions(undefined, ikeSa, anew))
  const heedless = sides.filter((side) => pair[side].connection.livenessDelay === undefined)
  if (heedless.length > 0) cautions.push({ kind: 'dead-peer-unnoticed', sides: heedless })
  return cautions
}

const sides = ['a', 'b'] as const
const latestOf = (due: Due): Milliseconds => (due.kind === 'time' ? due.latest : Number.POSITIVE_INFINITY)

function span(rekey: Span['rekey'], hard: Span['hard']): Span {
  return { rekey, hard, first: firstOf(rekey.a, rekey.b) }
}

function firstOf(a: Due, b: Due): Span['first'] {
  if (a.kind !== 'time') return b.kind === 'time' ? 'b' : 'nobody'
  if (b.kind !== 'time' || a.latest < b.earliest) return 'a'
  return b.latest < a.earliest ? 'b' : 'either'
}

/** `anew`: when everything is set up from scratch at the latest. */
function spanCautions(child: string | undefined, { rekey, hard, first }: Span, anew: Milliseconds): readonly Caution[] {
  const { a, b } = rekey
  const latest = Math.min(latestOf(a), latestOf(b), anew)
  const ends = sides.flatMap((side) => endBefore(child, side, hard[side], latest))
  if (ends.length > 0) return ends
  const isByVolume = a.kind === 'volume' || b.kind === 'volume'
  if (first === 'nobody' && !isByVolume && anew === Number.POSITIVE_INFINITY) return [{ kind: 'never-rekeyed', child }]
  const isOneMoment = a.kind === 'time' && b.kind === 'time' && a.earliest === a.latest && b.earliest === b.latest && a.latest === b.latest
  return isOneMoment ? [{ kind: 'rekeyed-together', child }] : []
}

function endBefore(child: string | undefined, side: Side, hard: Milliseconds | undefined, rekey: Milliseconds): readonly Caution[] {
  return hard === undefined || hard > rekey ? [] : [{ kind: 'ends-before-rekey', child, side, hard }]
}
