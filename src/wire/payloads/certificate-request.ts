// Certificate Request payload. RFC 7296 §3.7.
import { certificateEncodingName } from '../../iana/certificates.ts'
import type { Struct } from '../fields.ts'
import { rest, uint } from '../layout.ts'
import type { CertificateRequestPayload } from '../message.ts'
import { payload } from './generic-header.ts'

export const certificateRequest: Struct<CertificateRequestPayload> = payload('CERTREQ', 'RFC 7296 §3.7', [
  uint('encoding', 1, 'Cert Encoding', certificateEncodingName),
  rest('authority', 'Certification Authority'),
])
