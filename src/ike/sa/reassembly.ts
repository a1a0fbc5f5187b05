// Messages that come in fragments, until they are whole. RFC 7383 §2.6. Bounded in octets, in fragments and in time.
import { concat } from '../../bytes/bytes.ts'
import { ok, type Result } from '../../bytes/result.ts'
import type { MessageDrop } from '../../contract/events.ts'
import type { Fault } from '../../contract/faults.ts'
import { earliest, type Instant, later } from '../../contract/units.ts'
import { decodePayloads } from '../../wire/codec.ts'
import { isResponse } from '../../wire/flags.ts'
import type { EncryptedFragmentPayload, EncryptedPayload, Message, Payload } from '../../wire/message.ts'
import { type Context, emit } from '../context.ts'
import { limits } from '../limits.ts'
import { timers } from '../timers.ts'
import { datagramSize, type Fragmentation } from './fragmentation.ts'
import { type Arrival, labelsOf } from './exchange.ts'
import { type IkeSa, peerRole } from './ike-sa.ts'
import { openFragment, openMessage, type Protection } from './protect.ts'
import type { Session } from './states.ts'

/** The fragments of one message that have come, all of one set. */
export interface Assembly {
  readonly exchangeType: number
  readonly totalFragments: number
  readonly since: Instant
  /** Decrypted, by Fragment Number. */
  readonly chunks: Map<number, Uint8Array>
  /** What the first fragment says is first inside; 0 until it is there. */
  firstType: number
  /** Octets of all chunks. */
  held: number
  /** Octets of the IKE messages that they came in. */
  length: number
  /** The largest IP datagram among them. */
  largest: number
}

/** What came of a protected message. */
export type Opened =
  /** All of it is there; its payloads, or why they do not decode. `length` in octets, of all its fragments. */
  | { readonly kind: 'whole'; readonly content: Result<readonly Payload[], Fault>; readonly length: number; readonly fragments: number }
  /** Fragments are missing. */
  | { readonly kind: 'waiting' }
  /** It changes nothing. */
  | { readonly kind: 'refused'; readonly reason: MessageDrop; readonly fault: Fault | undefined }
  /** More than any message has: RFC 7383 §5 has the connection dropped. */
  | { readonly kind: 'excessive'; readonly fault: Fault }

/** Opens what came; a fragment is put to those that came before it. `bytes` is the message as received, which ends with the body of `sk`. */
export function openArrived(
  context: Context,
  sa: IkeSa,
  session: Session,
  arrival: Arrival,
  message: Message,
  bytes: Uint8Array,
  sk: EncryptedPayload | EncryptedFragmentPayload,
): Opened {
  const { fragmentation } = session
  const store = isResponse(message.header.flags) ? fragmentation?.responses : fragmentation?.requests
  if (sk.kind === 'SK') {
    const content = openMessage(session, peerRole(sa), bytes, sk)
    if (!content.ok && content.fault.family !== 'wire') return refused('integrity-check-failed', content.fault)
    // It has come in one piece after all.
    store?.delete(message.header.messageId)
    return { kind: 'whole', content, length: bytes.length, fragments: 1 }
  }
  // RFC 7383 §2.4: not without the consent of both.
  if (fragmentation === undefined || store === undefined) return refused('fragment-unexpected')
  return collect(context, sa, session, fragmentation, store, arrival, message, bytes, sk)
}

/** A request that has been answered comes again. What is told of it: a fragment alone does not show what is in the message. */
export function openRepeated(
  sa: Pick<IkeSa, 'role'>,
  session: Protection,
  bytes: Uint8Array,
  sk: EncryptedPayload | EncryptedFragmentPayload,
): Result<readonly string[], Fault> {
  if (sk.kind === 'SK') {
    const opened = openMessage(session, peerRole(sa), bytes, sk)
    if (opened.ok) return ok(['SK', ...labelsOf(opened.value)])
    return opened.fault.family === 'wire' ? ok(['SK']) : opened
  }
  const opened = openFragment(session, peerRole(sa), bytes, sk)
  return opened.ok || opened.fault.family === 'wire' ? ok(['SKF', '…']) : opened
}

/** When the first of the incomplete messages is given up. */
export function reassemblyDue(sa: IkeSa): Instant | undefined {
  return assemblies(sa).reduce<Instant | undefined>((first, { since }) => earliest(first, expiry(since)), undefined)
}

/** RFC 7383 §2.6: what is not complete in time is discarded, as if nothing had been received. */
export function dropExpired(context: Context, sa: IkeSa): void {
  for (const store of stores(sa)) {
    for (const [messageId, { since }] of store) {
      if (expiry(since) > context.now) continue
      store.delete(messageId)
      emit(context, { name: 'message-dropped', reason: 'fragments-incomplete', remote: sa.path.remote, fault: undefined })
    }
  }
}

