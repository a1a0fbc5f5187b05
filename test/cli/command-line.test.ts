import { describe, expect, test } from 'vitest'
import { parseCommandLine } from '../../src/cli/command-line.ts'
import { CommandFailure } from '../../src/cli/exit-codes.ts'
import { utf8 } from '../../src/bytes/bytes.ts'
import { childDefaults, connectionDefaults } from '../../src/policy/defaults.ts'

const key = ['--psk-file', 'key.txt']

function failureOf(words: readonly string[]): CommandFailure {
  try {
    parseCommandLine(words)
  } catch (thrown) {
    if (thrown instanceof CommandFailure) return thrown
    throw thrown
  }
  throw new Error(`${words.join(' ')} was accepted`)
}

describe('the command line', () => {
  test('of demo', () => {
    expect(parseCommandLine(['demo'])).toEqual({ verb: 'demo', options: { out: '.', output: 'text' } })
    expect(parseCommandLine(['demo', '--json', '--out', 'x'])).toEqual({ verb: 'demo', options: { out: 'x', output: 'json' } })
  })

  test('of check keeps the proposals as they are written, IKE first', () => {
    expect(parseCommandLine(['check', '--esp', 'no such word', '--proposal', 'des-md5', '--ah', '', '--json'])).toEqual({
      verb: 'check',
      options: {
        proposals: [
          { use: 'IKE', option: '--proposal', text: 'des-md5' },
          { use: 'ESP', option: '--esp', text: 'no such word' },
          { use: 'AH', option: '--ah', text: '' },
        ],
        output: 'json',
      },
    })
  })

  test('of check has a file, or the schema', () => {
    expect(parseCommandLine(['check', 'office.yaml', '--json'])).toEqual({ verb: 'check-file', file: 'office.yaml', output: 'json' })
    expect(parseCommandLine(['check', '--schema'])).toEqual({ verb: 'schema', kind: 'connections' })
    expect(parseCommandLine(['check', '--schema', 'scenario'])).toEqual({ verb: 'schema', kind: 'scenario' })
    expect(() => parseCommandLine(['check', '--schema', 'scenarios'])).toThrow('there is no schema of scenarios; did you mean scenario?')
  })

  test('of rehearse has two files, and a connection of each', () => {
    const options = { files: ['a.yaml', 'b.yaml'], names: [undefined, undefined], output: 'text' }
    expect(parseCommandLine(['rehearse', 'a.yaml', 'b.yaml'])).toEqual({ verb: 'rehearse', options })
    expect(parseCommandLine(['rehearse', 'a.yaml', 'b.yaml', '--conn', 'x,y', '--json'])).toEqual({
      verb: 'rehearse',
      options: { ...options, names: ['x', 'y'], output: 'json' },
    })
    expect(parseCommandLine(['rehearse', 'a.yaml', 'b.yaml', '--conn', ',y'])).toMatchObject({ options: { names: [undefined, 'y'] } })
  })

  test('of version', () => {
    expect(parseCommandLine(['version', '--json'])).toEqual({ verb: 'version', output: 'json' })
  })

  test('of ping has sensible defaults', () => {
    expect(parseCommandLine(['ping', '192.0.2.2', ...key])).toMatchObject({
      verb: 'ping',
      host: '192.0.2.2',
      options: {
        key: { kind: 'file', path: 'key.txt' },
        connection: 'peer',
        terms: connectionDefaults,
        localIdentity: undefined,
        remoteIdentity: undefined,
        local: undefined,
        port: 500,
        natPort: 4500,
        capture: undefined,
        dangerKeys: undefined,
        encapsulation: 'force',
        output: 'text',
        count: 4,
        interval: 1000,
        size: 56,
        children: [
          {
            name: 'child',
            mode: 'transport',
            localSelectors: [{ addresses: 'dynamic', protocol: 0, startPort: 0, endPort: 65535 }],
            remoteSelectors: [{ addresses: 'dynamic', protocol: 0, startPort: 0, endPort: 65535 }],
            ...childDefaults,
          },
        ],
      },
    })
  })

  test('of ping knows every option', () => {
    const words = ['ping', 'peer.example', ...key, '--id', 'us.example', '--peer-id', 'peer@example.org', '--mode', 'tunnel']
    words.push('--proposal', 'aes128-sha256-x25519,aes256gcm16-prfsha384-ecp384', '--esp', 'aes256gcm16-esn')
    words.push('--ts-local', '10.1.0.0/24', '--ts-remote', '10.2.0.0/24[tcp/80],10.3.0.1', '--port', '1500', '--nat-port', '14500')
    words.push(
      '--local',
      '[2001:db8::1]:0:0',
      '-c',
      '7',
      '-s',
      '0',
      '--capture',
      'a.pcapng',
      '--danger-keys',
      'keys',
      '--no-force-encap',
      '--json',
    )
    const request = parseCommandLine(words)
    if (request.verb !== 'ping') throw new Error(request.verb)
    const { options } = request
    const [child] = options.children
    expect(options.localIdentity).toEqual({ type: 2, value: utf8('us.example') })
    expect(options.remoteIdentity).toEqual({ type: 3, value: utf8('peer@example.org') })
    expect(options.ikeProposals.map(({ protocol, transforms }) => [protocol, transforms.map(({ id }) => id)])).toEqual([
      [1, [12, 5, 12, 31]],
      [1, [20, 6, 20]],
    ])
    expect(child.proposals).toMatchObject([
      {
        protocol: 3,
        transforms: [
          { type: 1, id: 20, keyLength: 256 },
          { type: 5, id: 1 },
        ],
      },
    ])
    expect(child.localSelectors).toMatchObject([{ addresses: { start: '10.1.0.0', end: '10.1.0.255' } }])
    expect(child.remoteSelectors).toMatchObject([{ protocol: 6, startPort: 80, endPort: 80 }, { addresses: { start: '10.3.0.1' } }])
    expect(child.mode).toBe('tunnel')
    expect(options).toMatchObject({
      port: 1500,
      natPort: 14500,
      local: { address: '2001:db8::1', ports: { ike: 0, nat: 0 } },
      count: 7,
      size: 0,
      capture: 'a.pcapng',
      dangerKeys: 'keys',
      encapsulation: 'when-needed',
      output: 'json',
    })
  })

  test.each([
    [['--bare'], { bare: 'raw', encapsulation: 'when-needed' }],
    [['--ah', 'sha256'], { bare: 'raw', encapsulation: 'when-needed' }],
    [['--no-force-encap'], { bare: 'none', encapsulation: 'when-needed' }],
    [[], { bare: 'none', encapsulation: 'force' }],
  ])('%j: what goes in UDP, and whether raw sockets are opened', (words, expected) => {
    expect(parseCommandLine(['respond', ...key, ...words])).toMatchObject({ verb: 'respond', options: expected })
  })

  test('of respond has the same options, but for the host', () => {
    const request = parseCommandLine(['respond', ...key, '--local', '192.0.2.1:1500:14500', '--mode', 'tunnel'])
    expect(request).toMatchObject({ verb: 'respond', options: { local: { address: '192.0.2.1', ports: { ike: 1500, nat: 14500 } } } })
    expect(failureOf(['respond', 'host', ...key]).exitCode).toBe(2)
  })

  test('gives help as a result, with an example first', () => {
    const request = parseCommandLine(['ping', '--help'])
    if (request.verb !== 'help') throw new Error(request.verb)
    expect(request.text).toMatch(/^Example: ikebana ping /)
    expect(request.text).toContain('--no-force-encap')
  })
})

