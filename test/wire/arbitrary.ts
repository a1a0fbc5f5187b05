// Random messages that are legal, for properties and fuzzing.
/* oxlint-disable typescript/no-unsafe-type-assertion -- sixteen digits are an IkeSpi, four or sixteen octets an Address */
import * as fc from 'fast-check'
import type { TrafficSelector } from '../../src/contract/selectors.ts'
import type { IkeSpi } from '../../src/contract/units.ts'
import { toHex } from '../../src/bytes/bytes.ts'
import { protocol } from '../../src/iana/protocols.ts'
import { type Address, addressFromBytes, compareAddresses } from '../../src/net/address.ts'
import type { Attribute, Header, Message, Payload, Proposal, Transform, UnknownSelector } from '../../src/wire/message.ts'
import { isKnownPayload } from '../../src/wire/payloads/table.ts'

const u8 = fc.integer({ min: 0, max: 0xff })
const u15 = fc.integer({ min: 0, max: 0x7fff })
const u16 = fc.integer({ min: 0, max: 0xffff })
const u32 = fc.nat({ max: 0xffffffff })
const octets = (min: number, max: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: min, maxLength: max })

/** Reserved numbers for fields of these widths in bits; usually none, as they are absent when all are zero. */
function reserved(...widths: readonly number[]): fc.Arbitrary<{ readonly reserved?: readonly number[] }> {
  const numbers = fc.tuple(...widths.map((width) => fc.integer({ min: 0, max: 2 ** width - 1 })))
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: numbers.map((reserved) => (reserved.some((number) => number !== 0) ? { reserved } : {})) },
  )
}

const base = (...widths: readonly number[]): fc.Arbitrary<{ readonly critical: boolean; readonly reserved?: readonly number[] }> =>
  fc.tuple(fc.boolean(), reserved(7, ...widths)).map(([critical, rest]) => ({ critical, ...rest }))

/** What every payload has, and a payload's own properties, with the widths of its own reserved fields. */
function payload(own: Readonly<Record<string, fc.Arbitrary<unknown>>>, ...widths: readonly number[]): fc.Arbitrary<Payload> {
  return fc.tuple(base(...widths), fc.record(own)).map(([common, properties]) => ({ ...common, ...properties }) as unknown as Payload)
}

const attribute: fc.Arbitrary<Attribute> = fc.record({ type: u15, value: fc.oneof(u16, octets(0, 8)) })

const transform: fc.Arbitrary<Transform> = fc
  .tuple(fc.record({ type: u8, id: u16, attributes: fc.array(attribute, { maxLength: 3 }) }), reserved(8, 8))
  .map(([own, rest]) => ({ ...own, ...rest }))

const protocolAndSpi: fc.Arbitrary<Pick<Proposal, 'protocol' | 'spi'>> = fc.oneof(
  fc.record({ protocol: fc.constant(protocol.IKE), spi: fc.oneof(octets(0, 0), octets(8, 8)) }),
  fc.record({ protocol: fc.constantFrom(protocol.AH, protocol.ESP), spi: octets(4, 4) }),
  fc.record({ protocol: fc.integer({ min: 4, max: 255 }), spi: octets(0, 12) }),
)

const proposal: fc.Arbitrary<Omit<Proposal, 'number'>> = fc
  .tuple(protocolAndSpi, fc.array(transform, { minLength: 1, maxLength: 5 }), reserved(8))
  .map(([own, transforms, rest]) => ({ ...own, transforms, ...rest }))

const proposals: fc.Arbitrary<readonly Proposal[]> = fc.oneof(
  fc.tuple(u8, proposal).map(([number, only]) => [{ number, ...only }]),
  fc.array(proposal, { minLength: 2, maxLength: 4 }).map((several) => several.map((one, i) => ({ number: i + 1, ...one }))),
)

const address = (length: number): fc.Arbitrary<Address> => octets(length, length).map((bytes) => addressFromBytes(bytes) as Address)

const ports: fc.Arbitrary<Pick<TrafficSelector, 'startPort' | 'endPort'>> = fc.oneof(
  fc.tuple(u16, u16).map(([a, b]) => ({ startPort: Math.min(a, b), endPort: Math.max(a, b) })),
  fc.constant({ startPort: 65_535, endPort: 0 }),
)

const range = (length: number): fc.Arbitrary<Pick<TrafficSelector, 'startAddress' | 'endAddress'>> =>
  fc.tuple(address(length), address(length)).map(([a, b]) => {
    const ordered = compareAddresses(a, b) <= 0
    return { startAddress: ordered ? a : b, endAddress: ordered ? b : a }
  })

const selector: fc.Arbitrary<TrafficSelector | UnknownSelector> = fc.oneof(
  fc.tuple(u8, ports, fc.oneof(range(4), range(16))).map(([protocol, ports, range]) => ({ protocol, ...ports, ...range })),
  fc.record({ type: u8.filter((type) => type !== 7 && type !== 8), protocolOrReserved: u8, body: octets(0, 20) }),
)

