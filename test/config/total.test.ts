// Whatever is in a connection file: nothing is thrown, nothing takes long, and its key is not repeated.
import { type Arbitrary, array, assert, constant, constantFrom, double, oneof, property, string, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readConnections } from '../../src/config/connection-file.ts'
import { diagnosticLines } from '../../src/documents/diagnostic.ts'
import { laughs, marks } from '../documents/hostile.ts'
import { broken } from './broken.ts'
import { goodFile, inlineKey, keyInFile } from './samples.ts'

/** All that is said of a text, to people and to programs. */
const said = (text: string): string => {
  const { diagnostics, connections } = readConnections(text)
  return `${diagnostics.flatMap((each) => diagnosticLines('f', each)).join('\n')}${JSON.stringify([diagnostics, connections])}`
}

type Edit = (text: string, at: number) => string
const pieces = [...marks, ' ', '\n', '\t', ':', ': ', '- ', '{', '}', '[', ']', ',', '#', 'é', 'x']
const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length - 1
const onLines = (text: string, edit: (lines: readonly string[]) => readonly string[]): string => edit(text.split('\n')).join('\n')
const edit: Arbitrary<Edit> = oneof(
  constantFrom(...pieces).map(
    (piece): Edit =>
      (text, at) =>
        text.slice(0, at) + piece + text.slice(at),
  ),
  constantFrom(...pieces).map(
    (piece): Edit =>
      (text, at) =>
        text.slice(0, at) + piece + text.slice(at + 1),
  ),
  constant<Edit>((text, at) => text.slice(0, at) + text.slice(at + 1)),
  constant<Edit>((text, at) => onLines(text, (lines) => lines.toSpliced(lineAt(text, at), 1))),
  constant<Edit>((text, at) => onLines(text, (lines) => lines.toSpliced(lineAt(text, at), 0, lines[lineAt(text, at)] ?? ''))),
  constant<Edit>((text, at) => onLines(text, (lines) => [lines[lineAt(text, at)] ?? '', ...lines])),
  constant<Edit>((text, at) => onLines(text, (lines) => lines.with(lineAt(text, at), `  ${lines[lineAt(text, at)] ?? ''}`))),
  constant<Edit>((text, at) => onLines(text, (lines) => lines.with(lineAt(text, at), (lines[lineAt(text, at)] ?? '').trimStart()))),
)
const edits = array(tuple(edit, double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 6 })

const asBlock = `${keyInFile.slice(0, keyInFile.indexOf('secrets'))}secrets:
  one:
    id: bob.example
    secret: ${inlineKey}
  # secret: ${inlineKey}
  two:
    secret: |
      ${inlineKey}
    id: carol.example
`

describe('a file that was changed at random', () => {
  test.each([
    ['in braces', goodFile],
    ['in lines', asBlock],
  ])('%s: nothing is thrown, and the key is not repeated', (_, file) => {
    assert(
      property(edits, (list) => {
        const text = list.reduce((changed, [change, where]) => change(changed, Math.floor(where * changed.length)), file)
        expect(said(text)).not.toContain(inlineKey)
      }),
      { numRuns: 100, seed: 20_26 },
    )
  })
})

test('any text at all gives connections or an error', () => {
  assert(
    property(
      oneof(
        string({ unit: 'binary', maxLength: 200 }),
        array(constantFrom(...pieces, 'connections')).map((each) => each.join('')),
      ),
      (text) => {
        const { connections, diagnostics } = readConnections(text)
        expect(connections.length > 0 || diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
      },
    ),
    { numRuns: 60, seed: 1 },
  )
})

test('line and column are in the text', () => {
  for (const [title, text] of broken) {
    const lines = text.split('\n')
    for (const { line, column, excerpt } of readConnections(text).diagnostics) {
      expect(column - 1, title).toBeLessThanOrEqual(lines[line - 1]?.length ?? -1)
      expect(excerpt.caret, title).toBeLessThanOrEqual(200)
    }
  }
})

/** Each would take minutes, or all memory, if something were quadratic or unbounded. */
const most = 16 * 1024
const hostile: readonly (readonly [name: string, text: string])[] = [
  ['open brackets', '['.repeat(most)],
  ['open braces', '{'.repeat(most)],
  ['lists in lists', '- '.repeat(most / 2)],
  ['maps in maps', 'a: '.repeat(most / 3)],
  ['keys in keys', '? '.repeat(most / 2)],
  ['one map of many words', Array.from({ length: 3000 }, (_, i) => `k${i}: `).join('\n')],
  ['quotes', '"'.repeat(most)],
  ['anchors', '&a '.repeat(most / 3)],
  ['directives', '%Y\n'.repeat(most / 3)],
  ['documents', '---\n'.repeat(most / 4)],
  ['the word secret', 'secret '.repeat(most / 7)],
  ['laughs', laughs('connections')],
  ['a ring', 'connections: &a { b: *a }'],
]
test.each(hostile)('%s end in an error, soon', (_, text) => {
  const { diagnostics } = readConnections(text)
  expect(diagnostics[0]?.severity).toBe('error')
})
