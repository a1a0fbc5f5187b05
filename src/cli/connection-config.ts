// Connection files as the command uses them: `check FILE`, and `--config FILE` of `ping` and `respond`.
import { readFileSync } from 'node:fs'
import { type ConfiguredConnection, type ReadConnections, readConnections } from '../config/connection-file.ts'
import { type Diagnostic, diagnosticLines } from '../documents/diagnostic.ts'
import { connectionSchema } from '../config/shape.ts'
import { isError } from '../documents/placing.ts'
import type { Json } from '../inspect/describe.ts'
import { accented, print, printJson, talk } from './console.ts'
import { configurationFailure, type ExitCode, exitCodes } from './exit-codes.ts'
import { insteadOf, namesOf } from './options.ts'
import { isOpenToOthers } from './psk.ts'
import { fileGuarded } from './system-errors.ts'

/** What is wrong with a file, or that nothing is. Exit code 3 when there is an error. `-` is the standard input. */
export function checkFile(path: string, output: 'text' | 'json'): ExitCode {
  const { name, connections, diagnostics } = readFile(path)
  const isGood = !diagnostics.some(isError)
  if (output === 'json') printJson(fileJson(name, connections, diagnostics))
  else {
    for (const line of diagnostics.flatMap((diagnostic) => accentedLines(name, diagnostic))) print(line)
    if (isGood) print(`${name}: ${accented('good', 'good')}: ${connections.map((each) => each.name).join(', ')}`)
  }
  return isGood ? exitCodes.done : exitCodes.configuration
}

export function printSchema(): ExitCode {
  print(JSON.stringify(connectionSchema(), undefined, 2))
  return exitCodes.done
}

/** The connection of that name; the only one where none is asked for. Says what is wrong with the file, and throws a `CommandFailure`. */
export function configuredConnection(path: string, wanted: string | undefined): ConfiguredConnection {
  const { name, connections, diagnostics } = readFile(path)
  const grave = diagnostics.filter(isError)
  for (const each of grave) for (const line of diagnosticLines(name, each)) talk(line, 'bad')
  if (grave.length > 0) throw configurationFailure(`${name}: ${grave.length === 1 ? 'an error' : `${grave.length} errors`} in this file`)
  for (const each of diagnostics) if (each.severity === 'warning') for (const line of diagnosticLines(name, each)) talk(line, 'careful')
  const found = chosen(name, connections, wanted)
  if (found.key.kind === 'inline' && path !== '-' && isOpenToOthers(path)) {
    talk(`${name}: others on this machine can read the key in it: chmod 600`, 'careful')
  }
  return found
}

function chosen(file: string, connections: readonly ConfiguredConnection[], wanted: string | undefined): ConfiguredConnection {
  const names = namesOf(connections)
  const [first, second] = connections
  if (wanted === undefined && first !== undefined && second === undefined) return first
  if (wanted === undefined) throw configurationFailure(`${file}: which one? --conn ${names.join(', --conn ')}`)
  const found = connections.find(({ name }) => name === wanted)
  if (found !== undefined) return found
  throw configurationFailure(`${file}: there is no connection ${wanted}; ${insteadOf(wanted, names)}`)
}

function readFile(path: string): ReadConnections & { readonly name: string } {
  const name = path === '-' ? 'standard input' : path
  const octets = fileGuarded('the connection file', name, () => readFileSync(path === '-' ? 0 : path))
  try {
    return { name, ...readConnections(new TextDecoder('utf-8', { fatal: true }).decode(octets)) }
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown
    throw configurationFailure(`the connection file: ${name}: it is not UTF-8`)
  }
}

function accentedLines(name: string, diagnostic: Diagnostic): readonly string[] {
  const [head = '', ...rest] = diagnosticLines(name, diagnostic)
  const accent = { error: 'bad', warning: 'careful', note: 'faint' } as const
  return [head.replace(`: ${diagnostic.severity}: `, (text) => accented(accent[diagnostic.severity], text)), ...rest]
}

function fileJson(file: string, connections: readonly ConfiguredConnection[], diagnostics: readonly Diagnostic[]): Json {
  return {
    ok: !diagnostics.some(isError),
    file,
    connections: connections.map(({ name }) => name),
    diagnostics: diagnostics.map(({ severity, code, line, column, message, nearest, excerpt }) => ({
      severity,
      code,
      line,
      column,
      message,
      nearest: nearest ?? null,
      excerpt: { ...excerpt },
    })),
  }
}
