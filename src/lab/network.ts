// A network in memory with a clock that jumps: hosts, links with weather, NATs, partitions. Deterministic: the same seed and the same
// commands give the same transcript.
import type { Command, Completion, Datagram, Input, Output } from '../contract/machine.ts'
import { type Instant, instant, later, type Milliseconds } from '../contract/units.ts'
import { type Address, addressVersion, sameEndpoint } from '../net/address.ts'
import { Agenda } from './agenda.ts'
import type { LabHost } from './host.ts'
import type { Nat } from './nat.ts'
import { quotationOf, Router } from './router.ts'
import type { Entry, Stop } from './transcript.ts'
import { calm, type Mishap, randomSky, scriptedSky, type Sky, type Weather } from './weather.ts'

/** Changes a datagram where it arrives, or swallows it (`undefined`); for what a test wants to happen. */
export type Middlebox = (datagram: Datagram) => Datagram | undefined

export interface NetworkOptions {
  readonly seed: number
  readonly weather: Partial<Weather>
  /** Where the weather comes from; from the seed when left out. */
  readonly sky: Sky
  readonly middlebox: Middlebox
  /** Steps after which a run is taken for endless. */
  readonly stepLimit: number
}

/** A run that would not end: the machines keep each other, or their timers keep them, busy. */
export class EndlessRun extends Error {
  override readonly name: string = 'EndlessRun'
}

type Happening =
  | { readonly kind: 'arrival'; readonly flight: Flight }
  | { readonly kind: 'completion'; readonly host: LabHost; readonly completion: Completion }
  | { readonly kind: 'action'; readonly act: () => void }

interface Flight {
  /** `undefined`: it comes from nobody that there is. */
  readonly sender: LabHost | undefined
  readonly link: string
  readonly number: number
  readonly datagram: Datagram
  /** The part of the network that it arrives in; `undefined` is the internet. */
  readonly realm: Nat | undefined
}

interface Attachment {
  readonly host: LabHost
  readonly address: Address
  readonly behind: Nat | undefined
}

export class Network {
  now: Instant = instant(0)
  /** As hosts sent them, before any NAT. */
  readonly sent: Datagram[] = []
  readonly transcript: Entry[] = []
  #sky: Sky
  readonly #middlebox: Middlebox
  readonly #stepLimit: number
  readonly #seed: number
  readonly #attached: Attachment[] = []
  readonly #nats = new Map<Nat, Nat | undefined>()
  readonly #weathers = new Map<string, Weather>()
  readonly #cuts = new Set<string>()
  readonly #agenda = new Agenda<Happening>()
  readonly #counts = new Map<string, number>()
  readonly #router = new Router()
  #weather: Weather
  #steps = 0

  constructor(options: Partial<NetworkOptions> = {}) {
    this.#seed = options.seed ?? 1
    this.#weather = { ...calm, ...options.weather }
    this.#sky = options.sky ?? randomSky(this.#seed)
    this.#middlebox = options.middlebox ?? asItIs
    this.#stepLimit = options.stepLimit ?? 1_000_000
  }

  // ---- what there is ----

