// A way through the states as a ladder: what each of the two hosts was told, sent and got, and what became of messages on their way.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import type { Event, MessageEvent } from '../../contract/events.ts'
import { formatSpi, type Instant, instant } from '../../contract/units.ts'
import { exchangeName } from '../../iana/exchanges.ts'
import { describeDatagram } from '../../inspect/frame.ts'
import { formatLadder, formatPayloads, type LadderRow } from '../../inspect/ladder.ts'
import { describeEvent } from '../transcript.ts'
import type { Explorer, Violation } from './explore.ts'
import type { HostGraph, Passed } from './host-graph.ts'
import { type Action, sides, stepNumberOf, type Side } from './world.ts'

/** What is broken, and the shortest ladder that breaks it. */
export function explainViolation(explorer: Explorer, violation: Violation): string {
  return [...violation.broken, '', ladderOf(explorer, violation.actions)].join('\n')
}

/**
 * As the first host saw it, with notes of the other's part and of what neither could see. Times are those of the host that acts; where the
 * clocks differ, time stands still until the other has caught up.
 */
export function ladderOf(explorer: Explorer, actions: readonly Action[]): string {
  const { graphs } = explorer
  const before = explorer.playPrologue().actions
  const whole = [...before, ...actions]
  const passed = sides.map((side) => lifeOf(graphs[side], side, whole))
  const rows: LadderRow[] = []
  let now = 0
  whole.forEach((action, i) => {
    const { name } = graphs[action.side].subject
    const own = action.kind === 'lose' ? undefined : passed[action.side]?.shift()
    now = Math.max(now, own?.after ?? 0)
    if (i < before.length) return
    const at = instant(now)
    rows.push({ kind: 'note', at, text: announcement(explorer, action, name) })
    if (own !== undefined) rows.push(...rowsOf(own, name, action.side, at))
  })
  return formatLadder(rows, { width: 110, localName: graphs[0].subject.name, remoteName: graphs[1].subject.name })
}

/** What came of each of one host's actions. */
function lifeOf(graph: HostGraph, side: Side, actions: readonly Action[]): Passed[] {
  const steps = actions.flatMap((action) => (action.kind === 'lose' || action.side !== side ? [] : [stepNumberOf(graph, action)]))
  return [...graph.relive(steps)]
}

function announcement({ graphs, post }: Explorer, action: Action, name: string): string {
  switch (action.kind) {
    case 'lose':
      return `${describeDatagram(post.datagram(action.message))} to ${name} is lost`
    case 'deliver': {
      const what = `${describeDatagram(post.datagram(action.message))} reaches ${name}`
      return action.copy === 'keep' ? `${what}; a copy of it is still on its way` : what
    }
    case 'packet': {
      const step = graphs[action.side].step(action.step)
      return step.kind === 'packet' ? `a packet under ${formatSpi(step.packet.spi)} reaches ${name}` : `a packet reaches ${name}`
    }
    case 'timer':
      return `a timer of ${name} runs out`
    case 'start': {
      const step = graphs[action.side].step(action.step)
      if (step.kind !== 'start') return `${name} begins something`
      const { command, nonces } = step.start
      return `${name} is told: ${command.kind}${nonces === 'middle' ? '' : `, with a ${nonces} nonce`}`
    }
  }
}

function rowsOf({ outputs, thrown }: Passed, name: string, side: Side, at: Instant): readonly LadderRow[] {
  if (thrown !== undefined) return [{ kind: 'note', at, text: `${name} throws ${thrown}` }]
  return outputs.flatMap((output): LadderRow[] => {
    if (output.kind !== 'event') return []
    const { event } = output
    if (event.name === 'message' && side === 0) return [{ kind: 'message', message: { ...event, at } }]
    if (event.name === 'message') return [{ kind: 'note', at, text: `${name} ${describeMessage(event)}` }]
    return isNotable(event) ? [{ kind: 'note', at, text: `${name}: ${describeEvent(event)}` }] : []
  })
}

const describeMessage = ({ direction, exchangeType, role, messageId, payloads }: MessageEvent): string =>
  `${direction === 'sent' ? 'sends' : 'gets'} ${exchangeName(exchangeType)} ${role} ${messageId}: ${formatPayloads(payloads)}`

const isNotable = (event: Event): boolean =>
  event.name !== 'retransmit' && event.name !== 'packet-dropped' && !event.name.startsWith('danger')
