// The shape of a vector file: what is the same for all kinds, around the inputs and outputs of one. Published as JSON Schema 2020-12.
import * as z from 'zod'
import { failed, ok, type Result } from '../bytes/result.ts'
import type { Json, JsonObject } from '../inspect/describe.ts'
import type { Kind } from './kind.ts'
import { layers, type VectorCase, type VectorFile } from './vector.ts'

/** Where a value is not as the schema wants it, and what that is. */
export interface Misfit {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** A file whose cases are not read yet: a mistake in one does not cost the others. */
export interface Envelope extends Pick<VectorFile, 'title' | 'kind' | 'flags'> {
  readonly cases: readonly unknown[]
}

const line = z.string().min(1).max(500)
const id = z
  .string()
  .max(120)
  .regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, 'an id is lower-case letters and digits, with - and . between them')
const section = z.string().max(80)
const source = z.union([
  z.strictObject({ printed: line, section }),
  z.strictObject({ made: line, section, confirmedBy: z.array(line).min(1) }),
])
const envelope = z.strictObject({
  $schema: z.string().optional(),
  title: line,
  kind: z.string(),
  flags: z.record(z.string().regex(/^[A-Z][A-Za-z0-9]*$/), line).optional(),
  cases: z.array(z.unknown()).min(1),
})
const place = z.strictObject({ layer: z.enum(layers), field: z.string().min(1).max(200) })

const wholeFile = (kind: Kind) => envelope.extend({ kind: z.literal(kind.name), cases: z.array(wholeCase(kind)).min(1) })

function wholeCase({ inputs, outputs }: Kind) {
  const common = { id, title: line.optional(), source, flags: z.array(z.string()).optional(), effort: z.literal('slow').optional(), inputs }
  const erratum = z.strictObject({ says: line, printed: outputs }).optional()
  return z.discriminatedUnion('result', [
    z.strictObject({ ...common, result: z.enum(['valid', 'acceptable']), expected: outputs, erratum }),
    z.strictObject({ ...common, result: z.literal('invalid'), expected: place }),
  ])
}

/** The JSON Schema of files of one kind. */
export function jsonSchema(kind: Kind): JsonObject {
  const { $schema = '', ...rest } = z.toJSONSchema(wholeFile(kind), { io: 'input', reused: 'ref' })
  // Out of a library whose type for schemas allows more than JSON.
  const schema: unknown = JSON.parse(JSON.stringify({ ...rest }))
  return { $schema, title: kind.title, description: kind.rfc, ...(isObject(schema) ? schema : {}) }
}

export function readEnvelope(value: unknown): Result<Envelope, readonly Misfit[]> {
  const read = envelope.safeParse(value)
  if (!read.success) return failed(read.error.issues)
  const { title, kind, flags = {}, cases } = read.data
  return ok({ title, kind, flags, cases })
}

/** `value` comes from `JSON.parse`. Its inputs and outputs stay as they are written. */
export function readCase(kind: Kind, value: unknown): Result<VectorCase, readonly Misfit[]> {
  const read = shapeOf(kind).safeParse(value)
  if (!read.success) return failed(read.error.issues)
  const { data } = read
  const { inputs, expected, erratum } = isObject(value) ? value : {}
  const { title, flags = [], result } = data
  const effort = data.effort ?? (kind.isSlow?.(objectOf(inputs)) === true ? 'slow' : 'quick')
  return ok({
    id: data.id,
    title,
    source: data.source,
    result,
    flags,
    effort,
    inputs: objectOf(inputs),
    expected:
      data.result === 'invalid'
        ? { kind: 'invalid', at: data.expected }
        : {
            kind: 'outputs',
            outputs: objectOf(expected),
            erratum: data.erratum === undefined ? undefined : { says: data.erratum.says, printed: objectOf(objectOf(erratum)['printed']) },
          },
  })
}

/** Making a schema costs more than reading a case with it. */
const shapes = new WeakMap<Kind, ReturnType<typeof wholeCase>>()

function shapeOf(kind: Kind): ReturnType<typeof wholeCase> {
  const known = shapes.get(kind) ?? wholeCase(kind)
  shapes.set(kind, known)
  return known
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})