/** Some of the answer to our request has come. */
export function isAnsweredInPart({ state }: IkeSa, messageId: number): boolean {
  return 'session' in state && state.session.fragmentation?.responses.has(messageId) === true
}

/** What is not complete is wanted no more. */
export function dropAssemblies(sa: IkeSa): void {
  for (const store of stores(sa)) store.clear()
}

/** Octets that incomplete messages of an IKE SA take. */
export function heldOctets(sa: IkeSa): number {
  return assemblies(sa).reduce((sum, { held, chunks }) => sum + held + chunks.size * chunkOverhead, 0)
}

function collect(
  context: Context,
  sa: IkeSa,
  session: Session,
  fragmentation: Fragmentation,
  store: Map<number, Assembly>,
  arrival: Arrival,
  message: Message,
  bytes: Uint8Array,
  skf: EncryptedFragmentPayload,
): Opened {
  const { messageId, exchangeType } = message.header
  const { fragmentNumber, totalFragments } = skf
  if (totalFragments > limits.fragments) return refused('fragment-limit')
  const before = store.get(messageId)
  // RFC 7383 §2.6: MUST be silently discarded, what is of an older set, and what is here already.
  if (before !== undefined && totalFragments < before.totalFragments) return refused('fragment-outdated')
  if (before?.totalFragments === totalFragments && before.chunks.has(fragmentNumber)) return refused('fragment-repeated')
  const opened = openFragment(session, peerRole(sa), bytes, skf)
  // RFC 7383 §2.6: what fails its ICV MUST be silently discarded.
  if (!opened.ok && opened.fault.family !== 'wire') return refused('integrity-check-failed', opened.fault)
  if (!opened.ok) {
    store.delete(messageId)
    return { kind: 'whole', content: opened, length: bytes.length, fragments: 1 }
  }
  // The header is that of the original message, so that all fragments have the same.
  if (before?.totalFragments === totalFragments && before.exchangeType !== exchangeType) return refused('exchange-unexpected')
  if (!context.hasRoomForFragment(sa, opened.value.length + chunkOverhead)) return refused('fragment-limit')
  // RFC 7383 §2.6: a larger Total Fragments starts the reassembly over.
  const assembly = before?.totalFragments === totalFragments ? before : emptyAssembly(context.now, exchangeType, totalFragments)
  store.set(messageId, assembly)
  // A copy: what was decrypted may be a view of a larger piece of memory.
  assembly.chunks.set(fragmentNumber, new Uint8Array(opened.value))
  assembly.held += opened.value.length
  assembly.length += bytes.length
  assembly.largest = Math.max(assembly.largest, datagramSize(arrival, bytes.length))
  if (fragmentNumber === 1) assembly.firstType = skf.firstPayload
  if (assembly.held > limits.reassembledOctets) {
    store.delete(messageId)
    return { kind: 'excessive', fault: excessive }
  }
  if (assembly.chunks.size < totalFragments) return { kind: 'waiting' }
  store.delete(messageId)
  if (store === fragmentation.requests) fragmentation.heard = assembly.largest
  return { kind: 'whole', content: contentOf(assembly), length: assembly.length, fragments: totalFragments }
}

function emptyAssembly(since: Instant, exchangeType: number, totalFragments: number): Assembly {
  return { exchangeType, totalFragments, since, chunks: new Map(), firstType: 0, held: 0, length: 0, largest: 0 }
}

/** RFC 7383 §5: nothing is parsed before all fragments are there. */
function contentOf({ chunks, totalFragments, firstType }: Assembly): Result<readonly Payload[], Fault> {
  const none = new Uint8Array(0)
  return decodePayloads(firstType, concat(...Array.from({ length: totalFragments }, (_, i) => chunks.get(i + 1) ?? none)))
}

function stores({ state }: IkeSa): readonly Map<number, Assembly>[] {
  const fragmentation = 'session' in state ? state.session.fragmentation : undefined
  return fragmentation === undefined ? [] : [fragmentation.requests, fragmentation.responses]
}

const assemblies = (sa: IkeSa): readonly Assembly[] => stores(sa).flatMap((store) => [...store.values()])
const expiry = (since: Instant): Instant => later(since, timers.reassemblyLifetime)
const refused = (reason: MessageDrop, fault?: Fault): Opened => ({ kind: 'refused', reason, fault })

/** What a chunk takes beside its octets, about: else many empty ones would cost nothing. */
const chunkOverhead = 128

const excessive: Fault = {
  family: 'peer',
  code: 'PEER_FRAGMENTS_EXCESSIVE',
  message: `the fragments of one message hold more than ${limits.reassembledOctets} octets`,
  rfc: 'RFC 7383 §5',
}
