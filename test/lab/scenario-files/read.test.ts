// Scenario files: what they say, and what is said of those that are wrong: file:line:column, what was expected, the nearest valid word.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { diagnosticLines } from '../../../src/documents/diagnostic.ts'
import { formatScenario } from '../../../src/lab/scenario-files/format.ts'
import { playScenario } from '../../../src/lab/scenario-files/play.ts'
import { readScenario, type ScenarioFile } from '../../../src/lab/scenario-files/read.ts'
import { scenarioSchema } from '../../../src/lab/scenario-files/shape.ts'
import { formatTranscript } from '../../../src/lab/transcript.ts'
import { worldOf } from '../storm.ts'
import { everyWord, written } from './samples.ts'

const linesOf = (text: string): readonly string[] =>
  readScenario(text).diagnostics.flatMap((diagnostic) => diagnosticLines('f', diagnostic))

function goodFile(text: string): ScenarioFile {
  const { file, diagnostics } = readScenario(text)
  expect(diagnostics).toEqual([])
  if (file === undefined) throw new Error('no file, and no reason')
  return file
}

describe('a scenario file', () => {
  it('says all that a scenario can', () => {
    const { scenario, seed, mishaps } = goodFile(everyWord)
    expect([scenario.name, seed, scenario.within]).toEqual(['every word', 7, 7_200_000])
    expect(scenario.hosts[0]).toMatchObject({ livenessDelay: 30_000, lifetimes: { ike: 600_000, childPackets: 1_000 }, windowSize: 4 })
    expect(scenario.steps.slice(1, 3)).toEqual([
      { at: 1, do: 'initiate', host: 'alice', peer: 'bob' },
      { at: 2_000, do: 'send', host: 'alice', peer: 'bob', packets: 3 },
    ])
    expect(mishaps?.[1]).toEqual({ kind: 'delayed', link: 'carrier → bob', number: 3, by: 12.25 })
    expect(scenario.expect[2]).toEqual({ that: 'event', host: 'alice', name: 'ike-sa-established', times: 2, before: 1_800_000 })
  })

  it('may be JSON', () => {
    const { scenario, seed, mishaps } = goodFile(everyWord)
    expect(goodFile(JSON.stringify({ ...scenario, seed, mishaps }))).toEqual(goodFile(everyWord))
    expect(goodFile(JSON.stringify(scenario, undefined, 2)).seed).toBe(1)
  })

  it.each(written)('that is written of "$scenario.name" is read as it was', (file) => {
    expect(goodFile(formatScenario(file, ['one line\nanother', 'a third\u202e']))).toEqual(file)
  })

  it('plays what happened once more, line for line', () => {
    const [file] = written.slice(-1)
    if (file === undefined) throw new Error('no file')
    const text = (each: ScenarioFile): string => formatTranscript(playScenario(each, worldOf(1).provider).transcript)
    expect(file.mishaps?.length).toBeGreaterThan(5)
    expect(text(goodFile(formatScenario(file)))).toBe(text(file))
  })

  it('with or without what befell: the same', () => {
    const [file] = written.slice(-1)
    if (file === undefined) throw new Error('no file')
    const lines = (each: ScenarioFile): readonly string[] =>
      formatTranscript(playScenario(each, worldOf(1).provider).transcript).split('\n')
    expect(lines({ scenario: file.scenario, seed: file.seed })).toEqual(lines(file))
  })
})

