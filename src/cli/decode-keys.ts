// The keys for `decode`: a directory with Wireshark's tables, as `--danger-keys` writes them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Decryption } from '../inspect/annotate/keys.ts'
import { keySource } from '../inspect/key-rows.ts'
import { dangerKeyFiles } from '../inspect/wireshark-keys.ts'
import { formatTableFault, readEspTable, readIkeTable, type Table } from '../inspect/wireshark-tables.ts'
import { nodeProvider } from '../crypto/providers/node.ts'
import { configurationFailure } from './exit-codes.ts'
import { explainFileError, systemError } from './system-errors.ts'

export interface DecodeKeys {
  readonly decryption: Decryption
  /** One line for each row that was left out. */
  readonly faults: readonly string[]
}

/** One of the tables may be missing. Throws a `CommandFailure` when both are, or when one cannot be read. */
export function readKeys(folder: string): DecodeKeys {
  const faults: string[] = []
  const ike = table(join(folder, dangerKeyFiles.ike), readIkeTable, faults)
  const esp = table(join(folder, dangerKeyFiles.child), readEspTable, faults)
  if (ike === undefined && esp === undefined)
    throw configurationFailure(`the keys: ${folder}: there is neither ${dangerKeyFiles.ike} nor ${dangerKeyFiles.child} in it`)
  return { decryption: { crypto: nodeProvider(), keys: keySource(ike ?? [], esp ?? []) }, faults }
}

function table<Row>(path: string, read: (text: string) => Table<Row>, faults: string[]): readonly Row[] | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (thrown) {
    const error = systemError(thrown)
    if (error?.code === 'ENOENT') return undefined
    throw error === undefined ? thrown : explainFileError(error, 'the keys', path)
  }
  const { rows, faults: found } = read(text)
  faults.push(...found.map((fault) => formatTableFault(path, fault)))
  return rows
}
