// IKE fragmentation: what both sides agreed to, how large a datagram may be, and smaller ones when none gets through. RFC 7383 §2.3 to §2.5.
import { notify } from '../../iana/notify.ts'
import { type Address, addressVersion } from '../../net/address.ts'
import { nonEspMarker } from '../../net/non-esp-marker.ts'
import type { Connection } from '../../policy/connection.ts'
import type { NotifyPayload, Payload } from '../../wire/message.ts'
import type { Context } from '../context.ts'
import { limits } from '../limits.ts'
import { hasNotification, notification } from '../notifications.ts'
import { timers } from '../timers.ts'
import type { Arrival, SentMessage } from './exchange.ts'
import type { IkeSa, OutstandingRequest } from './ike-sa.ts'
import { type Protection, resealSmaller } from './protect.ts'
import type { Assembly } from './reassembly.ts'
import type { Session } from './states.ts'

/** Exists where both sides have said that they know it (RFC 7383 §2.3). Sizes are those of IP datagrams, in octets. */
export interface Fragmentation {
  /** `accept`: what we send goes out whole. */
  readonly sending: 'yes' | 'accept'
  /** What a message may take: where the last search for the path MTU has ended, or where the next one begins (RFC 7383 §2.5.2). */
  threshold: number
  /** The largest fragment of the last request that came in some; `undefined` before. */
  heard: number | undefined
  /** How often the request with that Message ID has been repeated since its answer became what it is. */
  repeated: { readonly messageId: number; readonly times: number }
  /** Messages that are not complete, by Message ID. */
  readonly requests: Map<number, Assembly>
  readonly responses: Map<number, Assembly>
}

/** What of it repeated requests are answered by. */
export type RepeatedFragmentation = Pick<Fragmentation, 'sending' | 'repeated'>

/** What protects messages, and into what they are divided. */
type Dividing = Protection & { readonly fragmentation: RepeatedFragmentation | undefined }

type Wish = Pick<Connection, 'fragmentation' | 'fragmentSize'>

/** Our part of the negotiation: `wishes` are those of the connections that may serve the peer; the first that has one decides. */
export function fragmentationPayloads(wishes: readonly Wish[]): readonly NotifyPayload[] {
  return wishes.some(isWilling) ? [notification(notify.IKEV2_FRAGMENTATION_SUPPORTED)] : []
}

/** RFC 7383 §2.4: MUST NOT be used unless both peers have indicated their support. `payloads` are those of the peer's IKE_SA_INIT. */
export function agreedFragmentation(wishes: readonly Wish[], payloads: readonly Payload[]): Fragmentation | undefined {
  const wish = wishes.find(isWilling)
  if (wish === undefined || !hasNotification(payloads, notify.IKEV2_FRAGMENTATION_SUPPORTED)) return undefined
  const threshold = Math.max(wish.fragmentSize ?? limits.fragmentSize, limits.smallestFragment)
  return startingWith(wish.fragmentation === 'accept' ? 'accept' : 'yes', threshold)
}

/** The exchange that rekeys an IKE SA says nothing of it: RFC 7383 §2.3 has it said in IKE_SA_INIT, and the peers and the path are the same. */
export function inheritedFragmentation({ fragmentation }: Session): Fragmentation | undefined {
  return fragmentation === undefined ? undefined : startingWith(fragmentation.sending, fragmentation.threshold)
}

function startingWith(sending: 'yes' | 'accept', threshold: number): Fragmentation {
  return { sending, threshold, heard: undefined, repeated: { messageId: 0, times: 0 }, requests: new Map(), responses: new Map() }
}

const isWilling = ({ fragmentation }: Wish): boolean => fragmentation !== 'no'

/** Octets that an IKE message of ours may have on its way there; no bound where nothing of ours is fragmented. */
export function roomForRequest({ fragmentation }: Session, to: Arrival): number {
  return fragmentation?.sending === 'yes' ? roomIn(to, fragmentation.threshold) : Number.POSITIVE_INFINITY
}

