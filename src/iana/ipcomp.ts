// IKEv2 Notification IPCOMP Transform IDs. RFC 7296 §2.22.
import { type Registry, registry } from './registry.ts'

export const ipcompTransform = {
  IPCOMP_OUI: 1,
  IPCOMP_DEFLATE: 2,
  IPCOMP_LZS: 3,
  IPCOMP_LZJH: 4,
} as const

export const ipcompTransforms: Registry = registry({
  title: 'IKEv2 Notification IPCOMP Transform IDs',
  numbers: ipcompTransform,
  source: 'RFC 7296',
  privateUse: [[241, 255]],
})

export const ipcompTransformName = (id: number): string => ipcompTransforms.name(id)
