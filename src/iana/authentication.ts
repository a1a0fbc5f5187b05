// IKEv2 Authentication Method. RFC 7296 §3.8.
import { type Registry, registry } from './registry.ts'

export const authMethod = {
  RSA_DIGITAL_SIGNATURE: 1,
  SHARED_KEY_MESSAGE_INTEGRITY_CODE: 2,
  DSS_DIGITAL_SIGNATURE: 3,
  ECDSA_256: 9,
  ECDSA_384: 10,
  ECDSA_521: 11,
  GENERIC_SECURE_PASSWORD: 12,
  NULL_AUTHENTICATION: 13,
  DIGITAL_SIGNATURE: 14,
} as const

export const authMethods: Registry = registry({
  title: 'IKEv2 Authentication Method',
  numbers: authMethod,
  source: 'RFC 7296',
  sources: {
    'RFC 4754': ['ECDSA_256', 'ECDSA_384', 'ECDSA_521'],
    'RFC 6467': ['GENERIC_SECURE_PASSWORD'],
    'RFC 7619': ['NULL_AUTHENTICATION'],
    'RFC 7427': ['DIGITAL_SIGNATURE'],
  },
  names: {
    RSA_DIGITAL_SIGNATURE: 'RSA Digital Signature',
    SHARED_KEY_MESSAGE_INTEGRITY_CODE: 'Shared Key Message Integrity Code',
    DSS_DIGITAL_SIGNATURE: 'DSS Digital Signature',
    ECDSA_256: 'ECDSA with SHA-256 on the P-256 curve',
    ECDSA_384: 'ECDSA with SHA-384 on the P-384 curve',
    ECDSA_521: 'ECDSA with SHA-512 on the P-521 curve',
    GENERIC_SECURE_PASSWORD: 'Generic Secure Password Authentication Method',
    NULL_AUTHENTICATION: 'NULL Authentication',
    DIGITAL_SIGNATURE: 'Digital Signature',
  },
  privateUse: [[201, 255]],
})

export const authMethodName = (method: number): string => authMethods.name(method)
