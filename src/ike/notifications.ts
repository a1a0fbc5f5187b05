// Notify payloads: making and finding them. RFC 7296 §3.10.
import { putU16 } from '../bytes/bytes.ts'
import { notify } from '../iana/notify.ts'
import type { NotifyPayload, Payload } from '../wire/message.ts'

const nothing: Uint8Array = new Uint8Array(0)

/** A notification about the IKE SA, or about none. RFC 7296 §3.10: then protocol and SPI are empty. */
export function notification(type: number, value: Uint8Array = nothing): NotifyPayload {
  return { kind: 'N', critical: false, protocol: 0, spi: nothing, type, value }
}

export function notifications(payloads: readonly Payload[], type: number): readonly NotifyPayload[] {
  return payloads.filter((payload): payload is NotifyPayload => payload.kind === 'N' && payload.type === type)
}

export const hasNotification = (payloads: readonly Payload[], type: number): boolean => notifications(payloads, type).length > 0

/** RFC 7296 §3.10.1: types below 16384 are errors; an unrecognised one means that the request failed entirely. */
export function firstError(payloads: readonly Payload[]): NotifyPayload | undefined {
  return payloads.find((payload): payload is NotifyPayload => payload.kind === 'N' && payload.type < notify.INITIAL_CONTACT)
}

/** RFC 7296 §1.2, §1.3: the group that the responder would accept, in two octets. */
export function invalidKe(group: number): NotifyPayload {
  const value = new Uint8Array(2)
  putU16(value, 0, group)
  return notification(notify.INVALID_KE_PAYLOAD, value)
}
