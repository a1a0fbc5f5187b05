// What the Notification Data of a Notify payload stands for, where it is a number or a list of numbers. RFC 7296 §3.10.1.
import { u16, u32 } from '../../bytes/bytes.ts'
import { hashAlgorithms } from '../../iana/hash-algorithms.ts'
import { ipcompTransforms } from '../../iana/ipcomp.ts'
import { notify } from '../../iana/notify.ts'
import { payloadTypes } from '../../iana/payloads.ts'
import { keyExchangeIds } from '../../iana/transforms.ts'
import { addressFromBytes } from '../../net/address.ts'
import type { Explanation } from '../fields.ts'

/** `undefined`: nothing that the octets do not say themselves, or not of the length that the RFC gives it. */
export function notificationData(type: number, data: Uint8Array): Explanation {
  const meaning = meanings.get(type)
  return meaning === undefined || data.length < meaning.least ? undefined : meaning.explain(data)
}

interface NotificationMeaning {
  readonly least: number
  explain(data: Uint8Array): Explanation
}

const endpointHash: NotificationMeaning = { least: 20, explain: () => 'SHA-1 of both SPIs, address and port' }
const address: NotificationMeaning = { least: 4, explain: addressFromBytes }

const meanings: ReadonlyMap<number, NotificationMeaning> = new Map<number, NotificationMeaning>([
  // RFC 7296 §2.5: one octet with the payload type.
  [notify.UNSUPPORTED_CRITICAL_PAYLOAD, { least: 1, explain: ([type = 0]) => payloadTypes.name(type) }],
  [notify.INVALID_MESSAGE_ID, { least: 4, explain: (data) => `Message ID ${u32(data, 0)}` }],
  // RFC 7296 §1.3: the accepted group, in two octets.
  [notify.INVALID_KE_PAYLOAD, { least: 2, explain: (data) => keyExchangeIds.name(u16(data, 0)) }],
  [notify.SET_WINDOW_SIZE, { least: 4, explain: (data) => `${u32(data, 0)} requests at once` }],
  // RFC 7296 §2.22: CPI, then transform.
  [
    notify.IPCOMP_SUPPORTED,
    { least: 3, explain: (data) => `CPI 0x${u16(data, 0).toString(16).padStart(4, '0')}, ${ipcompTransforms.name(data[2] ?? 0)}` },
  ],
  [notify.NAT_DETECTION_SOURCE_IP, endpointHash],
  [notify.NAT_DETECTION_DESTINATION_IP, endpointHash],
  // RFC 4555 §4.2.
  [notify.ADDITIONAL_IP4_ADDRESS, address],
  [notify.ADDITIONAL_IP6_ADDRESS, address],
  // RFC 4478 §3.
  [notify.AUTH_LIFETIME, { least: 4, explain: (data) => `${u32(data, 0)} seconds` }],
  // RFC 7427 §4.
  [notify.SIGNATURE_HASH_ALGORITHMS, { least: 2, explain: (data) => numbers16(data).map(hashAlgorithms.name).join(', ') }],
])

function numbers16(data: Uint8Array): readonly number[] {
  return Array.from({ length: data.length >>> 1 }, (_, i) => u16(data, 2 * i))
}