  get hosts(): readonly LabHost[] {
    return [...new Set(this.#attached.map(({ host }) => host))]
  }

  /** What has happened by itself: arrivals, ticks, completions, and what was planned. */
  get steps(): number {
    return this.#steps
  }

  /** Gives the host an address, on the internet or behind a NAT. */
  attach(host: LabHost, address: Address, behind?: Nat): void {
    this.#attached.push({ host, address, behind })
  }

  /** A host has crashed, without a word, and another one is in its place: what was on its way arrives there. */
  replace(host: LabHost, fresh: LabHost): void {
    for (const [i, attachment] of this.#attached.entries()) if (attachment.host === host) this.#attached[i] = { ...attachment, host: fresh }
    this.note(`${host.name} has crashed and starts again`)
  }

  /** A NAT on the internet, or behind another one. */
  addNat(nat: Nat, behind?: Nat): void {
    this.#nats.set(nat, behind)
  }

  /** The weather from now on: everywhere, or between two places. A place is a host, or the NAT that it is behind. */
  setWeather(weather: Partial<Weather>, between?: readonly [string, string]): void {
    if (between === undefined) {
      this.#weather = { ...calm, ...weather }
      this.#weathers.clear()
    } else for (const link of bothWays(between)) this.#weathers.set(link, { ...calm, ...weather })
  }

  /** Nothing gets through between the two places, until `heal`. */
  cut(between: readonly [string, string]): void {
    for (const link of bothWays(between)) this.#cuts.add(link)
    this.note(`${between.join(' and ')} are cut off from each other`)
  }

  heal(): void {
    this.#cuts.clear()
    this.note('all links are whole')
  }

  /** From now on nothing befalls anything, whatever was said before. */
  clearUp(): void {
    this.heal()
    this.setWeather(calm)
    this.#sky = scriptedSky([])
  }

  note(text: string): void {
    this.transcript.push({ kind: 'note', at: this.now, text })
  }

  // ---- what happens ----

  /** Gives a host one input, now. */
  feed(host: LabHost, input: Input): void {
    if (input.kind === 'command') this.transcript.push({ kind: 'command', at: this.now, host: host.name, command: input.command })
    if (input.kind === 'packet') this.transcript.push({ kind: 'packet', at: this.now, host: host.name, length: input.bytes.length })
    const inputs: Input[] = [input]
    for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
      if (next !== input) this.#count()
      const outputs = host.handle(this.now, next)
      if (next.kind === 'tick') this.#expectProgress(host)
      for (const output of outputs) this.#carryOut(host, output, inputs)
    }
  }

  command(host: LabHost, command: Command): void {
    this.feed(host, { kind: 'command', command })
  }

  /** Something to be done at a time. */
  plan(at: Instant, act: () => void): void {
    this.#agenda.add(at, { kind: 'action', act })
  }

  /** Goes on until `done`, or until nothing is left to happen, or until `limit` has passed. */
  run(limit: Milliseconds, done: () => boolean = () => false): void {
    const end = later(this.now, limit)
    while (!done() && this.step(end));
  }

  /** The next thing that happens, if one does before `end`; the clock jumps to it. */
  step(end: Instant = instant(Number.POSITIVE_INFINITY)): boolean {
    const timed = this.#firstTimer()
    const timer = timed?.deadline
    const planned = this.#agenda.next
    const at = Math.min(planned ?? Number.POSITIVE_INFINITY, timer ?? Number.POSITIVE_INFINITY)
    if (at === Number.POSITIVE_INFINITY || at > end) return false
    this.#count()
    this.now = instant(Math.max(this.now, at))
    if (planned !== undefined && planned <= at) this.#happen(this.#agenda.take())
    else if (timed !== undefined) this.feed(timed, { kind: 'tick' })
    return true
  }

  /** Puts a datagram on the network, as if the host with its local address had sent it; for what an attacker would do, too. */
  transmit(datagram: Datagram): void {
    this.#launch(
      datagram,
      this.#attached.find(({ address }) => address === datagram.local.address),
    )
  }

  #firstTimer(): LabHost | undefined {
    let first: LabHost | undefined
    for (const { host } of this.#attached) {
      const { deadline } = host
      if (deadline !== undefined && (first?.deadline === undefined || deadline < first.deadline)) first = host
    }
    return first
  }

