// Every payload of RFC 7296 §3: octets against value and back, and what is refused with which fault.
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/bytes/bytes.ts'
import { ApiMisuse } from '../../src/contract/faults.ts'
import { payloadType } from '../../src/iana/payloads.ts'
import { decodePayloads, encodePayloads } from '../../src/wire/codec.ts'
import type { Payload } from '../../src/wire/message.ts'
import { payloadLabel } from '../../src/wire/payload-name.ts'
import { chain, innerSamples, isEnvelope, payloadSamples } from './samples.ts'

// An Encrypted payload stands in no other one: messages.test.ts has it.
const insiders = payloadSamples.filter(({ payload }) => !isEnvelope(payload))

describe.each(insiders)('$name', ({ type, bytes, payload }) => {
  test('decodes to its value', () => {
    expect(decodePayloads(type, bytes)).toEqual({ ok: true, value: [payload] })
  })
  test('is encoded to its octets', () => {
    const encoded = encodePayloads([payload])
    expect([encoded.firstType, toHex(encoded.bytes)]).toEqual([type, toHex(bytes)])
  })
})

test.each(innerSamples)('the payloads of $name, one after another', ({ samples }) => {
  const { bytes } = chain(samples)
  const payloads = samples.map(({ payload }) => payload)
  expect(decodePayloads(samples[0]?.type ?? 0, bytes)).toEqual({ ok: true, value: payloads })
  expect(toHex(encodePayloads(payloads).bytes)).toBe(toHex(bytes))
})

test('no payload at all, as in a check of liveness (RFC 7296 §1.4)', () => {
  expect(decodePayloads(0, new Uint8Array(0))).toEqual({ ok: true, value: [] })
  expect(encodePayloads([])).toEqual({ firstType: 0, bytes: new Uint8Array(0) })
})

test('labels are as RFC 7296 §1.2 writes them', () => {
  const plain = ['SA', 'KE', 'IDi', 'IDr', 'CERT', 'CERTREQ', 'AUTH', 'NONCE', 'D', 'V', 'TSi', 'TSr', 'SK', 'SKF', 'CP', 'EAP']
  const others = ['N(COOKIE)', 'N(REKEY_SA)', 'N(private use (65535))', 'private use (200)']
  expect(new Set(payloadSamples.map(({ payload }) => payloadLabel(payload)))).toEqual(new Set([...plain, ...others]))
})

test('octet strings of decoded values are views of the octets that were given', () => {
  const bytes = octets('00 00 0014 404142434445464748494a4b4c4d4e4f')
  const decoded = decodePayloads(payloadType.NONCE, bytes)
  bytes[4] = 0xff
  expect(decoded).toMatchObject({ value: [{ nonce: bytes.subarray(4) }] })
})

// ---- what is refused ------------------------------------------------------------------------------------------------------

