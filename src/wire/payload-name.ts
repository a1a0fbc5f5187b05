// Payloads as RFC 7296 §1.2 writes them, for ladders, logs and faults.
import { notifyName } from '../iana/notify.ts'
import { payloadTypeNotation } from '../iana/payloads.ts'
import type { Payload } from './message.ts'

/** `SA`, `NONCE`, `N(COOKIE)`, `IDi`, `TSi`, `SK`, `SKF`, `unknown (200)` */
export function payloadLabel(payload: Payload): string {
  switch (payload.kind) {
    case 'N':
      return `N(${notifyName(payload.type)})`
    case 'unknown':
      return payloadTypeNotation(payload.type)
    default:
      return payload.kind
  }
}
