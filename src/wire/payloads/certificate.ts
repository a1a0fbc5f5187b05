// Certificate payload. RFC 7296 §3.6.
import { certificateEncodings } from '../../iana/certificates.ts'
import type { Struct } from '../fields.ts'
import { rest, uint } from '../layout.ts'
import type { CertificatePayload } from '../message.ts'
import { payload } from './generic-header.ts'

export const certificate: Struct<CertificatePayload> = payload('CERT', 'RFC 7296 §3.6', [
  uint('encoding', 1, 'Cert Encoding', certificateEncodings),
  rest('certificate', 'Certificate Data'),
])