interface Refused {
  readonly because: string
  readonly type: number
  readonly hex: string
  readonly code: string
  readonly field: string
  readonly offset: number
}
const refused: readonly Refused[] = [
  // §3.2
  row('a payload header is cut off', 'V', '00 00 00', 'WIRE_TRUNCATED', 'V.length', 2),
  row('a payload is shorter than its header', 'V', '00 00 0003', 'WIRE_LENGTH_TOO_SMALL', 'V.length', 2),
  row('a payload is longer than what there is', 'V', '00 00 0006 00', 'WIRE_LENGTH_MISMATCH', 'V.length', 2),
  row('something follows the last payload', 'V', '00 00 0004 00', 'WIRE_TRAILING_OCTETS', 'payloads', 4),
  row('the payload that is announced does not come', 'V', '28 00 0004', 'WIRE_TRUNCATED', 'NONCE.nextPayload', 4),
  row('an Encrypted payload is inside another one', 'V', '2e 00 0004 00 00 0004', 'WIRE_VALUE_ILLEGAL', 'SK', 4),
  row('an Encrypted Fragment payload is inside another one', 'V', '35 00 0004 00 00 0004', 'WIRE_VALUE_ILLEGAL', 'SKF', 4),
  // §3.3
  row('there is no proposal', 'SA', '00 00 0004', 'WIRE_COUNT_MISMATCH', 'SA.proposals', 4),
  row('there is no transform', 'SA', '00 00 000c 00 00 0008 01 01 00 00', 'WIRE_COUNT_MISMATCH', 'SA.proposal[0].transforms', 12),
  row(
    'the only proposal says that another follows',
    'SA',
    '00 00 0014 02 00 0010 01 01 00 01 00 00 0008 02 00 0005',
    'WIRE_VALUE_ILLEGAL',
    'SA.proposal[0].lastSubstruc',
    4,
  ),
  row(
    'the first of two transforms says that it is the last',
    'SA',
    '00 00 001c 00 00 0018 01 01 00 02 00 00 0008 02 00 0005 00 00 0008 02 00 0006',
    'WIRE_VALUE_ILLEGAL',
    'SA.proposal[0].transform[0].lastSubstruc',
    12,
  ),
  row(
    'Num Transforms is wrong',
    'SA',
    '00 00 0014 00 00 0010 01 01 00 02 00 00 0008 02 00 0005',
    'WIRE_COUNT_MISMATCH',
    'SA.proposal[0].numTransforms',
    11,
  ),
  row(
    'two proposals have the same number',
    'SA',
    '00 00 0024 02 00 0010 01 01 00 01 00 00 0008 02 00 0005 00 00 0010 01 01 00 01 00 00 0008 02 00 0006',
    'WIRE_VALUE_ILLEGAL',
    'SA.proposals',
    4,
  ),
  row(
    'the SPI of ESP has 8 octets',
    'SA',
    '00 00 001c 00 00 0018 01 03 08 01 0102030405060708 00 00 0008 05 00 0000',
    'WIRE_VALUE_ILLEGAL',
    'SA.proposal[0].spiSize',
    10,
  ),
  row(
    'an attribute is longer than its transform',
    'SA',
    '00 00 001a 00 00 0016 01 01 00 01 00 00 000e 02 00 0005 0063 0003 0102',
    'WIRE_TRUNCATED',
    'SA.proposal[0].transform[0].attribute[0].value',
    24,
  ),
  row(
    'an attribute is cut off',
    'SA',
    '00 00 0016 00 00 0012 01 01 00 01 00 00 000a 02 00 0005 800e',
    'WIRE_TRUNCATED',
    'SA.proposal[0].transform[0].attribute[0].value',
    22,
  ),
  // §3.5
  row('an ID_IPV4_ADDR has 5 octets', 'IDi', '00 00 000d 01 000000 c000020100', 'WIRE_VALUE_ILLEGAL', 'IDi.identity', 4),
  row('an ID_IPV6_ADDR has 4 octets', 'IDr', '00 00 000c 05 000000 c0000201', 'WIRE_VALUE_ILLEGAL', 'IDr.identity', 4),
  // §3.9
  row('a nonce has 15 octets', 'NONCE', `00 00 0013 ${'a5'.repeat(15)}`, 'WIRE_LENGTH_TOO_SMALL', 'NONCE.length', 2),
  row('a nonce has 257 octets', 'NONCE', `00 00 0105 ${'a5'.repeat(257)}`, 'WIRE_VALUE_ILLEGAL', 'NONCE.nonce', 4),
  // §3.10
  row('a notification about the IKE SA has an SPI', 'N', '00 00 000c 01 04 4009 c0ffee01', 'WIRE_VALUE_ILLEGAL', 'N.spiSize', 5),
  row('a notification about no SA has an SPI', 'N', '00 00 000c 00 04 4009 c0ffee01', 'WIRE_VALUE_ILLEGAL', 'N.spiSize', 5),
  row(
    'a notification about ESP has an SPI of 8 octets',
    'N',
    '00 00 0010 03 08 4009 0102030405060708',
    'WIRE_VALUE_ILLEGAL',
    'N.spiSize',
    5,
  ),
  row('the SPI goes beyond the notification', 'N', '00 00 000a 03 04 4009 c0ff', 'WIRE_TRUNCATED', 'N.spi', 8),
  // §3.11
  row('a Delete of the IKE SA has an SPI', 'D', '00 00 0010 01 08 0001 0102030405060708', 'WIRE_VALUE_ILLEGAL', 'D.spiSize', 5),
  row('a Delete of ESP SAs has SPIs of 8 octets', 'D', '00 00 0010 03 08 0001 0102030405060708', 'WIRE_VALUE_ILLEGAL', 'D.spiSize', 5),
  row('a Delete has fewer SPIs than it says', 'D', '00 00 000c 03 04 0002 c0ffee01', 'WIRE_COUNT_MISMATCH', 'D.numSpis', 6),
  row('a Delete has SPIs of no octets', 'D', '00 00 0008 01 00 0002', 'WIRE_COUNT_MISMATCH', 'D.numSpis', 6),
  // §3.13
  row('there is no traffic selector', 'TSi', '00 00 0008 00 000000', 'WIRE_COUNT_MISMATCH', 'TSi.selectors', 8),
  row(
    'there are more traffic selectors than it says',
    'TSr',
    '00 00 0028 01 000000 07 00 0010 0000 ffff 0a000001 0a000001 07 00 0010 0000 ffff 0a000002 0a000002',
    'WIRE_COUNT_MISMATCH',
    'TSr.numSelectors',
    4,
  ),
  row(
    'an IPv4 range has the length of an IPv6 range',
    'TSi',
    `00 00 0030 01 000000 07 00 0028 0000 ffff ${'0a'.repeat(32)}`,
    'WIRE_LENGTH_MISMATCH',
    'TSi.selector[0].length',
    10,
  ),
  row(
    'a range ends before it starts',
    'TSi',
    '00 00 0018 01 000000 07 00 0010 0000 ffff 0a000002 0a000001',
    'WIRE_VALUE_ILLEGAL',
    'TSi.selector[0].startAddress',
    16,
  ),
  row(
    'ports end before they start, and are not OPAQUE',
    'TSi',
    '00 00 0018 01 000000 07 11 0010 0051 0050 0a000001 0a000001',
    'WIRE_VALUE_ILLEGAL',
    'TSi.selector[0].startPort',
    12,
  ),
  // §3.15
  row('a configuration attribute is cut off', 'CP', '00 00 000d 01 000000 0001 0004 0a', 'WIRE_TRUNCATED', 'CP.attribute[0].value', 12),
  // §3.16
  row('an EAP message has another length than its payload', 'EAP', '00 00 0009 02 01 0004 01', 'WIRE_VALUE_ILLEGAL', 'EAP.message', 4),
  row('an EAP Success has a type', 'EAP', '00 00 0009 03 01 0005 01', 'WIRE_VALUE_ILLEGAL', 'EAP.message', 4),
  row('an EAP Request has no type', 'EAP', '00 00 0008 01 01 0004', 'WIRE_VALUE_ILLEGAL', 'EAP.message', 4),
]

