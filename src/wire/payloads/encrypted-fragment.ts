// Encrypted and Authenticated Fragment payload, as an envelope. RFC 7383 §2.5.
import { payloadTypes } from '../../iana/payloads.ts'
import type { Struct } from '../fields.ts'
import { rest, uint } from '../layout.ts'
import type { EncryptedFragmentPayload } from '../message.ts'
import { payloadWithLink } from './generic-header.ts'

// RFC 7383 §2.5: its Next Payload field is the type of the first payload inside in fragment 1. A sender sets it to zero in all others;
// §2.6 does not have a recipient look at it there, and nothing is made of it.
export const encryptedFragment: Struct<EncryptedFragmentPayload> = payloadWithLink<EncryptedFragmentPayload>(
  'SKF',
  'RFC 7383 §2.5',
  uint('firstPayload', 1, 'Next Payload', payloadTypes),
  [
    uint('fragmentNumber', 2, 'Fragment Number'),
    uint('totalFragments', 2, 'Total Fragments', (total, { fragmentNumber }) => `this is fragment ${Number(fragmentNumber)} of ${total}`),
    rest('body', 'Initialization Vector, Encrypted Content, Integrity Checksum Data'),
  ],
  [
    {
      field: 'fragmentNumber',
      rfc: 'RFC 7383 §2.5',
      says: 'the Fragment Number is at least 1 and at most the Total Fragments',
      holds: ({ fragmentNumber, totalFragments }) => fragmentNumber > 0 && fragmentNumber <= totalFragments,
    },
  ],
)
