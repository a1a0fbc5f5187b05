// Nonce payload. RFC 7296 §3.9.
import type { Struct } from '../fields.ts'
import { restWithin } from '../layout.ts'
import type { NoncePayload } from '../message.ts'
import { payload } from './generic-header.ts'

// RFC 7296 §3.9: the size of the Nonce Data MUST be between 16 and 256 octets, inclusive.
export const nonce: Struct<NoncePayload> = payload('NONCE', 'RFC 7296 §3.9', [restWithin(16, 256, 'nonce', 'Nonce Data')])
