// Files that people write, as text: what `check FILE` and `--config FILE` read.
import { readFileSync } from 'node:fs'
import { configurationFailure } from './exit-codes.ts'
import { fileGuarded } from './system-errors.ts'

export interface TextFile {
  /** As messages call it. */
  readonly name: string
  readonly text: string
}

/** `purpose`: `the connection file`. `-` is the standard input. Throws a `CommandFailure` where there is none, or where it is no text. */
export function readTextFile(purpose: string, path: string): TextFile {
  const name = path === '-' ? 'standard input' : path
  const octets = fileGuarded(purpose, name, () => readFileSync(path === '-' ? 0 : path))
  try {
    return { name, text: new TextDecoder('utf-8', { fatal: true }).decode(octets) }
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown
    throw configurationFailure(`${purpose}: ${name}: it is not UTF-8`)
  }
}
