// What users may rely on is written down in one file; a change of it is a decision, and shows in a review.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sourcesUnder } from './architecture/sources.ts'
import { entries, exportsOf, manifest, root } from './surface/entries.ts'
import { surfaceText } from './surface/surface.ts'

/** Types that users get and hand on without looking inside. */
const opaque: Readonly<Record<string, string>> = {
  IkeSaState: 'its phases are public, what each holds is not',
  Trace: 'how annotations are made; its field tables are the codec’s own',
  IkeSa: 'what IkeEndpoint keeps of one IKE SA; the events tell what is public of it',
}

describe('the public surface', () => {
  it('is what docs/public-surface.txt says; `npm run surface` writes a change down', () => {
    expect(surfaceText()).toBe(readFileSync(`${root}docs/public-surface.txt`, 'utf8'))
  })

  it.each(entries())('$specifier is a list of names and nothing else', (entry) => {
    const text = readFileSync(root + entry.source, 'utf8')
    const rest = text
      .replace(/^\/\/.*$/gm, '')
      .replace(/^export (?:type )?\{[^}]*\} from '[^']+'$/gm, '')
      .trim()
    expect(rest).toBe('')
    expect(exportsOf(entry).length).toBeGreaterThan(0)
  })

  it('has one file in src/entries for each entry of package.json, with its types beside it', () => {
    const files = readdirSync(`${root}src/entries`, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
    expect(files.map((file) => `src/entries/${file}`).sort()).toEqual(
      entries()
        .map(({ source }) => source)
        .sort(),
    )
    for (const target of Object.values(manifest().exports)) {
      if (typeof target !== 'string') expect(target.types.replace(/\.d\.ts$/, '.js')).toBe(target.default)
    }
  })

  it('names every type of ours that its declarations speak of', () => {
    const text = readFileSync(`${root}docs/public-surface.txt`, 'utf8').replace(/'[^']*'/g, "''")
    const named = new Set([...text.matchAll(/^ {2}(?:abstract )?(?:class|interface|type) (\w+)/gm)].map(([, name = '']) => name))
    const ours = new Set(
      sourcesUnder('src').flatMap(({ code }) =>
        [...code.matchAll(/^export (?:abstract )?(?:class|interface|type) (\w+)/gm)].map(([, name = '']) => name),
      ),
    )
    const spoken = new Set([...text.matchAll(/\b[A-Z]\w+\b/g)].map(([name]) => name))
    expect([...spoken].filter((name) => ours.has(name) && !named.has(name) && !(name in opaque))).toEqual([])
  })

  it('takes no bare boolean: a call has to say what true means', () => {
    const lines = readFileSync(`${root}docs/public-surface.txt`, 'utf8').split('\n')
    expect(lines.filter((line) => /[(,] ?\w+\??: boolean[,)]/.test(line))).toEqual([])
  })
})
