// What is published has no test seam in it: neither fuzzers nor planted bugs nor anything else of `test/`.
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8', timeout: 15_000 })

describe.skipIf(packed.error !== undefined)('the packed package (skipped without npm)', () => {
  const [{ files = [] } = {}] = JSON.parse(packed.stdout || '[]') as readonly { readonly files?: readonly { readonly path: string }[] }[]
  const paths = files.map(({ path }) => path)

  it('has the sources in it', () => {
    expect(paths).toContain('src/host/host.ts')
  })

  it('has nothing of test/ in it, and nothing that is named like it', () => {
    expect(paths.filter((path) => /(^|\/)(test|tests|fuzz|planted|mocks?|fixtures?)\/|\.(test|spec)\.|planted|fuzz/.test(path))).toEqual([])
  })
})
