// IKE messages as spans: nothing is left out, and nothing differs from what the codec decodes.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concat, toHex, utf8 } from '../../../src/bytes/bytes.ts'
import { annotateIke, annotateUdpPayload } from '../../../src/inspect/annotate.ts'
import { decodeMessage, encodeMessage } from '../../../src/wire/codec.ts'
import { payloadLabel } from '../../../src/wire/payload-name.ts'
import { message } from '../../wire/arbitrary.ts'
import { innerSamples, messageSamples, payloadSamples } from '../../wire/samples.ts'
import { allSpans, expectCovered, leavesOf, spanNamed } from './spans.ts'

const seed = 7296
const header = messageSamples[0]?.message.header ?? expect.unreachable()

/** Every payload sample in a message of its own, and those that stand inside SK together. */
const messages: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  ...messageSamples.map(({ name, bytes }) => ({ name, bytes })),
  ...payloadSamples.map(({ name, payload }) => ({ name, bytes: encodeMessage({ header, payloads: [payload] }) })),
  ...innerSamples.map(({ name, samples }) => ({
    name: `payloads of ${name}`,
    bytes: encodeMessage({ header, payloads: samples.map(({ payload }) => payload) }),
  })),
]

describe.each(messages)('$name', ({ bytes }) => {
  test('is covered, each octet once', () => {
    const annotation = annotateIke(bytes)
    expectCovered(annotation.region)
    expect(annotation.fault).toBeUndefined()
  })

  test('cut anywhere, is covered, with the fault of the codec', () => {
    for (let length = 0; length < bytes.length; length++) expectAgreement(bytes.subarray(0, length))
  })

  test('with any one octet changed, is covered, with the fault of the codec', () => {
    for (let at = 0; at < bytes.length; at++)
      for (const change of [1, 0xfe]) {
        const changed = bytes.slice()
        changed[at] = (bytes[at] ?? 0) ^ change
        expectAgreement(changed)
      }
  })
})

test('random messages are covered, and have the payloads that they were made of', () => {
  fc.assert(
    fc.property(message, (original) => {
      const bytes = encodeMessage(original)
      const annotation = annotateIke(bytes)
      expectCovered(annotation.region)
      expect(annotation.fault).toBeUndefined()
      expect(annotation.summary.ike).toMatchObject({ messageId: original.header.messageId, initiatorSpi: original.header.initiatorSpi })
      const labels = original.payloads.map(payloadLabel)
      expect(annotation.summary.ike?.payloads).toEqual(
        labels.flatMap((label) => (label === 'SK' || label === 'SKF' ? [label, '…'] : [label])),
      )
    }),
    { seed, numRuns: 300 },
  )
})

test('random damage to random messages is covered, with the fault of the codec', () => {
  const damage = fc.record({ at: fc.nat({ max: 0xffff }), remove: fc.nat({ max: 4 }), insert: fc.uint8Array({ maxLength: 4 }) })
  fc.assert(
    fc.property(message, fc.array(damage, { minLength: 1, maxLength: 3 }), (original, damages) => {
      let bytes = encodeMessage(original)
      for (const { at, remove, insert } of damages) {
        const start = at % (bytes.length + 1)
        bytes = concat(bytes.subarray(0, start), insert, bytes.subarray(start + remove))
      }
      expectAgreement(bytes)
    }),
    { seed, numRuns: 400 },
  )
})

test('any octets at all are covered', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expectAgreement(bytes)
      expectCovered(annotateUdpPayload(bytes).region)
    }),
    { seed, numRuns: 400 },
  )
})

describe('what fields stand for', () => {
  const meaningIn = (name: string, span: string): string | undefined => {
    const { region } = annotateIke(messages.find((one) => one.name === name)?.bytes ?? expect.unreachable(name))
    return spanNamed(region, span).meaning
  }

  test('numbers are named by their registries', () => {
    const { region } = annotateIke(messages[0]?.bytes ?? expect.unreachable())
    expect(spanNamed(region, 'Exchange Type')).toMatchObject({ value: '34', meaning: 'IKE_SA_INIT', registry: 'IKEv2 Exchange Types' })
    expect(spanNamed(region, 'Diffie-Hellman Group Num')).toMatchObject({ value: '31', meaning: 'Curve25519', rfc: 'RFC 7296 §3.4' })
    expect(spanNamed(region, 'Flags')).toMatchObject({ value: '0x08', meaning: 'Request of the original initiator' })
    expect(
      allSpans(region.spans)
        .filter(({ name }) => name === 'Transform ID')
        .map(({ meaning }) => meaning),
    ).toEqual(['ENCR_AES_CBC', 'PRF_HMAC_SHA2_256', 'AUTH_HMAC_SHA2_256_128', 'Curve25519'])
    expect(spanNamed(region, 'Attribute Value').meaning).toBe('256 bits')
  })

  test('data of identities, notifications and attributes', () => {
    expect(meaningIn('IDi', 'Identification Data')).toBe('a.example.org')
    expect(meaningIn('IDr, critical, with reserved bits', 'Identification Data')).toBe('192.0.2.1')
    expect(meaningIn('EAP Response', 'EAP Message')).toBe('Response, Identifier 1')
    const { region } = annotateIke(messages.find(({ name }) => name === 'CP')?.bytes ?? expect.unreachable())
    expect(
      allSpans(region.spans)
        .filter(({ name }) => name === 'Value')
        .map(({ meaning }) => meaning),
    ).toEqual(['10.0.0.2', undefined])
  })

  test('bits narrower than an octet', () => {
    const { region } = annotateIke(messages[0]?.bytes ?? expect.unreachable())
    expect(spanNamed(region, 'Major Version, Minor Version').bits).toEqual([
      { first: 0, width: 4, name: 'Major Version', value: '2', meaning: undefined, registry: undefined },
      { first: 4, width: 4, name: 'Minor Version', value: '0', meaning: undefined, registry: undefined },
    ])
  })

  test('octets that are long are cut as a value, and stand whole in the region', () => {
    const long = encodeMessage({ header, payloads: [{ kind: 'V', critical: false, vendorId: new Uint8Array(1000).fill(0xaa) }] })
    expect(spanNamed(annotateIke(long).region, 'Vendor ID (VID)').value).toBe(`${'aa'.repeat(32)}…`)
  })
})