describe('wrong words', () => {
  test.each<[string, readonly string[], string]>([
    ['nothing at all', [], 'say what to do: demo, ping, respond, decode, check, rehearse, explain, vectors or version'],
    ['nothing to check', ['check', '--json'], 'there is nothing to check: name a FILE, --proposal, --esp or --ah'],
    ['a file and proposals to check', ['check', 'f', '--esp', 'aes128-sha256'], 'one of them at a time'],
    ['a connection of no file', ['ping', 'h', '--conn', 'office'], 'name the file with --config'],
    ['a child of no file', ['ping', 'h', '--child', 'data'], 'name the file with --config'],
    ['three connections of two files', ['rehearse', 'a', 'b', '--conn', 'x,y,z'], '--conn NAME,NAME: one connection of each file'],
    ['one file to rehearse', ['rehearse', 'a'], "missing required argument 'B'"],
    ['a verb', ['pign'], "unknown command 'pign' (Did you mean ping?)"],
    ['an option', ['ping', 'h', '--psk-fil', 'x'], "unknown option '--psk-fil' (Did you mean --psk-file?)"],
    ['no key file', ['ping', 'h'], '--psk-file is missing'],
    ['no host', ['ping', ...key], "missing required argument 'HOST'"],
    [
      'an algorithm',
      ['ping', 'h', ...key, '--esp', 'aes265gcm16'],
      '--esp aes265gcm16: unknown algorithm "aes265gcm16"; did you mean "aes256gcm16"?',
    ],
    ['an algorithm of IKE', ['respond', ...key, '--proposal', 'aes128-sha265-x25519'], 'did you mean "sha256"?'],
    ['a mode', ['ping', 'h', ...key, '--mode', 'transprt'], '--mode transprt: Did you mean transport?'],
    ['a selector', ['ping', 'h', ...key, '--ts-remote', '10.0.0.0/33'], '--ts-remote 10.0.0.0/33: '],
    ['a protocol', ['ping', 'h', ...key, '--ts-local', 'dynamic[tpc]'], 'did you mean "tcp"?'],
    ['an identity', ['ping', 'h', ...key, '--id', 'fqdm:x'], 'did you mean "fqdn"?'],
    ['a port', ['ping', 'h', ...key, '--port', '65536'], '--port 65536: A port is a number from 1 to 65535.'],
    ['a size', ['ping', 'h', ...key, '-s', '65508'], '--size 65508: A size is a number of octets from 0 to 65507.'],
    ['a count', ['ping', 'h', ...key, '-c', '0'], '--count 0: '],
    ['an address', ['respond', ...key, '--local', '192.0.2.1:500'], '--local 192.0.2.1:500: It is ADDR or ADDR:PORT:NATPORT'],
    [
      'an IPv6 address with ports and without brackets',
      ['respond', ...key, '--local', '2001:db8::1:500:4500x'],
      '--local 2001:db8::1:500:4500x: ',
    ],
    ['an interval', ['ping', 'h', ...key, '-i', '0'], '--interval 0: '],
    ['an argument too much', ['ping', 'h', 'x', ...key], "too many arguments for 'ping'"],
  ])('are one line, and exit code 2: %s', (_, words, text) => {
    const failure = failureOf(words)
    expect(failure.message).toContain(text)
    expect(failure.message).not.toContain('\n')
    expect(failure.exitCode).toBe(2)
  })

  test('from a stranger cannot steer the terminal', () => {
    expect(failureOf(['ping', 'h', ...key, '--esp', 'aes\u001b[2J']).message).toContain('unknown algorithm "aes\\x1b[2J"')
  })
})