  #happen(happening: Happening | undefined): void {
    switch (happening?.kind) {
      case 'arrival':
        return this.#arrive(happening.flight)
      case 'completion':
        return this.feed(happening.host, { kind: 'completion', completion: happening.completion })
      case 'action':
        return happening.act()
      case undefined:
    }
  }

  #carryOut(host: LabHost, output: Output, inputs: Input[]): void {
    switch (output.kind) {
      case 'send':
        return this.#launch(
          output.datagram,
          this.#attached.find((attached) => attached.host === host && attached.address === output.datagram.local.address),
        )
      case 'event':
        this.transcript.push({ kind: 'event', at: this.now, host: host.name, event: output.event })
        return
      case 'deliver':
        this.transcript.push({ kind: 'delivered', at: this.now, host: host.name, length: output.bytes.length })
        return
      case 'operation': {
        const { id, kind, request } = output.operation
        const completion: Completion = { id, kind, outcome: host.compute(request) }
        if (host.operationTime === 0) inputs.push({ kind: 'completion', completion })
        else this.#agenda.add(later(this.now, host.operationTime), { kind: 'completion', host, completion })
        return
      }
      default:
    }
  }

  // ---- a datagram's way ----

  /** Up through the sender's NATs until the destination is in sight, then onto the link. */
  #launch(datagram: Datagram, from: Attachment | undefined): void {
    let changed: Datagram = { ...datagram, bytes: datagram.bytes.slice() }
    this.sent.push(changed)
    let place = from?.host.name ?? 'elsewhere'
    let realm = from?.behind
    while (realm !== undefined && this.#owner(changed.remote.address, realm) === undefined) {
      const translated = realm.outbound(this.now, changed)
      if (translated === undefined) return this.#stop(`${place} → ${realm.name}`, 0, 'bare-esp', changed)
      changed = translated
      place = realm.name
      realm = this.#nats.get(realm)
    }
    const owner = this.#owner(changed.remote.address, realm)
    const link = `${place} → ${owner ?? 'nowhere'}`
    const number = this.#numberOn(link)
    if (owner === undefined && this.#middlebox === asItIs) return this.#stop(link, number, 'nowhere', changed)
    this.#fly({ sender: from?.host, link, number, datagram: changed, realm })
  }

  #fly(flight: Flight): void {
    const { link, number, datagram } = flight
    const weather = this.#weathers.get(link) ?? this.#weather
    this.transcript.push({ kind: 'sent', at: this.now, link, number, datagram })
    if (this.#cuts.has(link)) return this.#stop(link, number, 'cut', datagram)
    if (weather.mtu !== undefined && packetLength(datagram) > weather.mtu) return this.#narrow(flight, weather, weather.mtu)
    const mishaps = this.#sky(link, number, weather)
    for (const mishap of mishaps) this.transcript.push({ kind: 'mishap', at: this.now, mishap, datagram })
    const arriveAfter = (by: Milliseconds): void => this.#agenda.add(later(this.now, weather.latency + by), { kind: 'arrival', flight })
    const delay = mishaps.find((mishap) => mishap.kind === 'delayed')?.by ?? 0
    if (!mishaps.some(({ kind }) => kind === 'lost')) arriveAfter(delay)
    for (const mishap of mishaps) if (mishap.kind === 'duplicated') arriveAfter(mishap.by)
  }

  /** The link takes no more than `mtu`. */
  #narrow(flight: Flight, weather: Weather, mtu: number): void {
    const { sender, link, number, datagram } = flight
    const isHeard = weather.tooLong === 'told' && datagram.channel === 'ip'
    const fragments = isHeard ? this.#router.fragments(datagram.bytes, mtu) : undefined
    for (const bytes of fragments ?? []) this.#fly({ ...flight, number: this.#numberOn(link), datagram: { ...datagram, bytes } })
    if (fragments !== undefined) return
    this.#stop(link, number, 'too-big', datagram)
    if (!isHeard || sender === undefined) return
    const word = { link: `${link}, word of it`, number: this.#numberOn(`${link}, word of it`) }
    const mishaps = this.#sky(word.link, word.number, weather)
    for (const mishap of mishaps) this.transcript.push({ kind: 'mishap', at: this.now, mishap, datagram })
    if (mishaps.some(({ kind }) => kind === 'lost')) return
    const delay = mishaps.find((mishap) => mishap.kind === 'delayed')?.by ?? 0
    this.plan(later(this.now, weather.latency + delay), () => {
      const now = this.#attached.find(({ host }) => host.name === sender.name)?.host
      this.note(`${sender.name} is told that ${mtu} octets go through`)
      if (now !== undefined) this.feed(now, { kind: 'path', change: { kind: 'too-big', mtu, quoted: quotationOf(datagram.bytes) } })
    })
  }

  #numberOn(link: string): number {
    const number = this.#counts.get(link) ?? 0
    this.#counts.set(link, number + 1)
    return number
  }

  /** Down through the destination's NATs, as they are now. */
  #arrive({ sender, link, number, datagram, realm }: Flight): void {
    const spared = this.#middlebox(datagram)
    if (spared === undefined) return this.#stop(link, number, 'middlebox', datagram)
    let changed = spared
    let inside = realm
    for (;;) {
      const host = this.#hostAt(changed.remote.address, inside, sender)
      if (host !== undefined) {
        this.transcript.push({ kind: 'arrived', at: this.now, link, number, host: host.name, datagram: changed })
        const { channel, local, remote, bytes } = changed
        return this.feed(host, { kind: 'datagram', datagram: { channel, local: remote, remote: local, bytes: bytes.slice() } })
      }
      const nat = this.#natAt(changed.remote.address, inside)
      if (nat === undefined) return this.#stop(link, number, 'nowhere', changed)
      const translated = nat.inbound(this.now, changed)
      if (translated === undefined || sameEndpoint(translated.remote, changed.remote))
        return this.#stop(link, number, 'no-mapping', changed)
      changed = translated
      inside = nat
    }
  }

  /** Who has this address in this part of the network: a host or a NAT. */
  #owner(address: Address, realm: Nat | undefined): string | undefined {
    return this.#hostAt(address, realm, undefined)?.name ?? this.#natAt(address, realm)?.name
  }

  /** Two hosts on one machine have one address, and neither means itself. */
  #hostAt(address: Address, realm: Nat | undefined, sender: LabHost | undefined): LabHost | undefined {
    const there = this.#attached.filter((attached) => attached.behind === realm && attached.address === address)
    return (there.find(({ host }) => host !== sender) ?? there[0])?.host
  }

  #natAt(address: Address, realm: Nat | undefined): Nat | undefined {
    for (const [nat, behind] of this.#nats) if (behind === realm && nat.outside === address) return nat
    return undefined
  }

  #stop(link: string, number: number, why: Stop, datagram: Datagram): void {
    this.transcript.push({ kind: 'stopped', at: this.now, link, number, why, datagram })
  }

  /** A host that leaves undone what is due is ticked for ever: told at once, and not after a million steps. */
  #expectProgress({ name, deadline }: LabHost): void {
    if (deadline === undefined || deadline > this.now) return
    throw new EndlessRun(`seed ${this.#seed}: ${name} was ticked at ${this.now} ms, and its deadline stays at ${deadline} ms`)
  }

  #count(): void {
    if (++this.#steps <= this.#stepLimit) return
    throw new EndlessRun(`seed ${this.#seed}: ${this.#stepLimit} steps and no end, at ${this.now} ms of virtual time`)
  }
}

const asItIs: Middlebox = (datagram) => datagram

/** The mishaps of a transcript: with them, the same happens again without the weather. */
export const mishapsOf = (transcript: readonly Entry[]): readonly Mishap[] =>
  transcript.flatMap((entry) => (entry.kind === 'mishap' ? [entry.mishap] : []))

const bothWays = ([a, b]: readonly [string, string]): readonly string[] => [`${a} → ${b}`, `${b} → ${a}`]

/** Octets of the IP packet. */
function packetLength({ channel, local, bytes }: Datagram): number {
  if (channel === 'ip') return bytes.length
  return (addressVersion(local.address) === 4 ? 20 : 40) + (channel === 'esp' ? 0 : 8) + bytes.length
}
