// The public entries of the package, as package.json lists them, and the files they are made from.
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Entry {
  /** As users write it: `ikebana/crypto/node`. */
  readonly specifier: string
  /** Path of the source from the root of the repository. */
  readonly source: string
  readonly target: 'any' | 'node'
}

export const root: string = fileURLToPath(new URL('../../', import.meta.url))

/** The entries that need Node; all others run in any JavaScript. */
const forNode: readonly string[] = ['./crypto/node', './runtime']

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
}

export function manifest(): Manifest {
  const parsed: Manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  return parsed
}

export function entries(): readonly Entry[] {
  const { name, exports } = manifest()
  return Object.entries(exports).flatMap(([subpath, target]) =>
    typeof target === 'string'
      ? []
      : [
          {
            specifier: subpath === '.' ? name : `${name}${subpath.slice(1)}`,
            source: target.default.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts'),
            target: forNode.includes(subpath) ? ('node' as const) : ('any' as const),
          },
        ],
  )
}

export interface Exported {
  readonly name: string
  /** Where it is declared, from the root of the repository. */
  readonly file: string
}

/** In alphabetical order. Entries consist of `export { names } from 'file'` and nothing else. */
export function exportsOf(entry: Entry): readonly Exported[] {
  const text = readFileSync(root + entry.source, 'utf8')
  const found: Exported[] = []
  for (const [, names = '', from = ''] of text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)'$/gm)) {
    const file = posix.normalize(posix.join(posix.dirname(entry.source), from))
    for (const name of names.split(',')) {
      const word = name.trim().replace(/^type /, '')
      if (word !== '') found.push({ name: word, file })
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}
