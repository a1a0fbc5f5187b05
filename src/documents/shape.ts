// What the shape of a document is not as it should be, and its JSON Schema for editors. Shapes are zod's; every scalar is a string to them.
import * as z from 'zod'
import type { Result } from '../bytes/result.ts'
import type { JsonObject } from '../inspect/describe.ts'
import type { WordFault } from '../policy/words.ts'

/** Of what people name in files. */
export const namePattern: RegExp = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/

/** Where a value is not of the shape. */
export type Misfit =
  | { readonly kind: 'not-one-of'; readonly path: readonly PropertyKey[]; readonly valid: readonly string[] }
  /** Missing, empty, or a map, a list or a word where another belongs: `expected` says which. */
  | { readonly kind: 'other-kind'; readonly path: readonly PropertyKey[]; readonly expected: 'map' | 'list' | 'word' | 'words' }
  /** A list that is too short, or too long. */
  | { readonly kind: 'other-length'; readonly path: readonly PropertyKey[]; readonly expected: number }
  | { readonly kind: 'unknown-word'; readonly path: readonly PropertyKey[]; readonly valid: readonly string[] }
  /** A word that `worded` does not take; or what is found later, and may be more than a word. */
  | { readonly kind: 'wrong-word'; readonly path: readonly PropertyKey[]; readonly fault: WordFault }

export interface ReadShape<T> {
  /** `undefined` where there are misfits. */
  readonly value: T | undefined
  readonly misfits: readonly Misfit[]
}

export function readShape<T>(shape: z.ZodType<T>, value: unknown): ReadShape<T> {
  const read = shape.safeParse(value)
  return read.success
    ? { value: read.data, misfits: [] }
    : { value: undefined, misfits: read.error.issues.flatMap((issue) => misfitsOf(issue, shape, value)) }
}

/** A word that means something. `schema`: what editors are told of it. */
export function worded<T>(
  parse: (text: string) => Result<T, WordFault>,
  schema: { readonly description?: string; readonly type?: string | string[] } & JsonObject = {},
): z.ZodType<T> {
  return z
    .string()
    .min(1)
    .transform((text, context): T => {
      const parsed = parse(text)
      if (parsed.ok) return parsed.value
      context.issues.push({ code: 'custom', input: text, params: { fault: parsed.fault } })
      return z.NEVER
    })
    .meta(schema)
}

/** JSON Schema 2020-12. */
export function schemaOf(shape: z.ZodType, title: string, reused: 'ref' | 'inline'): JsonObject {
  const { $schema = '', ...rest } = z.toJSONSchema(shape, { io: 'input', reused })
  // Out of a library whose type for schemas allows more than JSON.
  const schema: unknown = JSON.parse(JSON.stringify({ ...rest }))
  return { $schema, title, ...(isObject(schema) ? schema : {}) }
}

function misfitsOf(issue: z.core.$ZodIssue, shape: z.ZodType, value: unknown): readonly Misfit[] {
  const { path } = issue
  switch (issue.code) {
    case 'invalid_key':
      return []
    case 'unrecognized_keys': {
      const valid = wordsAt(shape, path, value)
      return issue.keys.map((key) => ({ kind: 'unknown-word', path: [...path, key], valid }))
    }
    case 'invalid_value':
      return [{ kind: 'not-one-of', path, valid: issue.values.map(String) }]
    case 'invalid_union':
      if (issue.discriminator === undefined) return [{ kind: 'other-kind', path, expected: 'words' }]
      return [{ kind: 'not-one-of', path, valid: 'options' in issue ? (issue.options ?? []).map(String) : [] }]
    case 'custom':
      return isFault(issue.params?.['fault']) ? [{ kind: 'wrong-word', path, fault: issue.params['fault'] }] : []
    case 'too_small':
      if (issue.origin === 'array') return [{ kind: 'other-length', path, expected: Number(issue.minimum) }]
      return [{ kind: 'other-kind', path, expected: 'word' }]
    case 'too_big':
      return issue.origin === 'array' ? [{ kind: 'other-length', path, expected: Number(issue.maximum) }] : []
    case 'invalid_type':
      return [{ kind: 'other-kind', path, expected: kinds[issue.expected] ?? 'word' }]
    default:
      return [{ kind: 'other-kind', path, expected: 'word' }]
  }
}

const kinds: Readonly<Record<string, 'map' | 'list'>> = { object: 'map', record: 'map', array: 'list', tuple: 'list' }

/** The words of the map that the path leads to. `value` says which of several maps is meant. */
function wordsAt(shape: unknown, path: readonly PropertyKey[], value: unknown): readonly string[] {
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodExactOptional) return wordsAt(shape.unwrap(), path, value)
  if (shape instanceof z.ZodDiscriminatedUnion) {
    const word = within(value, shape.def.discriminator)
    const meant = shape.options.find(
      (option) => option instanceof z.ZodObject && option.shape[shape.def.discriminator]?.safeParse(word).success === true,
    )
    return wordsAt(meant, path, value)
  }
  const [step, ...rest] = path
  if (step === undefined) return shape instanceof z.ZodObject ? Object.keys(shape.shape) : []
  if (shape instanceof z.ZodObject) return wordsAt(shape.shape[String(step)], rest, within(value, step))
  return shape instanceof z.ZodArray ? wordsAt(shape.element, rest, within(value, step)) : []
}

function within(value: unknown, step: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, step)?.value : undefined
}

function isFault(value: unknown): value is WordFault {
  return typeof value === 'object' && value !== null && 'word' in value && 'offset' in value && 'message' in value
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
