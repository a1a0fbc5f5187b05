// Nonce payload. RFC 7296 §3.9.
import type { Struct } from '../fields.ts'
import { rest } from '../layout.ts'
import type { NoncePayload } from '../message.ts'
import { payload } from './generic-header.ts'

// RFC 7296 §3.9: the size of the Nonce Data MUST be between 16 and 256 octets, inclusive.
export const nonce: Struct<NoncePayload> = payload('NONCE', 'RFC 7296 §3.9', [rest('nonce', 'Nonce Data', 16, 256)])
