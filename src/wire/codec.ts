// IKEv2 messages from octets and to octets. RFC 7296 §3. One message, of a known major version; the Non-ESP Marker is not part of it.
//
// Lossless: whatever decodes is encoded to the same octets again. Octets that could not be are faults.
// Octet strings in decoded values are views of what was given to decode: do not change that while the value is in use.
import { failed, ok, type Result } from '../bytes/result.ts'
import { ApiMisuse, Bug, type WireFault } from '../contract/faults.ts'
import { payloadType, payloadTypeNotation } from '../iana/payloads.ts'
import { Decoder } from './decode.ts'
import { Encoder } from './encode.ts'
import { octets } from './faults.ts'
import { header as headerTable, type WireHeader } from './header.ts'
import { offsetOf } from './layout.ts'
import { defaultLimits, type WireLimits } from './limits.ts'
import type { Header, Message, Payload } from './message.ts'
import { isKnownPayload, payloadTable, payloadTypeOf } from './payloads/table.ts'
import type { Trace } from './trace.ts'

/** The header alone, of any major version, for messages that `decodeMessage` refuses. `bytes` may go on after it. */
export function decodeHeader(bytes: Uint8Array, trace?: Trace): Result<WireHeader, WireFault> {
  const decoder = new Decoder(bytes, 0, defaultLimits, trace)
  return result(decoder, decoder.decode(headerTable))
}

/**
 * `bytes` is the whole message: its header's Length must say so. Faults: `WIRE_VERSION_UNSUPPORTED` when the major version is not 2,
 * all other codes of the family when the octets are not a message. Unknown payloads are kept; obeying their critical bit is left
 * to the IKE layer (RFC 7296 §2.5).
 */
export function decodeMessage(bytes: Uint8Array, limits: WireLimits = defaultLimits, trace?: Trace): Result<Message, WireFault> {
  const decoder = new Decoder(bytes, 0, limits, trace)
  const header = decoder.decode(headerTable)
  const fits = header !== undefined && headerFits(decoder, header, bytes.length, limits)
  const payloads = fits ? decodeChain(decoder, header.nextPayload, bytes.length, 'message') : undefined
  return result<Message>(decoder, fits && payloads !== undefined ? { header: withoutLinks(header), payloads } : undefined)
}

/** The payloads inside an Encrypted payload, padding already removed; there may be none. Offsets in faults start at `baseOffset`. */
export function decodePayloads(
  firstType: number,
  bytes: Uint8Array,
  baseOffset = 0,
  limits: WireLimits = defaultLimits,
  trace?: Trace,
): Result<readonly Payload[], WireFault> {
  const decoder = new Decoder(bytes, baseOffset, limits, trace)
  return result(decoder, decodeChain(decoder, firstType, bytes.length, 'SK'))
}

/**
 * For annotation: tells the payloads of a message that is cut off, behind its header, as far as they go. `firstType` is the header's
 * Next Payload; positions count from the first payload.
 */
export function tracePayloads(firstType: number, message: Uint8Array, trace: Trace): void {
  const payloads = message.subarray(headerTable.minimum)
  decodeChain(new Decoder(payloads, headerTable.minimum, defaultLimits, trace), firstType, payloads.length, 'message')
}

/** Throws ApiMisuse for what no peer may send: values out of range, no payload at all, something after an Encrypted payload. */
export function encodeMessage(message: Message): Uint8Array {
  if (message.payloads.length === 0) throw new ApiMisuse('a message has at least one payload (RFC 7296 §3.1)')
  const encoder = new Encoder()
  encoder.encode(headerTable, withLinks(message.header, typeAt(message.payloads, 0)), 0)
  encodeChain(encoder, message.payloads, 'message')
  encoder.overwrite(lengthAt, encoder.length, 4)
  return encoder.finish()
}
const lengthAt = offsetOf(headerTable, 'length')

/** For the inside of an Encrypted payload: `firstType` is what its Next Payload field is to be. */
export function encodePayloads(payloads: readonly Payload[]): { readonly firstType: number; readonly bytes: Uint8Array } {
  const encoder = new Encoder()
  encodeChain(encoder, payloads, 'SK')
  return { firstType: typeAt(payloads, 0), bytes: encoder.finish() }
}

/** What the payloads stand in: directly in a message, or in its Encrypted payload. */
type Place = 'message' | 'SK'

