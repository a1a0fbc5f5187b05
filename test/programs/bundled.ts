// Programs of the repository for processes of their own. Through `tsx` each start costs a second and more of computing; bundled once, a
// quarter of that.
import { join, parse } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Writes `sources`, paths from the root of the repository, as programs into `folder`; gives their paths in the same order. */
export function bundled(folder: string, ...sources: readonly string[]): readonly string[] {
  buildSync({
    entryPoints: sources.map((source) => join(root, source)),
    outdir: folder,
    outbase: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is loaded only when it is asked for stays so.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['koffi'],
    // For packages in CommonJS that ask for modules of Node.
    banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url)" },
    logLevel: 'silent',
  })
  return sources.map((source) => join(folder, parse(source).dir, `${parse(source).name}.mjs`))
}
