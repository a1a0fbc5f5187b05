// Whole messages: RFC 7296 §3.1, and the place of the Encrypted payload.
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/bytes/bytes.ts'
import { ApiMisuse } from '../../src/contract/faults.ts'
import { decodeHeader, decodeMessage, encodeMessage } from '../../src/wire/codec.ts'
import type { Payload } from '../../src/wire/message.ts'
import { messageSamples } from './samples.ts'

describe.each(messageSamples)('$name', ({ bytes, message }) => {
  test('decodes to its value', () => {
    expect(decodeMessage(bytes)).toEqual({ ok: true, value: message })
  })
  test('is encoded to its octets', () => {
    expect(toHex(encodeMessage(message))).toBe(toHex(bytes))
  })
  test('has a header that can be had alone', () => {
    expect(decodeHeader(bytes)).toMatchObject({ ok: true, value: { ...message.header, length: bytes.length } })
  })
})

const spis = '0a0b0c0d0e0f1011 1f1e1d1c1b1a1918'
const refused: readonly { readonly because: string; readonly hex: string; readonly fault: object }[] = [
  { because: 'nothing there', hex: '', fault: { code: 'WIRE_TRUNCATED', field: 'header.initiatorSpi', offset: 0 } },
  { because: 'header cut off', hex: `${spis} 2b2022`, fault: { code: 'WIRE_TRUNCATED', field: 'header.flags', offset: 19 } },
  {
    because: "initiator's SPI of zero",
    hex: `0000000000000000 1f1e1d1c1b1a1918 2b202208 00000000 00000020 00000004`,
    fault: { code: 'WIRE_VALUE_ILLEGAL', field: 'header.initiatorSpi', offset: 0 },
  },
  {
    because: 'major version 1',
    hex: `${spis} 01100200 00000000 0000001c`,
    fault: { code: 'WIRE_VERSION_UNSUPPORTED', field: 'header.majorVersion', offset: 17, rfc: 'RFC 7296 §2.5' },
  },
  {
    because: 'major version 3 with a length that is none of our business',
    hex: `${spis} 01300200 00000000 ffffffff`,
    fault: { code: 'WIRE_VERSION_UNSUPPORTED', field: 'header.majorVersion', offset: 17 },
  },
  {
    because: 'no payload at all',
    hex: `${spis} 00202508 00000000 0000001c`,
    fault: { code: 'WIRE_VALUE_ILLEGAL', field: 'header.nextPayload', offset: 16 },
  },
  {
    because: 'length below that of the header',
    hex: `${spis} 2b202508 00000000 0000001b 00000004`,
    fault: { code: 'WIRE_LENGTH_TOO_SMALL', field: 'header.length', offset: 24 },
  },
  {
    because: 'length above that of the datagram',
    hex: `${spis} 2b202508 00000000 00000021 00000004`,
    fault: { code: 'WIRE_LENGTH_MISMATCH', field: 'header.length', offset: 24 },
  },
  {
    because: 'length below that of the datagram',
    hex: `${spis} 2b202508 00000000 00000020 00000004 00`,
    fault: { code: 'WIRE_LENGTH_MISMATCH', field: 'header.length', offset: 24 },
  },
  {
    because: 'octets where no payload is announced',
    hex: `${spis} 00202508 00000000 00000020 00000004`,
    fault: { code: 'WIRE_TRAILING_OCTETS', field: 'payloads', offset: 28 },
  },
  {
    // RFC 7296 §3.14: the Encrypted payload MUST be the last payload in the message.
    because: 'payload after an Encrypted payload',
    hex: `${spis} 2e202508 00000000 00000026 2b000006 abcd 00000004`,
    fault: { code: 'WIRE_TRAILING_OCTETS', field: 'payloads', offset: 34 },
  },
]

const fragments: typeof refused = [
  { because: 'fragment 0', hex: '00 00 0008 0000 0003', fault: { field: 'SKF.fragmentNumber', offset: 32 } },
  { because: 'fragment 4 of 3', hex: '00 00 0008 0004 0003', fault: { field: 'SKF.fragmentNumber', offset: 32 } },
  { because: 'fragment 1 of 0', hex: '00 00 0008 0001 0000', fault: { field: 'SKF.fragmentNumber', offset: 32 } },
]

test.each(fragments)('refused (RFC 7383 §2.5): $because', ({ hex, fault }) => {
  const bytes = octets(`${spis} 35202308 00000001 00000024 ${hex}`)
  expect(decodeMessage(bytes)).toMatchObject({ ok: false, fault: { code: 'WIRE_VALUE_ILLEGAL', ...fault } })
})

test('a later fragment that names a payload is read, and kept as it is (RFC 7383 §2.6 does not have it checked)', () => {
  const bytes = octets(`${spis} 35202308 00000001 00000024 23 00 0008 0002 0003`)
  const decoded = decodeMessage(bytes)
  const later = { kind: 'SKF', firstPayload: 35, fragmentNumber: 2, totalFragments: 3 }
  expect(decoded).toMatchObject({ ok: true, value: { payloads: [later] } })
  expect(decoded.ok && toHex(encodeMessage(decoded.value))).toBe(toHex(bytes))
})

test.each(refused)('refused: $because', ({ hex, fault }) => {
  expect(decodeMessage(octets(hex))).toMatchObject({ ok: false, fault: { family: 'wire', ...fault } })
})

test('the header of a message in a version that we do not speak can be had', () => {
  expect(decodeHeader(octets(`${spis} 01300200 00000007 ffffffff aabb`))).toEqual({
    ok: true,
    value: {
      initiatorSpi: '0a0b0c0d0e0f1011',
      responderSpi: '1f1e1d1c1b1a1918',
      nextPayload: 1,
      majorVersion: 3,
      minorVersion: 0,
      exchangeType: 2,
      flags: 0,
      messageId: 7,
      length: 0xffffffff,
    },
  })
})

test('a later minor version is ignored (RFC 7296 §3.1) and kept', () => {
  const bytes = octets(`${spis} 2b2f2508 00000000 00000020 00000004`)
  const decoded = decodeMessage(bytes)
  expect(decoded).toMatchObject({ ok: true, value: { header: { minorVersion: 15 } } })
})

test('an Encrypted payload that is not the last one cannot be encoded', () => {
  const sealed: Payload = { kind: 'SK', critical: false, firstPayload: 0, body: new Uint8Array(8) }
  const vendorId: Payload = { kind: 'V', critical: false, vendorId: new Uint8Array(0) }
  expect(() => encodeMessage({ header: headerOf(0), payloads: [sealed, vendorId] })).toThrow(ApiMisuse)
  expect(() => encodeMessage({ header: headerOf(0), payloads: [] })).toThrow(/at least one payload/)
})

test('a message is copied when encoded: it does not share octets with its values', () => {
  const value = octets('01020304')
  const bytes = encodeMessage({ header: headerOf(0), payloads: [{ kind: 'V', critical: false, vendorId: value }] })
  value.fill(0xff)
  expect(toHex(bytes).endsWith('01020304')).toBe(true)
})

function headerOf(sample: number): (typeof messageSamples)[number]['message']['header'] {
  return messageSamples[sample]?.message.header ?? expect.unreachable()
}

function octets(text: string): Uint8Array {
  return fromHex(text) ?? expect.unreachable(`not hexadecimal: ${text}`)
}
