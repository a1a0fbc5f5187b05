// docs/states.md is in step with the tables of states.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { stateTables, tableOf } from '../../scripts/state-tables.ts'
import { flowchart, statesPage } from '../../scripts/states-page.ts'
import { transitions } from '../../src/ike/sa/transitions.ts'

test('the page is what `npm run diagrams` writes', () => {
  expect(readFileSync(new URL('../../docs/states.md', import.meta.url), 'utf8')).toBe(statesPage(stateTables))
})

test('it draws every edge of the table, but for those to the phase that all may lead to', () => {
  const edges = Object.entries(transitions).flatMap(([from, tos]) => tos.filter((to) => to !== 'closed').map((to) => `${from} --> ${to}`))
  const lines = stateTables.flatMap(({ states }) =>
    flowchart(states)
      .split('\n')
      .filter((line) => line.startsWith('  s_')),
  )
  expect(lines.map((line) => line.trim().replaceAll('s_', '').replaceAll('_', '-')).sort()).toEqual(edges.sort())
})

describe('a table', () => {
  const text = "/** Initiator: it asks. */ | { readonly phase: 'a' } /** Over. */ | { readonly phase: 'b' } | { readonly phase: 'c' }"

  test('has the sentence above each variant, and the role that begins it', () => {
    const { states } = tableOf('title', 'file', { a: ['b'], b: [] }, text)
    expect(states.map(({ role, says }) => [role, says])).toEqual([
      ['initiator', 'it asks.'],
      ['both', 'Over.'],
    ])
  })

  test('with a phase of which nothing is said is none', () => {
    expect(() => tableOf('title', 'file', { c: [] }, text)).toThrow('nothing is said of the phase c')
  })

  test('draws edges to its last state unless all others may lead there', () => {
    const states = tableOf('title', 'file', { a: ['a', 'b'], b: [] }, text).states
    expect(flowchart(states)).not.toContain('--> s_b')
    expect(flowchart([...states, { name: 'c', role: 'both', says: '', next: ['a'] }])).toContain('s_a --> s_b')
  })
})
