// From the text of a vector file to its cases. Total: what is wrong is said with file and JSON path, and the cases that are right remain.
import { escapeText } from '../inspect/escape.ts'
import type { Kind } from './kind.ts'
import { type Misfit, readCase, readEnvelope } from './schema.ts'
import type { VectorCase, VectorFile } from './vector.ts'

/** A place in a file that is not as its schema wants it. */
export interface VectorFault {
  readonly file: string
  /** JSON Pointer (RFC 6901): `/cases/3/inputs/key`; empty for the whole file. */
  readonly path: string
  /** What the schema wants there, or what is wrong. */
  readonly says: string
}

export interface ReadFile {
  /** `undefined` when nothing of it could be read. */
  readonly file: VectorFile | undefined
  readonly faults: readonly VectorFault[]
}

/** `name`: `suite/file.json`. No more than a hundred faults of one file are told. */
export function readVectors(name: string, text: string, kinds: readonly Kind[]): ReadFile {
  const faults = new Faults(name)
  const nothing = (path: string, says: string): ReadFile => ({ file: undefined, faults: faults.add(path, says).all })
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (thrown) {
    return nothing('', `not JSON: ${thrown instanceof Error ? thrown.message.slice(0, 200) : 'unreadable'}`)
  }
  const envelope = readEnvelope(parsed)
  if (!envelope.ok) return { file: undefined, faults: faults.addAll('', envelope.fault).all }
  const { title, flags, kind: kindName } = envelope.value
  const kind = kinds.find(({ name: known }) => known === kindName)
  if (kind === undefined) {
    const known = kinds.map(({ name: each }) => each).join(', ')
    return nothing('/kind', `${JSON.stringify(kindName.slice(0, 80))} is no kind of vector; there are ${known}`)
  }
  const cases: VectorCase[] = []
  const seen = new Set<string>()
  for (const [index, value] of envelope.value.cases.entries()) {
    const path = `/cases/${index}`
    const read = readCase(kind, value)
    if (!read.ok) {
      faults.addAll(path, read.fault)
      continue
    }
    const { id, flags: own } = read.value
    if (seen.has(id)) {
      faults.add(`${path}/id`, `${id} is the id of a case before`)
      continue
    }
    seen.add(id)
    const strange = own.find((flag) => !Object.hasOwn(flags, flag))
    if (strange !== undefined) faults.add(`${path}/flags`, `${strange} is not among the flags that the file explains`)
    cases.push(read.value)
  }
  const suite = name.split('/')[0] ?? name
  return { file: { suite, name, title, kind: kindName, flags, cases }, faults: faults.all }
}

/** Ids of cases that more than one file has. */
export function duplicateIds(files: readonly VectorFile[]): readonly VectorFault[] {
  const owners = new Map<string, string>()
  const faults: VectorFault[] = []
  for (const file of files)
    for (const [index, { id }] of file.cases.entries()) {
      const owner = owners.get(id)
      if (owner === undefined) owners.set(id, file.name)
      else faults.push({ file: file.name, path: `/cases/${index}/id`, says: `${id} is also in ${owner}` })
    }
  return faults
}

/** One line, safe to print. */
export const formatVectorFault = ({ file, path, says }: VectorFault): string =>
  escapeText(`${file}${path === '' ? '' : `#${path}`}: ${says}`)

const mostFaults = 100

class Faults {
  readonly #file: string
  readonly #all: VectorFault[] = []

  constructor(file: string) {
    this.#file = file
  }

  get all(): readonly VectorFault[] {
    return this.#all
  }

  add(path: string, says: string): this {
    if (this.#all.length < mostFaults) this.#all.push({ file: this.#file, path, says })
    return this
  }

  addAll(path: string, misfits: readonly Misfit[]): this {
    for (const misfit of misfits) this.add(path + misfit.path.map((key) => `/${pointerPart(key)}`).join(''), misfit.message)
    return this
  }
}

/** RFC 6901 §3. */
const pointerPart = (key: PropertyKey): string => String(key).replaceAll('~', '~0').replaceAll('/', '~1')
