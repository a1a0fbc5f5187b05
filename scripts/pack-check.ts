// Packs the package as it would be published, unpacks it where nothing of this repository is near, and uses it as a stranger would: every
// entry is imported by plain Node, and by the compiler in both kinds of module resolution; the command runs; publint has nothing to say.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { entries, exportsOf, root } from '../test/surface/entries.ts'

const scratch = mkdtempSync(join(tmpdir(), 'ikebana-pack-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

const run = (cwd: string, command: string, ...words: readonly string[]): string => execFileSync(command, words, { cwd, encoding: 'utf8' })
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const installed = unpack()
importFromNode()
typeCheck('nodenext')
typeCheck('bundler')
runCommand()
await lint()

/** The dependencies are those of this repository: no registry is asked. */
function unpack(): string {
  run(root, 'npm', 'pack', '--silent', '--pack-destination', scratch)
  run(scratch, 'sh', '-c', 'tar xzf ikebana-*.tgz')
  const folder = join(scratch, 'node_modules', 'ikebana')
  mkdirSync(dirname(folder))
  run(scratch, 'mv', 'package', folder)
  const dependencies: Record<string, string> = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies
  for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types']) {
    const link = join(scratch, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link)
  }
  writeFileSync(join(scratch, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }))
  const files = run(folder, 'find', '.', '-type', 'f').trim().split('\n')
  say(`packed: ${files.length} files, ${run(folder, 'du', '-sk', '.').split('\t')[0]} KiB`)
  return folder
}

function importFromNode(): void {
  const lines = entries().flatMap((entry, i) => [
    `import * as entry${i} from '${entry.specifier}'`,
    `if (Object.keys(entry${i}).length === 0) throw new Error('${entry.specifier} exports nothing')`,
  ])
  writeFileSync(join(scratch, 'import.js'), `${lines.join('\n')}\n`)
  run(scratch, process.execPath, 'import.js')
  say(`imported by Node ${process.version}: ${entries().length} entries`)
}

function typeCheck(resolution: 'nodenext' | 'bundler'): void {
  const lines = entries().map((entry, i) => {
    const names = exportsOf(entry).map(({ name }) => `${name} as n${i}_${name}`)
    return `export type { ${names.join(', ')} } from '${entry.specifier}'`
  })
  writeFileSync(join(scratch, 'types.ts'), `${lines.join('\n')}\n`)
  const compilerOptions = {
    target: 'es2023',
    module: resolution === 'nodenext' ? 'nodenext' : 'esnext',
    moduleResolution: resolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    types: ['node'],
  }
  writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.ts', 'example.ts'] }))
  writeFileSync(join(scratch, 'example.ts'), readFileSync(join(root, 'examples/embed-two-hosts.ts')))
  run(scratch, process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.')
  say(`type-checked with module resolution ${resolution}`)
}

function runCommand(): void {
  const manifest: { readonly version: string } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  const version = run(scratch, process.execPath, join(installed, 'dist/cli/main.js'), 'version')
  if (!version.includes(manifest.version)) throw new Error(`the command says version ${version}`)
  say(`the command runs: ${version.trim()}`)
}

async function lint(): Promise<void> {
  const { messages, pkg } = await publint({ pkgDir: installed, strict: true })
  for (const message of messages) say(`publint: ${formatMessage(message, pkg) ?? message.code}`)
  if (messages.some(({ type }) => type !== 'suggestion')) process.exitCode = 1
  else say('publint: nothing to say')
}
