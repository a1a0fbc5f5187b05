// Connection files: what they say, and what is said of those that are wrong.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import { dangerReveal } from '../../src/bytes/secret.ts'
import { type ConfiguredConnection, readConnections } from '../../src/config/connection-file.ts'
import { diagnosticLines } from '../../src/documents/diagnostic.ts'
import { connectionSchema, shapeWords } from '../../src/config/shape.ts'
import { whyUnsupported } from '../../src/config/vocabulary.ts'
import { childDefaults, connectionDefaults } from '../../src/policy/defaults.ts'
import { formatIdentity } from '../../src/policy/identity.ts'
import { formatProposal } from '../../src/policy/proposal-words.ts'
import { formatSelectorTemplate } from '../../src/policy/selector-words.ts'
import { broken } from './broken.ts'
import { changed, goodFile, inlineKey, keyInFile } from './samples.ts'

const linesOf = (text: string): readonly string[] =>
  readConnections(text).diagnostics.flatMap((diagnostic) => diagnosticLines('f', diagnostic))

function only(text: string): ConfiguredConnection {
  const { connections, diagnostics } = readConnections(text)
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  const [first] = connections
  if (first === undefined || connections.length > 1) throw new Error(`${connections.length} connections`)
  return first
}

describe('a good file', () => {
  test('is a connection, of which nothing has to be said', () => {
    expect(linesOf(keyInFile)).toEqual([])
    const { proposals, children, localIdentity, remoteIdentity, ...rest } = only(keyInFile)
    const [child] = children
    expect(rest).toEqual({
      name: 'office',
      localAddress: '192.0.2.1',
      remoteHost: '192.0.2.2',
      encapsulation: 'force',
      ...connectionDefaults,
      key: { kind: 'file', path: 'office.key' },
    })
    expect([localIdentity, remoteIdentity].map((identity) => identity && formatIdentity(identity))).toEqual([
      'alice.example',
      'bob.example',
    ])
    expect(proposals?.map(formatProposal)).toEqual(['aes256gcm16-prfsha256-ecp256'])
    expect({ ...child, proposals: child?.proposals?.map(formatProposal) }).toMatchObject({
      name: 'data',
      mode: 'transport',
      proposals: ['aes256gcm16-esn'],
    })
    expect(child?.localSelectors?.map(formatSelectorTemplate)).toEqual(['dynamic[tcp/80]'])
  })

  test('may leave out what has a default', () => {
    const text =
      'connections:\n  a:\n    local: { auth: psk }\n    remote: { auth: psk }\n    children: { c: {} }\nsecrets: { k: { env: KEY } }\n'
    // The empty map is a child that says nothing of itself.
    expect(only(text)).toEqual({
      name: 'a',
      localAddress: undefined,
      remoteHost: undefined,
      localIdentity: undefined,
      remoteIdentity: undefined,
      proposals: undefined,
      encapsulation: 'force',
      ...connectionDefaults,
      children: [
        { name: 'c', mode: 'transport', proposals: undefined, localSelectors: undefined, remoteSelectors: undefined, ...childDefaults },
      ],
      key: { kind: 'environment', variable: 'KEY' },
    })
  })

  test.each([
    ['a list', '[aes128-sha256-ecp256, aes256gcm16-prfsha256-ecp256]'],
    ['commas', 'aes128-sha256-ecp256, aes256gcm16-prfsha256-ecp256'],
    ['an alias', '&ike [aes128-sha256-ecp256, aes256gcm16-prfsha256-ecp256]'],
    ['lines', '\n      - aes128-sha256-ecp256\n      - aes256gcm16-prfsha256-ecp256'],
  ])('has several values as %s', (_, written) => {
    const { proposals } = only(changed('aes256gcm16-prfsha256-ecp256', written))
    expect(proposals?.map(formatProposal)).toEqual(['aes128-sha256-prfsha256-ecp256', 'aes256gcm16-prfsha256-ecp256'])
  })

  test.each(['"%any"', "'%any'", '["%any"]'])('has %s for any address', (any) => {
    expect(only(changed('192.0.2.2', any)).remoteHost).toBeUndefined()
    expect(only(changed('192.0.2.1 ', `${any} `)).localAddress).toBeUndefined()
  })

  test.each([
    ['ah_proposals: sha256', ['sha256-noesn']],
    ['ah_proposals: [sha256-esn, aes128gmac]', ['sha256-esn', 'aes_128_gmac-noesn']],
    ['ah_proposals: sha256, esp_proposals: null-sha256', ['sha256-noesn', 'null-sha256-noesn']],
    ['esp_proposals: null-sha256, ah_proposals: sha256', ['null-sha256-noesn', 'sha256-noesn']],
  ])('has AH, in the order that is written: %s', (words, proposals) => {
    const text = changed('esp_proposals: aes256gcm16-esn', words)
    for (const encap of ['encap: no', '']) {
      const { encapsulation, children } = only(text.replace('encap: yes', encap))
      expect(children[0]?.proposals?.map(formatProposal)).toEqual(proposals)
      // RFC 3948 §1: AH does not go in UDP, so that is not what happens unasked.
      expect(encapsulation).toBe('when-needed')
    }
  })

  test('reads aliases of whole maps', () => {
    const text = changed(
      '{ auth: psk, id: bob.example }',
      '*end',
      changed('{ auth: psk, id: alice.example }', '&end { auth: psk }'),
    ).replace('id: [alice.example, bob.example], ', '')
    expect(only(text)).toMatchObject({ localIdentity: undefined, remoteIdentity: undefined })
  })

  test('has numbers and yes and no as they are written', () => {
    expect(only(changed('encap: yes', 'encap: "no"')).encapsulation).toBe('when-needed')
    const { remoteIdentity } = only(changed('id: bob.example }', 'id: 0x10 }').replace('bob.example]', '0x10]'))
    expect(remoteIdentity).toEqual({ type: 2, value: utf8('0x10') })
  })

  test.each([
    ['yes', 'yes'],
    ['accept', 'accept'],
    ['no', 'no'],
    // Of IKEv1 alone: RFC 7383 §2.2.
    ['force', 'yes'],
  ])('has fragmentation: %s', (written, means) => {
    const text = changed('encap: yes', `fragmentation: ${written}\n    fragment_size: 576`)
    expect(linesOf(text)).toEqual([])
    expect(only(text)).toMatchObject({ fragmentation: means, fragmentSize: 576 })
  })

  test('may have its key in it, with a warning that does not show it', () => {
    const { key } = only(goodFile)
    expect(key.kind === 'inline' ? dangerReveal(key.secret) : undefined).toEqual(utf8(inlineKey))
    expect(JSON.stringify(only(goodFile))).not.toContain(inlineKey)
    expect(linesOf(goodFile)).toEqual([
      'f:12:59: warning: a key in this file: better in one of its own (file:)',
      '    ··········: { id: [·············, ···········], secret· ························· ·',
      `${' '.repeat(60)}${'^'.repeat(25)}`,
    ])
  })
})