test.each(refused)('refused: $because', ({ type, hex, code, field, offset }) => {
  const decoded = decodePayloads(type, octets(hex))
  expect(decoded).toMatchObject({ ok: false, fault: { family: 'wire', code, field, offset } })
})

test('offsets in faults start where the caller says', () => {
  expect(decodePayloads(payloadType.V, octets('00 00 0003'), 100)).toMatchObject({ fault: { offset: 102, rfc: 'RFC 7296 §3.12' } })
})

// ---- what cannot be encoded -------------------------------------------------------------------------------------------------

const none = new Uint8Array(0)
const misuses: readonly { readonly why: string; readonly payload: Payload; readonly says: RegExp }[] = [
  { why: 'a nonce too short', payload: { kind: 'NONCE', critical: false, nonce: none }, says: /NONCE\.nonce: has 0 octets/ },
  {
    why: 'octets too many for a payload',
    payload: { kind: 'V', critical: false, vendorId: new Uint8Array(65_532) },
    says: /V\.length: 65536 is not an integer of 16 bits/,
  },
  {
    why: 'an SPI longer than its size can say',
    payload: { kind: 'N', critical: false, protocol: 201, type: 1, spi: new Uint8Array(256), value: none },
    says: /N\.spiSize: 256/,
  },
  { why: 'a number out of range', payload: { kind: 'KE', critical: false, method: 65_536, publicValue: none }, says: /KE\.method: 65536/ },
  {
    why: 'a number that is none',
    payload: { kind: 'KE', critical: false, method: Number.NaN, publicValue: none },
    says: /KE\.method: NaN/,
  },
  { why: 'no proposal', payload: { kind: 'SA', critical: false, proposals: [] }, says: /SA\.proposals: at least 1/ },
  {
    why: 'SPIs of another size than said',
    payload: { kind: 'D', critical: false, protocol: 3, spiSize: 4, spis: [new Uint8Array(8)] },
    says: /D\.spi\[0\]: has 8 octets/,
  },
  {
    why: 'a known payload as an unknown one',
    payload: { kind: 'unknown', critical: false, type: payloadType.SA, body: none },
    says: /type 33 is not an unknown one/,
  },
  {
    why: 'a known selector as an unknown one',
    payload: { kind: 'TSi', critical: false, selectors: [{ type: 7, protocolOrReserved: 0, body: none }] },
    says: /TSi\.selector\[0\]\.type/,
  },
  {
    why: 'more reserved numbers than reserved fields',
    payload: { kind: 'V', critical: false, vendorId: none, reserved: [0, 0] },
    says: /V\.reserved: has 2 numbers/,
  },
  {
    why: 'an Encrypted payload inside another one',
    payload: { kind: 'SK', critical: false, firstPayload: 0, body: none },
    says: /last payload of a message/,
  },
]

test.each(misuses)('an ApiMisuse to encode: $why', ({ payload, says }) => {
  expect(() => encodePayloads([payload])).toThrow(ApiMisuse)
  expect(() => encodePayloads([payload])).toThrow(says)
})

function row(because: string, kind: keyof typeof payloadType, hex: string, code: string, field: string, offset: number): Refused {
  return { because, type: payloadType[kind], hex, code, field, offset }
}

function octets(text: string): Uint8Array {
  return fromHex(text) ?? expect.unreachable(`not hexadecimal: ${text}`)
}
