// A payload of a type that we do not know: kept as it is. RFC 7296 §2.5, §3.2.
import { payloadTypeNotation, payloadTypes } from '../../iana/payloads.ts'
import type { Struct } from '../fields.ts'
import { bits, extent, flag, link, reservedBits, rest, struct } from '../layout.ts'
import type { UnknownPayload } from '../message.ts'

/** The type is not in the payload itself but in what precedes it. */
export function unknownPayload(type: number): Struct<UnknownPayload> {
  return struct({
    name: payloadTypeNotation(type),
    title: `${payloadTypes.name(type)} Payload`,
    rfc: 'RFC 7296 §3.2',
    tag: { kind: 'unknown', type },
    fields,
    brief: () => payloadTypeNotation(type),
  })
}

/** Made once: what is known of a field is kept with it. */
const fields = [
  link('nextPayload', 'Next Payload', payloadTypes),
  bits<never, 'critical'>(1, flag('critical', 'Critical'), reservedBits(7)),
  extent('Payload Length'),
  rest('body', 'Payload Data'),
] as const
