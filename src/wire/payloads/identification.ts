// Identification payloads of both sides. RFC 7296 §3.5.
import { asciiText } from '../../bytes/bytes.ts'
import { idType, idTypes } from '../../iana/identification.ts'
import { addressFromBytes } from '../../net/address.ts'
import type { Explanation, Struct } from '../fields.ts'
import { group, reserved, rest, uint } from '../layout.ts'
import type { IdentificationPayload } from '../message.ts'
import { payload } from './generic-header.ts'

export const identificationInitiator: Struct<IdentificationPayload> = identification('IDi')
export const identificationResponder: Struct<IdentificationPayload> = identification('IDr')

function identification(kind: IdentificationPayload['kind']): Struct<IdentificationPayload> {
  return payload<IdentificationPayload>(
    kind,
    'RFC 7296 §3.5',
    [
      group(
        'identity',
        uint('type', 1, 'ID Type', idTypes),
        reserved(3),
        rest('value', 'Identification Data', (value, { type }) => identityText(Number(type), value)),
      ),
    ],
    {
      field: 'identity',
      rfc: 'RFC 7296 §3.5',
      says: 'an ID_IPV4_ADDR has 4 octets, an ID_IPV6_ADDR 16',
      holds: ({ identity: { type, value } }) =>
        type === idType.ID_IPV4_ADDR ? value.length === 4 : type !== idType.ID_IPV6_ADDR || value.length === 16,
    },
  )
}

function identityText(type: number, value: Uint8Array): Explanation {
  if (type === idType.ID_FQDN || type === idType.ID_RFC822_ADDR) return { text: value }
  if (type === idType.ID_IPV4_ADDR || type === idType.ID_IPV6_ADDR) return addressFromBytes(value)
  return type === idType.ID_KEY_ID && asciiText(value) !== undefined ? { text: value } : undefined
}
