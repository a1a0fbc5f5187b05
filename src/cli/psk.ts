// The pre-shared key from where it is: never from the command line, where everyone on the machine could read it.
/* oxlint-disable consistent-return -- TypeScript sees that the switch is exhaustive */
import { readFileSync, statSync } from 'node:fs'
import { utf8 } from '../bytes/bytes.ts'
import { Secret } from '../bytes/secret.ts'
import type { KeySource } from '../config/connection-file.ts'
import { configurationFailure } from './exit-codes.ts'
import { keyOfFile, shortKey } from './options.ts'
import { explainFileError, systemError } from './system-errors.ts'

export interface PreSharedKey {
  readonly secret: Secret
  /** What the user should know of it; a line each. */
  readonly remarks: readonly string[]
}

/** The file `-` is the standard input. Throws a `CommandFailure` when there is no key. */
export function readPreSharedKey(source: KeySource): PreSharedKey {
  switch (source.kind) {
    case 'file':
      return fromFile(source.path)
    case 'environment': {
      const value = process.env[source.variable]
      const name = `the environment variable ${source.variable}`
      if (value === undefined || value === '')
        throw configurationFailure(`the pre-shared key: ${name} is ${value === undefined ? 'not set' : 'empty'}`)
      const octets = utf8(value)
      return { secret: new Secret(octets), remarks: shortness(name, octets.length) }
    }
    case 'inline':
      return { secret: source.secret, remarks: shortness('the connection file', source.secret.length) }
  }
}

function fromFile(path: string): PreSharedKey {
  const name = path === '-' ? 'standard input' : path
  const { key, newline } = keyOfFile(read(path, name))
  if (key.length === 0) throw configurationFailure(`the pre-shared key: ${name}: it is empty`)
  const remarks: string[] = []
  if (path !== '-' && isOpenToOthers(path)) remarks.push(`${name}: others on this machine can read the key: chmod 600`)
  if (newline === 'stripped') remarks.push(`${name}: its final newline is not part of the key`)
  return { secret: new Secret(Uint8Array.from(key)), remarks: [...remarks, ...shortness(name, key.length)] }
}

function shortness(name: string, octets: number): readonly string[] {
  if (octets >= shortKey) return []
  return [
    `${name}: a key of ${octets} octets is short: whoever records a negotiation may try keys at leisure; take ${shortKey} random octets or more`,
  ]
}

/** Whether a regular file may be read by its group or by everyone. Windows has no such modes. */
export function isOpenToOthers(path: string): boolean {
  if (process.platform === 'win32') return false
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.isFile() === true && (found.mode & 0o044) !== 0
}

function read(path: string, name: string): Uint8Array {
  try {
    return readFileSync(path === '-' ? 0 : path)
  } catch (thrown) {
    const error = systemError(thrown)
    if (error === undefined) throw thrown
    throw explainFileError(error, 'the pre-shared key', name)
  }
}
