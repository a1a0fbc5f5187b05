// `check FILE`, and what of a connection file becomes options of `ping` and `respond`.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import { dangerReveal } from '../../src/bytes/secret.ts'
import { type PingOptions, parseCommandLine, type Request } from '../../src/cli/command-line.ts'
import { checkFile, printSchema } from '../../src/cli/check-file.ts'
import { configuredConnection } from '../../src/cli/connection-config.ts'
import { CommandFailure, exitCodes } from '../../src/cli/exit-codes.ts'
import { readPreSharedKey } from '../../src/cli/psk.ts'
import { connectionOf } from '../../src/cli/connection.ts'
import { kindOfFile } from '../../src/cli/file-kinds.ts'
import { connectionSchema } from '../../src/config/shape.ts'
import { scenarioSchema } from '../../src/lab/scenario-files/shape.ts'
import { everyWord } from '../lab/scenario-files/samples.ts'
import { changed, goodFile, inlineKey, keyInFile } from '../config/samples.ts'
import { caught } from './caught.ts'

const folder = mkdtempSync(join(tmpdir(), 'config-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function written(content: string | Uint8Array): string {
  const path = join(folder, `${files++}.yaml`)
  writeFileSync(path, content, { mode: 0o600 })
  return path
}

describe('check FILE', () => {
  test('says what is wrong, errors first, and exits with 3', async () => {
    const path = written(changed('proposals:', 'proposal:', goodFile))
    const { code, stdout } = await caught(() => checkFile(path, 'text'))
    expect(code).toBe(exitCodes.configuration)
    const lines = stdout.split('\n')
    expect(lines[0]).toBe(`${path}:5:5: error: unknown word "proposal" in connections.office; did you mean "proposals"?`)
    expect(lines[2]).toBe('      ^^^^^^^^')
    expect(lines[3]).toMatch(/:12:59: warning: /)
    expect(stdout).not.toContain(inlineKey)
  })

  test('says that a file is good, and exits with 0', async () => {
    const path = written(keyInFile)
    expect(await caught(() => checkFile(path, 'text'))).toEqual({ code: 0, stdout: `${path}: good: office\n`, stderr: '' })
  })

  test('--json is one object', async () => {
    const path = written(changed('encap: yes', 'encap: ja'))
    const { code, stdout } = await caught(() => checkFile(path, 'json'))
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      file: path,
      kind: 'connections',
      connections: [],
      diagnostics: [
        {
          severity: 'error',
          code: 'wrong-value',
          line: 6,
          column: 12,
          message: '"ja" is no value for connections.office.encap: yes or no is expected',
          nearest: null,
          excerpt: { text: '    encap: ja', caret: 11, length: 2 },
        },
      ],
    })
  })

  test('reads UTF-8 only, and says when there is no file', async () => {
    const path = written(Uint8Array.of(0x61, 0xff))
    expect(await caught(() => checkFile(path, 'text'))).toMatchObject({ code: 3, stderr: `the file: ${path}: it is not UTF-8` })
    expect((await caught(() => checkFile(join(folder, 'none'), 'text'))).stderr).toContain('there is no such file')
  })

  test('--schema is the schema', async () => {
    expect(JSON.parse((await caught(() => printSchema('connections'))).stdout)).toEqual(connectionSchema())
    expect(JSON.parse((await caught(() => printSchema('scenario'))).stdout)).toEqual(scenarioSchema())
  })

  test('knows a scenario by its words, and says the same of one', async () => {
    const good = written(everyWord)
    expect(await caught(() => checkFile(good, 'text'))).toEqual({
      code: 0,
      stdout: `${good}: good: the scenario "every word"\n`,
      stderr: '',
    })
    const bad = written(everyWord.replace('do: rebind, nat: home', 'do: rebind, nat: hone'))
    const { code, stdout } = await caught(() => checkFile(bad, 'text'))
    expect(code).toBe(exitCodes.configuration)
    expect(stdout).toBe(
      `${bad}:29:33: error: there is no NAT "hone"; did you mean "home"?\n    - { at: 11s, do: rebind, nat: hone }\n                                  ^^^^\n`,
    )
    expect(JSON.parse((await caught(() => checkFile(good, 'json'))).stdout)).toEqual({
      ok: true,
      file: good,
      kind: 'scenario',
      scenario: 'every word',
      diagnostics: [],
    })
  })

  test.each([
    ['steps: []\nconnections: {}', 'connections'],
    ['secrets: {}\nhosts: []', 'connections'],
    ['conections: {}', 'connections'],
    ['name: x', 'scenario'],
    ['host: []', 'scenario'],
    ['hosts: [', 'scenario'],
    ['hosts: [\nsecrets: {', 'connections'],
    ['[unclosed', 'connections'],
    ['{"', 'connections'],
    ['vpn: {}', 'neither'],
    ['', 'neither'],
    ['- a', 'neither'],
    ['vpn', 'neither'],
  ])('%j is taken for: %s', (text, kind) => {
    expect(kindOfFile(text).kind).toBe(kind)
  })

  test('what is neither is an error that repeats nothing that may be a secret', async () => {
    const path = written(`vpn: { psk: ${inlineKey} }\n`)
    const { code, stdout } = await caught(() => checkFile(path, 'text'))
    expect(code).toBe(exitCodes.configuration)
    expect(stdout.split('\n')[0]).toBe(
      `${path}:1:1: error: this is neither a connection file nor a scenario: "connections", or "hosts", "steps" and "expect", are expected at its top`,
    )
    expect(stdout).not.toContain(inlineKey)
    expect(JSON.parse((await caught(() => checkFile(path, 'json'))).stdout)).toMatchObject({ ok: false, kind: null })
  })
})

