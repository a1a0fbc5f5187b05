// What runner and shim say to each other: one JSON object a line, the runner asks, the shim answers. For whoever writes one: docs/shim.md.
import * as z from 'zod'
import { failed, ok, type Result } from '../bytes/result.ts'
import type { Json, JsonObject } from '../inspect/describe.ts'
import { type Answer, layers } from './vector.ts'

export const shimProtocol = 1

/** No line of a shim may be longer. */
export const longestLine: number = 4 * 1024 * 1024

/** The first line of a shim: who it is, and what it has. */
export interface ShimHello {
  readonly name: string
  readonly version: string
  /** Kinds that it answers. Others are not asked. */
  readonly kinds: readonly string[]
  /** Whether it says where it refuses, and wants to be graded on that. */
  readonly explains: boolean
}

// ---- what the runner says --------------------------------------------------------------------------------------------------

export const helloLine = (): string => lineOf({ type: 'hello', protocol: shimProtocol })

/** `number` counts questions from 1; the answer repeats it. */
export const caseLine = (number: number, kind: string, inputs: JsonObject): string => lineOf({ type: 'case', number, kind, inputs })

const lineOf = (value: Json): string => `${JSON.stringify(value)}\n`

// ---- what a shim says ------------------------------------------------------------------------------------------------------

const word = z.string().min(1).max(80)
const hello = z.object({
  type: z.literal('hello'),
  protocol: z.literal(shimProtocol),
  name: word,
  version: z.string().max(80),
  kinds: z.array(word).max(1000),
  explains: z.boolean().optional(),
})
const numbered = { type: z.literal('answer'), number: z.int() }
const answer = z.union([
  z.strictObject({ ...numbered, outputs: z.record(z.string(), z.json()) }),
  z.strictObject({ ...numbered, invalid: z.union([z.literal(true), z.strictObject({ layer: z.enum(layers), field: z.string() })]) }),
  z.strictObject({ ...numbered, unimplemented: z.string().max(500) }),
])

/** What is wrong with the line, where it is no hello. */
export function parseHello(line: string): Result<ShimHello, string> {
  const read = hello.safeParse(jsonOf(line))
  if (!read.success) return failed(`no hello of protocol ${shimProtocol}: ${excerpt(line)}`)
  const { name, version, kinds, explains = false } = read.data
  return ok({ name, version, kinds, explains })
}

/** What is wrong with the line, where it does not answer the question of this number. */
export function parseAnswer(line: string, number: number): Result<Answer, string> {
  const read = answer.safeParse(jsonOf(line))
  if (!read.success) return failed(`neither outputs nor invalid nor unimplemented: ${excerpt(line)}`)
  const { data } = read
  if (data.number !== number) return failed(`answers question ${data.number} when asked ${number}`)
  if ('outputs' in data) return ok({ kind: 'outputs', outputs: data.outputs })
  if ('unimplemented' in data) return ok({ kind: 'unimplemented', says: data.unimplemented })
  return ok({ kind: 'invalid', at: data.invalid === true ? undefined : data.invalid })
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const excerpt = (line: string): string => JSON.stringify(line.length > 100 ? `${line.slice(0, 100)}…` : line)
