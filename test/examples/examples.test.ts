// Every example runs, in a process of its own as a reader would start it, and the one of the README is what the README shows.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { root } from '../surface/entries.ts'

const run = promisify(execFile)

/** What each has to print. A new example without a line here fails. */
const prints: Readonly<Record<string, RegExp>> = {
  // An IPv4 packet of 25 octets that ends in "hello".
  'play-scenario-file.ts': /bob → home, datagram 2: lost[\s\S]*CREATE_CHILD_SA[\s\S]*a lost answer: held\n$/,
  'run-scenario.ts': /cut and healed: held, decided after \d+ s of virtual time\n$/,
  'decode-capture.ts': /Notify Message Type 16389 \(NAT_DETECTION_DESTINATION_IP\)[\s\S]*frame 4, [^\n]*: IKE_AUTH response 1: SK/,
  'protected-udp-service.ts': /^WHO IS THERE\?\n$/,
  'watch-events.ts': /bob received SA KE[\s\S]*not made with our key\nslip: final-newline\n$/,
  'embed-two-hosts.ts': /Uint8Array\(25\) \[\s*69,[\s\S]*104,\s*101,\s*108,\s*108,\s*111\s*\]/,
}

describe('an example', () => {
  it.each(readdirSync(`${root}examples`).filter((file) => file.endsWith('.ts')))('%s runs', async (file) => {
    const { stdout, stderr } = await run(process.execPath, ['--import', 'tsx', join('examples', file)], { cwd: root, timeout: 15_000 })
    expect(stderr).toBe('')
    expect(stdout).toMatch(prints[file] ?? /a line in this test that says what it prints/)
  })
})

describe('the README', () => {
  const readme = readFileSync(`${root}README.md`, 'utf8')
  const example = readFileSync(`${root}examples/embed-two-hosts.ts`, 'utf8')

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
