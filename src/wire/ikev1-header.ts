// The header of IKEv1, so that its messages can be shown for what they are. RFC 2408 §3.1. The body stays closed.
import { ikev1Exchanges, ikev1Payloads } from '../iana/ikev1.ts'
import type { Struct } from './fields.ts'
import { bits, flag, hexadecimal, ikeSpi, number, reservedBits, struct, uint } from './layout.ts'

export interface Ikev1Header {
  readonly initiatorCookie: string
  readonly responderCookie: string
  readonly nextPayload: number
  readonly majorVersion: number
  readonly minorVersion: number
  readonly exchangeType: number
  readonly authenticationOnly: boolean
  readonly commit: boolean
  readonly encryption: boolean
  readonly messageId: number
  readonly length: number
  readonly reserved?: readonly number[]
}

export const ikev1Header: Struct<Ikev1Header> = struct({
  name: 'header',
  title: 'ISAKMP Header',
  rfc: 'RFC 2408 §3.1',
  fields: [
    ikeSpi('initiatorCookie', 'Initiator Cookie'),
    ikeSpi('responderCookie', 'Responder Cookie'),
    uint('nextPayload', 1, 'Next Payload', ikev1Payloads),
    bits(1, number('majorVersion', 4, 'Major Version'), number('minorVersion', 4, 'Minor Version')),
    uint('exchangeType', 1, 'Exchange Type', ikev1Exchanges),
    bits(1, reservedBits(5), flag('authenticationOnly', 'Authentication Only'), flag('commit', 'Commit'), flag('encryption', 'Encryption')),
    hexadecimal('messageId', 4, 'Message ID'),
    uint('length', 4, 'Length'),
  ],
})
