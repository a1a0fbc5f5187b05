// The IKE header. RFC 7296 §3.1.
import { exchanges } from '../iana/exchanges.ts'
import { payloadTypes } from '../iana/payloads.ts'
import type { Struct } from './fields.ts'
import { flagWords } from './flags.ts'
import { bits, hexadecimal, ikeSpi, number, struct, uint } from './layout.ts'
import type { Header } from './message.ts'

/** The header as it is on the wire, with what the payloads determine. */
export interface WireHeader extends Header {
  /** Type of the first payload. */
  readonly nextPayload: number
  /** Octets of the whole message. */
  readonly length: number
}

export const header: Struct<WireHeader> = struct({
  name: 'header',
  title: 'IKE Header',
  rfc: 'RFC 7296 §3.1',
  fields: [
    ikeSpi('initiatorSpi', "IKE SA Initiator's SPI"),
    ikeSpi('responderSpi', "IKE SA Responder's SPI"),
    uint('nextPayload', 1, 'Next Payload', payloadTypes),
    bits(1, number('majorVersion', 4, 'Major Version'), number('minorVersion', 4, 'Minor Version')),
    uint('exchangeType', 1, 'Exchange Type', exchanges),
    hexadecimal('flags', 1, 'Flags', flagWords),
    uint('messageId', 4, 'Message ID'),
    uint('length', 4, 'Length'),
  ],
  rules: [
    {
      field: 'initiatorSpi',
      rfc: 'RFC 7296 §3.1',
      says: "the initiator's SPI is not zero",
      holds: ({ initiatorSpi }) => initiatorSpi !== '0000000000000000',
    },
  ],
})
