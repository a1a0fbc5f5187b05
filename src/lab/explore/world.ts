// Two hosts and what is on its way between them: what can happen next in a state of both, and where it leads.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import type { Spi } from '../../contract/units.ts'
import type { IkeSaView } from '../../ike/sa/view.ts'
import type { HostGraph, HostState } from './host-graph.ts'
import { spiName } from './lexicon.ts'
import type { SealedPacket, Step } from './subject.ts'

/** How much may happen, in all. */
export interface Bound {
  /** Exchanges that each of the two is told to begin. */
  readonly starts: number
  /** Messages that are lost. */
  readonly losses: number
  /** Messages that arrive once more, at any time. */
  readonly duplicates: number
  /** Timers that run out while messages are on their way; when none is, they run out for nothing. */
  readonly haste: number
}

/** Milliseconds. */
export const pace = {
  /** Whatever is on its way for longer than that is taken for lost: so far a clock can get ahead of a message. */
  hasty: 2_000,
  /** The two clocks run about as fast: of two timers that wait about as long, either may run out first; else the shorter wait. */
  skew: 100,
  /** Who waits for longer than that waits for nothing in particular. */
  rest: 100_000,
} as const

export type Side = 0 | 1
export const sides: readonly [Side, Side] = [0, 1]
export const otherSide = (side: Side): Side => (side === 0 ? 1 : 0)

export interface World {
  readonly hosts: readonly [HostState, HostState]
  /** By who they are for: numbers of messages, in order; a copy is there twice. */
  readonly onTheWay: readonly [readonly number[], readonly number[]]
  /** By who they are for: of each SA that the peer has sent packets through, one, which may still be on its way. */
  readonly packets: readonly [readonly PacketOnTheWay[], readonly PacketOnTheWay[]]
  readonly startsLeft: readonly [number, number]
  readonly lossesLeft: number
  readonly duplicatesLeft: number
  readonly hasteLeft: number
  /** `unwanted`: one side has been told to close something. */
  readonly wish: 'wanted' | 'unwanted'
  /** SAs that one side has been told to replace, by a name that both know. */
  readonly outworn: readonly string[]
}

export type Action =
  /** `keep`: another copy of it stays on its way. */
  | { readonly kind: 'deliver'; readonly side: Side; readonly message: number; readonly copy: 'last' | 'keep' }
  | { readonly kind: 'lose'; readonly side: Side; readonly message: number }
  /** An ESP packet arrives that makes a difference. */
  | { readonly kind: 'packet'; readonly side: Side; readonly step: number }
  | { readonly kind: 'timer'; readonly side: Side }
  | { readonly kind: 'start'; readonly side: Side; readonly step: number }

/** `old`: its receiver is leaving the SA, and nothing is sealed under it any more. */
export interface PacketOnTheWay {
  readonly packet: SealedPacket
  readonly age: 'fresh' | 'old'
}

export type Outcome =
  | { readonly kind: 'leads'; readonly to: World; readonly broken: readonly string[] }
  | { readonly kind: 'throws'; readonly error: string }

export function firstWorld(graphs: readonly [HostGraph, HostGraph], bound: Bound): World {
  return {
    hosts: [graphs[0].first, graphs[1].first],
    onTheWay: [[], []],
    packets: [[], []],
    startsLeft: [bound.starts, bound.starts],
    lossesLeft: bound.losses,
    duplicatesLeft: bound.duplicates,
    hasteLeft: bound.haste,
    wish: 'wanted',
    outworn: [],
  }
}

/** Nothing is on its way, and nobody waits for anything in particular. */
export function isQuiet(world: World): boolean {
  return (
    noneOnTheWay(world) && world.hosts.every(({ wait, view }) => (wait === undefined || wait > pace.rest) && !view.ikeSas.some(isHalfOpen))
  )
}

/** What a request that came late has made waits for the rest, and goes when that has not come. */
const isHalfOpen = ({ phase }: IkeSaView): boolean => phase === 'init-answered'

export function actionsIn(graphs: readonly [HostGraph, HostGraph], world: World): readonly Action[] {
  const actions: Action[] = []
  for (const side of sides) {
    let previous = -1
    for (const message of world.onTheWay[side]) {
      if (message === previous) continue
      previous = message
      actions.push({ kind: 'deliver', side, message, copy: 'last' })
      if (world.lossesLeft > 0) actions.push({ kind: 'lose', side, message })
      if (world.duplicatesLeft > 0) actions.push({ kind: 'deliver', side, message, copy: 'keep' })
    }
    for (const { packet } of world.packets[side]) {
      const edge = graphs[side].receive(world.hosts[side], packet)
      if (edge.kind === 'throws' || edge.to !== world.hosts[side])
        actions.push({ kind: 'packet', side, step: graphs[side].stepNumber({ kind: 'packet', packet }) })
    }
    if (timerMayRunOut(world, side)) actions.push({ kind: 'timer', side })
    if (world.startsLeft[side] > 0) actions.push(...startsIn(graphs[side], world.hosts[side], side))
  }
  return actions
}

/** What a host may be told, and would do. */
function startsIn(graph: HostGraph, host: HostState, side: Side): readonly Action[] {
  return host.starts.flatMap((step): Action[] => {
    const edge = graph.follow(host, step)
    return edge.kind === 'leads' && edge.to === host ? [] : [{ kind: 'start', side, step }]
  })
}

function timerMayRunOut(world: World, side: Side): boolean {
  const { wait } = world.hosts[side]
  if (wait === undefined) return false
  if (!noneOnTheWay(world)) return world.hasteLeft > 0 && wait <= pace.hasty
  const other = world.hosts[otherSide(side)].wait
  return other === undefined || wait <= other + pace.skew
}

