// Annotated octets as plain JSON values. Offsets count octets of the region that a span is in; octets are hexadecimal. Keys that have
// nothing to say are left out: `meaning`, `registry`, `bits`, `children`, `inner`, `fault`.
import { toHex } from '../bytes/bytes.ts'
import type { Json, JsonObject } from './describe.ts'
import type { Annotation, BitSpan, Region, RegionFault, Span } from './span.ts'

/** `{ title, authentication, octets, spans, fault? }` */
export const annotationJson = ({ region }: Annotation): JsonObject => regionJson(region)

export function regionJson({ title, authentication, bytes, spans, fault }: Region): JsonObject {
  return {
    title,
    authentication,
    octets: toHex(bytes),
    spans: spans.map(spanJson),
    ...(fault === undefined ? {} : { fault: faultJson(fault) }),
  }
}

export function faultJson(fault: RegionFault): JsonObject {
  const { family, ...rest } = fault
  return family === undefined ? {} : rest
}

function spanJson({ kind, start, end, name, value, meaning, registry, rfc, bits, children, inner }: Span): JsonObject {
  return {
    kind,
    start,
    end,
    name,
    value,
    rfc,
    ...words(meaning, registry),
    ...(bits.length > 0 ? { bits: bits.map(bitJson) } : {}),
    ...(children.length > 0 ? { children: children.map(spanJson) } : {}),
    ...(inner === undefined ? {} : { inner: regionJson(inner) }),
  }
}

export const bitJson = ({ first, width, name, value, meaning, registry }: BitSpan): Json => ({
  first,
  width,
  name,
  value,
  ...words(meaning, registry),
})

function words(meaning: string | undefined, registry: string | undefined): JsonObject {
  return { ...(meaning === undefined ? {} : { meaning }), ...(registry === undefined ? {} : { registry }) }
}
