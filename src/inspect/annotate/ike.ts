// IKE messages as spans. RFC 7296 §3; IKEv1 by its header only: RFC 2408 §3.1.
import { ok } from '../../bytes/result.ts'
import { ikeSpi } from '../../contract/units.ts'
import { exchangeName } from '../../iana/exchanges.ts'
import { ikev1Exchanges, ikev1Payloads } from '../../iana/ikev1.ts'
import { decodeHeader, decodeMessage, decodePayloads, tracePayloads } from '../../wire/codec.ts'
import { isFromInitiator, isResponse } from '../../wire/flags.ts'
import type { Struct, ValuesBefore } from '../../wire/fields.ts'
import type { Header } from '../../wire/message.ts'
import type { WireHeader } from '../../wire/header.ts'
import { type Ikev1Header, ikev1Header } from '../../wire/ikev1-header.ts'
import { defaultLimits } from '../../wire/limits.ts'
import type { StringField } from '../../wire/trace.ts'
import { formatPayloads } from '../ladder.ts'
import type { Authentication, IkeSummary, Region, Span, Summary } from '../span.ts'
import { type Decryption, open, type Opened, type Sealed, wrongIcv } from './keys.ts'
import { type Divider, SpanBuilder } from './span-builder.ts'
import { nothingKnown, told } from './summary.ts'

/** The message from the first octet without a span to `end`. */
export function walkIke(builder: SpanBuilder, end: number, decryption: Decryption | undefined): Summary {
  const message = builder.bytes.subarray(builder.covered, end)
  // RFC 7296 §3.1, RFC 2408 §3.1: the version stands at the same place in both headers.
  return message.length >= headerLength && (message[17] ?? 0) >>> 4 === 1
    ? walkIkev1(builder, end)
    : walkIkev2(builder, message, decryption)
}

function walkIkev2(builder: SpanBuilder, message: Uint8Array, decryption: Decryption | undefined): Summary {
  const start = builder.covered
  const rootsBefore = builder.roots.length
  builder.divider = new BodyDivider(message, start, decryption)
  builder.startAt(start)
  const decoded = decodeMessage(message, defaultLimits, builder)
  if (!decoded.ok) {
    builder.fail({ ...decoded.fault, offset: start + decoded.fault.offset })
    showWhatIsThere(builder, start, message)
  }
  builder.divider = undefined
  const header = decoded.ok ? ok(decoded.value.header) : decodeHeader(message)
  const last = decoded.ok ? decoded.value.payloads.at(-1) : undefined
  const fragment = last?.kind === 'SKF' ? { number: last.fragmentNumber, total: last.totalFragments } : undefined
  return header.ok ? summarize(header.value, labelsOf(builder.roots.slice(rootsBefore + 1)), fragment) : told('IKE, cut off')
}

/** A capture may have cut the message: then its Length is too large, and its first payloads are there all the same. */
function showWhatIsThere(builder: SpanBuilder, start: number, message: Uint8Array): void {
  const header = decodeHeader(message)
  if (!header.ok || builder.covered !== start + headerLength) return
  const { majorVersion, length, nextPayload } = header.value
  if (majorVersion !== 2 || length <= message.length) return
  builder.startAt(start + headerLength)
  tracePayloads(nextPayload, message, builder)
}
const headerLength = 28

function walkIkev1(builder: SpanBuilder, end: number): Summary {
  const header = builder.decode(ikev1Header, end)
  if (header === undefined) return told('IKEv1, cut off')
  const meaning = header.encryption ? 'encrypted' : `begins with ${ikev1Payloads.name(header.nextPayload)}`
  builder.leaf(end, { kind: 'opaque', name: 'Payloads', rfc: 'RFC 2408 §3.2', meaning })
  return summarizeIkev1(header)
}

// ---- SK and SKF ------------------------------------------------------------------------------------------------------------

/** Divides the body of SK and SKF into its parts. */
class BodyDivider implements Divider {
  readonly #message: Uint8Array
  readonly #start: number
  readonly #decryption: Decryption | undefined

