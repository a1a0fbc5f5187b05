// `ikebana vectors`, with what it writes caught on the way out.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseCommandLine } from '../../src/cli/command-line.ts'
import { vectors } from '../../src/cli/vectors.ts'
import { type Caught, caught } from './caught.ts'

const folder = mkdtempSync(join(tmpdir(), 'vectors-'))
const good = join(folder, 'good')
const bad = join(folder, 'bad')

const mac = (id: string, output: string): object => ({
  id,
  source: { printed: 'RFC 2202', section: '3' },
  result: 'valid',
  inputs: { operation: 'compute', algorithm: { prf: 'PRF_HMAC_SHA1' }, key: '0b'.repeat(20), data: '4869205468657265' },
  expected: { mac: output },
})
const right = 'b617318655057264e28bc0b6fb378c8ef146be00'
const write = (path: string, ...cases: readonly object[]): void => {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, JSON.stringify({ title: 'MACs', kind: 'mac', cases }))
}

beforeAll(() => {
  write(join(good, 'a', 'one.json'), mac('one', right), { ...mac('slow-one', right), effort: 'slow' })
  write(join(good, 'b', 'two.json'), { ...mac('two', right), source: { printed: 'RFC 4231', section: '4' } })
  write(join(bad, 'a', 'wrong.json'), mac('wrong', `${right.slice(0, 10)}ff${right.slice(12)}`), { ...mac('odd', 'abc') })
  writeFileSync(join(bad, 'a', 'broken.json'), '{')
})
afterAll(() => rmSync(folder, { recursive: true }))

const said = (...words: readonly string[]): Promise<Caught> =>
  caught(() => {
    const request = parseCommandLine(['vectors', ...words])
    return request.verb === 'vectors' ? vectors(request.request) : expect.unreachable()
  })

