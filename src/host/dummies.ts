// Dummy packets: which SA is silent for too long, and how long the dummy is that goes through it. RFC 4303 §2.6.
//
// What rekeys and reauthentications put in the place of an SA goes on with its intervals: the SAs of one child, with the same selectors, to the same
// peer, are a line, of which the newest has dummies as it has packets.
//
// RFC 7296 §2.4: dummies that we send must not keep us from asking whether the peer lives. They do not: only what comes counts. With dummies there is
// always "only outgoing traffic" to a peer that has gone, so that the question is as urgent as it can be: `Connection.livenessDelay` asks it, and what
// is then known to be dead has no SA to send dummies through.
import { u32 } from '../bytes/bytes.ts'
import { ApiMisuse } from '../contract/faults.ts'
import type { DummyTerms } from '../contract/install.ts'
import type { RandomSource } from '../contract/random.ts'
import { type ChildSaId, type Instant, later, type Milliseconds } from '../contract/units.ts'
import { Schedule } from '../ike/endpoint/schedule.ts'
import { formatEndpoint } from '../net/address.ts'
import type { Connection } from '../policy/connection.ts'
import { dummyLimits, faultOfDummies, whyNoDummies } from '../policy/dummies.ts'
import type { OutboundChild } from './children.ts'

/** Throws ApiMisuse that names the child. */
export function checkDummies(connections: readonly Connection[]): void {
  for (const { name, children } of connections) {
    for (const child of children) {
      const why = child.dummies === undefined ? undefined : (faultOfDummies(child.dummies) ?? whyNoDummies(child.proposals))
      if (why !== undefined) throw new ApiMisuse(`child ${name}/${child.name} cannot have these dummies: ${why}`)
    }
  }
}

export interface DueDummy {
  readonly child: OutboundChild
  /** Of the plain IP packet that it looks like. */
  readonly octets: number
}

export class DummyTraffic {
  readonly #random: RandomSource
  readonly #lines = new Map<string, Line>()
  readonly #members = new Map<ChildSaId, Member>()
  readonly #schedule = new Schedule<Line>()

  constructor(random: RandomSource) {
    this.#random = random
  }

  get deadline(): Instant | undefined {
    return this.#schedule.next
  }

  add(now: Instant, child: OutboundChild): void {
    const { dummies } = child.sa.install
    if (dummies !== undefined) this.#join(child, dummies, child.sa.counters.packets, { since: now, interval: dummies.interval, past: 0 })
  }

  remove({ child }: OutboundChild): void {
    const member = this.#members.get(child)
    if (member !== undefined) this.#leave(member)
  }

  /** Its peer is reached elsewhere. */
  move(child: OutboundChild): void {
    const member = this.#members.get(child.child)
    if (member === undefined || member.line.key === lineOf(child, member.terms)) return
    this.#leave(member)
    this.#join(child, member.terms, member.seen, member.line.beat)
  }

  /** One dummy that is due. Of intervals that have been slept through, nothing is made up for: there is never a burst. */
  take(now: Instant): DueDummy | undefined {
    for (let line = this.#schedule.take(now); line !== undefined; line = this.#schedule.take(now)) {
      const { beat, members } = line
      beat.past = Math.max(beat.past + 1, Math.floor((now - beat.since) / beat.interval))
      // Of what the quotient is rounded to.
      if (nextBeat(beat) <= now) beat.past++
      this.#schedule.set(line, nextBeat(beat))
      const newest = members.at(-1)
      if (newest === undefined) continue
      if (!takeSilence(line) || newest.child.sa.state === 'hard') continue
      // The dummy itself.
      newest.seen++
      return { child: newest.child, octets: this.#octets(now, newest) }
    }
    return undefined
  }

  #octets(now: Instant, { child, terms }: Member): number {
    const longest = child.mtu.longest(now)
    const { tfc } = child.sa.install
    if (terms.octets === undefined && tfc !== undefined && tfc.to !== 'multiple') {
      return tfc.to === 'mtu' ? longest : Math.min(tfc.octets, longest)
    }
    const { least, most } = terms.octets ?? anyLength
    const [low, high] = [Math.min(least, longest), Math.min(most, longest)]
    // As evenly as 32 bits are dealt out.
    return low === high ? low : low + Math.floor((u32(this.#random(4), 0) * (high - low + 1)) / 2 ** 32)
  }

  #join(child: OutboundChild, terms: DummyTerms, seen: number, beat: Beat): void {
    const key = lineOf(child, terms)
    let line = this.#lines.get(key)
    if (line === undefined) {
      line = { key, beat: { ...beat }, members: [], silence: 'so-far' }
      this.#lines.set(key, line)
      this.#schedule.set(line, nextBeat(line.beat))
    }
    const member: Member = { child, terms, line, seen }
    line.members.push(member)
    this.#members.set(child.child, member)
  }

  #leave(member: Member): void {
    const { line, child } = member
    if (hasSent(member)) line.silence = 'broken'
    this.#members.delete(child.child)
    line.members.splice(line.members.indexOf(member), 1)
    if (line.members.length > 0) return
    this.#lines.delete(line.key)
    this.#schedule.set(line, undefined)
  }
}

/** One SA at a time, and those that it is about to take the place of: the newest last. */
interface Line {
  readonly key: string
  readonly beat: Beat
  readonly members: Member[]
  /** Of those that have left it in this interval. */
  silence: 'so-far' | 'broken'
}

/** Intervals are counted from their start, so that no error of theirs adds up. */
interface Beat {
  readonly since: Instant
  readonly interval: Milliseconds
  /** How many of them are over. */
  past: number
}

interface Member {
  readonly child: OutboundChild
  readonly terms: DummyTerms
  readonly line: Line
  /** How many packets had gone through it when the last interval was over. */
  seen: number
}

/** An acknowledgement of TCP over IPv4 has 40 octets. */
const anyLength = { least: 40, most: dummyLimits.longest }

const hasSent = ({ child, seen }: Member): boolean => child.sa.counters.packets !== seen

/** Whether nothing has gone through any of them in the interval that is over; the next one begins. */
function takeSilence(line: Line): boolean {
  const isSilent = line.silence === 'so-far' && !line.members.some(hasSent)
  line.silence = 'so-far'
  for (const member of line.members) member.seen = member.child.sa.counters.packets
  return isSilent
}

const nextBeat = ({ since, interval, past }: Beat): Instant => later(since, (past + 1) * interval)

function lineOf({ sa, route }: OutboundChild, { interval }: DummyTerms): string {
  const { connection, childName, mode, localSelectors, remoteSelectors } = sa.install
  return JSON.stringify([connection, childName, mode, formatEndpoint(route.remote), interval, localSelectors, remoteSelectors])
}
