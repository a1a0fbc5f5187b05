// Vector files from a folder: that of this package, or one of the user's. And where reports go.
import { mkdirSync, readdirSync, readFileSync, type Stats, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readCavp } from '../conformance/import/cavp.ts'
import type { Imported } from '../conformance/import/imported.ts'
import { readWycheproof } from '../conformance/import/wycheproof.ts'
import { kinds } from '../conformance/kinds/table.ts'
import { duplicateIds, readVectors, type VectorFault } from '../conformance/read.ts'
import type { VectorFile } from '../conformance/vector.ts'
import { configurationFailure } from './exit-codes.ts'
import { explainFileError, systemError } from './system-errors.ts'
import type { ImportFormat } from './vectors-options.ts'

export interface VectorFiles {
  readonly files: readonly VectorFile[]
  readonly faults: readonly VectorFault[]
}

/** Beside `src` and `dist`. */
const ownFolder = fileURLToPath(new URL('../../vectors', import.meta.url))

/** Larger ones are not read at all. */
const mostOctets = 64 * 1024 * 1024

/** Files of others: `path` is one, or a folder of them. */
export function readImports(format: ImportFormat, path: string): Imported {
  const { endings, read } = formats[format]
  const isFolder = statusOf(path).isDirectory()
  const names = isFolder ? namesIn(path).filter((name) => endings.some((ending) => name.endsWith(ending))) : [basename(path)]
  const imports = names.map((name): Imported => {
    const file = isFolder ? join(path, name) : path
    const { size } = statusOf(file)
    return size > mostOctets ? { files: [], outside: [], faults: [tooLarge(name, size)] } : read(basename(name), readText(file))
  })
  return {
    files: imports.flatMap(({ files }) => files),
    outside: imports.flatMap(({ outside }) => outside),
    faults: imports.flatMap(({ faults }) => faults),
  }
}

const formats: Readonly<
  Record<ImportFormat, { readonly endings: readonly string[]; readonly read: (name: string, text: string) => Imported }>
> = {
  wycheproof: { endings: ['_test.json'], read: readWycheproof },
  cavp: { endings: ['.rsp', 'PrimitiveTest.txt'], read: readCavp },
}

const tooLarge = (file: string, size: number): VectorFault => ({
  file,
  path: '',
  says: `${size} octets are too many: at most ${mostOctets}`,
})

/** All `*.json` in the folders of `folder`, and in itself, in order of their names. */
export function readFolder(folder: string = ownFolder): VectorFiles {
  const files: VectorFile[] = []
  const faults: VectorFault[] = []
  for (const name of namesIn(folder).filter((each) => each.endsWith('.json') && !each.startsWith('schema/'))) {
    const path = join(folder, name)
    const { size } = statusOf(path)
    if (size > mostOctets) {
      faults.push(tooLarge(name, size))
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
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  } catch (thrown) {
    const error = systemError(thrown)
    throw error === undefined ? thrown : explainFileError(error, 'cannot read', folder)
  }
}

function statusOf(path: string): Stats {
  try {
    return statSync(path)
  } catch (thrown) {
    const error = systemError(thrown)
    throw error === undefined ? thrown : explainFileError(error, 'cannot read', path)
  }
}

function readText(path: string): string {
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
