// What is printed of a scenario that failed: the seed, what it takes, who said what to whom.
import type { Event, MessageEvent } from '../contract/events.ts'
import { instant } from '../contract/units.ts'
import { escapeText } from '../inspect/escape.ts'
import { describeDatagram } from '../inspect/frame.ts'
import { formatLadder, formatPayloads, type LadderRow } from '../inspect/ladder.ts'
import { formatMermaid, type SequenceRow } from '../inspect/mermaid.ts'
import type { Outcome } from './run.ts'
import { describeAction } from './scenario.ts'
import { type Shrunk, shrink } from './shrink.ts'
import type { World } from './stage.ts'
import { describeEvent, type Entry } from './transcript.ts'
import { formatMishap } from './weather.ts'

/** All that helps to understand a failure, shrunk as far as it goes. `again` is how to run just this one. */
export function explainFailure(failed: Outcome, world: World, again: string): string {
  return explainShrunk(failed, shrink(failed, world), again)
}

/** The same of what has been shrunk already. */
export function explainShrunk(failed: Outcome, shrunk: Shrunk, again: string): string {
  const { outcome, mishapsLeft, mishapsBefore, stepsBefore } = shrunk
  return [
    `${escapeText(failed.scenario.name)} failed with seed ${failed.seed}:`,
    ...failed.failures.map((failure) => `  ${escapeText(failure)}`),
    `once more: ${again}`,
    '',
    `it takes ${outcome.scenario.steps.length} of ${stepsBefore} steps and ${mishapsLeft} of ${mishapsBefore} mishaps:`,
    ...formatSchedule(outcome),
    '',
    ladderOf(outcome),
    '',
    mermaidOf(outcome),
  ].join('\n')
}

/** Steps with their times, and what befell which datagram. */
export function formatSchedule({ scenario, mishaps }: Outcome): readonly string[] {
  return [
    ...scenario.steps.map(({ at, ...action }) => `  at ${at} ms ${escapeText(describeAction(action))}`),
    ...mishaps.map((mishap) => `  ${escapeText(formatMishap(mishap))}`),
  ]
}

/** As the first host of the scenario saw it, with notes of what it could not see. */
export function ladderOf({ scenario, transcript }: Outcome): string {
  const [left, right] = scenario.hosts
  if (left === undefined || right === undefined) return ''
  const rows = transcript.flatMap((entry): LadderRow[] => {
    if (entry.kind === 'event' && entry.event.name === 'message' && entry.host === left.name)
      return [{ kind: 'message', message: entry.event }]
    const text = noteOf(entry)
    return text === undefined ? [] : [{ kind: 'note', at: entry.at, text }]
  })
  const at = transcript.at(-1)?.at ?? instant(0)
  const shown = shortened(rows, (text): LadderRow => ({ kind: 'note', at, text }))
  return formatLadder(shown, { width: 110, localName: left.name, remoteName: right.name })
}

/** Every datagram of every host as an arrow, when it arrived or where it was lost. */
export function mermaidOf({ scenario, transcript }: Outcome): string {
  const labels = new Map<string, string>()
  let announced: MessageEvent | undefined
  const rows: SequenceRow[] = []
  for (const entry of transcript) {
    if (entry.kind === 'event' && entry.event.name === 'message' && entry.event.direction === 'sent') announced = entry.event
    if (entry.kind === 'sent') {
      const what = describeDatagram(entry.datagram)
      const known = announced === undefined ? what : `${what}: ${formatPayloads(announced.payloads)}`
      labels.set(`${entry.link}#${entry.number}`, known)
      announced = undefined
    }
    rows.push(...rowOf(entry, labels))
  }
  const places = scenario.hosts.map(({ name, behind }) => behind ?? name)
  const shown = shortened(rows, (text): SequenceRow => ({ kind: 'note', over: undefined, text }))
  return formatMermaid({ participants: [...new Set(places)], rows: shown })
}

function rowOf(entry: Entry, labels: ReadonlyMap<string, string>): readonly SequenceRow[] {
  const arrow = (link: string, number: number, end: 'arrives' | 'lost', why: string): SequenceRow => {
    const [from = '', to = ''] = link.split(' → ')
    return { kind: 'arrow', from, to, end, text: `${labels.get(`${link}#${number}`) ?? 'something'}${why}` }
  }
  if (entry.kind === 'arrived') return [arrow(entry.link, entry.number, 'arrives', '')]
  if (entry.kind === 'stopped') return [arrow(entry.link, entry.number, 'lost', ` (${entry.why})`)]
  if (entry.kind === 'mishap' && entry.mishap.kind === 'lost') return [arrow(entry.mishap.link, entry.mishap.number, 'lost', ' (lost)')]
  if (entry.kind === 'note') return [{ kind: 'note', over: undefined, text: entry.text }]
  if (entry.kind === 'event' && isNotable(entry.event))
    return [{ kind: 'note', over: undefined, text: `${entry.host}: ${describeEvent(entry.event)}` }]
  return []
}

/** What happens first is what matters; the end says how it went on. */
function shortened<T>(rows: readonly T[], note: (text: string) => T): readonly T[] {
  const [first, last] = [100, 20]
  const left = rows.length - first - last
  return left <= 0 ? rows : [...rows.slice(0, first), note(`${left} more, and then`), ...rows.slice(-last)]
}

function noteOf(entry: Entry): string | undefined {
  switch (entry.kind) {
    case 'mishap':
      return `${formatMishap(entry.mishap)}: ${describeDatagram(entry.datagram)}`
    case 'stopped':
      return `${entry.link} #${entry.number} stopped (${entry.why}): ${describeDatagram(entry.datagram)}`
    case 'command':
      return `${entry.host} is told: ${entry.command.kind}`
    case 'note':
      return entry.text
    case 'event':
      return isNotable(entry.event) ? `${entry.host}: ${describeEvent(entry.event)}` : undefined
    default:
      return undefined
  }
}

const isNotable = (event: Event): boolean => event.name !== 'message' && event.name !== 'retransmit' && !event.name.startsWith('danger')
