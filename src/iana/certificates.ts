// IKEv2 Certificate Encodings. RFC 7296 §3.6.
import { type Registry, registry } from './registry.ts'

export const certificateEncoding = {
  PKCS7_WRAPPED_X509: 1,
  PGP: 2,
  DNS_SIGNED_KEY: 3,
  X509_SIGNATURE: 4,
  KERBEROS_TOKEN: 6,
  CRL: 7,
  ARL: 8,
  SPKI: 9,
  X509_ATTRIBUTE: 10,
  RAW_RSA_KEY: 11,
  HASH_AND_URL_X509_CERTIFICATE: 12,
  HASH_AND_URL_X509_BUNDLE: 13,
  OCSP_CONTENT: 14,
  RAW_PUBLIC_KEY: 15,
} as const

export const certificateEncodings: Registry = registry({
  title: 'IKEv2 Certificate Encodings',
  numbers: certificateEncoding,
  source: 'RFC 7296',
  sources: { 'RFC 4806': ['OCSP_CONTENT'], 'RFC 7670': ['RAW_PUBLIC_KEY'] },
  names: {
    PKCS7_WRAPPED_X509: 'PKCS #7 wrapped X.509 certificate',
    PGP: 'PGP Certificate',
    DNS_SIGNED_KEY: 'DNS Signed Key',
    X509_SIGNATURE: 'X.509 Certificate - Signature',
    KERBEROS_TOKEN: 'Kerberos Token',
    CRL: 'Certificate Revocation List (CRL)',
    ARL: 'Authority Revocation List (ARL)',
    SPKI: 'SPKI Certificate',
    X509_ATTRIBUTE: 'X.509 Certificate - Attribute',
    RAW_RSA_KEY: 'Deprecated (was Raw RSA Key)',
    HASH_AND_URL_X509_CERTIFICATE: 'Hash and URL of X.509 certificate',
    HASH_AND_URL_X509_BUNDLE: 'Hash and URL of X.509 bundle',
    OCSP_CONTENT: 'OCSP Content',
    RAW_PUBLIC_KEY: 'Raw Public Key',
  },
  privateUse: [[201, 255]],
})

export const certificateEncodingName = (encoding: number): string => certificateEncodings.name(encoding)
