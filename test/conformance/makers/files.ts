// Vector files as they are made: what a maker gives, and what stands in `vectors/`. Confirmed by the programs in `../twins/`.
import type { Answer } from '../../../src/conformance/vector.ts'
import type { JsonObject } from '../../../src/inspect/describe.ts'

export interface MadeFile {
  /** `esp/padding.json` */
  readonly name: string
  readonly title: string
  readonly kind: string
  readonly flags: Readonly<Record<string, string>>
  readonly cases: readonly MadeCase[]
}

export interface MadeCase {
  readonly id: string
  readonly title?: string
  readonly source:
    | { readonly printed: string; readonly section: string }
    | { readonly made: string; readonly section: string; readonly confirmedBy: readonly string[] }
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly flags?: readonly string[]
  readonly inputs: JsonObject
  readonly expected: JsonObject
}

export const cryptographyTwin = 'twin written from RFC 4303 over python3-cryptography 38.0.4'
export const scapy = 'scapy 2.5.0'

/** The file as it is written, but for its layout. */
export function fileOf({ name, flags, ...file }: MadeFile): JsonObject {
  const text = {
    $schema: `../schema/${file.kind}.schema.json`,
    title: file.title,
    kind: file.kind,
    ...(Object.keys(flags).length === 0 ? {} : { flags }),
    cases: file.cases,
  }
  const json: unknown = JSON.parse(JSON.stringify(text))
  if (!isObject(json)) throw new Error(`${name} is no object`)
  return json
}

/** What our answer is as `expected` of a case that is `result`; anything else is a mistake of the maker. */
export function expectedOf(id: string, result: MadeCase['result'], answer: Answer): JsonObject {
  if (result === 'invalid') {
    if (answer.kind !== 'invalid' || answer.at === undefined) throw new Error(`${id} is not refused: ${JSON.stringify(answer)}`)
    return { layer: answer.at.layer, field: answer.at.field }
  }
  if (answer.kind !== 'outputs') throw new Error(`${id} is refused: ${JSON.stringify(answer)}`)
  return answer.outputs
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
export type { JsonObject }
