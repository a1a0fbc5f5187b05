// IKEv2 Traffic Selector Types. RFC 7296 §3.13.1.
import { type Registry, registry } from './registry.ts'

export const trafficSelectorType = {
  TS_IPV4_ADDR_RANGE: 7,
  TS_IPV6_ADDR_RANGE: 8,
  TS_FC_ADDR_RANGE: 9,
  TS_SECLABEL: 10,
} as const

export const trafficSelectorTypes: Registry = registry({
  title: 'IKEv2 Traffic Selector Types',
  numbers: trafficSelectorType,
  source: 'RFC 7296',
  sources: { 'RFC 4595': ['TS_FC_ADDR_RANGE'], 'RFC 9478': ['TS_SECLABEL'] },
  privateUse: [[241, 255]],
})

export const trafficSelectorTypeName = (type: number): string => trafficSelectorTypes.name(type)
