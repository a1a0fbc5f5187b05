// What one message may ask us to hold.
import { expect, test } from 'vitest'
import { concat } from '../../src/bytes/bytes.ts'
import { payloadType } from '../../src/iana/payloads.ts'
import { decodeMessage, decodePayloads, encodePayloads } from '../../src/wire/codec.ts'
import { defaultLimits, type WireLimits } from '../../src/wire/limits.ts'
import type { Attribute, Payload, Proposal, Transform } from '../../src/wire/message.ts'
import { parseAddress } from '../../src/net/address.ts'
import { messageSamples } from './samples.ts'

const common = { critical: false } as const
const times = <T>(count: number, make: (i: number) => T): readonly T[] => Array.from({ length: count }, (_, i) => make(i))
const here = parseAddress('192.0.2.1') ?? expect.unreachable()

const attributes = (count: number): readonly Attribute[] => times(count, () => ({ type: 99, value: 0 }))
const transforms = (count: number): readonly Transform[] => times(count, () => ({ type: 2, id: 5, attributes: [] }))
const proposal = (number: number, inside: readonly Transform[]): Proposal => ({
  number,
  protocol: 1,
  spi: new Uint8Array(0),
  transforms: inside,
})

interface Case {
  readonly limit: keyof WireLimits
  /** Payloads that hold `count` of what is limited, over several payloads or lists. */
  readonly filled: (count: number) => readonly Payload[]
}
const cases: readonly Case[] = [
  { limit: 'payloads', filled: (count) => times(count, () => ({ kind: 'V', ...common, vendorId: new Uint8Array(0) })) },
  {
    limit: 'proposals',
    filled: (count) => [
      { kind: 'SA', ...common, proposals: [proposal(1, transforms(1))] },
      { kind: 'SA', ...common, proposals: times(count - 1, (i) => proposal(i + 1, transforms(1))) },
    ],
  },
  {
    limit: 'transforms',
    filled: (count) => [{ kind: 'SA', ...common, proposals: [proposal(1, transforms(1)), proposal(2, transforms(count - 1))] }],
  },
  {
    limit: 'transformAttributes',
    filled: (count) => [
      {
        kind: 'SA',
        ...common,
        proposals: [
          proposal(1, [
            { type: 1, id: 1, attributes: attributes(1) },
            { type: 1, id: 2, attributes: attributes(count - 1) },
          ]),
        ],
      },
    ],
  },
  {
    limit: 'selectors',
    filled: (count) =>
      (['TSi', 'TSr'] as const).map((kind) => ({
        kind,
        ...common,
        selectors: times(kind === 'TSi' ? 1 : count - 1, () => ({
          protocol: 0,
          startPort: 0,
          endPort: 65_535,
          startAddress: here,
          endAddress: here,
        })),
      })),
  },
  { limit: 'spis', filled: (count) => [{ kind: 'D', ...common, protocol: 3, spiSize: 4, spis: times(count, () => new Uint8Array(4)) }] },
  {
    limit: 'configurationAttributes',
    filled: (count) => [{ kind: 'CP', ...common, type: 1, attributes: times(count, () => ({ type: 1, value: new Uint8Array(0) })) }],
  },
]

test.each(cases)('$limit: as many as the limit are accepted, one more is a fault', ({ limit, filled }) => {
  const limits = { ...defaultLimits, [limit]: 7 }
  const enough = encodePayloads(filled(7))
  const tooMany = encodePayloads(filled(8))
  expect(decodePayloads(enough.firstType, enough.bytes, 0, limits).ok).toBe(true)
  expect(decodePayloads(tooMany.firstType, tooMany.bytes, 0, limits)).toMatchObject({
    ok: false,
    fault: { code: 'WIRE_LIMIT_EXCEEDED', message: expect.stringContaining(`more than 7 ${limit}`) },
  })
})

test('messageLength: a message longer than the limit is not looked into', () => {
  const bytes = messageSamples[0]?.bytes ?? expect.unreachable()
  expect(decodeMessage(bytes, { ...defaultLimits, messageLength: bytes.length }).ok).toBe(true)
  expect(decodeMessage(bytes, { ...defaultLimits, messageLength: bytes.length - 1 })).toMatchObject({
    fault: { code: 'WIRE_LIMIT_EXCEEDED', field: 'header.length' },
  })
})

test('real messages are far below the limits, and the smallest parts cannot pass them', () => {
  const empty = Uint8Array.of(payloadType.V, 0, 0, 4)
  const flood = concat(...times(16_000, () => empty))
  expect(decodePayloads(payloadType.V, flood)).toMatchObject({ fault: { code: 'WIRE_LIMIT_EXCEEDED', offset: 4 * defaultLimits.payloads } })
})
