// One host as a graph that is discovered as it is walked: its states, and where each input leads. Hosts cannot be copied, but they are
// deterministic: a state is an input history, made again on a fresh host when another input is to be tried there. What a host does depends
// on its own inputs alone, so that each step of a host is computed once, in however many states of the network it is taken.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { toHex, u32 } from '../../bytes/bytes.ts'
import type { MessageEvent } from '../../contract/events.ts'
import type { Output } from '../../contract/machine.ts'
import type { IkeSaId, Instant, Milliseconds, Spi } from '../../contract/units.ts'
import type { HostView } from '../../host/host.ts'
import { exchange } from '../../iana/exchanges.ts'
import { payloadType } from '../../iana/payloads.ts'
import { HostLife, type InstalledSa } from './host-life.ts'
import type { Lexicon, Reading } from './lexicon.ts'
import type { Post } from './post.ts'
import type { SealedPacket, Step, Subject } from './subject.ts'

/** A state of a host. */
export interface HostState {
  readonly id: number
  readonly reading: Reading
  readonly view: HostView
  /** When its next timer runs out, from its last input on. */
  readonly wait: Milliseconds | undefined
  /** What it may be told, by number of the step. */
  readonly starts: readonly number[]
  readonly installed: readonly InstalledSa[]
  /** Inbound SAs whose Child SA is gone: what is on its way through them is still received. */
  readonly leaving: readonly Spi[]
  /** A packet that it would send now. */
  readonly sealed: SealedPacket | undefined
  readonly record: HostRecord
}

/** What a host has said and had so far. */
export interface HostRecord {
  /** Messages of ours, by IKE SA, direction and Message ID. */
  readonly said: ReadonlyMap<string, number>
  /** Keys of SAs, by direction and SPI. */
  readonly keys: ReadonlyMap<string, string>
  /** What our requests are about, by IKE SA and Message ID. */
  readonly requests: ReadonlyMap<string, Asked>
}

/** What a request is about, as far as collisions go (RFC 7296 §2.25). */
export type Asked = 'child' | 'ike-rekey' | 'else'

/** What one step of a host did, for those who watch over it. */
export interface Passage {
  readonly before: HostState
  readonly step: Step
  readonly outputs: readonly Output[]
  readonly said: readonly Saying[]
  readonly installed: readonly InstalledSa[]
  readonly view: HostView
}
export interface Saying {
  readonly place: string
  readonly message: number
}
/** What a passage breaks, one line for each. */
export type Watch = (passage: Passage) => readonly string[]

/** Where a step leads. */
export type Edge =
  | {
      readonly kind: 'leads'
      readonly to: HostState
      /** Numbers of IKE messages. */
      readonly sends: readonly number[]
      /** Whether a packet was: opened, and let through. */
      readonly delivers: 'delivers' | 'nothing'
      readonly broken: readonly string[]
    }
  | { readonly kind: 'throws'; readonly error: string }

/** A step as it was taken, so long after the beginning by the clock of the host. */
export interface Passed {
  readonly after: Milliseconds
  readonly outputs: readonly Output[]
  /** What it threw instead: a bug. */
  readonly thrown: string | undefined
}

export class HostGraph {
  readonly subject: Subject
  readonly first: HostState
  readonly #post: Post
  readonly #lexicon: Lexicon
  readonly #firstInstant: Instant
  readonly #watch: Watch
  readonly #nodes: Node[] = []
  readonly #byContent = new Map<string, HostState>()
  readonly #steps: Step[] = []
  readonly #stepNumbers = new Map<string | number, number>()
  /** Hosts as they came out of their last step, for the next one; the oldest go first. */
  readonly #tips = new Map<number, HostLife>()

  constructor(subject: Subject, post: Post, lexicon: Lexicon, firstInstant: Instant, watch: Watch) {
    this.subject = subject
    this.#post = post
    this.#lexicon = lexicon
    this.#firstInstant = firstInstant
    this.#watch = watch
    this.first = this.#arrive(this.born(), undefined, { said: new Map(), keys: new Map(), requests: new Map() })
  }

