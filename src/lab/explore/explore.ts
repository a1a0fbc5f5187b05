// All that can happen to two hosts within a bound, breadth first: the first way found to break something is a shortest one.
import { Bug } from '../../contract/faults.ts'
import { instant } from '../../contract/units.ts'
import { Canon } from './canon.ts'
import { Frontier } from './frontier.ts'
import { HostGraph } from './host-graph.ts'
import { hostInvariants, worldInvariants } from './invariants.ts'
import { Lexicon, type LexiconOptions, type Reading } from './lexicon.ts'
import { Post } from './post.ts'
import { GrowingList, StateHash, StateSet } from './state-set.ts'
import type { Start, Subject } from './subject.ts'
import { type Action, type Bound, actionsIn, act, firstWorld, sides, type World } from './world.ts'

export interface ExploreOptions {
  readonly subjects: readonly [Subject, Subject]
  /** What has happened before: what the first of them was told, and all that came of it, in calm weather. */
  readonly prologue: readonly Start[]
  readonly bound: Bound
  /** Distinct states after which it ends. */
  readonly limit: number
  readonly lexicon: Omit<LexiconOptions, 'meaningOf' | 'dangerKeyName'>
  /** What a message says, as data, without what protects it; `undefined` of what is no message. */
  readonly meaningOf: (octets: Uint8Array) => unknown
}

export interface Exploration {
  /** Distinct ones. */
  readonly states: number
  readonly transitions: number
  /** Of each host alone. */
  readonly hostStates: readonly [number, number]
  /** `exhausted`: there is nothing more within the bound. */
  readonly end: 'exhausted' | 'limit' | 'violation'
  /** Actions to the state that is furthest from the beginning. */
  readonly depth: number
  readonly violation: Violation | undefined
}

export interface Violation {
  readonly broken: readonly string[]
  /** The shortest way there, after the prologue. */
  readonly actions: readonly Action[]
}

export class Explorer {
  readonly graphs: readonly [HostGraph, HostGraph]
  readonly post: Post = new Post()
  readonly #options: ExploreOptions
  readonly lexicon: Lexicon
  readonly #readings: Reading[] = []

  constructor(options: ExploreOptions) {
    this.#options = options
    const [left, right] = options.subjects
    const firstInstant = instant(options.lexicon.firstInstant)
    this.lexicon = new Lexicon({ ...options.lexicon, meaningOf: options.meaningOf, dangerKeyName: left.dangerKeyName })
    const graph = (subject: Subject): HostGraph =>
      new HostGraph(subject, this.post, this.lexicon, firstInstant, hostInvariants(options.bound))
    this.graphs = [graph(left), graph(right)]
  }

  run(): Exploration {
    const { limit } = this.#options
    const seen = new StateSet()
    const hash = new StateHash()
    const canon = new Canon(this.lexicon, (message) => this.#reading(message))
    const parents = new GrowingList()
    const taken = new GrowingList()
    const actions = new ActionNumbers()
    let transitions = 0
    let depth = 0

    const way = (state: number): readonly Action[] => {
      const found: Action[] = []
      for (let at = state; at > 0; at = parents.at(at)) found.push(actions.action(taken.at(at)))
      return found.toReversed()
    }
    const end = (reason: Exploration['end'], violation?: Violation): Exploration => ({
      states: seen.size,
      transitions,
      hostStates: [this.graphs[0].size, this.graphs[1].size],
      end: reason,
      depth,
      violation,
    })

    const { world: root } = this.playPrologue()
    canon.hash(root, hash)
    seen.add(hash)
    parents.push(0)
    taken.push(0)
    const frontier = new Frontier(this.graphs)
    frontier.push(root, 0)
    let endOfLevel = 1
    for (let expanded = 0; frontier.size > 0; expanded++) {
      if (expanded === endOfLevel) {
        depth++
        endOfLevel = parents.length
      }
      const { world, state } = frontier.shift()
      for (const action of actionsIn(this.graphs, world)) {
        transitions++
        const outcome = act(this.graphs, world, action)
        if (outcome.kind === 'throws')
          return end('violation', { broken: [`a host throws ${outcome.error}`], actions: [...way(state), action] })
        canon.hash(outcome.to, hash)
        const isNew = seen.add(hash)
        const broken = isNew ? [...outcome.broken, ...worldInvariants(this.graphs, outcome.to)] : outcome.broken
        if (broken.length > 0) return end('violation', { broken, actions: [...way(state), action] })
        if (!isNew) continue
        frontier.push(outcome.to, parents.length)
        parents.push(state)
        taken.push(actions.number(action))
      }
      if (seen.size >= limit) return end('limit')
    }
    return end('exhausted')
  }

  /** Both hosts after the prologue: all that was sent has arrived, in order. */
  playPrologue(): { readonly world: World; readonly actions: readonly Action[] } {
    const { bound, prologue } = this.#options
    const actions: Action[] = []
    let world = firstWorld(this.graphs, { ...bound, starts: prologue.length })
    const go = (action: Action): void => {
      const outcome = act(this.graphs, world, action)
      if (outcome.kind === 'throws') throw new Bug(`a host throws in the prologue: ${outcome.error}`)
      world = outcome.to
      actions.push(action)
    }
    for (const start of prologue) {
      go({ kind: 'start', side: 0, step: this.graphs[0].stepNumber({ kind: 'start', start }) })
      for (let side = firstWaiting(world); side !== undefined; side = firstWaiting(world)) {
        const message = world.onTheWay[side][0]
        if (message !== undefined) go({ kind: 'deliver', side, message, copy: 'last' })
      }
    }
    return { world: { ...world, startsLeft: [bound.starts, bound.starts] }, actions }
  }

  #reading(message: number): Reading {
    const known = this.#readings[message]
    if (known !== undefined) return known
    const reading = this.lexicon.read(this.post.datagram(message).bytes)
    this.#readings[message] = reading
    return reading
  }
}

const firstWaiting = ({ onTheWay }: World): 0 | 1 | undefined => sides.find((side) => onTheWay[side].length > 0)

/** Actions by number: the same ones are taken in many states. */
class ActionNumbers {
  readonly #actions: Action[] = []
  readonly #numbers = new Map<string, number>()

  number(action: Action): number {
    const key = Object.values(action).join()
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.#actions.length)
    this.#actions.push(action)
    return this.#actions.length - 1
  }

  action(number: number): Action {
    const action = this.#actions[number]
    if (action === undefined) throw new RangeError(`there is no action ${number}`)
    return action
  }
}
