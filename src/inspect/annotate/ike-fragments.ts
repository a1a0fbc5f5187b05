// Fragments of IKE messages, opened one by one, until a message is whole. RFC 7383 §2.6. Bounded: the oldest are forgotten.
import { concat } from '../../bytes/bytes.ts'
import type { Header } from '../../wire/message.ts'
import type { Authentication } from '../span.ts'

export interface OpenedFragment {
  readonly header: Header
  readonly fragmentNumber: number
  readonly totalFragments: number
  /** Means something in the first fragment only. */
  readonly firstPayload: number
  readonly chunk: Uint8Array
  readonly authentication: Authentication
}

export interface JoinedFragments {
  readonly firstPayload: number
  readonly bytes: Uint8Array
  /** `authenticated` if all of them are. */
  readonly authentication: Authentication
  /** In the order of the fragments. */
  readonly frames: readonly number[]
}

export class IkeFragments {
  /** Where the fragments that come next are from. */
  frame = 0
  readonly #messages = new Map<string, Gathering>()

  /** The whole message, when this was the last fragment that was missing. */
  add(fragment: OpenedFragment): JoinedFragments | undefined {
    const { fragmentNumber, totalFragments, header } = fragment
    if (totalFragments > mostFragments) return undefined
    const key = keyOf(header)
    const before = this.#messages.get(key)
    // RFC 7383 §2.6: one set takes the place of another if it has more fragments.
    if (before !== undefined && before.total > totalFragments) return undefined
    const gathering = before?.total === totalFragments ? before : { total: totalFragments, parts: new Map<number, Part>() }
    gathering.parts.set(fragmentNumber, { ...fragment, frame: this.frame })
    this.#messages.set(key, gathering)
    if (gathering.parts.size === totalFragments) {
      this.#messages.delete(key)
      return join(gathering)
    }
    if (this.#messages.size > mostMessages) {
      const [oldest] = this.#messages.keys()
      if (oldest !== undefined) this.#messages.delete(oldest)
    }
    return undefined
  }
}

interface Gathering {
  readonly total: number
  readonly parts: Map<number, Part>
}
interface Part extends OpenedFragment {
  readonly frame: number
}

const mostFragments = 1_024
const mostMessages = 64

const keyOf = ({ initiatorSpi, responderSpi, exchangeType, flags, messageId }: Header): string =>
  [initiatorSpi, responderSpi, exchangeType, flags, messageId].join(' ')

function join({ parts }: Gathering): JoinedFragments {
  const inOrder = [...parts.values()].toSorted((a, b) => a.fragmentNumber - b.fragmentNumber)
  return {
    firstPayload: inOrder[0]?.firstPayload ?? 0,
    bytes: concat(...inOrder.map(({ chunk }) => chunk)),
    authentication: inOrder.every(({ authentication }) => authentication === 'authenticated') ? 'authenticated' : 'not-authenticated',
    frames: inOrder.map(({ frame }) => frame),
  }
}
