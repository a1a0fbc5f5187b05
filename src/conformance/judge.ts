// Whether an answer is what a case expects, and if not, where they part.
import type { Json, JsonObject } from '../inspect/describe.ts'
import type { Answer, Layer, Place, VectorCase } from './vector.ts'

export type Verdict =
  /** `accepted`: of an `acceptable` case, that the implementation did not refuse it. */
  | { readonly kind: 'passed'; readonly how: 'as-expected' | 'acceptable-accepted' | 'acceptable-refused' }
  | Failure
  /** Not asked: too slow, or nobody there to answer. */
  | { readonly kind: 'skipped'; readonly says: string }
  /** Outside of what the implementation has. */
  | { readonly kind: 'not-applicable'; readonly says: string }

export interface Failure {
  readonly kind: 'failed'
  /** Where it must have failed, or did; `undefined` when outputs differ. */
  readonly layer: Layer | undefined
  /** The output that differs, `keys.skEi`, or the field that is refused. */
  readonly field: string
  readonly expected: string
  readonly got: string
  /** Index of the first octet that differs, where both are octets. */
  readonly firstDifference: number | undefined
}

/** How much of what an implementation says is graded. */
export type Strictness =
  /** Where it refuses must be the layer and field that the case names. */
  | 'with-place'
  /** That it refuses is enough. */
  | 'result-only'

export function judge(vector: VectorCase, answer: Answer, strictness: Strictness): Verdict {
  if (answer.kind === 'unimplemented') return { kind: 'not-applicable', says: answer.says }
  const { expected } = vector
  if (expected.kind === 'invalid') {
    if (answer.kind === 'outputs') return failure(expected.at, 'refused', accepted(answer.outputs))
    return strictness === 'result-only' || answer.at === undefined ? asExpected : samePlace(expected.at, answer.at)
  }
  if (answer.kind === 'invalid') {
    if (vector.result === 'acceptable') return { kind: 'passed', how: 'acceptable-refused' }
    const { layer, field } = answer.at ?? { layer: undefined, field: '' }
    return { kind: 'failed', layer, field, expected: 'accepted', got: `refused${formatPlace(answer.at)}`, firstDifference: undefined }
  }
  return (
    firstDifference(expected.outputs, answer.outputs, '') ??
    (vector.result === 'acceptable' ? { kind: 'passed', how: 'acceptable-accepted' } : asExpected)
  )
}

const asExpected: Verdict = { kind: 'passed', how: 'as-expected' }

const failure = ({ layer, field }: Place, expected: string, got: string): Failure => ({
  kind: 'failed',
  layer,
  field,
  expected,
  got,
  firstDifference: undefined,
})

function samePlace(wanted: Place, found: Place): Verdict {
  if (wanted.layer === found.layer && wanted.field === found.field) return asExpected
  return failure(wanted, `refused${formatPlace(wanted)}`, `refused${formatPlace(found)}`)
}

const formatPlace = (place: Place | undefined): string => (place === undefined ? '' : ` at ${place.layer} ${place.field}`)
const accepted = (values: JsonObject): string => `accepted: ${textOf(values)}`

/** Every output that is expected must be there and equal; an implementation may say more. */
function firstDifference(expected: Json, got: Json | undefined, path: string): Failure | undefined {
  if (isObject(expected)) {
    if (!isObject(got)) return differs(path, expected, got)
    for (const [key, value] of Object.entries(expected)) {
      const found = firstDifference(value, got[key], path === '' ? key : `${path}.${key}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (isList(expected)) {
    if (!isList(got) || got.length !== expected.length) return differs(path, expected, got)
    for (const [index, value] of expected.entries()) {
      const found = firstDifference(value, got[index], `${path}[${index}]`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return expected === got ? undefined : differs(path, expected, got)
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

function differs(field: string, expected: Json, got: Json | undefined): Failure {
  return {
    kind: 'failed',
    layer: undefined,
    field,
    expected: textOf(expected),
    got: textOf(got),
    firstDifference: firstOctet(expected, got),
  }
}

const octetsOnly = /^(?:[0-9a-f]{2})+$/

/** Of two strings of octets. A string that is the beginning of the other differs where it ends. */
function firstOctet(expected: Json, got: Json | undefined): number | undefined {
  if (typeof expected !== 'string' || typeof got !== 'string' || !octetsOnly.test(expected) || !octetsOnly.test(got)) return undefined
  let at = 0
  while (at < expected.length && at < got.length && expected.slice(at, at + 2) === got.slice(at, at + 2)) at += 2
  return at / 2
}

/** Of an implementation that we do not know there may be megabytes. */
const longestText = 4096

function textOf(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text
}
