// The list of policies in a connection file: what it becomes, and what is said of it, with lines.
import { describe, expect, test } from 'vitest'
import { readConnections } from '../../src/config/connection-file.ts'
import { policiesFor } from '../../src/config/policies.ts'
import { diagnosticLines } from '../../src/documents/diagnostic.ts'
import { formatSelectorTemplate } from '../../src/policy/selector-words.ts'
import { keyInFile } from './samples.ts'

/** The sample ends at line 12; the first policy is on line 14. */
const withPolicies = (...policies: readonly string[]): string =>
  `${keyInFile}policies:\n${policies.map((each) => `  - { ${each} }\n`).join('')}`
const said = (...policies: readonly string[]): readonly string[] =>
  readConnections(withPolicies(...policies)).diagnostics.flatMap((each) => diagnosticLines('f', each).slice(0, 1))
const read = (...policies: readonly string[]): readonly string[] => {
  const { policies: found, diagnostics } = readConnections(withPolicies(...policies))
  // Few of these are for all that their child is for.
  expect(diagnostics.filter(({ code }) => code !== 'beyond-child')).toEqual([])
  return (found ?? []).flatMap(({ line, entries }) =>
    entries.map(({ name, direction, local, remote, action }) => {
      const by = action.kind === 'PROTECT' ? ` by ${action.connection}/${action.child} ${(action.populate ?? []).join()}`.trimEnd() : ''
      return `${line}: ${name} ${direction} ${formatSelectorTemplate(local)} ${formatSelectorTemplate(remote)} ${action.kind}${by}`
    }),
  )
}

describe('policies of a file', () => {
  test('are none where it has no list', () => {
    expect(readConnections(keyInFile).policies).toBeUndefined()
  })

  test('are entries of an SPD in their order, each pair of selectors one', () => {
    expect(
      read(
        'name: dns, action: bypass, direction: out, remote_ts: "10.0.0.53[udp/53]"',
        'name: no, action: discard, local_ts: [ "dynamic[tcp/22]", "dynamic[tcp/23]" ], remote_ts: 10.0.0.0/8',
      ),
    ).toEqual([
      '14: dns out dynamic 10.0.0.53/32[udp/53] BYPASS',
      '15: no both dynamic[tcp/22] 10.0.0.0/8 DISCARD',
      '15: no both dynamic[tcp/23] 10.0.0.0/8 DISCARD',
    ])
  })

  test('that protect take the only connection, the only child and its selectors where nothing else is said', () => {
    expect(read('name: all, action: protect')).toEqual(['14: all both dynamic[tcp/80] dynamic PROTECT by office/data'])
    expect(read('name: all, action: protect, connection: office, child: data, local_ts: dynamic, pfp: [remote_port, local_addr]')).toEqual([
      '14: all both dynamic dynamic PROTECT by office/data remote-port,local-address',
    ])
  })

  test('that protect by what a host does not run are dropped there, not passed over', () => {
    const { policies = [] } = readConnections(
      withPolicies('name: all, action: protect', 'name: rest, action: bypass, remote_ts: 10.0.0.0/8'),
    )
    expect(policiesFor(policies, () => true).map(({ action }) => action.kind)).toEqual(['PROTECT', 'BYPASS'])
    expect(policiesFor(policies, () => false).map(({ action }) => action.kind)).toEqual(['DISCARD', 'BYPASS'])
  })
})

describe('a policy that reaches beyond its child is told, with the line of the child’s selectors', () => {
  test.each([
    // The child has local_ts dynamic[tcp/80] and remote_ts dynamic, in line 10.
    [
      'local_ts: dynamic',
      ['f:14:45: warning: dynamic reaches beyond local_ts of "office/data" (line 10): no SA of it carries the rest, which is dropped'],
    ],
    ['local_ts: "dynamic[tcp/80]"', []],
    ['local_ts: "dynamic[tcp/79-80]"', ['dynamic[tcp/79-80] reaches beyond local_ts']],
    ['local_ts: "192.0.2.1[tcp/80]"', []],
    ['remote_ts: 192.0.2.2', []],
    ['remote_ts: 192.0.2.0/30', ['192.0.2.0/30 reaches beyond remote_ts of "office/data" (line 10)']],
    ['remote_ts: dynamic', []],
    ['remote_ts: [ 192.0.2.2, "2001:db8::1" ]', ['2001:db8::1/128 reaches beyond remote_ts']],
  ])('%s', (words, expected) => {
    const found = said(`name: all, action: protect, ${words}`)
    expect(found).toHaveLength(expected.length)
    for (const [i, text] of expected.entries()) expect(found[i]).toContain(text)
  })
})