/** RFC 7383 §2.5.1: the responder may use the size of what it received. */
export function roomForAnswer({ fragmentation }: Session, to: Arrival): number {
  if (fragmentation?.sending !== 'yes') return Number.POSITIVE_INFINITY
  const { threshold, heard } = fragmentation
  return roomIn(to, Math.min(threshold, Math.max(heard ?? threshold, limits.smallestFragment)))
}

/** The IP datagram that carries an IKE message of so many octets. RFC 7383, Appendix B; IP options and extension headers are not sent. */
export const datagramSize = ({ channel, remote }: Arrival, length: number): number =>
  length + ipHeader(remote.address) + udpHeader + (channel === 'nat-t' ? nonEspMarker.length : 0)

const roomIn = (to: Arrival, size: number): number => size - datagramSize(to, 0)
const ipHeader = (address: Address): number => (addressVersion(address) === 4 ? 20 : 40)
const udpHeader = 8

// ---- searching for the path MTU ----------------------------------------------------------------------------------------------

/**
 * RFC 7383 §2.5.2: no answer to a few transmissions of a request: it goes on in fragments of the next smaller size, and the timers start
 * over. Nothing changes where there is no smaller size, or it would not make more fragments. §2.4: the lack of an answer is reason enough
 * to fragment what went out whole.
 */
export function probeSmaller(context: Context, sa: IkeSa, request: OutstandingRequest): void {
  if (!('session' in sa.state) || request.transmissions - request.startedOver < timers.probeTransmissions) return
  const { session } = sa.state
  const threshold = request.threshold ?? session.fragmentation?.threshold
  const smaller = threshold === undefined ? undefined : inSmaller(context, sa, session, sa.path, request.message, stepsBelow(threshold))
  if (smaller === undefined) return
  request.message = smaller.message
  request.threshold = smaller.size
  request.startedOver = request.transmissions
}

/** RFC 7383 §2.5.2: subsequent exchanges start with the current value. */
export function keepThreshold({ fragmentation }: Session, { threshold }: OutstandingRequest): void {
  if (fragmentation !== undefined && threshold !== undefined) fragmentation.threshold = threshold
}

/**
 * The answer to a request that is repeated; smaller, where the requester has gone on to smaller fragments, or repeats itself so often
 * that what we sent does not seem to get through (RFC 7383 §2.4: a heuristic of the responder). `size`: of the datagram of the repetition.
 */
export function answerAgain(
  context: Context,
  sa: Pick<IkeSa, 'role'>,
  session: Dividing,
  to: Arrival,
  stored: SentMessage,
  repetition: { readonly kind: 'SK' | 'SKF'; readonly size: number },
): SentMessage {
  const { fragmentation } = session
  if (fragmentation === undefined) return stored
  const { messageId } = stored
  const times = (fragmentation.repeated.messageId === messageId ? fragmentation.repeated.times : 0) + 1
  fragmentation.repeated = { messageId, times }
  const largest = Math.max(...stored.pieces.map(({ length }) => datagramSize(to, length)))
  const heard = repetition.kind === 'SKF' ? Math.max(repetition.size, limits.smallestFragment) : largest
  const sizes = heard < largest ? [heard, ...stepsBelow(heard)] : times >= timers.probeTransmissions ? stepsBelow(largest) : []
  const smaller = inSmaller(context, sa, session, to, stored, sizes)
  if (smaller === undefined) return stored
  fragmentation.repeated = { messageId, times: 0 }
  return smaller.message
}

/** RFC 7383 §2.5.2: from larger values to smaller ones. */
const stepsBelow = (size: number): readonly number[] => limits.fragmentSteps.filter((step) => step < size)

/** In fragments of the first of `sizes` that makes more of them. */
function inSmaller(
  context: Context,
  sa: Pick<IkeSa, 'role'>,
  session: Dividing,
  to: Arrival,
  message: SentMessage,
  sizes: readonly number[],
): { readonly message: SentMessage; readonly size: number } | undefined {
  if (session.fragmentation?.sending !== 'yes') return undefined
  for (const size of sizes) {
    const pieces = resealSmaller(session, sa.role, message.pieces, context.random, roomIn(to, size))
    if (pieces !== undefined) return { size, message: { ...message, pieces, labels: ['SKF', ...message.labels.slice(1)] } }
  }
  return undefined
}
