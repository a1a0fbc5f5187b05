// A host in a given state towards Mallory, with an honest peer beside, and what is known of it from its outputs: keys, Message IDs,
// operations, Child SAs.
import { Secret, dangerReveal } from '../../src/bytes/secret.ts'
import type { Event, Role } from '../../src/contract/events.ts'
import type { SaInstall } from '../../src/contract/install.ts'
import type { Completion, Datagram, Input, Operation, Output } from '../../src/contract/machine.ts'
import type { ChildSaId, IkeSaId, IkeSpi, Instant, Spi } from '../../src/contract/units.ts'
import { instant } from '../../src/contract/units.ts'
import { ikeAlgorithms } from '../../src/crypto/suites.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import { outcome, outcomeName } from '../../src/host/outcomes.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { limits } from '../../src/ike/limits.ts'
import type { LabHost } from '../../src/lab/host.ts'
import type { CryptoProvider } from '../../src/crypto/provider.ts'
import { provider } from '../host/two-hosts.ts'
import type { Session } from '../../src/ike/sa/states.ts'
import { Invariants, patience } from './invariants.ts'
import type { EspSeal, IkeSeal } from './seal.ts'
import { type Freezable, type StateName, states, type StateOfPlay, withheld } from './states.ts'
import { addresses, makePeer, makeTarget, type Peer, ports, type World } from './worlds.ts'

export interface StageOptions {
  readonly world: World
  readonly state: StateName
  readonly seed: number
  /** Of the attacked host. */
  readonly provider: CryptoProvider
}

/** The IKE SA that the fuzzer speaks in. */
export interface Attacked {
  readonly ikeSa: IkeSaId
  /** Of the host. */
  readonly role: Role
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
  /** How Mallory seals. */
  readonly seal: IkeSeal
  /** For reading what Mallory's own host said. */
  readonly session: Session
  life: 'alive' | 'over'
}

export class Stage {
  readonly options: StageOptions
  readonly target: LabHost
  readonly steady: LabHost
  /** All that Mallory's own host said to the target, delivered or not. */
  readonly spoken: Datagram[] = []
  /** The target's operations that are under way. */
  readonly operations: Operation[] = []
  now: Instant = instant(0)
  attacked: Attacked | undefined
  child: { readonly install: SaInstall; readonly seal: EspSeal } | undefined
  /** Mallory's inbound SPI: Deletes name it. */
  peerSpi: Spi | undefined
  readonly invariants: Invariants = new Invariants()
  /** What was wrong so far. */
  readonly wrong: string[] = []
  /** The Message ID of the request that the host waits for. */
  nextRequest = 0
  /** The request that the host waits for an answer to. */
  outstanding: { readonly messageId: number; readonly exchangeType: number } | undefined
  /** Where the host last spoke to Mallory from and to. */
  path: Omit<Datagram, 'bytes'>
  #mallory: LabHost
  #times = 0
  readonly #peers = new Map<string, LabHost>()
  #targetIs: Role
  #attackBegins = false
  #lastSequence = 0

  constructor(options: StageOptions) {
    const { world, state, seed } = options
    this.options = options
    this.target = makeTarget(world, seed, options.provider)
    this.steady = this.#arrive('steady')
    this.path = firstPath
    this.#targetIs = states[state].role
    this.#mallory = makePeer('mallory', world, seed)
    this.#pump([[this.steady, initiate('steady')]], undefined)
    this.#attackBegins = true
    this.#perform(states[state])
  }

  /** The same state once more, in another IKE SA, on the same host. */
  again(): void {
    const { world, state, seed } = this.options
    // Requests for IKE SAs are taken in at a limited rate.
    this.wait(Math.ceil(1_000 / limits.strangerRate))
    this.#mallory = makePeer('mallory', world, seed + 1_000_003 * ++this.#times)
    this.#targetIs = states[state].role
    this.attacked = undefined
    this.child = undefined
    this.outstanding = undefined
    this.spoken.length = 0
    this.#lastSequence = 0
    this.path = firstPath
    this.#perform(states[state])
  }