describe('a mistake in a policy', () => {
  test.each([
    ['name: x, action: bypass, nme: y', '14:32: error: unknown word "nme" in policies; did you mean "name"?'],
    ['name: x', '14:5: error: "action" is missing in policies[1]'],
    [
      'name: x, action: bypas',
      '14:24: error: "bypas" is no value for policies[1].action: protect or bypass or discard is expected; did you mean "bypass"?',
    ],
    [
      'name: a b, action: bypass',
      '14:13: error: "a b" is no name: a name is 64 letters, digits, "_", "-", "." at most, a letter or a digit first',
    ],
    ['name: x, action: bypass, remote_ts: "dynamic[tpc/22]"', '14:52: error: unknown protocol "tpc"; did you mean "tcp"?'],
    ['name: x, action: bypass, connection: office', '14:32: error: "connection" belongs to a policy with action: protect'],
    ['name: x, action: protect, connection: ofice', '14:45: error: "ofice" is no connection of this file; did you mean "office"?'],
    ['name: x, action: protect, child: dat', '14:40: error: "dat" is no child of this file; did you mean "data"?'],
    ['name: x, action: protect, direction: out', '14:44: error: what is protected is protected both ways: leave direction out'],
    ['name: x, action: protect, pfp: remot_port', '14:38: error: unknown selector "remot_port"; did you mean "remote_port"?'],
    ['name: x, action: bypass, local_ts: 10.0.0.1, remote_ts: ::1', '14:13: error: this policy can never match: no packet is like that'],
  ])('%s', (policy, message) => {
    expect(said(policy)[0]).toBe(`f:${message}`)
    expect(readConnections(withPolicies(policy))).toMatchObject({ connections: [], policies: undefined })
  })

  test('is a name that another has', () => {
    expect(said('name: x, action: bypass, remote_ts: 10.0.0.1', 'name: x, action: discard')[0]).toBe(
      'f:15:13: error: the policy of line 14 has this name, too',
    )
  })

  test('is a list that is no list', () => {
    expect(readConnections(`${keyInFile}policies: { a: b }\n`).diagnostics.length).toBeGreaterThan(0)
    expect(readConnections(`${keyInFile}policies: []\n`).diagnostics.length).toBeGreaterThan(0)
    expect(readConnections(`${keyInFile}policies: [ a, [ b ] ]\n`).diagnostics.length).toBeGreaterThan(0)
  })
})

describe('a list that does not do what it says', () => {
  const told = (...policies: readonly string[]): readonly string[] => said(...policies).filter((line) => !line.includes('reaches beyond'))

  test('is a warning with both lines where one policy takes all from another', () => {
    const policies = [
      'name: hosts, action: protect, local_ts: dynamic, remote_ts: 10.0.0.0/8',
      'name: dns, action: bypass, remote_ts: "10.0.0.53[udp/53]"',
    ]
    expect(told(...policies)).toEqual([
      'f:15:13: warning: this policy decides nothing: all of its packets are decided by "hosts" (line 14)',
    ])
    expect(readConnections(withPolicies(...policies)).policies).toHaveLength(2)
  })

  test('and where several do together', () => {
    expect(
      told(
        'name: a, action: bypass, remote_ts: 10.0.0.0/9',
        'name: b, action: discard, remote_ts: 10.128.0.0/9',
        'name: c, action: bypass, remote_ts: 10.0.0.0/8',
      ),
    ).toEqual(['f:16:13: warning: this policy decides nothing: all of its packets are decided before it, by "a" (line 14), "b" (line 15)'])
  })

  test('and where IPv6 is open and IPv4 is not', () => {
    expect(told('name: hosts, action: protect, local_ts: dynamic, remote_ts: 10.0.0.0/8', 'name: rest, action: bypass')).toEqual([
      'f:15:13: warning: this policy leaves IPv6 open where "hosts" (line 14) protects IPv4, and no policy protects IPv6',
    ])
  })
})
