// What the octets of an IKE message hold, and whether they are a message at all. Nothing is decrypted, and no IKE SA is asked: any payload may
// stand in any exchange. RFC 7296 §3, RFC 7383 §2.5.
import * as z from 'zod'
import { toHex } from '../../bytes/bytes.ts'
import { payloadTypeNotation } from '../../iana/payloads.ts'
import { unknownCritical } from '../../ike/endpoint/receive.ts'
import { decodeMessage, encodeMessage } from '../../wire/codec.ts'
import { type Kind, kind } from '../kind.ts'
import { headerJson, payloadJson } from '../message-json.ts'
import { headerShape, payloadShape } from '../shapes/message.ts'
import { hex, octets } from '../shapes/basic.ts'
import { invalid, outputs } from '../vector.ts'

export const ikeMessage: Kind = kind({
  name: 'ike-message',
  title: 'The octets of an IKE message, read field by field and written again',
  rfc: 'RFC 7296 §2.5, §3; RFC 7383 §2.5',
  /** The payload of a UDP datagram, without the Non-ESP Marker. */
  inputs: z.strictObject({ message: octets }),
  /** `encoded`: the same message encoded from what was read. Cases leave it out where the octets are not those that a sender may choose. */
  outputs: z.strictObject({ header: headerShape, payloads: z.array(payloadShape), encoded: hex.optional() }),
  answer(_, { message }) {
    const decoded = decodeMessage(message)
    if (!decoded.ok) return invalid('wire', decoded.fault.field)
    const { header, payloads } = decoded.value
    // RFC 7296 §2.5: the message MUST be rejected.
    const critical = unknownCritical(payloads)
    if (critical !== undefined) return invalid('ike', `${payloadTypeNotation(critical.type)}.critical`)
    return outputs({ header: headerJson(header), payloads: payloads.map(payloadJson), encoded: toHex(encodeMessage(decoded.value)) })
  },
})
