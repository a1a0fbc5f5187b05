// Security Association payload: proposals of transforms with attributes. RFC 7296 §3.3.
import { protocol, protocols } from '../../iana/protocols.ts'
import { transformAttribute, transformAttributes } from '../../iana/transform-attributes.ts'
import { transformIds, transformTypes } from '../../iana/transforms.ts'
import type { Choice, Struct } from '../fields.ts'
import { bits, choice, constantBits, counted, countOf, extent, lengthOf, link, list, number, reserved, struct, uint } from '../layout.ts'
import type { Attribute, Proposal, SaPayload, Transform } from '../message.ts'
import { payload } from './generic-header.ts'

const shortAttribute: Struct<{ readonly type: number; readonly value: number }> = struct({
  name: 'attribute',
  title: 'Transform Attribute',
  rfc: 'RFC 7296 §3.3.5',
  fields: [
    bits(2, constantBits(1, 1, 'Attribute Format'), number('type', 15, 'Attribute Type', transformAttributes)),
    uint('value', 2, 'Attribute Value', (value, { type }) => (type === transformAttribute.KEY_LENGTH ? `${value} bits` : undefined)),
  ],
})

const longAttribute: Struct<{ readonly type: number; readonly value: Uint8Array }> = struct({
  name: 'attribute',
  title: 'Transform Attribute',
  rfc: 'RFC 7296 §3.3.5',
  fields: [
    bits(2, constantBits(0, 1, 'Attribute Format'), number('type', 15, 'Attribute Type', transformAttributes)),
    lengthOf('value', 2, 'length', 'Attribute Length'),
    counted('value', 'Attribute Value'),
  ],
})

const attribute: Choice<Attribute> = choice(
  (firstOctet) => (firstOctet >= 0x80 ? shortAttribute : longAttribute),
  ({ value }) => (typeof value === 'number' ? shortAttribute : longAttribute),
)

const transform: Struct<Transform> = struct({
  name: 'transform',
  title: 'Transform Substructure',
  rfc: 'RFC 7296 §3.3.2',
  fields: [
    link('lastSubstruc', 'Last Substruc', lastSubstrucMeaning),
    reserved(1),
    extent('Transform Length'),
    uint('type', 1, 'Transform Type', transformTypes),
    reserved(1),
    uint('id', 2, 'Transform ID', (_, { type }) => transformIds(Number(type))),
    list('attributes', {
      title: 'Transform Attributes',
      each: 'attribute',
      element: attribute,
      limit: 'transformAttributes',
      least: 0,
    }),
  ],
  brief: ({ type, id }) => transformIds(type)?.notation(id) ?? `type ${type}`,
})

const proposal: Struct<Proposal> = struct({
  name: 'proposal',
  title: 'Proposal Substructure',
  rfc: 'RFC 7296 §3.3.1',
  fields: [
    link('lastSubstruc', 'Last Substruc', lastSubstrucMeaning),
    reserved(1),
    extent('Proposal Length'),
    uint('number', 1, 'Proposal Num'),
    uint('protocol', 1, 'Protocol ID', protocols),
    lengthOf('spi', 1, 'spiSize', 'SPI Size'),
    countOf('transforms', 1, 'numTransforms', 'Num Transforms'),
    counted('spi', 'SPI'),
    list('transforms', { title: 'Transforms', each: 'transform', element: transform, limit: 'transforms', least: 1, more: 3 }),
  ],
  rules: [
    {
      field: 'spiSize',
      rfc: 'RFC 7296 §3.3.1',
      says: 'the SPI has 4 octets for ESP and AH, and 8 or, in an initial negotiation, none for IKE',
      holds: ({ protocol: id, spi }) =>
        id === protocol.IKE ? spi.length === 0 || spi.length === 8 : (id !== protocol.AH && id !== protocol.ESP) || spi.length === 4,
    },
  ],
  brief: ({ number: position, protocol: id }) => `${position} ${protocols.notation(id)}`,
})

export const securityAssociation: Struct<SaPayload> = payload(
  'SA',
  'RFC 7296 §3.3',
  [list('proposals', { title: 'Proposals', each: 'proposal', element: proposal, limit: 'proposals', least: 1, more: 2 })],
  {
    field: 'proposals',
    rfc: 'RFC 7296 §3.3.1',
    // One proposal alone may be the accepted one, which keeps the number that it was offered under.
    says: 'several proposals are numbered 1, 2, 3 and so on',
    holds: ({ proposals }) => proposals.length === 1 || proposals.every((proposal, i) => proposal.number === i + 1),
  },
)

function lastSubstrucMeaning(value: number): string {
  return value === 0 ? 'last' : 'more follow'
}
