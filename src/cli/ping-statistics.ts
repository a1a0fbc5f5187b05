// What ping counts: requests, replies, and how long they took. Pure: times come from the caller, in milliseconds.

export interface PingReply {
  readonly sequence: number
  readonly octets: number
  /** TTL or hop limit of the packet that brought it. */
  readonly ttl: number
  readonly roundTrip: number
  readonly duplicate: 'duplicate' | 'first'
}

export interface PingSummary {
  readonly transmitted: number
  readonly received: number
  readonly duplicates: number
  /** In percent of those transmitted, 0 to 100. */
  readonly loss: number
  readonly elapsed: number
  /** `undefined` when nothing came back. */
  readonly roundTrip: { readonly min: number; readonly average: number; readonly max: number; readonly deviation: number } | undefined
}

/** The books of one run. */
export class PingStatistics {
  readonly #sentAt: Map<number, number> = new Map()
  readonly #answered: Set<number> = new Set()
  readonly #times: number[] = []
  readonly #startedAt: number
  #duplicates = 0

  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  sent(sequence: number, at: number): void {
    this.#sentAt.set(sequence, at)
  }

  /** `undefined` for a reply to what was never asked. */
  received(sequence: number, at: number, octets: number, ttl: number): PingReply | undefined {
    const sentAt = this.#sentAt.get(sequence)
    if (sentAt === undefined) return undefined
    const roundTrip = at - sentAt
    if (this.#answered.has(sequence)) {
      this.#duplicates++
      return { sequence, octets, ttl, roundTrip, duplicate: 'duplicate' }
    }
    this.#answered.add(sequence)
    this.#times.push(roundTrip)
    return { sequence, octets, ttl, roundTrip, duplicate: 'first' }
  }

  /** Whether every request has its reply. */
  get complete(): boolean {
    return this.#answered.size === this.#sentAt.size
  }

  summary(at: number): PingSummary {
    const transmitted = this.#sentAt.size
    const received = this.#answered.size
    return {
      transmitted,
      received,
      duplicates: this.#duplicates,
      loss: transmitted === 0 ? 0 : (100 * (transmitted - received)) / transmitted,
      elapsed: at - this.#startedAt,
      roundTrip: describeTimes(this.#times),
    }
  }
}

/** `64 octets from 192.0.2.1: seq=1 ttl=64 time=0.412 ms` */
export function formatReply(reply: PingReply, from: string): string {
  const again = reply.duplicate === 'duplicate' ? ' (duplicate)' : ''
  return `${reply.octets} octets from ${from}: seq=${reply.sequence} ttl=${reply.ttl} time=${formatTime(reply.roundTrip)} ms${again}`
}

/** The lines that ping ends with. */
export function formatSummary(summary: PingSummary, host: string): string {
  const duplicates = summary.duplicates === 0 ? '' : ` +${summary.duplicates} duplicates,`
  const lines = [
    `--- ${host} ping statistics ---`,
    `${summary.transmitted} packets transmitted, ${summary.received} received,${duplicates} ${trimmed(summary.loss)}% packet loss, time ${Math.round(summary.elapsed)} ms`,
  ]
  if (summary.roundTrip !== undefined) {
    const { min, average, max, deviation } = summary.roundTrip
    lines.push(`rtt min/avg/max/mdev = ${[min, average, max, deviation].map((time) => time.toFixed(3)).join('/')} ms`)
  }
  return lines.join('\n')
}

function describeTimes(times: readonly number[]): PingSummary['roundTrip'] {
  if (times.length === 0) return undefined
  const average = times.reduce((sum, time) => sum + time, 0) / times.length
  const squares = times.reduce((sum, time) => sum + (time - average) ** 2, 0) / times.length
  return { min: Math.min(...times), average, max: Math.max(...times), deviation: Math.sqrt(squares) }
}

/** Three figures that count, as ping does. */
const formatTime = (ms: number): string => ms.toFixed(ms < 10 ? 3 : ms < 100 ? 2 : ms < 1000 ? 1 : 0)
const trimmed = (percent: number): string => percent.toFixed(2).replace(/\.?0+$/, '')