  /** States that have been met. */
  get size(): number {
    return this.#nodes.length
  }

  state(id: number): HostState {
    return this.#node(id).state
  }

  step(number: number): Step {
    const step = this.#steps[number]
    if (step === undefined) throw new RangeError(`there is no step ${number}`)
    return step
  }

  stepNumber(step: Step): number {
    const key = stepKey(step)
    const known = this.#stepNumbers.get(key)
    if (known !== undefined) return known
    this.#stepNumbers.set(key, this.#steps.length)
    this.#steps.push(step)
    return this.#steps.length - 1
  }

  /** What comes of a step in a state. */
  follow(state: HostState, step: number): Edge {
    const { edges } = this.#node(state.id)
    const known = edges.get(step)
    if (known !== undefined) return known
    const edge = this.#take(state, step)
    edges.set(step, edge)
    return edge
  }

  /** What comes of a packet of the other host's. */
  receive(state: HostState, packet: SealedPacket): Edge {
    return this.follow(state, this.stepNumber({ kind: 'packet', packet }))
  }

  /** The same steps from the beginning, on one host: what came of each. */
  relive(steps: readonly number[]): readonly Passed[] {
    const life = this.born()
    return steps.map((step) => {
      const taken = attempt(life, this.step(step))
      return { after: life.now - this.#firstInstant, ...taken }
    })
  }

  #take(state: HostState, number: number): Edge {
    const step = this.step(number)
    const life = this.#tips.get(state.id) ?? this.#revive(state)
    // Of a packet that proves nothing nothing stays: the same host can go on.
    if (step.kind !== 'packet' || isAwaited(state.view, step.packet)) this.#tips.delete(state.id)
    else this.#keep(state, life)
    const { outputs, thrown } = attempt(life, step)
    if (thrown !== undefined) return { kind: 'throws', error: thrown }
    const said = this.#sayings(outputs)
    const { installed, view } = life
    const broken = this.#watch({ before: state, step, outputs, said, installed, view })
    const to = this.#arrive(life, { from: state.id, step: number }, extended(state.record, said, installed, outputs))
    const delivers = outputs.some(({ kind }) => kind === 'deliver') ? 'delivers' : 'nothing'
    return { kind: 'leads', to, sends: said.map(({ message }) => message), delivers, broken }
  }

  #arrive(life: HostLife, origin: Origin | undefined, record: HostRecord): HostState {
    const reading = life.read(this.#lexicon)
    const content = `${life.drawn} ${reading.skeleton} ${reading.atoms.join()}`
    const known = this.#byContent.get(content)
    if (known !== undefined) return known
    const { view, wait, installed } = life
    const starts = this.subject.starts(view).map((start) => this.stepNumber({ kind: 'start', start }))
    const state: HostState = {
      id: this.#nodes.length,
      reading,
      view,
      wait,
      starts,
      installed,
      record,
      leaving: leavingIn(view, installed),
      sealed: life.seal(),
    }
    this.#nodes.push({ state, origin, edges: new Map() })
    this.#byContent.set(content, state)
    this.#keep(state, life)
    return state
  }

  #keep(state: HostState, life: HostLife): void {
    this.#tips.set(state.id, life)
    if (this.#tips.size <= tipLimit) return
    const [oldest] = this.#tips.keys()
    if (oldest !== undefined) this.#tips.delete(oldest)
  }

