// What a link does to datagrams. Each datagram's fate comes from a stream of its own, named by link and number, and can be written down
// and played again without the weather: that is how a failure is shrunk.
import type { Milliseconds } from '../contract/units.ts'
import { stream } from './random.ts'

export interface Weather {
  /** How long every datagram takes. */
  readonly latency: Milliseconds
  /** Up to this much longer, evenly spread: what was sent first may come last. */
  readonly jitter: Milliseconds
  /** Probabilities, 0 to 1. */
  readonly loss: number
  readonly duplication: number
  /** Of being held back for one to four times `latency` and `jitter` together, behind what follows. */
  readonly reordering: number
  /** In octets of the IP packet; see `tooLong` for larger ones. */
  readonly mtu: number | undefined
  /**
   * `lost`: without a word. `told`: as by a router, of whole IP packets (channel `ip`): IPv4 without DF goes in fragments, and the sender of anything
   * else is told (RFC 1191, RFC 8201), in the same weather. What is in UDP is lost in any case: its sockets hear of nothing.
   */
  readonly tooLong: 'lost' | 'told'
}

export const calm: Weather = { latency: 10, jitter: 0, loss: 0, duplication: 0, reordering: 0, mtu: undefined, tooLong: 'lost' }

/** One thing that befell one datagram: the `number`-th (from 0) that was sent on a link. `by` is on top of the link's latency. */
export type Mishap =
  | { readonly kind: 'lost'; readonly link: string; readonly number: number }
  | { readonly kind: 'delayed'; readonly link: string; readonly number: number; readonly by: Milliseconds }
  /** A second copy comes, this much later than the latency. */
  | { readonly kind: 'duplicated'; readonly link: string; readonly number: number; readonly by: Milliseconds }

/** Decides what befalls each datagram. */
export type Sky = (link: string, number: number, weather: Weather) => readonly Mishap[]

/** As the weather has it, from a seed. */
export function randomSky(seed: number): Sky {
  return (link, number, weather) => {
    const { loss, duplication, reordering, jitter, latency } = weather
    if (loss === 0 && duplication === 0 && reordering === 0 && jitter === 0) return []
    const chance = stream(seed, 'weather', link, number)
    const delay = (): Milliseconds => {
      const late = chance.fraction() * jitter
      return chance.chance(reordering) ? late + (latency + jitter) * (1 + 3 * chance.fraction()) : late
    }
    const mishaps: Mishap[] = []
    const by = delay()
    if (chance.chance(loss)) mishaps.push({ kind: 'lost', link, number })
    else if (by > 0) mishaps.push({ kind: 'delayed', link, number, by })
    if (chance.chance(duplication) && !chance.chance(loss)) mishaps.push({ kind: 'duplicated', link, number, by: delay() })
    return mishaps
  }
}

/** As written down, and nothing else. */
export function scriptedSky(mishaps: readonly Mishap[]): Sky {
  const byDatagram = new Map<string, Mishap[]>()
  for (const mishap of mishaps) {
    const key = `${mishap.link}/${mishap.number}`
    byDatagram.set(key, [...(byDatagram.get(key) ?? []), mishap])
  }
  return (link, number) => byDatagram.get(`${link}/${number}`) ?? []
}

/** `alice → bob, datagram 3: 212 ms late` */
export function formatMishap(mishap: Mishap): string {
  const what =
    mishap.kind === 'lost' ? 'lost' : `${mishap.kind === 'delayed' ? 'late by' : 'comes a second time, late by'} ${mishap.by.toFixed(1)} ms`
  return `${mishap.link}, datagram ${mishap.number}: ${what}`
}
