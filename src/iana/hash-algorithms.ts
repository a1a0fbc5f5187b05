// IKEv2 Hash Algorithms, as SIGNATURE_HASH_ALGORITHMS lists them. RFC 7427 §7.
import { type Registry, registry } from './registry.ts'

export const hashAlgorithm = {
  SHA1: 1,
  SHA2_256: 2,
  SHA2_384: 3,
  SHA2_512: 4,
  IDENTITY: 5,
  STREEBOG_256: 6,
  STREEBOG_512: 7,
} as const

export const hashAlgorithms: Registry = registry({
  title: 'IKEv2 Hash Algorithms',
  numbers: hashAlgorithm,
  source: 'RFC 7427',
  sources: { 'RFC 8420': ['IDENTITY'], 'RFC 9385': ['STREEBOG_256', 'STREEBOG_512'] },
  names: { SHA2_256: 'SHA2-256', SHA2_384: 'SHA2-384', SHA2_512: 'SHA2-512', IDENTITY: 'Identity' },
  privateUse: [[1024, 65535]],
})

export const hashAlgorithmName = (number: number): string => hashAlgorithms.name(number)