describe('run', () => {
  test('all is well: exit code 0, both providers, slow cases skipped', async () => {
    const { code, stdout } = await said('run', '--vectors', good, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).summary).toMatchObject({ total: 6, passed: 4, failed: 0, skipped: 2, notApplicable: 0 })
  })

  test('--slow runs them', async () => {
    const { stdout } = await said('run', '--vectors', good, '--json', '--slow', '--provider', 'node')
    expect(JSON.parse(stdout).summary).toMatchObject({ total: 3, passed: 3, skipped: 0 })
  })

  test.each([
    ['--suite', 'a', 2],
    ['--rfc', 'RFC 4231', 1],
    ['--rfc', '2202', 2],
    ['--match', '^slow', 1],
  ])('%s %s chooses', async (option, value, total) => {
    const { stdout } = await said('run', '--vectors', good, '--json', '--provider', 'node', option, value)
    expect(JSON.parse(stdout).summary.total).toBe(total)
  })

  test('--without leaves out what has a flag', async () => {
    const flagged = { ...mac('flagged', right), flags: ['SenderChoice'] }
    const file = { title: 'MACs', kind: 'mac', flags: { SenderChoice: 'x' }, cases: [mac('plain', right), flagged] }
    mkdirSync(join(folder, 'flags', 'a'), { recursive: true })
    writeFileSync(join(folder, 'flags', 'a', 'one.json'), JSON.stringify(file))
    const words = ['run', '--vectors', join(folder, 'flags'), '--json', '--provider', 'node']
    expect(JSON.parse((await said(...words)).stdout).summary.total).toBe(2)
    expect(JSON.parse((await said(...words, '--without', 'SenderChoice')).stdout).summary.total).toBe(1)
  })

  test('nothing chosen is an error, with the suites that there are', async () => {
    expect(await said('run', '--vectors', good, '--suite', 'c')).toMatchObject({
      code: 2,
      stderr: 'no vector is like that; there are the suites a, b',
    })
  })

  test('a wrong answer: exit code 5, expected, got, the first octet that differs', async () => {
    const { code, stdout } = await said('run', '--vectors', bad, '--json', '--provider', 'node')
    expect(code).toBe(5)
    expect(JSON.parse(stdout).failures).toMatchObject([{ id: 'wrong', provider: 'node', field: 'mac', got: right, firstDifference: 5 }])
  })

  test('files with mistakes: the run goes on, each mistake is told with its path', async () => {
    const { stdout } = await said('run', '--vectors', bad, '--provider', 'node')
    expect(stdout).toContain('FAULT a/broken.json: not JSON: ')
    expect(stdout).toContain('FAULT a/wrong.json#/cases/1/expected/mac: octets in lower-case hexadecimal, two digits each')
    expect(stdout).toContain('FAILED wrong (node)')
  })

  test('other forms; the summary goes to stderr then', async () => {
    const { stdout, stderr } = await said('run', '--vectors', good, '--format', 'tap', '--provider', 'portable')
    expect(stdout.split('\n')[1]).toBe('1..3')
    expect(stderr).toContain('2 passed, 0 failed, 1 skipped, 0 not applicable')
  })

  test('JSON is in ASCII, whatever a file is called', async () => {
    write(join(folder, 'odd', 'a', '\u202eodd\u0085.json'), mac('odd', '00'))
    const { stdout } = await said('run', '--vectors', join(folder, 'odd'), '--json', '--provider', 'node')
    expect(stdout).toMatch(/^[ -~]*\n$/)
    expect(JSON.parse(stdout).failures[0].file).toBe('a/\u202eodd\u0085.json')
  })

  test('--report writes a page', async () => {
    await said('run', '--vectors', bad, '--provider', 'node', '--report', join(folder, 'report', 'deep'))
    expect(readFileSync(join(folder, 'report', 'deep', 'index.html'), 'utf8')).toContain('<h1>Vectors</h1>')
  })

  test('--import takes files and folders of others', async () => {
    const path = join(folder, 'x_test.json')
    const one = { tcId: 1, result: 'valid', key: '0b'.repeat(20), msg: '4869205468657265', tag: right }
    writeFileSync(path, JSON.stringify({ algorithm: 'HMACSHA1', testGroups: [{ type: 'MacTest', tagSize: 160, tests: [one] }] }))
    const { code, stdout } = await said('run', '--import', 'wycheproof', path, '--json', '--provider', 'node')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).summary).toMatchObject({ total: 1, passed: 1 })
    expect((await said('run', '--import', 'wycheproof', folder, '--json', '--provider', 'node')).code).toBe(0)
  })

  test.each([
    ['a path without --import', ['x.json'], 2],
    ['--import without a path', ['--import', 'cavp'], 2],
    ['--import of a form that nobody knows', ['--import', 'wicheproof', 'x'], 2],
    ['a file that is not there', ['--import', 'cavp', '/nowhere/x.rsp'], 3],
    ['a folder that is not there', ['--vectors', '/nowhere'], 3],
    ['no regular expression', ['--match', '('], 2],
  ])('%s', async (_, words, code) => {
    const result = await said('run', ...words)
    expect(result.code).toBe(code)
    expect(result.stderr).not.toContain('\n')
  })
})

test('list counts the cases of each file', async () => {
  const { stdout } = await said('list', '--vectors', good)
  expect(stdout).toBe('    2  a/one.json  MACs (mac)\n    1  b/two.json  MACs (mac)\n    3  cases\n')
})

describe('show', () => {
  test('one case, whole', async () => {
    const { stdout } = await said('show', 'two', '--vectors', good)
    expect(JSON.parse(stdout)).toMatchObject({ id: 'two', file: 'b/two.json', kind: 'mac', expected: { mac: right } })
  })
  test('an id that is nearly right', async () => {
    expect(await said('show', 'twp', '--vectors', good)).toMatchObject({ code: 2, stderr: 'there is no vector twp; did you mean two?' })
  })
})

describe('schema', () => {
  test('of one kind', async () => {
    expect(JSON.parse((await said('schema', 'mac')).stdout)).toMatchObject({ properties: { kind: { const: 'mac' } } })
  })
  test('a kind that nobody knows', async () => {
    expect(await said('schema', 'mack')).toMatchObject({ code: 2, stderr: 'there is no kind mack; did you mean mac?' })
  })
})

test('vectors alone asks what to do', async () => {
  expect(await said()).toMatchObject({ code: 2 })
})