  /** A fresh host, in the state `first`. */
  born(): HostLife {
    return new HostLife(this.subject, this.#post, this.#firstInstant)
  }

  /** A fresh host, brought to a state by the steps that led there. */
  #revive(state: HostState): HostLife {
    const life = this.born()
    for (const step of this.#history(state)) life.take(this.step(step))
    return life
  }

  #history(state: HostState): readonly number[] {
    const steps: number[] = []
    for (let { origin } = this.#node(state.id); origin !== undefined; { origin } = this.#node(origin.from)) steps.push(origin.step)
    return steps.toReversed()
  }

  #sayings(outputs: readonly Output[]): readonly Saying[] {
    return outputs.flatMap((output) =>
      output.kind === 'send' && output.datagram.channel === 'ike'
        ? [{ place: placeOf(output.datagram.bytes), message: this.#post.number(output.datagram) }]
        : [],
    )
  }

  #node(id: number): Node {
    const node = this.#nodes[id]
    if (node === undefined) throw new RangeError(`there is no state ${id}`)
    return node
  }
}

interface Node {
  readonly state: HostState
  readonly origin: Origin | undefined
  readonly edges: Map<number, Edge>
}
interface Origin {
  readonly from: number
  readonly step: number
}

function stepKey(step: Step): string | number {
  switch (step.kind) {
    case 'datagram':
      return step.message
    case 'packet':
      return `${step.packet.spi} ${step.packet.key}`
    case 'timer':
      return step.kind
    case 'start':
      return JSON.stringify(step.start)
  }
}

function attempt(life: HostLife, step: Step): Pick<Passed, 'outputs' | 'thrown'> {
  try {
    return { outputs: life.take(step), thrown: undefined }
  } catch (error) {
    return { outputs: [], thrown: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
}

/** RFC 7296 §2.8: the first packet through a new SA may say that the peer is ready for it. */
const isAwaited = ({ ikeSas }: HostView, { spi }: SealedPacket): boolean =>
  ikeSas.some(({ children }) => children.some(({ inbound, sends }) => inbound === spi && sends === 'waiting'))

function leavingIn({ ikeSas }: HostView, installed: readonly InstalledSa[]): readonly Spi[] {
  const owned = new Set(ikeSas.flatMap(({ children }) => children.map(({ inbound }) => inbound)))
  return installed.filter(({ direction, spi }) => direction === 'in' && !owned.has(spi)).map(({ spi }) => spi)
}

/** Hosts that are kept alive. */
const tipLimit = 4_096

export const saName = ({ direction, spi }: Pick<InstalledSa, 'direction' | 'spi'>): string => `${direction} ${spi}`

/**
 * RFC 7296 §3.1: an IKE SA by its SPIs (16 octets), whether it is protected (the first payload), whose message it is and which kind
 * (flags), its Message ID.
 */
function placeOf(message: Uint8Array): string {
  const isProtected = message[16] === payloadType.SK
  return `${toHex(message.subarray(0, 16))} ${isProtected ? 'protected' : 'in clear'} ${message[19] ?? 0} ${u32(message, 20)}`
}

export const requestName = (ikeSa: IkeSaId, messageId: number): string => `${ikeSa} ${messageId}`

/** RFC 7296 §1.3: of the CREATE_CHILD_SA exchanges, those about Child SAs have traffic selectors. */
export function askedBy({ exchangeType, payloads }: MessageEvent): Asked {
  if (exchangeType === exchange.CREATE_CHILD_SA) return payloads.includes('TSi') ? 'child' : 'ike-rekey'
  return 'else'
}

function extended(record: HostRecord, said: readonly Saying[], installed: readonly InstalledSa[], outputs: readonly Output[]): HostRecord {
  const isNew = said.some(({ place, message }) => record.said.get(place) !== message)
  const fresh = installed.filter((sa) => !record.keys.has(saName(sa)))
  const requests = outputs.flatMap((output) => {
    if (output.kind !== 'event' || output.event.name !== 'message') return []
    const { event } = output
    if (event.direction !== 'sent' || event.role !== 'request' || event.ikeSa === undefined) return []
    return [[requestName(event.ikeSa, event.messageId), askedBy(event)] as const]
  })
  return {
    said: isNew ? new Map([...record.said, ...said.map(({ place, message }) => [place, message] as const)]) : record.said,
    keys: fresh.length === 0 ? record.keys : new Map([...record.keys, ...fresh.map((sa) => [saName(sa), sa.key] as const)]),
    requests: requests.length === 0 ? record.requests : new Map([...record.requests, ...requests]),
  }
}