function completed(...words: readonly string[]): Request {
  const request = parseCommandLine(words)
  return request.verb === 'configured' ? request.complete(configuredConnection(request.file, request.name)) : request
}
function pingOptions(...words: readonly string[]): PingOptions {
  const request = completed(...words)
  if (request.verb !== 'ping') throw new Error(request.verb)
  return request.options
}
const failureOf = (...words: readonly string[]): CommandFailure => {
  try {
    completed(...words)
  } catch (thrown) {
    if (thrown instanceof CommandFailure) return thrown
    throw thrown
  }
  throw new Error('it was accepted')
}

describe('--config', () => {
  test('has in it what the options would say', () => {
    const path = written(keyInFile)
    expect(completed('ping', '--config', path)).toMatchObject({ verb: 'ping', host: '192.0.2.2' })
    expect(pingOptions('ping', '--config', path, '--conn', 'office')).toMatchObject({
      key: { kind: 'file', path: 'office.key' },
      connection: 'office',
      local: { address: '192.0.2.1', ports: undefined },
      localIdentity: { type: 2, value: utf8('alice.example') },
      remoteIdentity: { type: 2, value: utf8('bob.example') },
      ikeProposals: { length: 1 },
      children: [
        {
          name: 'data',
          mode: 'transport',
          proposals: [{ transforms: [{ id: 20, keyLength: 256 }, { id: 1 }] }],
          localSelectors: [{ addresses: 'dynamic', protocol: 6, startPort: 80 }],
        },
      ],
      encapsulation: 'force',
    })
    expect(completed('respond', '--config', path)).toMatchObject({ verb: 'respond', options: { remoteHost: '192.0.2.2' } })
  })

  test('counts less than what is beside it', () => {
    const words = ['--psk-file', 'k', '--id', 'me.example', '--mode', 'tunnel', '--ts-local', '10.0.0.0/8', '--local', '192.0.2.7']
    expect(completed('ping', '192.0.2.9', '--config', written(keyInFile))).toMatchObject({ host: '192.0.2.9' })
    expect(pingOptions('ping', '--config', written(keyInFile), ...words, '--no-force-encap')).toMatchObject({
      key: { kind: 'file', path: 'k' },
      local: { address: '192.0.2.7' },
      localIdentity: { value: utf8('me.example') },
      children: [{ mode: 'tunnel', localSelectors: [{ addresses: { start: '10.0.0.0' } }] }],
      encapsulation: 'when-needed',
    })
    expect(pingOptions('ping', '--config', written(changed('encap: yes', 'encap: no')))).toMatchObject({
      encapsulation: 'when-needed',
      bare: 'none',
    })
    expect(pingOptions('ping', '--config', written(keyInFile), '--bare')).toMatchObject({ encapsulation: 'when-needed', bare: 'raw' })
  })

  test('of several connections needs a name, and of a wrong name knows the nearest', () => {
    const second = keyInFile.slice(keyInFile.indexOf('  office:'), keyInFile.indexOf('secrets:')).replace('office', 'attic')
    const path = written(changed('secrets:', `${second}secrets:`))
    expect(failureOf('ping', '--config', path).message).toBe(`${path}: which one? --conn office, --conn attic`)
    expect(failureOf('ping', '--config', path, '--conn', 'offise').message).toBe(
      `${path}: there is no connection offise; did you mean office?`,
    )
    expect(pingOptions('ping', '--config', path, '--conn', 'attic').connection).toBe('attic')
  })

  test('hands the host how long things last, and how it keeps house', () => {
    const words =
      'encap: yes\n    rekey_time: 2h\n    childless: force\n    unique: replace\n    dpd_delay: 30s\n    window_size: 4\n    overlap: map\n    overlap_pool: [100.64.0.0/24, fd64::1-fd64::9]\n    keep_alive: 0'
    const path = written(changed('encap: yes', words, changed('mode: transport', 'mode: transport, life_time: 90m, rekey_packets: 1000')))
    const minute = 60_000
    expect(connectionOf(pingOptions('ping', '--config', path), { type: 2, value: utf8('a') }, undefined)).toMatchObject({
      lifetime: { rekey: 120 * minute, reauthenticate: undefined, hard: 132 * minute, jitter: 12 * minute },
      childless: 'force',
      uniqueness: 'replace',
      livenessDelay: 30_000,
      windowSize: 4,
      overlap: {
        kind: 'map',
        pool: [
          { start: '100.64.0.0', end: '100.64.0.255' },
          { start: 'fd64::1', end: 'fd64::9' },
        ],
      },
      keepaliveInterval: undefined,
      children: [
        {
          soft: { time: 60 * minute, packets: 1000, bytes: undefined },
          hard: { time: 90 * minute, packets: 1100 },
          jitter: { time: 30 * minute, packets: 100 },
        },
      ],
    })
  })

  test('with several children: ping needs a name, respond serves all of them', () => {
    const path = written(changed('secrets:', '      more: { mode: tunnel }\nsecrets:'))
    const namesOf = (request: Request): readonly string[] => {
      if (request.verb !== 'ping' && request.verb !== 'respond') throw new Error(request.verb)
      return request.options.children.map(({ name }) => name)
    }
    expect(failureOf('ping', '--config', path)).toMatchObject({
      exitCode: 3,
      message: '"office" has several children: which one? --child data, --child more',
    })
    expect(failureOf('ping', '--config', path, '--child', 'moer').message).toBe('"office" has no child moer; did you mean more?')
    expect(namesOf(completed('ping', '--config', path, '--child', 'more'))).toEqual(['more'])
    expect(namesOf(completed('respond', '--config', path))).toEqual(['data', 'more'])
    expect(namesOf(completed('respond', '--config', path, '--child', 'data'))).toEqual(['data'])
  })

  test('without a peer needs one on the command line', () => {
    expect(failureOf('ping', '--config', written(changed('    remote_addrs: 192.0.2.2\n', '')))).toMatchObject({
      exitCode: 2,
      message: '"office" has no remote_addrs: name the HOST',
    })
  })

  test('that is wrong is said to be, on stderr, with exit code 3', async () => {
    const path = written(changed('encap:', 'encaps:', goodFile))
    const { code, stdout, stderr } = await caught(() => {
      configuredConnection(path, undefined)
      return 0
    })
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toBe(`${path}: an error in this file`)
  })

  test('with a key in it warns of that, and when others can read it', async () => {
    const path = written(goodFile)
    chmodSync(path, 0o644)
    const { stderr } = await caught(() => {
      configuredConnection(path, undefined)
      return 0
    })
    expect(stderr).toContain(`${path}:12:59: warning: a key in this file`)
    expect(stderr).toContain(`${path}: others on this machine can read the key in it: chmod 600`)
    expect(stderr).not.toContain(inlineKey)
  })
})

describe('the key', () => {
  test('is read from the environment', () => {
    process.env['IKEBANA_TEST_KEY'] = 'of the environment'
    const { secret, remarks } = readPreSharedKey({ kind: 'environment', variable: 'IKEBANA_TEST_KEY' })
    delete process.env['IKEBANA_TEST_KEY']
    expect(dangerReveal(secret)).toEqual(utf8('of the environment'))
    expect(remarks).toEqual([])
    expect(() => readPreSharedKey({ kind: 'environment', variable: 'IKEBANA_TEST_KEY' })).toThrow(
      'the environment variable IKEBANA_TEST_KEY is not set',
    )
  })

  test('in a file that others can read is warned of', () => {
    const path = written('sixteen octets at least')
    expect(readPreSharedKey({ kind: 'file', path }).remarks).toEqual([])
    chmodSync(path, 0o640)
    expect(readPreSharedKey({ kind: 'file', path }).remarks).toEqual([`${path}: others on this machine can read the key: chmod 600`])
  })
})
