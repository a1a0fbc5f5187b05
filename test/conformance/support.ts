// The vectors of this repository, read as the command reads them.
import { readdirSync, readFileSync } from 'node:fs'
import { kinds } from '../../src/conformance/kinds/table.ts'
import { type ReadFile, readVectors } from '../../src/conformance/read.ts'
import type { VectorFile } from '../../src/conformance/vector.ts'

const root = new URL('../../vectors/', import.meta.url)

let files: readonly ReadFile[] | undefined

/** Read once for all tests of a worker. */
export function readAll(): readonly ReadFile[] {
  files ??= readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json') && !name.startsWith('schema/'))
    .sort()
    .map((name) => readVectors(name, readFileSync(new URL(name, root), 'utf8'), kinds))
  return files
}

export function ownVectors(): readonly VectorFile[] {
  return readAll().flatMap(({ file }) => (file === undefined ? [] : [file]))
}
