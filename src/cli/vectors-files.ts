// Vector files from a folder: that of this package, or one of the user's. And where reports go.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kinds } from '../conformance/kinds/table.ts'
import { duplicateIds, readVectors, type VectorFault } from '../conformance/read.ts'
import type { VectorFile } from '../conformance/vector.ts'
import { configurationFailure } from './exit-codes.ts'
import { explainFileError, systemError } from './system-errors.ts'

export interface VectorFiles {
  readonly files: readonly VectorFile[]
  readonly faults: readonly VectorFault[]
}

/** Beside `src` and `dist`. */
const ownFolder = fileURLToPath(new URL('../../vectors', import.meta.url))

/** Larger ones are not read at all. */
const mostOctets = 64 * 1024 * 1024

/** All `*.json` in the folders of `folder`, and in itself, in order of their names. */
export function readFolder(folder: string = ownFolder): VectorFiles {
  const files: VectorFile[] = []
  const faults: VectorFault[] = []
  for (const name of namesIn(folder)) {
    const path = join(folder, name)
    const { size } = statSync(path)
    if (size > mostOctets) {
      faults.push({ file: name, path: '', says: `${size} octets are too many: at most ${mostOctets}` })
      continue
    }
    const read = readVectors(name, readText(path), kinds)
    if (read.file !== undefined) files.push(read.file)
    faults.push(...read.faults)
  }
  if (files.length + faults.length === 0) throw configurationFailure(`${folder}: there are no vectors in it`)
  return { files, faults: [...faults, ...duplicateIds(files)] }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json') && !name.startsWith('schema/'))
      .sort()
  } catch (thrown) {
    const error = systemError(thrown)
    throw error === undefined ? thrown : explainFileError(error, 'cannot read', folder)
  }
}

export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    const error = systemError(thrown)
    throw error === undefined ? thrown : explainFileError(error, 'cannot read', path)
  }
}

/** Makes the folder where it is not there. */
export function writeReport(folder: string, page: string): void {
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'index.html'), page)
  } catch (thrown) {
    const error = systemError(thrown)
    throw error === undefined ? thrown : explainFileError(error, 'cannot write', folder)
  }
}
