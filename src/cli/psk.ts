// The pre-shared key from its file: never from the command line, where everyone on the machine could read it.
import { readFileSync } from 'node:fs'
import { Secret } from '../bytes/secret.ts'
import { configurationFailure } from './exit-codes.ts'
import { keyOfFile, shortKey } from './options.ts'
import { explainFileError, systemError } from './system-errors.ts'

export interface PreSharedKey {
  readonly secret: Secret
  /** What the user should know of it; a line each. */
  readonly remarks: readonly string[]
}

/** `-` is the standard input. Throws a `CommandFailure` when there is no key. */
export function readPreSharedKey(path: string): PreSharedKey {
  const name = path === '-' ? 'standard input' : path
  const { key, newline } = keyOfFile(read(path, name))
  if (key.length === 0) throw configurationFailure(`the pre-shared key: ${name}: it is empty`)
  const remarks: string[] = []
  if (newline === 'stripped') remarks.push(`${name}: its final newline is not part of the key`)
  if (key.length < shortKey) {
    remarks.push(
      `${name}: a key of ${key.length} octets is short: whoever records a negotiation may try keys at leisure; take ${shortKey} random octets or more`,
    )
  }
  return { secret: new Secret(Uint8Array.from(key)), remarks }
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