const notifyProtocol: fc.Arbitrary<Pick<Proposal, 'protocol' | 'spi'>> = fc.oneof(
  fc.record({ protocol: u8, spi: octets(0, 0) }),
  fc.record({ protocol: fc.constantFrom(protocol.AH, protocol.ESP), spi: octets(4, 4) }),
)

const deletion: fc.Arbitrary<{ readonly protocol: number; readonly spiSize: number; readonly spis: readonly Uint8Array[] }> = fc.oneof(
  fc.constant({ protocol: protocol.IKE, spiSize: 0, spis: [] }),
  fc.record({
    protocol: fc.constantFrom(protocol.AH, protocol.ESP),
    spiSize: fc.constant(4),
    spis: fc.array(octets(4, 4), { maxLength: 5 }),
  }),
  fc.record({ protocol: fc.integer({ min: 4, max: 255 }), spiSize: fc.constant(3), spis: fc.array(octets(3, 3), { maxLength: 5 }) }),
)

const eapMessage: fc.Arbitrary<Uint8Array> = fc.tuple(fc.constantFrom(1, 2, 3, 4, 5), u8, octets(1, 20)).map(([code, identifier, rest]) => {
  const length = code === 3 || code === 4 ? 4 : 4 + rest.length
  return Uint8Array.of(code, identifier, length >>> 8, length, ...rest).slice(0, length)
})

const configurationAttribute = fc
  .tuple(fc.record({ type: u15, value: octets(0, 17) }), reserved(1))
  .map(([own, rest]) => ({ ...own, ...rest }))

/** What may stand in an Encrypted payload. */
export const innerPayload: fc.Arbitrary<Payload> = fc.oneof(
  payload({ kind: fc.constant('SA'), proposals }),
  payload({ kind: fc.constant('KE'), method: u16, publicValue: octets(0, 40) }, 16),
  payload(
    {
      kind: fc.constantFrom('IDi', 'IDr'),
      identity: fc.record({ type: u8.filter((type) => type !== 1 && type !== 5), value: octets(0, 30) }),
    },
    24,
  ),
  payload({ kind: fc.constant('CERT'), encoding: u8, certificate: octets(0, 40) }),
  payload({ kind: fc.constant('CERTREQ'), encoding: u8, authority: octets(0, 40) }),
  payload({ kind: fc.constant('AUTH'), method: u8, value: octets(0, 40) }, 24),
  payload({ kind: fc.constant('NONCE'), nonce: octets(16, 256) }),
  fc
    .tuple(base(), notifyProtocol, u16, octets(0, 40))
    .map(([common, own, type, value]) => ({ kind: 'N' as const, ...common, ...own, type, value })),
  fc.tuple(base(), deletion).map(([common, own]) => ({ kind: 'D' as const, ...common, ...own })),
  payload({ kind: fc.constant('V'), vendorId: octets(0, 40) }),
  payload({ kind: fc.constantFrom('TSi', 'TSr'), selectors: fc.array(selector, { minLength: 1, maxLength: 6 }) }, 24),
  payload({ kind: fc.constant('CP'), type: u8, attributes: fc.array(configurationAttribute, { maxLength: 4 }) }, 24),
  payload({ kind: fc.constant('EAP'), message: eapMessage }),
  payload({
    kind: fc.constant('unknown'),
    type: fc.integer({ min: 1, max: 255 }).filter((type) => !isKnownPayload(type)),
    body: octets(0, 40),
  }),
)

const fragment: fc.Arbitrary<Payload> = fc.tuple(base(), u8, u16, u16, octets(0, 64)).map(([common, firstPayload, a, b, body]) => ({
  kind: 'SKF',
  ...common,
  fragmentNumber: Math.min(a, b) || 1,
  totalFragments: Math.max(a, b) || 1,
  firstPayload,
  body,
}))

const encrypted: fc.Arbitrary<Payload> = fc.oneof(payload({ kind: fc.constant('SK'), firstPayload: u8, body: octets(0, 64) }), fragment)

const ikeSpi: fc.Arbitrary<IkeSpi> = octets(8, 8).map((bytes) => toHex(bytes) as IkeSpi)

const header: fc.Arbitrary<Header> = fc.record({
  initiatorSpi: ikeSpi.filter((spi) => !/^0+$/.test(spi)),
  responderSpi: ikeSpi,
  majorVersion: fc.constant(2),
  minorVersion: fc.integer({ min: 0, max: 15 }),
  exchangeType: u8,
  flags: u8,
  messageId: u32,
})

export const message: fc.Arbitrary<Message> = fc
  .tuple(header, fc.array(innerPayload, { maxLength: 6 }), fc.option(encrypted))
  .filter(([, plain, sealed]) => plain.length > 0 || sealed !== null)
  .map(([header, plain, sealed]) => ({ header, payloads: sealed === null ? plain : [...plain, sealed] }))
