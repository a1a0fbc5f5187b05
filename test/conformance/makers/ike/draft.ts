// What a maker writes down of a case, and how it becomes one of a file: the answer is ours, and is confirmed by the twins in Python.
import { toHex } from '../../../../src/bytes/bytes.ts'
import { kindOf } from '../../../../src/conformance/kinds/table.ts'
import { nodeProvider } from '../../../../src/crypto/providers/node.ts'
import type { JsonObject } from '../../../../src/inspect/describe.ts'
import { seededRandom } from '../../../../src/lab/random.ts'

export interface DraftFile {
  /** `ike/prf-plus.json` */
  readonly name: string
  readonly title: string
  readonly kind: string
  readonly flags?: Readonly<Record<string, string>>
  /** Documents that the twin was written from. */
  readonly twin: string
  readonly cases: readonly DraftCase[]
}

export interface DraftCase {
  readonly id: string
  readonly title?: string
  /** The document, when it is not RFC 7296, and its section. */
  readonly made?: string
  readonly section: string
  /** What it must come to. */
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly flags?: readonly string[]
  /** What else has confirmed it. */
  readonly confirmedBy?: readonly string[]
  readonly inputs: JsonObject
  /** Where our answer is not there to be had. */
  readonly expected?: JsonObject
}

/** Octets of this name: always the same. */
export const chance = (name: string, length: number): string => toHex(seededRandom(7296, name)(length))

/** A string among inputs; empty where there is none. */
export function textOf(inputs: JsonObject, name: string): string {
  const value = inputs[name]
  return typeof value === 'string' ? value : ''
}

const provider = nodeProvider({ random: seededRandom(1, 'provider') })

/** A file as it is published. Throws where a case does not come to what it was drafted for. */
export function published({ name, title, kind, flags, twin, cases }: DraftFile): JsonObject {
  const suite = name.split('/')[0] ?? ''
  return {
    $schema: `../schema/${kind}.schema.json`,
    title,
    kind,
    ...(flags === undefined ? {} : { flags }),
    cases: cases.map((draft) => ({
      id: `${suite}-${kind}-${draft.id}`,
      ...(draft.title === undefined ? {} : { title: draft.title }),
      source: {
        made: draft.made ?? 'RFC 7296',
        section: draft.section,
        confirmedBy: [`twin written from ${twin}`, 'python3-cryptography 38.0.4', ...(draft.confirmedBy ?? [])],
      },
      result: draft.result,
      ...(draft.flags === undefined ? {} : { flags: draft.flags }),
      inputs: draft.inputs,
      expected: draft.expected ?? expectedOf(kind, draft),
    })),
  }
}

function expectedOf(kind: string, { id, inputs, result }: DraftCase): JsonObject {
  const answer = kindOf(kind)?.answer(provider, inputs)
  if (answer?.kind === 'outputs' && result !== 'invalid') return answer.outputs
  if (answer?.kind === 'invalid' && result === 'invalid' && answer.at !== undefined) return { ...answer.at }
  throw new Error(`${kind} ${id} is drafted as ${result}, but we answer ${JSON.stringify(answer)}`)
}