describe('whose key it is', () => {
  const secrets = (...entries: readonly string[]): string =>
    `${keyInFile.slice(0, keyInFile.indexOf('secrets'))}secrets:\n${entries.map((entry, i) => `  s${i}: { ${entry} }\n`).join('')}`
  test.each([
    ['both before one', ['id: bob.example, file: one', 'id: [alice.example, bob.example], file: both'], 'both'],
    ['one before nobody', ['file: nobody', 'id: bob.example, file: one'], 'one'],
    ['nobody before somebody else', ['id: carol.example, file: carol', 'file: nobody'], 'nobody'],
    ['names without regard to case', ['id: BOB.example, file: one', 'file: nobody'], 'one'],
  ])('%s', (_, entries, path) => {
    expect(only(secrets(...entries)).key).toEqual({ kind: 'file', path })
  })
  test('our name alone is not enough where the peer has one', () => {
    expect(linesOf(secrets('id: alice.example, file: one'))[0]).toContain('no secret fits "office"')
  })
})

describe('a file with a mistake', () => {
  test.each(broken)('%s', (_, text, says) => {
    const { connections } = readConnections(text)
    const lines = linesOf(text)
    expect(lines[0]).toBe(`f:${says}`)
    expect(connections).toEqual([])
    expect(lines.join('\n')).not.toContain(inlineKey)
  })

  test('is shown with a caret under the word', () => {
    expect(linesOf(changed('aes256gcm16-prfsha256-ecp256', 'aes256gcm16-prfsha256-modp768'))).toEqual([
      'f:5:38: error: "modp768" (768-bit MODP Group) is MUST NOT (RFC 8247 §2.4); write modp2048',
      '      proposals: aes256gcm16-prfsha256-modp768',
      `${' '.repeat(39)}^^^^^^^`,
    ])
  })

  test('has its errors told before its warnings and notes', () => {
    const text = changed('proposals: aes256gcm16-prfsha256-ecp256', 'proposals: [aes128-sha1-ecp256, aes128-sha256-x448]', goodFile)
    const { diagnostics } = readConnections(changed('encap: yes', 'encap: maybe', text))
    expect(diagnostics.map(({ severity, line }) => [severity, line])).toEqual([
      ['error', 6],
      ['warning', 5],
      ['warning', 12],
      ['note', 5],
    ])
  })

  test('that is weak only can be used', () => {
    expect(only(changed('aes256gcm16-prfsha256-ecp256', 'aes128-sha1-ecp256')).name).toBe('office')
  })
})

test('the example of the documentation is good', () => {
  const page = readFileSync(new URL('../../docs/connection-file.md', import.meta.url), 'utf8')
  expect(linesOf(/```yaml\n([^`]*)```/.exec(page)?.[1] ?? '')).toEqual([])
})

test('no word is both supported and not', () => {
  expect(
    Object.values(shapeWords)
      .flat()
      .filter((word) => whyUnsupported(word) !== undefined),
  ).toEqual([])
})

test('the schema for editors is as `npm run schemas` writes it', () => {
  const written: unknown = JSON.parse(readFileSync(new URL('../../docs/connection.schema.json', import.meta.url), 'utf8'))
  expect(written).toEqual(connectionSchema())
})
