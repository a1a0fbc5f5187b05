// Encrypted and Authenticated Fragment payload, as an envelope. RFC 7383 §2.5.
import { payloadTypes } from '../../iana/payloads.ts'
import type { Struct } from '../fields.ts'
import { rest, uint } from '../layout.ts'
import type { EncryptedFragmentPayload } from '../message.ts'
import { payloadWithLink } from './generic-header.ts'

// RFC 7383 §2.5: its Next Payload field is the type of the first payload inside in fragment 1, and zero in all others.
export const encryptedFragment: Struct<EncryptedFragmentPayload> = payloadWithLink<EncryptedFragmentPayload>(
  'SKF',
  'RFC 7383 §2.5',
  uint('firstPayload', 1, 'Next Payload', payloadTypes),
  [
    uint('fragmentNumber', 2, 'Fragment Number'),
    uint('totalFragments', 2, 'Total Fragments'),
    rest('body', 'Initialization Vector, Encrypted Content, Integrity Checksum Data'),
  ],
  [
    {
      field: 'fragmentNumber',
      rfc: 'RFC 7383 §2.5',
      says: 'the Fragment Number is at least 1 and at most the Total Fragments',
      holds: ({ fragmentNumber, totalFragments }) => fragmentNumber > 0 && fragmentNumber <= totalFragments,
    },
    {
      field: 'firstPayload',
      rfc: 'RFC 7383 §2.5',
      says: 'the Next Payload of every fragment but the first is zero',
      holds: ({ firstPayload, fragmentNumber }) => fragmentNumber === 1 || firstPayload === 0,
    },
  ],
)
