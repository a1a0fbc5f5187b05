// Identification payloads of both sides. RFC 7296 §3.5.
import { idType, idTypeName } from '../../iana/identification.ts'
import type { Struct } from '../fields.ts'
import { group, reserved, rest, uint } from '../layout.ts'
import type { IdentificationPayload } from '../message.ts'
import { payload } from './generic-header.ts'

export const identificationInitiator: Struct<IdentificationPayload> = identification('IDi')
export const identificationResponder: Struct<IdentificationPayload> = identification('IDr')

function identification(kind: IdentificationPayload['kind']): Struct<IdentificationPayload> {
  return payload<IdentificationPayload>(
    kind,
    'RFC 7296 §3.5',
    [group('identity', uint('type', 1, 'ID Type', idTypeName), reserved(3), rest('value', 'Identification Data'))],
    {
      field: 'identity',
      rfc: 'RFC 7296 §3.5',
      says: 'an ID_IPV4_ADDR has 4 octets, an ID_IPV6_ADDR 16',
      holds: ({ identity: { type, value } }) =>
        type === idType.ID_IPV4_ADDR ? value.length === 4 : type !== idType.ID_IPV6_ADDR || value.length === 16,
    },
  )
}
