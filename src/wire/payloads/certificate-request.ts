// Certificate Request payload. RFC 7296 §3.7.
import { certificateEncoding, certificateEncodings } from '../../iana/certificates.ts'
import type { Struct } from '../fields.ts'
import { rest, uint } from '../layout.ts'
import type { CertificateRequestPayload } from '../message.ts'
import { payload } from './generic-header.ts'

export const certificateRequest: Struct<CertificateRequestPayload> = payload('CERTREQ', 'RFC 7296 §3.7', [
  uint('encoding', 1, 'Cert Encoding', certificateEncodings),
  rest('authority', 'Certification Authority', (value, { encoding }) => authorities(Number(encoding), value)),
])

/** RFC 7296 §3.7: SHA-1 hashes of the public keys of trusted authorities, 20 octets each. */
function authorities(encoding: number, value: Uint8Array): string | undefined {
  if (encoding !== certificateEncoding.X509_SIGNATURE || value.length % 20 !== 0) return undefined
  return `${value.length / 20} SHA-1 hashes of public keys of authorities`
}