/** One change each of the file that has every word; what is said first. */
const mistakes: readonly (readonly [from: string, to: string, says: string])[] = [
  ['seed: 7', 'sed: 7', '3:1: error: unknown word "sed"; did you mean "seed"?'],
  ['seed: 7', 'seed: -1', '3:7: error: "-1" is no count that fits: a whole number, 0 or more, is expected'],
  ['hosts:', 'hots:', '4:1: error: unknown word "hots"; did you mean "hosts"?'],
  ['expect:', 'expected:', '36:1: error: unknown word "expected"; did you mean "expect"?'],
  ['expect:', 'outcome:', '2:1: error: "expect" is missing in the file'],
  ['name: every word', 'name:', '2:1: error: name has no value: a word is expected'],
  [
    'name: bob,',
    'name: b b,',
    '8:13: error: "b b" is no name: a name is 64 letters, digits, "_", "-", "." at most, a letter or a digit first',
  ],
  ['name: bob,', 'name: alice,', '8:13: error: "alice" is the name of another host or NAT, too'],
  ['name: office,', 'name: bob,', '9:47: error: there is no NAT "office"; there is carrier, home, bob'],
  ['address: 192.0.2.2', 'address: 192.0.2.256', '8:27: error: "192.0.2.256" is no address: write one such as 192.0.2.1'],
  [
    'address: 192.0.2.2',
    'address: "2001:db8::1"',
    '8:28: error: "2001:db8::1" is an IPv6 address, and that of the first host an IPv4 address',
  ],
  ['behind: home', 'behind: hom', '5:47: error: there is no NAT "hom"; did you mean "home"?'],
  ['behind: home', 'behind: somewhere', '5:47: error: there is no NAT "somewhere"; there is carrier, home, office'],
  ['behind: carrier', 'behind: office', '12:48: error: there is no NAT before this one "office"; there is carrier'],
  ['exposes: carol', 'exposes: karol', '13:89: error: there is no host "karol"; did you mean "carol"?'],
  [
    'aes128gcm16-prfsha256-x25519',
    'aes128gcm16-prfsha265-x25519',
    '5:120: error: unknown algorithm "prfsha265"; did you mean "prfsha256"?',
  ],
  ['subnet: 10.1.0.0/16', 'subnet: dynamic', '6:53: error: "dynamic" is no subnet: write one such as 10.1.0.0/16'],
  [
    'mode: transport',
    'mode: transprot',
    '9:80: error: "transprot" is no value for hosts[3].mode: transport or tunnel is expected; did you mean "transport"?',
  ],
  ['fragmentSize: 576', 'fragmentSize: 100', '6:125: error: "100" is no count that fits: a whole number, 296 to 65535, is expected'],
  [
    'livenessDelay: 30s',
    'livenessDelay: 30 sec',
    '7:22: error: "30 sec" is no time: write 2000 (milliseconds), 90s, 30m or 4h; did you mean "30s"?',
  ],
  ['livenessDelay: 30s', 'livenessDelay: 0', '7:22: error: "0" is too short: a time of more than 0 is expected'],
  ['childPackets', 'childPacket', '7:61: error: unknown word "childPacket" in hosts[1].lifetimes; did you mean "childPackets"?'],
  ['windowSize: 4', 'windowSize: 65', '7:115: error: "65" is no count that fits: a whole number, 1 to 64, is expected'],
  ['loss: 0.1', 'loss: 30%', '14:44: error: "30%" is no probability: a number from 0 to 1 is expected; did you mean "0.3"?'],
  ['weather: { latency', 'weather: [1] #{ latency', '14:10: error: a map of words is expected for weather, not a list'],
  ['[carrier, bob], latency', '[carrier, bop], latency', '16:26: error: there is no host or NAT "bop"; did you mean "bob"?'],
  ['[carrier, bob], latency', '[bob, bob], latency', '16:22: error: "bob" is here twice: two that differ are expected'],
  ['[carrier, bob], latency', '[bob], latency', '16:16: error: links[1].between has 1 in its list: 2 are expected'],
  ['- { at: 0, do: crowd, host: bob }', '- crowd', '18:5: error: a map of words is expected for steps[1], not a word'],
  ['do: crowd, host: bob', 'do: crowd, host: alice', '18:31: error: "alice" cannot be crowded: it has no "accepts: anyone"'],
  ['do: initiate', 'do: intiate', '19:18: error: "intiate" is no value for steps[2].do: initiate or send or close or close-child or'],
  ['do: initiate, ', '', '19:5: error: "do" is missing in steps[2]'],
  ['host: alice, peer: bob }', 'host: alice, peer: alice }', '19:47: error: "alice" is the host itself: another one is expected'],
  ['host: alice, peer: bob }', 'host: alice, pear: bob }', '19:41: error: unknown word "pear" in steps[2]; did you mean "peer"?'],
  [
    'do: close, host: alice',
    'do: close, host: alice, peer: bob',
    '31:39: error: unknown word "peer" in steps[14]; known here: at, do, host',
  ],
  ['at: 2s', 'at: later', '20:11: error: "later" is no time: write 2000 (milliseconds), 90s, 30m or 4h'],
  ['nat: home }', 'nat: nowhere }', '29:33: error: there is no NAT "nowhere"; there is carrier, home, office'],
  ['packets: 3', 'packets: 1e9', '20:58: error: "1e9" is no count that fits: a whole number, 1 to 100000, is expected'],
  [
    'kind: lost',
    'kind: last',
    '33:13: error: "last" is no value for mishaps[1].kind: lost or delayed or duplicated is expected; did you mean "lost"?',
  ],
  [
    'link: carrier → bob, number: 0',
    'link: carrier -> bob, number: 0',
    '33:25: error: "carrier -> bob" is no link: write one such as "alice → bob"',
  ],
  ['link: bob → carrier', 'link: bob → carier', '35:37: error: there is no host or NAT "carier"; did you mean "carrier"?'],
  ['by: 12.25', 'by: late', '34:58: error: "late" is no time'],
  ['that: none', 'that: nine', '38:13: error: "nine" is no value for expect[2].that: agreed or agreed-or-none or none or'],
  ['hosts: [carol]', 'hosts: [karol]', '38:27: error: there is no host "karol"; did you mean "carol"?'],
  ['hosts: [carol]', 'hosts: []', '38:26: error: this list is empty: a word is expected in it'],
  [
    'name: ike-sa-established',
    'name: ike-sa-establish',
    '39:39: error: unknown event "ike-sa-establish"; did you mean "ike-sa-established"?',
  ],
  ['reason: unknown-spi', 'reason: unknown-sip', '40:41: error: unknown reason "unknown-sip"; did you mean "unknown-spi"?'],
  ['reason: unknown-spi', 'reason: zzzzzzzzzzz', '40:41: error: unknown reason "zzzzzzzzzzz"; there are malformed-packet, '],
  ['host: bob, times: 3', 'host: bob', '42:5: error: "times" is missing in expect[6]'],
  ['within: 2h', 'within: 2h\nwithin: 3h', '44:1: error: this word is here twice: the second would replace the first'],
  ['within: 2h', 'within: [2h', '44:1: error: the indentation is wrong'],
  [everyWord, '', '1:1: error: "hosts" is missing in the file'],
  [everyWord, 'hosts', '1:1: error: a map of words is expected for the file, not a word'],
]