test('a message of IKEv1 is a header and a body, and no fault (RFC 2408 §3.1)', () => {
  const bytes = concat(
    Uint8Array.from({ length: 16 }, (_, i) => i + 1),
    Uint8Array.of(5, 0x10, 2, 1, 0, 0, 0, 0, 0, 0, 0, 36),
    utf8('body....'),
  )
  const annotation = annotateIke(bytes)
  expectCovered(annotation.region)
  expect(annotation.fault).toBeUndefined()
  expect(annotation.summary).toMatchObject({
    text: 'IKEv1 Identity Protection, encrypted',
    ike: { majorVersion: 1, exchange: 'Identity Protection', exchangeType: 2, payloads: [] },
  })
  expect(spanNamed(annotation.region, 'Next Payload').meaning).toBe('Identification')
  expect(leavesOf(annotation.region).at(-1)).toMatchObject({ name: 'Payloads', start: 28, end: 36, kind: 'opaque' })
})

test('a message that a capture has cut shows the payloads that are there', () => {
  const bytes = messages[0]?.bytes ?? expect.unreachable()
  const { region, fault, summary } = annotateIke(bytes.subarray(0, 125))
  expectCovered(region)
  expect(fault?.fault).toMatchObject({ code: 'WIRE_LENGTH_MISMATCH', offset: 24 })
  expect(summary.ike?.payloads).toEqual(['SA', 'KE'])
  expect(leavesOf(region).at(-1)).toMatchObject({ kind: 'not-decoded', start: 120, end: 125 })
})

test('major version 3 is a fault that leaves the rest as it is', () => {
  const bytes = (messages[0]?.bytes ?? expect.unreachable()).slice()
  bytes[17] = 0x30
  const annotation = annotateIke(bytes)
  expectCovered(annotation.region)
  expect(annotation.fault?.fault).toMatchObject({ code: 'WIRE_VERSION_UNSUPPORTED', offset: 17 })
  expect(leavesOf(annotation.region).at(-1)).toMatchObject({ kind: 'not-decoded', start: 28 })
})

describe('on the NAT traversal port (RFC 3948 §2)', () => {
  test('IKE stands behind its marker', () => {
    const annotation = annotateUdpPayload(concat(new Uint8Array(4), messages[0]?.bytes ?? expect.unreachable()))
    expectCovered(annotation.region)
    expect(annotation.summary.ike?.exchange).toBe('IKE_SA_INIT')
    expect(annotation.region.spans[0]).toMatchObject({ name: 'Non-ESP Marker', start: 0, end: 4 })
  })
  test('offsets of faults count from the marker on', () => {
    const bytes = messages[0]?.bytes ?? expect.unreachable()
    const annotation = annotateUdpPayload(concat(new Uint8Array(4), bytes.subarray(0, bytes.length - 1)))
    expect(annotation.fault?.fault).toMatchObject({ code: 'WIRE_LENGTH_MISMATCH', offset: 28 })
  })
  test('one octet of ones keeps the mapping', () => {
    const annotation = annotateUdpPayload(Uint8Array.of(0xff))
    expectCovered(annotation.region)
    expect(annotation.summary.text).toBe('NAT keepalive')
    expect(annotation.fault).toBeUndefined()
  })
})

/** Covered; the fault, if any, is the codec's; values of numbers are those at their places. */
function expectAgreement(bytes: Uint8Array): void {
  const { region } = annotateIke(bytes)
  expectCovered(region)
  const isIkev1 = bytes.length >= 28 && (bytes[17] ?? 0) >>> 4 === 1
  if (isIkev1) return
  const decoded = decodeMessage(bytes)
  const fault = decoded.ok ? undefined : decoded.fault
  // Thousands of times: `expect` is slow.
  if (JSON.stringify(region.fault) !== JSON.stringify(fault)) expect(region.fault).toEqual(fault)
  for (const leaf of leavesOf(region)) {
    const octets = bytes.subarray(leaf.start, leaf.end)
    const isNumber = /^\d+$/.test(leaf.value) && octets.length <= 4 && leaf.kind === 'field' && leaf.value !== toHex(octets)
    if (isNumber && leaf.value !== `${Number.parseInt(toHex(octets), 16)}`)
      expect.unreachable(`${leaf.name} is ${leaf.value}, not ${toHex(octets)}`)
  }
}
