// `ikebana check FILE`: what is wrong with a connection file, or with a scenario of the lab; and their JSON Schemas.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { readConnections } from '../config/connection-file.ts'
import { connectionSchema } from '../config/shape.ts'
import { type Diagnostic, diagnosticLines } from '../documents/diagnostic.ts'
import { isError } from '../documents/placing.ts'
import type { Json, JsonObject } from '../inspect/describe.ts'
import { escapeText } from '../inspect/escape.ts'
import { readScenario } from '../lab/scenario-files/read.ts'
import { scenarioSchema } from '../lab/scenario-files/shape.ts'
import { accented, print, printJson } from './console.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { kindOfFile } from './file-kinds.ts'
import { readTextFile } from './text-file.ts'

/** What is wrong with a file, or that nothing is. Exit code 3 when there is an error. `-` is the standard input. */
export function checkFile(path: string, output: 'text' | 'json'): ExitCode {
  const { name, text } = readTextFile('the file', path)
  const { diagnostics, summary, json } = checked(text)
  const isGood = !diagnostics.some(isError)
  if (output === 'json') printJson({ ok: isGood, file: name, ...json, diagnostics: diagnostics.map(diagnosticJson) })
  else {
    for (const line of diagnostics.flatMap((diagnostic) => accentedLines(name, diagnostic))) print(line)
    if (isGood) print(`${name}: ${accented('good', 'good')}: ${summary}`)
  }
  return isGood ? exitCodes.done : exitCodes.configuration
}

export function printSchema(kind: 'connections' | 'scenario'): ExitCode {
  print(JSON.stringify(kind === 'scenario' ? scenarioSchema() : connectionSchema(), undefined, 2))
  return exitCodes.done
}

interface Checked {
  readonly diagnostics: readonly Diagnostic[]
  /** What there is in a good file. */
  readonly summary: string
  readonly json: JsonObject
}

function checked(text: string): Checked {
  const found = kindOfFile(text)
  switch (found.kind) {
    case 'neither':
      return { diagnostics: found.diagnostics, summary: '', json: { kind: null } }
    case 'scenario': {
      const { file, diagnostics } = readScenario(text)
      const name = file?.scenario.name
      return { diagnostics, summary: `the scenario "${escapeText(name ?? '')}"`, json: { kind: 'scenario', scenario: name ?? null } }
    }
    case 'connections': {
      const { connections, diagnostics } = readConnections(text)
      const names = connections.map(({ name }) => name)
      return { diagnostics, summary: names.join(', '), json: { kind: 'connections', connections: names } }
    }
  }
}

function accentedLines(name: string, diagnostic: Diagnostic): readonly string[] {
  const [head = '', ...rest] = diagnosticLines(name, diagnostic)
  const accent = { error: 'bad', warning: 'careful', note: 'faint' } as const
  return [head.replace(`: ${diagnostic.severity}: `, (text) => accented(accent[diagnostic.severity], text)), ...rest]
}

const diagnosticJson = ({ severity, code, line, column, message, nearest, excerpt }: Diagnostic): Json => ({
  severity,
  code,
  line,
  column,
  message,
  nearest: nearest ?? null,
  excerpt: { ...excerpt },
})
