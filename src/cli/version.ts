// `ikebana version`
import { readFileSync } from 'node:fs'
import { print, printJson } from './console.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'

export function version(output: 'text' | 'json'): ExitCode {
  const number = packageVersion()
  if (output === 'json') printJson({ name: 'ikebana', version: number, node: process.version })
  else print(`ikebana ${number}`)
  return exitCodes.done
}

/** From package.json, which is two levels up from here in the sources and in the build. */
function packageVersion(): string {
  const described: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const found = typeof described === 'object' && described !== null && 'version' in described ? described.version : undefined
  return typeof found === 'string' ? found : 'unknown'
}