  /** One more honest peer: what it says is delivered, and answers to it. */
  #arrive(peer: Peer): LabHost {
    const host = makePeer(peer, this.options.world, this.options.seed)
    this.#peers.set(addresses[peer], host)
    return host
  }

  /** A fresh honest host sets up IKE and Child SA with the target. */
  welcome(): LabHost {
    const host = this.#arrive('newcomer')
    this.settle(host, initiate('newcomer'))
    return host
  }

  /** An honest peer gets an input; all that follows among honest hosts happens, without time passing. */
  settle(host: LabHost, input: Input): void {
    this.#pump([[host, input]], undefined)
  }

  /** What the lab remembers of all hosts, which grows, is forgotten. */
  forgetRecords(): void {
    for (const host of [this.target, ...this.#peers.values()])
      for (const records of [host.events, host.inputs, host.delivered, host.bypassed]) records.length = 0
  }

  /** The sequence number so far from the next one of Mallory's; those up to it count as used. */
  espSequence(offset: number): number {
    const sequence = Math.max(0, this.#lastSequence + 1 + offset) >>> 0
    this.#lastSequence = Math.max(this.#lastSequence, sequence)
    return sequence
  }

  /** One input for the target, and nothing else: what it caused is told and known, not delivered. */
  poke(input: Input): readonly Output[] {
    const began = process.cpuUsage()
    const outputs = this.target.handle(this.now, input)
    const { user, system } = process.cpuUsage(began)
    if (user + system > patience * 1_000) this.wrong.push(`one input took more than ${patience} ms`)
    this.wrong.push(...this.invariants.check(outputs, input))
    // Who drives it would come back for ever.
    if (input.kind === 'tick' && (this.target.host.deadline ?? Number.POSITIVE_INFINITY) <= this.now)
      this.wrong.push('a tick left undone what was due')
    for (const output of outputs) this.#learn(output)
    return outputs
  }

  /** A burst of ESP packets for the target; what was not opened is told as `handle` would have told it. */
  burst(packets: readonly Uint8Array[], from: Pick<Datagram, 'local' | 'remote'>): readonly Output[] {
    const batch = new PacketBatch(packets.length, longestInBurst)
    for (const packet of packets) if (!batch.add(packet)) return []
    const children: (ChildSaId | undefined)[] = []
    const { host } = this.target
    host.open(this.now, batch, from, children)
    const caused: Output[] = []
    for (let i = 0; i < batch.count; i++) {
      const [child, code] = [children[i], batch.outcome[i] ?? 0]
      if (code === outcome['awaits-sa']) continue
      if (code !== 0) caused.push({ kind: 'event', event: { name: 'packet-dropped', reason: outcomeName(code), child } })
      else if (child === undefined) this.wrong.push('a packet was opened that came through no SA')
      else caused.push({ kind: 'deliver', bytes: batch.packet(i).slice(), child })
    }
    const followed = host.drain(this.now)
    this.wrong.push(...this.invariants.check([...caused, ...followed], { kind: 'tick' }))
    for (const output of followed) this.#learn(output)
    return [...caused, ...followed]
  }

  /** Delivers to honest peers what a poke said to them. */
  pass(outputs: readonly Output[]): void {
    for (const output of outputs) {
      if (output.kind !== 'send') continue
      const peer = this.#peers.get(output.datagram.remote.address)
      if (peer !== undefined) this.#pump([[peer, arrival(output.datagram)]], undefined)
    }
  }

  /** The result of an operation, as one would have who has the key. */
  completionOf({ id, kind, request }: Operation): Completion {
    return { id, kind, outcome: this.target.compute(request) }
  }

  /** Lets time pass; timers of all honest hosts go off. Gives up after `limit` of them: a clock that does not move on. */
  wait(milliseconds: number, limit = 20_000): readonly Output[] {
    const end = instant(this.now + milliseconds)
    const caused: Output[] = []
    for (let steps = 0; ; steps++) {
      if (steps > limit) throw new Error(`${limit} ticks before ${end}: the deadline stays at ${this.target.host.deadline}`)
      const due = [this.target, ...this.#peers.values()].filter(({ host }) => (host.deadline ?? Number.POSITIVE_INFINITY) <= end)
      const [first] = due.sort((a, b) => (a.host.deadline ?? 0) - (b.host.deadline ?? 0))
      if (first === undefined) break
      this.now = instant(Math.max(this.now, first.host.deadline ?? 0))
      if (first === this.target) {
        const outputs = this.poke({ kind: 'tick' })
        caused.push(...outputs)
        this.pass(outputs)
      } else this.settle(first, { kind: 'tick' })
    }
    this.now = end
    return caused
  }

  // ---- how it came so far ----

  #perform({ role, freezeBefore, finally: end }: StateOfPlay): void {
    this.#peers.set(addresses.mallory, this.#mallory)
    const starter = role === 'initiator' ? this.target : this.#mallory
    this.#pump([[starter, role === 'initiator' ? approach : initiate('mallory')]], freezeBefore)
    const close: Input = { kind: 'command', command: { kind: 'close-all' } }
    if (end === 'mallory-closes') this.#pump([[this.#mallory, close]], undefined)
    const ikeSa = this.attacked?.ikeSa
    if (end === 'target-closes' && ikeSa !== undefined)
      this.#pump([[this.target, { kind: 'command', command: { kind: 'close-ike-sa', ikeSa } }]], { what: 'to-mallory', number: 1 })
    // From now on the fuzzer is Mallory.
    this.#peers.delete(addresses.mallory)
  }

  #pump(inputs: [LabHost, Input][], freeze: StateOfPlay['freezeBefore']): void {
    const counts: Record<Freezable, number> = { 'to-target': 0, operation: 0, 'to-mallory': 0 }
    const isFrozen = (what: Freezable): boolean => freeze?.what === what && ++counts[what] >= freeze.number
    for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
      const [host, input] = next
      for (const output of host === this.target ? this.poke(input) : host.handle(this.now, input)) {
        if (output.kind === 'send') this.#route(host, output.datagram, inputs, isFrozen)
        if (output.kind !== 'operation') continue
        if (host !== this.target) {
          const { id, kind, request } = output.operation
          inputs.push([host, { kind: 'completion', completion: { id, kind, outcome: host.compute(request) } }])
        } else if (!isFrozen('operation')) {
          this.operations.splice(this.operations.indexOf(output.operation), 1)
          inputs.push([host, { kind: 'completion', completion: this.completionOf(output.operation) }])
        }
      }
    }
  }

  #route(from: LabHost, datagram: Datagram, inputs: [LabHost, Input][], isFrozen: (what: Freezable) => boolean): void {
    if (from === this.target) {
      const peer = this.#peers.get(datagram.remote.address)
      if (peer !== undefined && !(peer === this.#mallory && isFrozen('to-mallory'))) inputs.push([peer, arrival(datagram)])
      return
    }
    if (from === this.#mallory) this.spoken.push(datagram)
    if (from !== this.#mallory || !isFrozen('to-target')) inputs.push([this.target, arrival(datagram)])
  }

  // ---- what is known of the target ----

  #learn(output: Output): void {
    switch (output.kind) {
      case 'operation':
        this.operations.push(output.operation)
        return
      case 'cancel': {
        const at = this.operations.findIndex(({ id }) => id === output.id)
        if (at >= 0) this.operations.splice(at, 1)
        return
      }
      case 'send': {
        const { channel, local, remote } = output.datagram
        if (remote.address === addresses.mallory && channel !== 'esp') this.path = { channel, local, remote }
        return
      }
      case 'install': {
        const { sa } = output
        if (sa.ikeSa !== this.attacked?.ikeSa) return
        if (sa.direction === 'out') {
          this.peerSpi = sa.spi
          return
        }
        const keys = { encryption: copied(sa.encryptionKey), integrity: copied(sa.integrityKey) }
        this.child = { install: sa, seal: { provider, suite: sa.suite, keys } }
        return
      }
      case 'event':
        return this.#learnEvent(output.event)
      default:
    }
  }

  #learnEvent(event: Event): void {
    switch (event.name) {
      case 'message':
        return this.#learnMessage(event)
      case 'danger-ike-keys': {
        if (!this.#attackBegins || this.attacked?.life === 'alive') return
        const algorithms = ikeAlgorithms(provider, event.suite)
        if (algorithms === undefined) return
        const [skEi, skEr, skAi, skAr] = [copied(event.skEi), copied(event.skEr), copied(event.skAi), copied(event.skAr)]
        if (skEi === undefined || skEr === undefined) return
        const role = this.#targetIs
        const seal: IkeSeal =
          role === 'initiator' ? { algorithms, encryption: skEr, integrity: skAr } : { algorithms, encryption: skEi, integrity: skAi }
        const keys = { skEi, skEr, skAi, skAr, skD: unused, skPi: unused, skPr: unused }
        const session: Session = { suite: event.suite, algorithms, keys, sealed: 0, fragmentation: undefined }
        const { ikeSa, initiatorSpi, responderSpi } = event
        this.attacked = { ikeSa, role, initiatorSpi, responderSpi, seal, session, life: 'alive' }
        this.nextRequest = role === 'initiator' ? 0 : 1
        return
      }
      case 'ike-sa-closed':
        if (event.ikeSa === this.attacked?.ikeSa) this.attacked.life = 'over'
        return
      default:
    }
  }

  #learnMessage({ direction, role, exchangeType, messageId, remote }: Extract<Event, { name: 'message' }>): void {
    if (remote.address !== addresses.mallory) return
    if (direction === 'sent') {
      if (role === 'request') this.outstanding = { messageId, exchangeType }
      return
    }
    if (role === 'request') this.nextRequest = messageId + 1
    if (exchangeType === exchange.IKE_SA_INIT) this.#targetIs = role === 'request' ? 'responder' : 'initiator'
  }
}

/** Whether operations of the target stay under way in this state. */
export const withholds = (state: StateName): boolean => withheld.includes(state)

const firstPath: Stage['path'] = {
  channel: 'ike',
  local: { address: addresses.target, port: 500 },
  remote: { address: addresses.mallory, port: 500 },
}

/** A peer starts. */
function initiate(peer: Peer): Input {
  const path = { start: 'ike' as const, local: ports(addresses[peer]), remote: ports(addresses.target) }
  return { kind: 'command', command: { kind: 'initiate', connection: 'target', child: 'child', path } }
}

/** The target starts. */
const approach: Input = {
  kind: 'command',
  command: {
    kind: 'initiate',
    connection: 'mallory',
    child: 'child',
    path: { start: 'ike', local: ports(addresses.target), remote: ports(addresses.mallory) },
  },
}

function arrival({ channel, local, remote, bytes }: Datagram): Input {
  return { kind: 'datagram', datagram: { channel, local: remote, remote: local, bytes: bytes.slice() } }
}

/** Octets. */
const longestInBurst = 2_000

const unused = new Secret(new Uint8Array(0))

/** Hosts wipe theirs. */
const copied = (secret: Secret | undefined): Secret | undefined =>
  secret === undefined ? undefined : new Secret(dangerReveal(secret).slice())
