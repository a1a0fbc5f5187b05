// Configuration payload. RFC 7296 §3.15.
// The lengths of attribute values are left to who uses them: an attribute that makes no sense MUST be ignored, not the message refused.
import { configurationAttributes, configurationTypes } from '../../iana/configuration.ts'
import type { Struct } from '../fields.ts'
import { bits, counted, lengthOf, list, number, reserved, reservedBits, struct, uint } from '../layout.ts'
import type { ConfigurationAttribute, ConfigurationPayload } from '../message.ts'
import { configurationData } from './configuration-data.ts'
import { payload } from './generic-header.ts'

const attribute: Struct<ConfigurationAttribute> = struct({
  name: 'attribute',
  title: 'Configuration Attribute',
  rfc: 'RFC 7296 §3.15.1',
  fields: [
    bits(2, reservedBits(1), number('type', 15, 'Attribute Type', configurationAttributes)),
    lengthOf('value', 2, 'length', 'Length'),
    counted('value', 'Value', (value, { type }) => configurationData(Number(type), value)),
  ],
  brief: ({ type }) => configurationAttributes.notation(type),
})

export const configuration: Struct<ConfigurationPayload> = payload('CP', 'RFC 7296 §3.15', [
  uint('type', 1, 'CFG Type', configurationTypes),
  reserved(3),
  list('attributes', {
    title: 'Configuration Attributes',
    each: 'attribute',
    element: attribute,
    limit: 'configurationAttributes',
    least: 0,
  }),
])
