// Each mistake that a soak, a storm or the explorer found, as a scenario file: it holds now, and says what went wrong. docs/scenarios.md.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { diagnosticLines } from '../../src/documents/diagnostic.ts'
import { explainFailure } from '../../src/lab/report.ts'
import { runScenario } from '../../src/lab/run.ts'
import { playScenario } from '../../src/lab/scenario-files/play.ts'
import { readScenario, type ScenarioFile } from '../../src/lab/scenario-files/read.ts'
import type { Scenario } from '../../src/lab/scenario.ts'
import { shrink } from '../../src/lab/shrink.ts'
import { writeFailure } from './failures.ts'
import { storm, worldOf } from './storm.ts'

/** `IKEBANA_SCENARIO`: the path of another one, and of nothing else. */
const only = process.env['IKEBANA_SCENARIO']
const folder = new URL('scenarios/', import.meta.url)
const paths =
  only === undefined
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => new URL(name, folder).pathname)
    : [only]

function read(path: string): ScenarioFile {
  const { file, diagnostics } = readScenario(readFileSync(path, 'utf8'))
  if (file === undefined) throw new Error(diagnostics.flatMap((each) => diagnosticLines(path, each)).join('\n'))
  return file
}

describe('the scenario file', () => {
  it.each(paths.map((path) => ({ path, name: path.split('/').at(-1) })))('$name holds', ({ path }) => {
    const file = read(path)
    const outcome = playScenario(file, worldOf(file.seed).provider)
    const again = `IKEBANA_SCENARIO=${path} npx vitest run --project unit test/lab/scenarios.test.ts`
    expect(outcome.verdict, outcome.verdict === 'held' ? '' : explainFailure(outcome, worldOf(file.seed), again)).toBe('held')
  })
})

describe('a failure', () => {
  it('is written as a scenario file, shrunk, which fails in the same way', () => {
    const noRetransmission: Scenario = {
      name: 'a failure that was meant',
      weather: storm,
      hosts: [
        { name: 'alice', address: '192.0.2.1' },
        { name: 'bob', address: '192.0.2.2' },
      ],
      steps: [{ at: 0, do: 'initiate', host: 'alice', peer: 'bob' }],
      expect: [{ that: 'event', host: 'alice', name: 'retransmit', times: 0 }],
      within: 60_000,
    }
    const failed = runScenario(noRetransmission, worldOf(2))
    expect(failed.verdict).toBe('failed')
    const path = writeFailure(failed, shrink(failed, worldOf(2)), 'this test')
    const file = read(path)
    expect(file.mishaps).toHaveLength(1)
    expect(playScenario(file, worldOf(2).provider).failures[0]).toMatch(/^alice told retransmit \d+ times, not 0$/)
    expect(readFileSync(path, 'utf8')).toContain(`# Play it: IKEBANA_SCENARIO=${path} npx vitest run`)
  })
})
