// The ladders of a capture: one for each pair of hosts that speak IKE, ESP or AH, whoever spoke first on the left. Bounded: what does not
// fit is counted.
import { type IkeSaId, type Instant, ikeSaId, instant, espSpi, formatSpi } from '../contract/units.ts'
import type { Address } from '../net/address.ts'
import type { MessagePlace, OpenRequest } from './conversation.ts'
import { formatLadder, type LadderRow } from './ladder.ts'
import type { IkeSummary, SecuritySummary, Summary } from './span.ts'

/** What a ladder wants to know of a frame. */
export interface LadderFrame {
  readonly number: number
  /** Nanoseconds since 1970. */
  readonly at: bigint | undefined
  readonly summary: Summary
  /** Of the IKE message, or of the ESP or AH packet. */
  readonly octets: number
  /** For an IKE message. */
  readonly place: MessagePlace | undefined
}

export class CaptureLadder {
  readonly #pairs = new Map<string, Pair>()
  readonly #limit: number
  #rows = 0
  #left = 0

  /** `limit`: rows of all ladders together. */
  constructor(limit = 20_000) {
    this.#limit = limit
  }

  note(frame: LadderFrame): void {
    const { addresses, ike, security } = frame.summary
    if (addresses === undefined || (ike === undefined && security === undefined)) return
    if (this.#rows >= this.#limit) {
      this.#left++
      return
    }
    const pair = this.#pairOf(addresses.source, addresses.destination)
    const before = pair.rows.length + pair.security.size
    const at = instantOf(frame.at, pair.latest)
    pair.latest = at
    const direction = addresses.source === pair.left ? 'sent' : 'received'
    if (ike !== undefined) noteIke(pair, frame, ike, at, direction)
    else if (security !== undefined) noteSecurity(pair, security, frame.octets, at, direction)
    this.#rows += pair.rows.length + pair.security.size - before
  }

  /** `open`: requests that nobody answered. Each ladder is a text of several lines. */
  finish(width: number, open: readonly OpenRequest[]): readonly string[] {
    // A scan has thousands of pairs and of open requests: each request is looked up, not compared with all.
    const places = new Map(open.map(({ frame }, i) => [frame, i]))
    const unansweredOf = ({ frames }: Pair): readonly OpenRequest[] => {
      const found = [...frames].flatMap((frame) => places.get(frame) ?? [])
      return found.sort((a, b) => a - b).flatMap((i) => open[i] ?? [])
    }
    const ladders = [...this.#pairs.values()].map((pair) => {
      flush(pair)
      for (const request of unansweredOf(pair)) pair.rows.push({ kind: 'note', at: pair.latest, text: unanswered(request) })
      return formatLadder(pair.rows, { width, localName: 'initiator', remoteName: 'responder' })
    })
    return this.#left === 0 ? ladders : [...ladders, `${this.#left} more packets are not in these ladders: narrow them down with a filter`]
  }

  #pairOf(source: Address, destination: Address): Pair {
    const key = source < destination ? `${source} ${destination}` : `${destination} ${source}`
    const known = this.#pairs.get(key)
    if (known !== undefined) return known
    const fresh: Pair = { left: source, rows: [], security: new Map(), sas: new Map(), frames: new Set(), latest: instant(0) }
    this.#pairs.set(key, fresh)
    return fresh
  }
}

interface Pair {
  readonly left: Address
  readonly rows: LadderRow[]
  /** ESP and AH since the last IKE message, by direction and SPI. */
  readonly security: Map<string, Extract<LadderRow, { readonly kind: 'esp' }>>
  readonly sas: Map<string, IkeSaId>
  /** Frames with requests. */
  readonly frames: Set<number>
  latest: Instant
}
type Direction = 'sent' | 'received'

function noteIke(pair: Pair, frame: LadderFrame, ike: IkeSummary, at: Instant, direction: Direction): void {
  flush(pair)
  const { addresses, ports } = frame.summary
  if (frame.place !== undefined) pair.frames.add(frame.place.firstFrame)
  if (ike.majorVersion !== 2 || addresses === undefined) {
    pair.rows.push({ kind: 'packet', at, direction, text: `IKEv${ike.majorVersion} ${ike.exchange}, ${frame.octets} octets` })
    return
  }
  const source = { address: addresses.source, port: ports?.source ?? 0 }
  const destination = { address: addresses.destination, port: ports?.destination ?? 0 }
  const [local, remote] = direction === 'sent' ? [source, destination] : [destination, source]
  pair.rows.push({
    kind: 'message',
    message: {
      name: 'message',
      direction,
      at,
      ikeSa: saOf(pair, ike.initiatorSpi),
      local,
      remote,
      exchangeType: ike.exchangeType,
      role: ike.direction,
      messageId: ike.messageId,
      length: frame.octets,
      fragments: 1,
      payloads: ike.payloads,
    },
    fragment: ike.fragment,
  })
  const lost = frame.place?.lostResponse
  if (lost === undefined) return
  const text = `the response in frame ${lost} was lost, or came too late: frame ${frame.number} asks again`
  pair.rows.push({ kind: 'note', at, text })
}

function noteSecurity(pair: Pair, { protocol, spi }: SecuritySummary, octets: number, at: Instant, direction: Direction): void {
  if (protocol === 'AH') {
    pair.rows.push({ kind: 'packet', at, direction, text: `AH ${formatSpi(spi)}, ${octets} octets` })
    return
  }
  const key = `${direction} ${spi}`
  const before = pair.security.get(key) ?? { kind: 'esp', at, direction, spi: espSpi(spi), packets: 0, octets: 0 }
  pair.security.set(key, { ...before, packets: before.packets + 1, octets: before.octets + octets })
}

function flush(pair: Pair): void {
  pair.rows.push(...pair.security.values())
  pair.security.clear()
}

function saOf(pair: Pair, initiatorSpi: string): IkeSaId {
  const known = pair.sas.get(initiatorSpi)
  if (known !== undefined) return known
  const fresh = ikeSaId(pair.sas.size + 1)
  pair.sas.set(initiatorSpi, fresh)
  return fresh
}

function unanswered({ exchange, messageId, frame, transmissions }: OpenRequest): string {
  const times = transmissions === 1 ? '' : `, sent ${transmissions} times`
  return `no response to the ${exchange} request ${messageId} of frame ${frame}${times}`
}

/** A capture may lack times, or jump back. */
const instantOf = (at: bigint | undefined, latest: Instant): Instant => (at === undefined ? latest : instant(Number(at / 1000n) / 1000))