function headerFits(decoder: Decoder, { majorVersion, nextPayload, length }: WireHeader, actual: number, limits: WireLimits): boolean {
  // RFC 7296 §2.5: what we do not know the version of, we do not look into.
  if (majorVersion !== 2)
    decoder.fail('WIRE_VERSION_UNSUPPORTED', 17, ['header', 'majorVersion'], 'RFC 7296 §2.5', `is ${majorVersion}, only 2 is spoken here`)
  else if (actual > limits.messageLength)
    decoder.fail('WIRE_LIMIT_EXCEEDED', 24, ['header', 'length'], 'RFC 7296 §2', `is above ${limits.messageLength}`)
  else if (length < headerTable.minimum)
    decoder.fail('WIRE_LENGTH_TOO_SMALL', 24, ['header', 'length'], 'RFC 7296 §3.1', `is ${length}, less than the header`)
  else if (length !== actual)
    decoder.fail('WIRE_LENGTH_MISMATCH', 24, ['header', 'length'], 'RFC 7296 §3.1', `is ${length}, but the message has ${octets(actual)}`)
  else if (nextPayload === payloadType.NO_NEXT_PAYLOAD && actual === headerTable.minimum)
    decoder.fail('WIRE_VALUE_ILLEGAL', 16, ['header', 'nextPayload'], 'RFC 7296 §3.1', 'a message has at least one payload')
  return decoder.fault === undefined
}

function decodeChain(decoder: Decoder, firstType: number, end: number, place: Place): readonly Payload[] | undefined {
  const payloads: Payload[] = []
  let type = firstType
  while (type !== payloadType.NO_NEXT_PAYLOAD) {
    if (!decoder.count('payloads', 1)) return undefined
    // RFC 7296 §3.1: an Encrypted payload MUST NOT contain another Encrypted payload.
    if ((type === payloadType.SK || type === payloadType.SKF) && place === 'SK')
      return decoder.fail(
        'WIRE_VALUE_ILLEGAL',
        decoder.at,
        [payloadTypeNotation(type)],
        'RFC 7296 §3.1',
        'an Encrypted payload is inside an Encrypted payload',
      )
    const payload = decoder.decode(payloadTable(type))
    if (payload === undefined) return undefined
    payloads.push(payload)
    // RFC 7296 §3.14, RFC 7383 §2.5: nothing follows an Encrypted payload, so its table has no link, which reads as 0.
    type = decoder.link
  }
  if (decoder.at === end) return payloads
  return decoder.fail(
    'WIRE_TRAILING_OCTETS',
    decoder.at,
    ['payloads'],
    'RFC 7296 §3.2',
    `${octets(end - decoder.at)} follow the last payload`,
  )
}

function encodeChain(encoder: Encoder, payloads: readonly Payload[], place: Place): void {
  for (const [i, payload] of payloads.entries()) {
    if ((payload.kind === 'SK' || payload.kind === 'SKF') && (place === 'SK' || i !== payloads.length - 1))
      throw new ApiMisuse('an Encrypted payload is the last payload of a message, and not inside another one (RFC 7296 §3.14)')
    if (payload.kind === 'unknown' && (isKnownPayload(payload.type) || payload.type === payloadType.NO_NEXT_PAYLOAD))
      throw new ApiMisuse(`a payload of type ${payload.type} is not an unknown one`)
    encoder.encode(payloadTable(payloadTypeOf(payload)), payload, typeAt(payloads, i + 1))
  }
}

function typeAt(payloads: readonly Payload[], i: number): number {
  const payload = payloads[i]
  return payload === undefined ? payloadType.NO_NEXT_PAYLOAD : payloadTypeOf(payload)
}

/** Its length is not known yet. */
function withLinks(header: Header, nextPayload: number): WireHeader {
  const { initiatorSpi, responderSpi, majorVersion, minorVersion, exchangeType, flags, messageId } = header
  return { initiatorSpi, responderSpi, nextPayload, majorVersion, minorVersion, exchangeType, flags, messageId, length: 0 }
}

function withoutLinks(whole: WireHeader): Header {
  const { initiatorSpi, responderSpi, majorVersion, minorVersion, exchangeType, flags, messageId } = whole
  return { initiatorSpi, responderSpi, majorVersion, minorVersion, exchangeType, flags, messageId }
}

function result<T>(decoder: Decoder, value: T | undefined): Result<T, WireFault> {
  if (value !== undefined) return ok(value)
  return failed(decoder.fault ?? bug())
}

function bug(): never {
  throw new Bug('decoding ended without a value and without a fault')
}