  constructor(message: Uint8Array, start: number, decryption: Decryption | undefined) {
    this.#message = message
    this.#start = start
    this.#decryption = decryption
  }

  divide(builder: SpanBuilder, field: StringField, at: number, end: number, before: ValuesBefore, table: Struct<never>): 'done' | 'pass' {
    if (field.kind !== 'octets' || field.key !== 'body' || (table.name !== 'SK' && table.name !== 'SKF')) return 'pass'
    const header = decodeHeader(this.#message)
    if (!header.ok) return 'pass'
    const { name, rfc } = table
    const numbers = {
      firstPayload: Number(before['firstPayload']),
      fragmentNumber: Number(before['fragmentNumber']),
      totalFragments: Number(before['totalFragments']),
    }
    divideBody(builder, { decryption: this.#decryption, header: header.value, start: this.#start, at, end, ...numbers, name, rfc })
    return 'done'
  }
}

/** Positions in octets of the region. */
interface SealedBody {
  readonly decryption: Decryption | undefined
  readonly header: WireHeader
  /** Of the message. */
  readonly start: number
  /** Of the body. */
  readonly at: number
  readonly end: number
  readonly firstPayload: number
  /** Of SKF alone. */
  readonly fragmentNumber: number
  readonly totalFragments: number
  /** `SK` or `SKF`. */
  readonly name: string
  readonly rfc: string
}

function divideBody(builder: SpanBuilder, sealed: SealedBody): void {
  const { start, at, end, name, rfc } = sealed
  const before = builder.bytes.subarray(start, at)
  // RFC 5282 §5.1: the associated data run from the IKE header to the octet before the IV; RFC 7383 §2.5 has it the same for SKF.
  const opened = openBody(sealed, { body: builder.bytes.subarray(at, end), before, associated: before, behind: none })
  if (opened.kind === 'unavailable' || opened.kind === 'misshapen') {
    builder.leaf(end, {
      kind: 'opaque',
      name: 'Initialization Vector, Encrypted IKE Payloads, Integrity Checksum Data',
      rfc,
      meaning: opened.says,
    })
    if (opened.kind === 'misshapen') builder.failAt('WIRE_LENGTH_MISMATCH', at, `${name}.body`, rfc, opened.says)
    return
  }
  const inner = opened.kind === 'opened' ? innerRegion(opened.plaintext, opened.authentication, sealed) : undefined
  builder.leaf(at + opened.ivLength, { kind: 'field', name: 'Initialization Vector', rfc })
  builder.leaf(end - opened.icvLength, { kind: 'opaque', name: 'Encrypted IKE Payloads, Padding, Pad Length', rfc, inner })
  const verdict = opened.kind === 'opened' ? opened.verdict : 'wrong'
  builder.leaf(end, { kind: 'field', name: 'Integrity Checksum Data', rfc, meaning: verdict })
  if (opened.kind === 'wrong-icv') builder.fail(wrongIcv(end - opened.icvLength, 'RFC 7296 §3.14'))
}

function openBody({ decryption, header }: SealedBody, sealed: Sealed): Opened {
  if (decryption === undefined) return { kind: 'unavailable', says: undefined }
  const keys = decryption.keys.ike(ikeSpi(header.initiatorSpi), ikeSpi(header.responderSpi))
  if (keys === undefined) return { kind: 'unavailable', says: 'no keys for these SPIs' }
  const { encryption, integrity } = isFromInitiator(header.flags) ? keys.initiator : keys.responder
  return open(decryption.crypto, encryption, integrity, sealed)
}

/** RFC 7296 §3.14: payloads, padding, pad length. RFC 7383 §2.5: in a fragment, a piece of the payloads. */
function innerRegion(plaintext: Uint8Array, authentication: Authentication, sealed: SealedBody): Region {
  const { name, firstPayload } = sealed
  const builder = new SpanBuilder(plaintext)
  const title = `Decrypted content of ${name}`
  const padLength = plaintext[plaintext.length - 1] ?? 0
  const end = plaintext.length - 1 - padLength
  const rfc = 'RFC 7296 §3.14'
  if (end < 0) {
    builder.failAt('WIRE_LENGTH_MISMATCH', plaintext.length - 1, 'SK.padLength', rfc, `is ${padLength}, more than there is`)
    return builder.region(title, authentication)
  }
  if (name === 'SKF') {
    const inner = joinedRegion(sealed, plaintext.subarray(0, end), authentication)
    builder.leaf(end, { kind: 'opaque', name: 'Fragment of the encrypted payloads', rfc: 'RFC 7383 §2.5', inner })
  } else {
    const decoded = decodePayloads(firstPayload, plaintext.subarray(0, end), 0, defaultLimits, builder)
    if (!decoded.ok) builder.fail(decoded.fault)
  }
  if (builder.fault === undefined) {
    builder.leaf(plaintext.length - 1, { kind: 'field', name: 'Padding', rfc })
    builder.leaf(plaintext.length, { kind: 'field', name: 'Pad Length', rfc })
  }
  return builder.region(title, authentication)
}

/** RFC 7383 §2.6: with the last fragment that was missing, the content of all of them. */
function joinedRegion({ decryption, ...fragment }: SealedBody, chunk: Uint8Array, authentication: Authentication): Region | undefined {
  const joined = decryption?.fragments?.add({ ...fragment, chunk, authentication })
  if (joined === undefined) return undefined
  const builder = new SpanBuilder(joined.bytes)
  const decoded = decodePayloads(joined.firstPayload, joined.bytes, 0, defaultLimits, builder)
  if (!decoded.ok) builder.fail(decoded.fault)
  const { frames } = joined
  const from = frames.length < 2 ? '' : `, from frames ${frames.slice(0, -1).join(', ')} and ${frames.at(-1) ?? ''}`
  return builder.region(`Content of all ${frames.length} fragments${from}`, joined.authentication)
}

const none = new Uint8Array(0)

// ---- summaries -------------------------------------------------------------------------------------------------------------

function summarize(header: Header, payloads: readonly string[], fragment: IkeSummary['fragment']): Summary {
  const direction = isResponse(header.flags) ? 'response' : 'request'
  const exchange = exchangeName(header.exchangeType)
  const ike: IkeSummary = {
    initiatorSpi: header.initiatorSpi,
    responderSpi: header.responderSpi,
    majorVersion: header.majorVersion,
    exchangeType: header.exchangeType,
    exchange,
    messageId: header.messageId,
    direction,
    sender: isFromInitiator(header.flags) ? 'initiator' : 'responder',
    payloads,
    fragment,
  }
  const part = fragment === undefined ? '' : `, fragment ${fragment.number} of ${fragment.total}`
  const listed = payloads.length === 0 ? '' : `: ${formatPayloads(payloads)}`
  return { ...nothingKnown, ike, text: `${exchange} ${direction} ${header.messageId}${part}${listed}` }
}

function summarizeIkev1(header: Ikev1Header): Summary {
  const exchange = ikev1Exchanges.name(header.exchangeType)
  const ike: IkeSummary = {
    initiatorSpi: header.initiatorCookie,
    responderSpi: header.responderCookie,
    majorVersion: 1,
    exchangeType: header.exchangeType,
    exchange,
    messageId: header.messageId,
    direction: 'request',
    sender: 'initiator',
    payloads: [],
    fragment: undefined,
  }
  return { ...nothingKnown, ike, text: `IKEv1 ${exchange}${header.encryption ? ', encrypted' : ''}` }
}

/**
 * In order; those inside SK follow it, or `…` where they stay closed. What is in a fragment is never a payload (RFC 7383 §2.5): those of
 * the whole message follow the fragment that makes it whole.
 */
function labelsOf(spans: readonly Span[]): readonly string[] {
  return spans.flatMap((span) => {
    if (span.kind !== 'structure' || span.value === '') return []
    if (span.value !== 'SK' && span.value !== 'SKF') return [span.value]
    const inner = span.children.find((child) => child.inner !== undefined)?.inner
    const shown = span.value === 'SK' ? inner : inner?.spans.find((child) => child.inner !== undefined)?.inner
    return shown === undefined ? [span.value, '…'] : [span.value, ...labelsOf(shown.spans)]
  })
}
