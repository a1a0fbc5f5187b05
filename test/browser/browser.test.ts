// What is pure runs in a browser: each entry is bundled for one, and a whole negotiation runs where there is nothing but ECMAScript.
import { runInContext, createContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import { entries, root } from '../surface/entries.ts'

/** One script, as esbuild makes it for a page. Anything of Node in it is an error. */
async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [root + entry],
    bundle: true,
    write: false,
    minify: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'ikebana',
    target: 'es2023',
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

/** A context with what the language has and nothing more: Node puts a console into each. */
function bareContext(globals: object): object {
  const context = createContext({ ...globals })
  runInContext('delete globalThis.console; delete globalThis.WebAssembly', context)
  return context
}

describe('an entry for any JavaScript', () => {
  const sizes: string[] = []
  afterAll(() => console.info(`bundled and minified: ${sizes.join(', ')}`))

  it.each(entries().filter(({ target }) => target === 'any'))('$specifier is bundled for a browser and evaluated', async (entry) => {
    const script = await bundle(entry.source)
    const context = bareContext({})
    runInContext(script, context)
    sizes.push(`${entry.specifier} ${kilobytes(script.length)} (${kilobytes(gzipSync(script).length)} in gzip)`)
    expect(runInContext('typeof ikebana', context)).toBe('object')
  })

  it('is told from one for Node', async () => {
    for (const { source } of entries().filter(({ target }) => target === 'node')) await expect(bundle(source)).rejects.toThrow(/node:/)
  })
})

describe('without the globals of Node', () => {
  it('there are none that the negotiation could use', () => {
    const context = bareContext({})
    for (const name of ['process', 'Buffer', 'setTimeout', 'performance', 'crypto', 'TextEncoder', 'console', 'fetch', 'require']) {
      expect(runInContext(`typeof ${name}`, context), name).toBe('undefined')
    }
  })

  it('two hosts negotiate, send a packet each way, and part', async () => {
    const reports: string[] = []
    runInContext(await bundle('test/browser/negotiation.ts'), bareContext({ report: (text: string) => reports.push(text) }))
    expect(reports.map((text): unknown => JSON.parse(text))).toEqual([
      { established: 2, heard: { alice: ['reply'], bob: ['request'] }, left: [0, 0] },
    ])
  })
})

const kilobytes = (octets: number): string => `${(octets / 1000).toFixed(1)} kB`
