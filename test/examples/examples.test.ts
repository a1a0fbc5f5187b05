// Every example runs, in a process of its own; the one of the README as a reader would start it, and it is what the README shows.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { bundled } from '../programs/bundled.ts'
import { root } from '../surface/entries.ts'

const run = promisify(execFile)

/** In the README. */
const shown = 'embed-two-hosts.ts'

/** What each has to print. A new example without a line here fails. */
const prints: Readonly<Record<string, RegExp>> = {
  // An IPv4 packet of 25 octets that ends in "hello".
  'embed-two-hosts.ts': /Uint8Array\(25\) \[\s*69,[\s\S]*104,\s*101,\s*108,\s*108,\s*111\s*\]/,
  'play-scenario-file.ts': /bob → home, datagram 2: lost[\s\S]*CREATE_CHILD_SA[\s\S]*a lost answer: held\n$/,
  'run-scenario.ts': /cut and healed: held, decided after \d+ s of virtual time\n$/,
  'decode-capture.ts': /Notify Message Type 16389 \(NAT_DETECTION_DESTINATION_IP\)[\s\S]*frame 4, [^\n]*: IKE_AUTH response 1: SK/,
  'protected-udp-service.ts': /^WHO IS THERE\?\n$/,
  'watch-events.ts': /bob received SA KE[\s\S]*not made with our key\nslip: final-newline\n$/,
}

describe('an example', () => {
  const folder = mkdtempSync(join(tmpdir(), 'examples-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const files = readdirSync(`${root}examples`).filter((file) => file.endsWith('.ts'))
  const programs = bundled(folder, ...files.map((file) => join('examples', file)))
  const started = files.map((file, i): [string, readonly string[]] =>
    file === shown ? [file, ['--import', 'tsx', join('examples', file)]] : [file, programs.slice(i, i + 1)],
  )

  it.each(started)('%s runs', async (file, words) => {
    const { stdout, stderr } = await run(process.execPath, words, { cwd: root, timeout: 15_000 })
    expect(stderr).toBe('')
    expect(stdout).toMatch(prints[file] ?? /a line in this test that says what it prints/)
  })
})

describe('the README', () => {
  const readme = readFileSync(`${root}README.md`, 'utf8')
  const example = readFileSync(`${root}examples/${shown}`, 'utf8')

  it('shows the example as it is', () => {
    expect(/^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1]).toBe(example)
  })

  it('keeps it short: 15 lines after the imports', () => {
    const lines = example.split('\n').filter((line) => line !== '' && !line.startsWith('import '))
    expect(lines.length).toBeLessThanOrEqual(15)
  })

  it('names files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!#|https?:)([^)]+)\)/g)].map(([, link = '']) => link)
    expect(links).toContain('SECURITY.md')
    const missing = links
      .map((link) => link.split('#')[0] ?? '')
      .filter((link) => !readdirSync(join(root, link, '..')).includes(link.replace(/\/$/, '').split('/').at(-1) ?? ''))
    expect(missing).toEqual([])
  })

  it('names scripts that exist', () => {
    const manifest: { readonly scripts: Record<string, string> } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
    const named = [...readme.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, script = '']) => script)
    expect(named).toContain('check')
    expect(named.filter((script) => manifest.scripts[script] === undefined)).toEqual([])
  })
})