describe('a mistake in a scenario file', () => {
  it.each(mistakes.map(([from, to, says]) => ({ from, to, says })))('$says', ({ from, to, says }) => {
    const text = everyWord.replace(from, to)
    expect(text).not.toBe(everyWord)
    expect(readScenario(text).file).toBeUndefined()
    expect(linesOf(text)[0]).toMatch(new RegExp(`^f:${says.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`))
  })

  it('is shown with its line and a caret', () => {
    expect(linesOf(everyWord.replace('nat: home', 'nat: hone'))).toEqual([
      'f:29:33: error: there is no NAT "hone"; did you mean "home"?',
      '    - { at: 11s, do: rebind, nat: hone }',
      '                                  ^^^^',
    ])
  })

  it('takes two hosts at least', () => {
    expect(linesOf('name: a\nhosts: [{ name: alice, address: 192.0.2.1 }]\nsteps: []\nexpect: []\n')[0]).toBe(
      'f:2:8: error: one host is here: two at least are expected',
    )
  })
})

it('the schema for editors is the one in docs', () => {
  expect(JSON.parse(readFileSync(new URL('../../../docs/scenario.schema.json', import.meta.url), 'utf8'))).toEqual(scenarioSchema())
})

describe('docs/scenarios.md', () => {
  const page = readFileSync(new URL('../../../docs/scenarios.md', import.meta.url), 'utf8')
  const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? ''

  it('has an example that holds, and is the one among the examples', () => {
    expect(playScenario(goodFile(example), worldOf(1).provider).failures).toEqual([])
    const copy = readFileSync(new URL('../../../examples/scenarios/lost-answer.yaml', import.meta.url), 'utf8')
    expect(copy.replace('../../docs/', './')).toBe(example)
  })

  it('says of its mistakes what is said', () => {
    const wrong = example.replace('at: 2s', 'at: 2 sec')
    const shown = /```\n(lost[\s\S]*?)```/.exec(page)?.[1]?.split('\n') ?? []
    const said = (text: string): readonly string[] => readScenario(text).diagnostics.flatMap((each) => diagnosticLines('lost.yaml', each))
    expect(said(wrong)).toEqual(shown.slice(0, 3))
    expect(said(example.replace('→ home', '→ hone'))).toEqual(shown.slice(3, 6))
  })

  it('has every word', () => {
    // What has a schema of its own in `properties`, and is not itself a word of JSON Schema.
    const keys = new Set(
      [...JSON.stringify(scenarioSchema()).matchAll(/"(\w+)":\{"(?:type|description|anyOf|enum|pattern|minLength)"/g)].map(
        ([, key = '']) => key,
      ),
    )
    for (const key of ['items', 'prefixItems']) keys.delete(key)
    expect(keys.size).toBeGreaterThan(40)
    for (const key of keys) expect(page).toContain(`\`${key}`)
    for (const [, value = ''] of JSON.stringify(scenarioSchema()).matchAll(/"const":"([\w-]+)"/g)) expect(page).toContain(`\`${value}\``)
  })
})
