// Authentication payload. RFC 7296 §3.8.
import { authMethods } from '../../iana/authentication.ts'
import type { Struct } from '../fields.ts'
import { reserved, rest, uint } from '../layout.ts'
import type { AuthenticationPayload } from '../message.ts'
import { payload } from './generic-header.ts'

export const authentication: Struct<AuthenticationPayload> = payload('AUTH', 'RFC 7296 §3.8', [
  uint('method', 1, 'Auth Method', authMethods),
  reserved(3),
  rest('value', 'Authentication Data'),
])
