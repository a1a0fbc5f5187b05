// Which message answers which, and which is sent again: by SPIs, Message ID and octets. RFC 7296 §2.1 (retransmissions are the same
// octets), §2.2 (Message IDs), §3.1 (flags). For IKEv1 only what is sent again is told. Bounded: the oldest exchanges are forgotten.
import { u32 } from '../bytes/bytes.ts'
import type { IkeSummary } from './span.ts'

/** What a message is among those before it. */
export interface MessagePlace {
  /** 1 for a message that is new, 2 for its first retransmission. */
  readonly transmission: number
  /** The frame that it was first in. */
  readonly firstFrame: number
  /** For a response: the frame of the latest request that it answers; `undefined` when the capture has none. */
  readonly answers: number | undefined
  /**
   * For a request that is sent again: the frame of a response that went by before, which the requester did not get, or not in time.
   */
  readonly lostResponse: number | undefined
}

export interface OpenRequest {
  readonly frame: number
  readonly exchange: string
  readonly messageId: number
  readonly transmissions: number
}

export class Conversations {
  readonly #limit: number
  readonly #exchanges = new Map<string, Exchange>()

  /** `limit`: exchanges that are remembered. */
  constructor(limit = 65_536) {
    this.#limit = limit
  }

  /** The next message; `octets` is the whole of it, without Non-ESP Marker. */
  note(frame: number, ike: IkeSummary, octets: Uint8Array): MessagePlace {
    const exchange = this.#exchangeOf(ike)
    const print = fingerprint(octets)
    const response = ike.direction === 'response'
    const piece = ike.fragment === undefined ? '' : `${ike.fragment.number}/${ike.fragment.total}`
    const known = (response ? exchange.response : exchange.request).pieces.get(piece)
    const sent = known?.print === print ? { ...known, times: known.times + 1 } : { print, first: frame, times: 1 }
    // RFC 7383 §2.6.1: of a request in fragments the first alone asks for the response again.
    const asksAgain = !response && sent.times > 1 && (ike.fragment?.number ?? 1) === 1
    const lostResponse = asksAgain ? exchange.response.latest : undefined
    // Not the same request: a retry with a cookie or another group (RFC 7296 §2.6, §1.2) has an answer of its own.
    if (!response && sent.times === 1 && ike.fragment === undefined) forget(exchange)
    const side = response ? exchange.response : exchange.request
    if (side.pieces.size < mostPieces || known !== undefined) side.pieces.set(piece, sent)
    side.first ??= frame
    side.latest = frame
    side.times = Math.max(side.times, sent.times)
    return { transmission: sent.times, firstFrame: sent.first, answers: response ? exchange.request.latest : undefined, lostResponse }
  }

  /** Requests of IKEv2 without any response so far. */
  get unanswered(): readonly OpenRequest[] {
    return [...this.#exchanges.values()].flatMap(({ request, response, name, messageId, version }) =>
      version !== 2 || request.first === undefined || response.first !== undefined
        ? []
        : [{ frame: request.first, exchange: name, messageId, transmissions: request.times }],
    )
  }

  #exchangeOf(ike: IkeSummary): Exchange {
    const key = exchangeKey(ike)
    const known = this.#exchanges.get(key)
    if (known !== undefined) return known
    const fresh: Exchange = {
      name: ike.exchange,
      messageId: ike.messageId,
      version: ike.majorVersion,
      request: nothingSent(),
      response: nothingSent(),
    }
    this.#exchanges.set(key, fresh)
    if (this.#exchanges.size > this.#limit) {
      const [oldest] = this.#exchanges.keys()
      if (oldest !== undefined) this.#exchanges.delete(oldest)
    }
    return fresh
  }
}

interface Exchange {
  readonly name: string
  readonly messageId: number
  readonly version: number
  request: Side
  response: Side
}

/** What went one way: one message, or its fragments (RFC 7383). Frames. */
interface Side {
  readonly pieces: Map<string, Sent>
  first: number | undefined
  latest: number | undefined
  /** Of what went most often. */
  times: number
}

interface Sent {
  readonly print: number
  readonly first: number
  readonly times: number
}

const nothingSent = (): Side => ({ pieces: new Map(), first: undefined, latest: undefined, times: 0 })

function forget(exchange: Exchange): void {
  exchange.request = nothingSent()
  exchange.response = nothingSent()
}

/** Fragments of one message that are told apart. */
const mostPieces = 1_024

/** The responder's SPI is not in the first request. Each side counts the requests that it sends (RFC 7296 §2.2). */
function exchangeKey({ majorVersion, initiatorSpi, exchangeType, messageId, direction, sender }: IkeSummary): string {
  const requester = majorVersion !== 2 ? '-' : (direction === 'request') === (sender === 'initiator') ? 'i' : 'r'
  return `${majorVersion} ${initiatorSpi} ${exchangeType} ${messageId} ${requester}`
}

/** FNV-1a over words of 32 bits, and the length: enough to tell different messages of one exchange apart. */
function fingerprint(octets: Uint8Array): number {
  let hash = 0x811c9dc5 ^ octets.length
  let at = 0
  for (; at + 4 <= octets.length; at += 4) hash = Math.imul(hash ^ u32(octets, at), 0x01000193)
  for (; at < octets.length; at++) hash = Math.imul(hash ^ (octets[at] ?? 0), 0x01000193)
  return hash >>> 0
}
