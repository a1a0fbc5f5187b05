// Key Exchange payload. RFC 7296 §3.4.
import { keyExchangeIds } from '../../iana/transforms.ts'
import type { Struct } from '../fields.ts'
import { reserved, rest, uint } from '../layout.ts'
import type { KePayload } from '../message.ts'
import { payload } from './generic-header.ts'

export const keyExchange: Struct<KePayload> = payload('KE', 'RFC 7296 §3.4', [
  uint('method', 2, 'Diffie-Hellman Group Num', keyExchangeIds),
  reserved(2),
  rest('publicValue', 'Key Exchange Data'),
])
