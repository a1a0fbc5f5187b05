// A run in each of its forms: text, JSON, JUnit, TAP, a page. What comes from files and shims is hostile.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { reportHash, reportStyle, runHtml } from '../../src/conformance/forms/html.ts'
import { runJson } from '../../src/conformance/forms/json.ts'
import { runJunit } from '../../src/conformance/forms/junit.ts'
import { runTap } from '../../src/conformance/forms/tap.ts'
import { runText } from '../../src/conformance/forms/text.ts'
import type { Verdict } from '../../src/conformance/judge.ts'
import type { VectorFault } from '../../src/conformance/read.ts'
import { Tally } from '../../src/conformance/tally.ts'
import type { VectorCase, VectorFile } from '../../src/conformance/vector.ts'

const vector = (id: string): VectorCase => ({
  id,
  title: 'A title',
  source: { printed: 'RFC 3602', section: '4' },
  result: 'valid',
  flags: [],
  effort: 'quick',
  inputs: { key: '0011' },
  expected: { kind: 'outputs', outputs: { ciphertext: '00112233' }, erratum: undefined },
})
const file: VectorFile = { suite: 'primitives', name: 'primitives/x.json', title: 'AES', kind: 'cipher', flags: {}, cases: [] }

function tallyOf(verdicts: readonly (readonly [id: string, provider: string, verdict: Verdict])[]): Tally {
  const tally = new Tally()
  for (const [id, provider, verdict] of verdicts) tally.add({ provider, file, vector: vector(id), verdict })
  return tally
}

const wrong: Verdict = {
  kind: 'failed',
  layer: undefined,
  field: 'ciphertext',
  expected: '00112233',
  got: '00112333',
  firstDifference: 2,
}
const tally = tallyOf([
  ['a', 'node', { kind: 'passed', how: 'as-expected' }],
  ['b', 'node', wrong],
  ['c', 'node', { kind: 'skipped', says: 'slow' }],
  ['d', 'node', { kind: 'not-applicable', says: 'no such cipher' }],
  ['e', 'node', { kind: 'passed', how: 'acceptable-refused' }],
])
const faults: readonly VectorFault[] = [{ file: 'primitives/y.json', path: '/cases/0/id', says: 'twice' }]

test('JSON: the counts, each failure with its first octet that differs, faults of files', () => {
  expect(runJson(tally, faults)).toEqual({
    summary: { total: 5, passed: 2, failed: 1, skipped: 1, notApplicable: 1, acceptable: 1, acceptableRefused: 1 },
    suites: [
      {
        suite: 'primitives',
        provider: 'node',
        total: 5,
        passed: 2,
        failed: 1,
        skipped: 1,
        notApplicable: 1,
        acceptable: 1,
        acceptableRefused: 1,
      },
    ],
    failures: [
      {
        id: 'b',
        file: 'primitives/x.json',
        provider: 'node',
        layer: null,
        field: 'ciphertext',
        expected: '00112233',
        got: '00112333',
        firstDifference: 2,
        inputs: { key: '0011' },
      },
    ],
    omissions: [
      { providers: ['node'], kind: 'skipped', says: 'slow', count: 1 },
      { providers: ['node'], kind: 'not-applicable', says: 'no such cipher', count: 1 },
    ],
    faults: [{ file: 'primitives/y.json', path: '/cases/0/id', says: 'twice' }],
  })
})

test('text: the octet that differs stands above its mark', () => {
  const text = runText(tally, faults)
  const [, expected = '', got = '', mark = ''] = /\n( +expected.*)\n( +got.*)\n( +\^\^ octet 2)\n/.exec(text) ?? []
  expect(expected.slice(mark.indexOf('^'), mark.indexOf('^') + 2)).toBe('22')
  expect(got.slice(mark.indexOf('^'), mark.indexOf('^') + 2)).toBe('23')
  expect(text).toContain('FAULT primitives/y.json#/cases/0/id: twice')
  expect(text).toMatch(/2 passed, 1 failed, 1 skipped, 1 not applicable, 1 faults in files\n$/)
})

test('text: far into long octets, a window is shown', () => {
  const long = '00'.repeat(300)
  const text = runText(tallyOf([['a', 'node', { ...wrong, expected: long, got: `${long.slice(0, 500)}01`, firstDifference: 250 }]]), [])
  const [, expected = '', mark = ''] = /\n( +expected.*)\n.*\n( +\^\^ octet 250)\n/.exec(text) ?? []
  expect(expected.length).toBeLessThan(120)
  expect(mark).not.toBe('')
})

test('TAP: a line for each case, and a plan that counts them', () => {
  const lines = runTap(tally, faults).split('\n')
  expect(lines.slice(0, 4)).toEqual(['TAP version 14', '1..6', 'ok 1 - a (node)', 'not ok 2 - b (node)'])
  expect(lines).toContain('ok 3 - c (node) # SKIP slow')
  expect(lines).toContain('ok 4 - d (node) # SKIP not applicable: no such cipher')
  expect(lines).toContain('not ok 6 - primitives/y.json\\#/cases/0/id: twice')
})

test('JUnit: suites with their counts', () => {
  const xml = runJunit(tally, faults)
  expect(xml).toContain('<testsuites name="ikebana vectors" tests="6" failures="1" errors="1">')
  expect(xml).toContain('<testsuite name="primitives (node)" tests="5" failures="1" errors="0" skipped="2">')
  expect(xml.match(/<testcase /g)).toHaveLength(6)
})

test('the page: its policy has the hash of its style, and nothing else is allowed', () => {
  expect(createHash('sha256').update(reportStyle).digest('base64')).toBe(reportHash)
  const page = runHtml(tally, faults)
  expect(page).toContain(`default-src 'none'; style-src 'sha256-${reportHash}'`)
  expect(page).toContain('<pre>00 11 <mark>22 33</mark></pre>')
  expect(page).toContain('primitives/y.json#/cases/0/id: twice')
})

describe('what a shim says is harmless in every form', () => {
  const evil = '</pre><script>alert(1)</script>\u001b[31m\u202e" onload="x" # SKIP ]]>\n  ...'
  const hostile = tallyOf([
    ['a', evil, { ...wrong, field: evil, got: evil, firstDifference: undefined }],
    ['b', evil, { kind: 'not-applicable', says: evil }],
  ])

  test('text', () => {
    expect(runText(hostile, [])).not.toMatch(/\p{C}(?<!\n)/u)
  })
  test('TAP', () => {
    const tap = runTap(hostile, [])
    expect(tap).not.toMatch(/\p{C}(?<!\n)/u)
    expect(tap.match(/^ {2}\.\.\.$/gm)).toHaveLength(1)
    const points = tap.split('\n').filter((line) => /^(?:not )?ok /.test(line))
    expect(points.map((line) => line.match(/(?<!\\)# SKIP/g)?.length ?? 0)).toEqual([0, 1])
  })
  test.each([
    ['the page', runHtml(hostile, [])],
    ['JUnit', runJunit(hostile, [])],
  ])('%s', (_, markup) => {
    expect(markup).not.toContain('<script')
    expect(markup).not.toMatch(/\p{C}(?<!\n)/u)
    expect(markup).not.toContain('" onload="')
  })
})
