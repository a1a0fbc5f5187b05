// Options as IPv4, IPv6 and TCP headers carry them: a kind, and for most a length and data. RFC 791 §3.1, RFC 8200 §4.2, RFC 9293 §3.1.
import type { Registry } from '../../iana/registry.ts'
import type { Choice, Meaning, Struct } from '../fields.ts'
import { choice, constant, counted, lengthOf, rest, shortExtent, struct, uint } from '../layout.ts'

/** `pad`: one octet, no operation. `end`: the list is over, all that follows is padding. `data`: with a length. */
export type Option =
  | { readonly kind: 'pad' }
  | { readonly kind: 'end'; readonly padding: Uint8Array }
  | { readonly kind: 'data'; readonly type: number; readonly data: Uint8Array }

/** IPv4 and TCP: 0 ends the list, 1 is No Operation, and the length of all others covers their first two octets. */
export function optionsWithEnd(registry: Registry, rfc: string, typeTitle: string, meaning?: Meaning<Uint8Array>): Choice<Option> {
  const title = { name: 'option', title: 'Option', rfc }
  const end: Struct<Extract<Option, { readonly kind: 'end' }>> = struct({
    ...title,
    tag: { kind: 'end' },
    fields: [constant('type', 0, typeTitle, registry), rest('padding', 'Padding')],
    brief: () => registry.notation(0),
  })
  const pad = padOption(1, registry, rfc, typeTitle)
  const data: Struct<Extract<Option, { readonly kind: 'data' }>> = struct({
    ...title,
    tag: { kind: 'data' },
    fields: [uint('type', 1, typeTitle, registry), shortExtent(1, 0, 'Length'), rest('data', 'Option Data', meaning)],
    rules: [{ field: 'type', rfc, says: 'an option with a length is not 0 or 1', holds: ({ type }) => type > 1 }],
    brief: ({ type }) => registry.notation(type),
  })
  return choice(
    (first) => (first === 0 ? end : first === 1 ? pad : data),
    ({ kind }) => (kind === 'end' ? end : kind === 'pad' ? pad : data),
  )
}

/** IPv6: 0 is Pad1, and the length of all others is that of their data. */
export function optionsWithPad1(registry: Registry, rfc: string): Choice<Exclude<Option, { readonly kind: 'end' }>> {
  const pad = padOption(0, registry, rfc, 'Option Type')
  const data: Struct<Extract<Option, { readonly kind: 'data' }>> = struct({
    name: 'option',
    title: 'Option',
    rfc,
    tag: { kind: 'data' },
    fields: [uint('type', 1, 'Option Type', registry), lengthOf('data', 1, 'length', 'Opt Data Len'), counted('data', 'Option Data')],
    rules: [{ field: 'type', rfc, says: 'an option with a length is not Pad1', holds: ({ type }) => type > 0 }],
    brief: ({ type }) => registry.notation(type),
  })
  return choice(
    (first) => (first === 0 ? pad : data),
    ({ kind }) => (kind === 'pad' ? pad : data),
  )
}

function padOption(type: number, registry: Registry, rfc: string, typeTitle: string): Struct<Extract<Option, { readonly kind: 'pad' }>> {
  return struct({
    name: 'option',
    title: 'Option',
    rfc,
    tag: { kind: 'pad' },
    fields: [constant('type', type, typeTitle, registry)],
    brief: () => registry.notation(type),
  })
}