const noneOnTheWay = ({ onTheWay }: World): boolean => onTheWay[0].length === 0 && onTheWay[1].length === 0

export function act(graphs: readonly [HostGraph, HostGraph], world: World, action: Action): Outcome {
  const { side } = action
  if (action.kind === 'lose')
    return { kind: 'leads', to: { ...without(world, side, action.message), lossesLeft: world.lossesLeft - 1 }, broken: [] }
  const graph = graphs[side]
  const before = world.hosts[side]
  const edge = graph.follow(before, stepNumberOf(graph, action))
  if (edge.kind === 'throws') return edge
  const hosts: World['hosts'] = side === 0 ? [edge.to, world.hosts[1]] : [world.hosts[0], edge.to]
  const after = sent({ ...spend(world, action, graph), hosts }, otherSide(side), edge.sends)
  return { kind: 'leads', to: withPackets(after, side, before), broken: edge.broken }
}

/** What an action is to its host. */
export function stepNumberOf(graph: HostGraph, action: Exclude<Action, { kind: 'lose' }>): number {
  if (action.kind === 'start' || action.kind === 'packet') return action.step
  return graph.stepNumber(action.kind === 'deliver' ? { kind: 'datagram', message: action.message } : { kind: 'timer' })
}

/** What is left of the bound, and of what is on its way. */
function spend(world: World, action: Exclude<Action, { kind: 'lose' }>, graph: HostGraph): World {
  switch (action.kind) {
    case 'deliver':
      return action.copy === 'keep' ? { ...world, duplicatesLeft: world.duplicatesLeft - 1 } : without(world, action.side, action.message)
    case 'packet':
      return world
    case 'timer':
      return noneOnTheWay(world) ? world : { ...world, hasteLeft: world.hasteLeft - 1 }
    case 'start': {
      const [left, right] = world.startsLeft
      const step = graph.step(action.step)
      const closes = step.kind === 'start' && step.start.command.kind.startsWith('close')
      return {
        ...world,
        startsLeft: action.side === 0 ? [left - 1, right] : [left, right - 1],
        wish: closes ? 'unwanted' : world.wish,
        outworn: withOutworn(world.outworn, step, world.hosts[action.side]),
      }
    }
  }
}

/** Of a Child SA, the inbound SPI of who replaces it; of an IKE SA, its initiator's SPI. */
function withOutworn(outworn: readonly string[], step: Step, { view }: HostState): readonly string[] {
  if (step.kind !== 'start') return outworn
  const { command } = step.start
  const found = view.ikeSas.flatMap(({ id, initiatorSpi, children }) => {
    if ((command.kind === 'rekey-ike-sa' || command.kind === 'reauthenticate') && command.ikeSa === id) return [initiatorSpi]
    return children.flatMap((child) => (command.kind === 'rekey-child-sa' && command.child === child.id ? [spiName(child.inbound)] : []))
  })
  return found.length === 0 ? outworn : [...new Set([...outworn, ...found])].sort()
}

function without(world: World, side: Side, message: number): World {
  const mine = [...world.onTheWay[side]]
  mine.splice(mine.indexOf(message), 1)
  return { ...world, onTheWay: side === 0 ? [mine, world.onTheWay[1]] : [world.onTheWay[0], mine] }
}

function sent(world: World, to: Side, messages: readonly number[]): World {
  if (messages.length === 0) return world
  const theirs = [...world.onTheWay[to], ...messages].sort((a, b) => a - b)
  return { ...world, onTheWay: to === 0 ? [theirs, world.onTheWay[1]] : [world.onTheWay[0], theirs] }
}

/**
 * A packet may be sent at any moment, and so there is one on its way from each SA that this side can send through. When its receiver leaves
 * the SA, and nothing is sealed under it any more, it is gone by the time that the receiver has left it (`childLinger` of `ike/timers.ts`).
 */
function withPackets(world: World, side: Side, before: HostState): World {
  const peer = otherSide(side)
  const { leaving } = world.hosts[side]
  const hasLeft = ({ packet: { spi }, age }: PacketOnTheWay): boolean =>
    age === 'old' && before.leaving.includes(spi) && !leaving.includes(spi)
  const mine = world.packets[side].filter((each) => !hasLeft(each))
  const theirs = withFresh(world.packets[peer], world.hosts[side].sealed)
  const aged = { mine: grownOld(mine, leaving, world.hosts[peer]), theirs: grownOld(theirs, world.hosts[peer].leaving, world.hosts[side]) }
  return { ...world, packets: side === 0 ? [aged.mine, aged.theirs] : [aged.theirs, aged.mine] }
}

function grownOld(packets: readonly PacketOnTheWay[], leaving: readonly Spi[], sender: HostState): readonly PacketOnTheWay[] {
  const grows = ({ packet: { spi }, age }: PacketOnTheWay): boolean =>
    age === 'fresh' && leaving.includes(spi) && sender.sealed?.spi !== spi
  return packets.some(grows) ? packets.map((each) => (grows(each) ? { ...each, age: 'old' } : each)) : packets
}

function withFresh(packets: readonly PacketOnTheWay[], sealed: SealedPacket | undefined): readonly PacketOnTheWay[] {
  if (sealed === undefined) return packets
  const isIt = ({ packet: { spi, key } }: PacketOnTheWay): boolean => spi === sealed.spi && key === sealed.key
  if (packets.some((each) => isIt(each) && each.age === 'fresh')) return packets
  return [...packets.filter((each) => !isIt(each)), { packet: sealed, age: 'fresh' } as const].sort((a, b) => a.packet.spi - b.packet.spi)
}
