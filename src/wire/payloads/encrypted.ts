// Encrypted payload, as an envelope: what is in it is decoded after decryption. RFC 7296 §3.14.
import { payloadTypes } from '../../iana/payloads.ts'
import type { Struct } from '../fields.ts'
import { rest, uint } from '../layout.ts'
import type { EncryptedPayload } from '../message.ts'
import { payloadWithLink } from './generic-header.ts'

// RFC 7296 §3.14: its Next Payload field is the type of the first payload inside, since nothing follows it.
export const encrypted: Struct<EncryptedPayload> = payloadWithLink<EncryptedPayload>(
  'SK',
  'RFC 7296 §3.14',
  uint('firstPayload', 1, 'Next Payload', payloadTypes),
  [rest('body', 'Initialization Vector, Encrypted IKE Payloads, Integrity Checksum Data')],
  [],
)
