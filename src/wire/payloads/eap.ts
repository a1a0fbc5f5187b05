// Extensible Authentication Protocol payload. RFC 7296 §3.16.
import { u16 } from '../../bytes/bytes.ts'
import type { Struct } from '../fields.ts'
import { restWithin } from '../layout.ts'
import type { EapPayload } from '../message.ts'
import { payload } from './generic-header.ts'

export const extensibleAuthentication: Struct<EapPayload> = payload(
  'EAP',
  'RFC 7296 §3.16',
  // Code, Identifier and Length are always there.
  [restWithin(4, 65_531, 'message', 'EAP Message', eapMeaning)],
  {
    field: 'message',
    rfc: 'RFC 7296 §3.16',
    says: 'the Length of the EAP message is four less than the Payload Length',
    holds: ({ message }) => u16(message, 2) === message.length,
  },
  {
    field: 'message',
    rfc: 'RFC 7296 §3.16',
    says: 'a Request or Response has a Type, a Success or Failure has nothing after its Length',
    holds: ({ message }) => {
      const code = message[0] ?? 0
      if (code === eapCode.REQUEST || code === eapCode.RESPONSE) return message.length > 4
      return (code !== eapCode.SUCCESS && code !== eapCode.FAILURE) || message.length === 4
    },
  },
)

/** RFC 3748 §4: Code and Identifier. */
function eapMeaning([code = 0, identifier = 0]: Uint8Array): string {
  return `${eapWords.get(code) ?? `code ${code}`}, Identifier ${identifier}`
}

const eapCode = { REQUEST: 1, RESPONSE: 2, SUCCESS: 3, FAILURE: 4 } as const
const eapWords: ReadonlyMap<number, string> = new Map([
  [eapCode.REQUEST, 'Request'],
  [eapCode.RESPONSE, 'Response'],
  [eapCode.SUCCESS, 'Success'],
  [eapCode.FAILURE, 'Failure'],
])
