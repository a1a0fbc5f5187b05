// Connection files as the command uses them: `--config FILE` of `ping` and `respond`.
import { type ConfiguredConnection, type ReadConnections, readConnections } from '../config/connection-file.ts'
import { diagnosticLines } from '../documents/diagnostic.ts'
import { isError } from '../documents/placing.ts'
import { talk } from './console.ts'
import { configurationFailure } from './exit-codes.ts'
import { type ChosenConnection, insteadOf, namesOf } from './options.ts'
import { isOpenToOthers } from './psk.ts'
import { readTextFile } from './text-file.ts'

/** The connection of that name; the only one where none is asked for. Says what is wrong with the file, and throws a `CommandFailure`. */
export function configuredConnection(path: string, wanted: string | undefined): ChosenConnection {
  const { name, connections, policies } = usableFile(path)
  const found = chosen(name, connections, wanted)
  if (found.key.kind === 'inline' && path !== '-' && isOpenToOthers(path)) {
    talk(`${name}: others on this machine can read the key in it: chmod 600`, 'careful')
  }
  return { ...found, policies }
}

/** Says what is wrong with the file, and throws a `CommandFailure` where that is an error. */
export function usableFile(path: string): ReadConnections & { readonly name: string } {
  const file = readFile(path)
  const { name, diagnostics } = file
  const grave = diagnostics.filter(isError)
  for (const each of grave) for (const line of diagnosticLines(name, each)) talk(line, 'bad')
  if (grave.length > 0) throw configurationFailure(`${name}: ${grave.length === 1 ? 'an error' : `${grave.length} errors`} in this file`)
  for (const each of diagnostics) if (each.severity === 'warning') for (const line of diagnosticLines(name, each)) talk(line, 'careful')
  return file
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
  const { name, text } = readTextFile('the connection file', path)
  return { name, ...readConnections(text) }
}
