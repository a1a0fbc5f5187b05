// Other people's vectors as ours: what an importer gives.
import type { JsonObject } from '../../inspect/describe.ts'
import type { VectorFault } from '../read.ts'
import type { Expected, Layer, VectorCase, VectorFile } from '../vector.ts'

export interface Imported {
  readonly files: readonly VectorFile[]
  /** What is about something else than this catalogue, by name. */
  readonly outside: readonly Outside[]
  readonly faults: readonly VectorFault[]
}

export interface Outside {
  readonly suite: string
  readonly says: string
  readonly count: number
}

/** A case, before it is known which kind of file it goes to. */
export interface ImportedCase {
  readonly kind: string
  readonly result: VectorCase['result']
  readonly inputs: JsonObject
  readonly expected: Expected
}

export const gives = (values: JsonObject): Expected => ({ kind: 'outputs', outputs: values, erratum: undefined })
export const mustFail = (layer: Layer, field: string): Expected => ({ kind: 'invalid', at: { layer, field } })

/** Collects the cases of one file of others. */
export class Import {
  readonly #suite: string
  readonly #name: string
  readonly #title: string
  readonly #cases = new Map<string, VectorCase[]>()
  readonly #outside = new Map<string, number>()
  readonly #faults: VectorFault[] = []
  readonly #ids = new Map<string, number>()

  /** `suite`: whose they are. `name`: of the file. */
  constructor(suite: string, name: string, title: string) {
    this.#suite = suite
    this.#name = name
    this.#title = title
  }

  /** `number`: how the file counts it. Several cases may come of one. */
  add(number: number, found: ImportedCase, title: string | undefined): void {
    const base = `${this.#name
      .toLowerCase()
      .replace(/\.[a-z]+$/, '')
      .replace(/[^a-z0-9]+/g, '-')}-${number}`
    const seen = this.#ids.get(base) ?? 0
    this.#ids.set(base, seen + 1)
    const { kind, result, inputs, expected } = found
    const vector: VectorCase = {
      id: seen === 0 ? base : `${base}-${seen + 1}`,
      title,
      source: { imported: `${this.#title} ${this.#name}`, number },
      result,
      flags: [],
      effort: 'quick',
      inputs,
      expected,
    }
    const cases = this.#cases.get(kind)
    if (cases === undefined) this.#cases.set(kind, [vector])
    else cases.push(vector)
  }

  leaveOut(says: string, count = 1): void {
    this.#outside.set(says, (this.#outside.get(says) ?? 0) + count)
  }

  fault(path: string, says: string): void {
    if (this.#faults.length < 100) this.#faults.push({ file: this.#name, path, says })
  }

  get result(): Imported {
    return {
      files: [...this.#cases].map(([kind, cases]) => ({
        suite: this.#suite,
        name: `${this.#suite}/${this.#name}`,
        title: this.#title,
        kind,
        flags: {},
        cases,
      })),
      outside: [...this.#outside].map(([says, count]) => ({ suite: this.#suite, says, count })),
      faults: this.#faults,
    }
  }
}
