// The public surface as text: every name that can be imported, and the declaration that the compiler makes of it.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { entries, type Entry, exportsOf, root } from './entries.ts'

/** The compiler writes the declarations of all sources. */
export function surfaceText(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ikebana-surface-'))
  try {
    emitDeclarations(folder)
    const [paved, ...rooms] = entries()
    const elsewhere = new Set(rooms.flatMap((room) => exportsOf(room).map(({ name }) => name)))
    const lineOf = (entry: Entry, name: string, file: string): string =>
      entry === paved && elsewhere.has(name)
        ? name
        : declarationOf(name, join(folder, posix.relative('src', file)).replace(/\.ts$/, '.d.ts'))
    const parts = [paved, ...rooms].map((entry) =>
      entry === undefined
        ? ''
        : [entry.specifier, ...exportsOf(entry).map(({ name, file }) => `  ${lineOf(entry, name, file)}`)].join('\n'),
    )
    return `${heading}\n\n${parts.join('\n\n')}\n`
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const heading = `# All that can be imported, and its declaration. Written by "npm run surface", compared by test/public-surface.test.ts.
# A bare name under "ikebana" is declared further down, where it lives.`

function emitDeclarations(outDir: string): void {
  // Declarations here need no types of other files (isolatedDeclarations): without checking them, it is done in a fifth of the time.
  const quick = ['--emitDeclarationOnly', '--noCheck', '--removeComments', '--declarationMap', 'false']
  try {
    execFileSync(
      process.execPath,
      [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', ...quick, '--outDir', outDir],
      { cwd: root, stdio: 'pipe' },
    )
  } catch {
    // Errors in types are for `npm run check` to tell. The declarations are there all the same.
  }
}

/** As the compiler writes it. Throws when the file does not declare it. */
function declarationOf(name: string, file: string): string {
  const lines = readFileSync(file, 'utf8').split('\n')
  const named = new RegExp(`^export (?:declare )?(?:abstract )?(?:function|const|class|interface|type) ${name}\\b`)
  const first = lines.findIndex((line) => named.test(line))
  if (first < 0) throw new Error(`${file} declares no ${name}`)
  const rest = lines.slice(first + 1)
  const length = rest.findIndex((line) => /^(export|import|declare|interface|type|class) /.test(line))
  return [lines[first] ?? '', ...rest.slice(0, length < 0 ? rest.length : length)]
    .filter((line) => line.trim() !== '')
    .map((line) => line.replace(/^export (?:declare )?/, '').replace(/^(?: {4})+/, (indent) => indent.slice(indent.length / 2)))
    .join('\n  ')
    .replace(/;$/, '')
}
