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
    const known = response ? exchange.response : exchange.request
    const sent =
      known?.print === print ? { ...known, times: known.times + 1, latest: frame } : { print, first: frame, latest: frame, times: 1 }
    const lostResponse = !response && sent.times > 1 ? exchange.response?.latest : undefined
    if (response) exchange.response = sent
    else {
      exchange.request = sent
      // Not the same request: a retry with a cookie or another group (RFC 7296 §2.6, §1.2) has an answer of its own.
      if (sent.times === 1) exchange.response = undefined
    }
    return { transmission: sent.times, firstFrame: sent.first, answers: response ? exchange.request?.latest : undefined, lostResponse }
  }

  /** Requests of IKEv2 without any response so far. */
  get unanswered(): readonly OpenRequest[] {
    return [...this.#exchanges.values()].flatMap(({ request, response, name, messageId, version }) =>
      version !== 2 || request === undefined || response !== undefined
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
      request: undefined,
      response: undefined,
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
  request: Sent | undefined
  response: Sent | undefined
}

interface Sent {
  readonly print: number
  readonly first: number
  readonly latest: number
  readonly times: number
}

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
