// What every payload begins with. RFC 7296 §3.2.
/* oxlint-disable typescript/no-unsafe-type-assertion -- every T has `critical`, which TypeScript cannot see while T is open */
import { payloadType, payloadTypes } from '../../iana/payloads.ts'
import type { FieldOf, Rule, Struct } from '../fields.ts'
import { bits, extent, flag, link, reservedBits, struct } from '../layout.ts'
import type { PayloadBase } from '../message.ts'

/** A payload's table: the generic payload header, then `fields`. */
export function payload<T extends PayloadBase & { readonly kind: string }>(
  kind: T['kind'],
  rfc: string,
  fields: readonly FieldOf<T>[],
  ...rules: readonly Rule<T>[]
): Struct<T> {
  return payloadWithLink(kind, rfc, nextPayload, fields, rules)
}

/** For the payload whose Next Payload field is its own (RFC 7296 §3.14). */
export function payloadWithLink<T extends PayloadBase & { readonly kind: string }>(
  kind: T['kind'],
  rfc: string,
  first: FieldOf<T>,
  fields: readonly FieldOf<T>[],
  rules: readonly Rule<T>[],
): Struct<T> {
  return struct<T>({
    name: kind,
    title: `${payloadTypes.name(registered.get(kind) ?? 0)} Payload`,
    rfc,
    tag: { kind },
    fields: [first, criticalBit as FieldOf<T>, extent('Payload Length'), ...fields],
    rules,
    brief: () => kind,
  })
}

const nextPayload = link('nextPayload', 'Next Payload', payloadTypes)
const registered: ReadonlyMap<string, number> = new Map(Object.entries(payloadType))
const criticalBit = bits<never, 'critical'>(1, flag('critical', 'Critical'), reservedBits(7))
