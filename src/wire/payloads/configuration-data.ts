// What the value of a configuration attribute stands for. RFC 7296 §3.15.1.
import { u16 } from '../../bytes/bytes.ts'
import { configurationAttribute, configurationAttributes } from '../../iana/configuration.ts'
import { addressFromBytes } from '../../net/address.ts'
import type { Explanation } from '../fields.ts'

/** `undefined`: nothing that the octets do not say themselves, or not of the length that the RFC gives it. */
export function configurationData(type: number, value: Uint8Array): Explanation {
  switch (type) {
    case configurationAttribute.APPLICATION_VERSION:
    case configurationAttribute.INTERNAL_DNS_DOMAIN: // RFC 8598 §4.1
      return { text: value }
    case configurationAttribute.SUPPORTED_ATTRIBUTES:
      return attributeTypes(value)
    case configurationAttribute.INTERNAL_IP4_SUBNET:
      return value.length === 8 ? `${addressFromBytes(value.subarray(0, 4))} mask ${addressFromBytes(value.subarray(4))}` : undefined
    case configurationAttribute.INTERNAL_IP6_ADDRESS:
    case configurationAttribute.INTERNAL_IP6_SUBNET:
      return value.length === 17 ? `${addressFromBytes(value.subarray(0, 16))}/${value[16]}` : undefined
    default:
      return addressTypes.has(type) ? addressFromBytes(value) : undefined
  }
}

const addressTypes: ReadonlySet<number> = new Set([
  configurationAttribute.INTERNAL_IP4_ADDRESS,
  configurationAttribute.INTERNAL_IP4_NETMASK,
  configurationAttribute.INTERNAL_IP4_DNS,
  configurationAttribute.INTERNAL_IP4_NBNS,
  configurationAttribute.INTERNAL_IP4_DHCP,
  configurationAttribute.INTERNAL_IP6_DNS,
  configurationAttribute.INTERNAL_IP6_DHCP,
  configurationAttribute.P_CSCF_IP4_ADDRESS,
  configurationAttribute.P_CSCF_IP6_ADDRESS,
])

/** RFC 7296 §3.15.1: two octets each, of which the first bit is reserved. */
function attributeTypes(value: Uint8Array): string {
  return Array.from({ length: value.length >>> 1 }, (_, i) => configurationAttributes.name(u16(value, 2 * i) & 0x7fff)).join(', ')
}
