// Whatever is in a scenario file: nothing is thrown, nothing takes long; and what is read without a word of complaint can be played.
import { array, assert, constantFrom, double, oneof, property, string, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatScenario } from '../../../src/lab/scenario-files/format.ts'
import { readScenario } from '../../../src/lab/scenario-files/read.ts'
import { setStage } from '../../../src/lab/stage.ts'
import { worldOf } from '../storm.ts'
import { everyWord } from './samples.ts'

/** A file, or an error; a file is written and read back, and its stage can be set. */
function settled(text: string): 'file' | 'errors' {
  const { file, diagnostics } = readScenario(text)
  if (file === undefined) {
    const [first] = diagnostics
    expect(first?.severity, text).toBe('error')
    const lines = text.split('\n')
    for (const { line, column } of diagnostics) expect(column - 1, text).toBeLessThanOrEqual(lines[line - 1]?.length ?? -1)
    return 'errors'
  }
  expect(diagnostics).toEqual([])
  expect(readScenario(formatScenario(file)).file).toEqual(file)
  setStage(file.scenario, worldOf(1))
  return 'file'
}

const words = [...new Set(everyWord.match(/[\w.@/→-]+|[{}[\],:#\n]/g))]
const pieces = [
  '  ',
  '\t',
  '"',
  "'",
  '&a ',
  '*a',
  '!t ',
  '|',
  '>',
  '%',
  '?',
  '\\',
  '\u0000',
  '\u202e',
  '1e-9',
  '999999999999999',
  '0',
  ...words,
]

describe('a scenario file', () => {
  it('that is cut off anywhere is read, or is an error', () => {
    for (let length = 0; length < everyWord.length; length += 23) settled(everyWord.slice(0, length))
    expect(settled(everyWord)).toBe('file')
  })

  it('with lines and words that were changed at random is read, or is an error', () => {
    const count = { file: 0, errors: 0 }
    const tokens = everyWord.split(/(?<=[\s,{}[\]:])/)
    const lines = everyWord.split('\n')
    const where = double({ min: 0, max: 1, noNaN: true })
    const words = array(tuple(where, constantFrom(...pieces)), { minLength: 1, maxLength: 3 }).map((edits) =>
      edits.reduce((all, [at, piece]) => all.with(Math.floor(at * (all.length - 1)), piece), tokens).join(''),
    )
    const without = where.map((at) => lines.toSpliced(Math.floor(at * (lines.length - 1)), 1).join('\n'))
    assert(
      property(oneof(words, without), (text) => void count[settled(text)]++),
      { numRuns: 25, seed: 5 },
    )
    expect(count.file).toBeGreaterThan(0)
    expect(count.errors).toBeGreaterThan(0)
  })

  it('that is any text at all is read, or is an error', () => {
    const text = oneof(
      string({ unit: 'binary', maxLength: 200 }),
      array(constantFrom(...pieces)).map((each) => each.join('')),
    )
    assert(
      property(text, (each) => void settled(each)),
      { numRuns: 25, seed: 6 },
    )
  })

  it('may have any name', () => {
    const file = readScenario(everyWord).file
    if (file === undefined) throw new Error('no file')
    assert(
      property(
        oneof(string({ unit: 'binary', minLength: 1 }), constantFrom(...pieces, ' a', 'a ', 'a: b', 'a #b', 'no', '~', '-', '01', '1e5')),
        (name) => {
          const named = { ...file, scenario: { ...file.scenario, name } }
          expect(readScenario(formatScenario(named)).file).toEqual(named)
        },
      ),
      { numRuns: 15, seed: 7 },
    )
  })

  it.each([
    ['a list without end', `hosts: [${'x,'.repeat(40_000)}]`],
    ['longer than is read', ' '.repeat(1024 * 1024 + 1)],
    ['deep', '['.repeat(20_000)],
    [
      'laughs',
      `a: &a [x,x,x,x,x,x,x,x]\n${Array.from('bcdefgh', (name, i) => `${name}: &${name} [${Array(8).fill(`*${'abcdefg'[i]}`).join()}]`).join('\n')}\nhosts: *h`,
    ],
  ])('%s: an error, soon', (_, text) => {
    expect(readScenario(text).diagnostics[0]?.severity).toBe('error')
  })
})
