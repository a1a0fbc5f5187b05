// What users may rely on is written down in one file; a change of it is a decision, and shows in a review.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { entries, exportsOf, manifest, root } from './surface/entries.ts'
import { surfaceText } from './surface/surface.ts'

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

  it('takes no bare boolean: a call has to say what true means', () => {
    const lines = readFileSync(`${root}docs/public-surface.txt`, 'utf8').split('\n')
    expect(lines.filter((line) => /[(,] ?\w+\??: boolean[,)]/.test(line))).toEqual([])
  })
})
