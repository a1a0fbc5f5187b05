// IKEv2 Transform Attribute Types. RFC 7296 §3.3.5.
import { type Registry, registry } from './registry.ts'

export const transformAttribute = {
  /** In bits; always in the short form. */
  KEY_LENGTH: 14,
} as const

export const transformAttributes: Registry = registry({
  title: 'IKEv2 Transform Attribute Types',
  numbers: transformAttribute,
  source: 'RFC 7296',
  names: { KEY_LENGTH: 'Key Length (in bits)' },
  privateUse: [[16384, 32767]],
})

export const transformAttributeName = (type: number): string => transformAttributes.name(type)
