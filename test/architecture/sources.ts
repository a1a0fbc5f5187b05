// Sources as the walls see them: what they import, and their code without comments and without what stands in strings.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Source {
  /** From the root of the repository: `src/net/address.ts`. */
  readonly path: string
  readonly text: string
  readonly code: string
  readonly imports: readonly Import[]
}

export interface Import {
  /** A path from the root of the repository where it is relative, else as it is written. */
  readonly from: string
  readonly kind: 'types' | 'values'
  readonly names: readonly string[]
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** All files under the folders whose names end in one of `endings`; a name may also be that of one file. */
export function textsUnder(folders: readonly string[], endings: readonly string[]): readonly { path: string; text: string }[] {
  return folders
    .flatMap((folder) =>
      existsAsFile(folder)
        ? [folder]
        : readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    )
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .sort()
    .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }))
}

const existsAsFile = (path: string): boolean => statSync(root + path).isFile()

export const sourcesUnder = (...folders: readonly string[]): readonly Source[] =>
  textsUnder(folders, ['.ts']).map(({ path, text }) => source(path, text))

export function source(path: string, text: string): Source {
  return { path, text, code: codeOf(text), imports: importsOf(path, text) }
}

/** Of `src/net/address.ts`: `net`. */
export const roomOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1]

const importOrExport = /^(?:import|export)\s+(type\s+)?(?:([\w*{][^'"]*?)\s+from\s+)?['"]([^'"]+)['"]/gm

function importsOf(path: string, text: string): readonly Import[] {
  const found: Import[] = []
  for (const [, typeOnly, names = '', specifier = ''] of text.matchAll(importOrExport)) {
    const words = names
      .replace(/[{}]/g, '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
    const allTypes = words.length > 0 && words.every((word) => word.startsWith('type '))
    found.push({
      from: resolve(path, specifier),
      kind: typeOnly !== undefined || allTypes ? 'types' : 'values',
      names: words.map((word) => word.replace(/^type /, '').replace(/ as .*$/, '')),
    })
  }
  for (const [, specifier = ''] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    found.push({ from: resolve(path, specifier), kind: 'values', names: [] })
  }
  return found
}

const resolve = (path: string, specifier: string): string =>
  specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)) : specifier

/** What follows may be a regular expression and no division. */
const beforeRegExp = /(^|[(,=:[!&|?{};\n>]|\breturn)\s*$/

/** Comments, and the insides of strings and regular expressions, become nothing; code inside `${…}` stays. */
export function codeOf(text: string): string {
  let code = ''
  /** Open `${`, with the depth of braces inside each. */
  const templates: number[] = []
  let i = 0
  const skipTo = (end: RegExp): void => {
    for (; i < text.length; i++) {
      if (text[i] === '\\') i++
      else if (end.test(text.slice(i, i + 2))) return
    }
  }
  const template = (): void => {
    skipTo(/^(`|\$\{)/)
    if (text[i] === '$') {
      templates.push(0)
      code += ' '
      i += 2
    } else {
      code += '`'
      i++
    }
  }
  while (i < text.length) {
    const character = text[i] ?? ''
    const two = text.slice(i, i + 2)
    if (two === '//') {
      while (i < text.length && text[i] !== '\n') i++
    } else if (two === '/*') {
      const end = text.indexOf('*/', i + 2)
      i = end < 0 ? text.length : end + 2
    } else if (character === "'" || character === '"') {
      i++
      skipTo(new RegExp(`^${character}`))
      code += character + character
      i++
    } else if (character === '`') {
      code += '`'
      i++
      template()
    } else if (character === '/' && beforeRegExp.test(code)) {
      i++
      for (let inClass = false; i < text.length && (inClass || text[i] !== '/') && text[i] !== '\n'; i++) {
        if (text[i] === '\\') i++
        else if (text[i] === '[') inClass = true
        else if (text[i] === ']') inClass = false
      }
      code += '//'
      i++
    } else {
      const open = templates.length - 1
      if (character === '{' && open >= 0) templates[open] = (templates[open] ?? 0) + 1
      if (character === '}' && open >= 0) {
        if (templates[open] === 0) {
          templates.pop()
          i++
          template()
          continue
        }
        templates[open] = (templates[open] ?? 0) - 1
      }
      code += character
      i++
    }
  }
  return code
}
