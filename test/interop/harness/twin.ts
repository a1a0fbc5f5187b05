// Programs of `test/conformance/twins/`, which say of each case of vector files who finds the same: a twin that was written from the RFC
// alone, scapy, python3-cryptography.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { kinds } from '../../../src/conformance/kinds/table.ts'
import { readVectors } from '../../../src/conformance/read.ts'
import type { VectorCase } from '../../../src/conformance/vector.ts'

export interface Confirmation {
  readonly id: string
  /** `twin`, `scapy`; `undefined`: somebody finds otherwise. */
  readonly by: readonly string[] | undefined
  readonly problem: string
}

// Debian's, since that is whose packages the harness asks for.
const python = '/usr/bin/python3'
const vectors = new URL('../../../vectors/', import.meta.url)
const longestOutput = 64 * 2 ** 20

/** `program`: `esp.py`; `file`: `esp/padding.json`. */
export function confirmations(program: string, file: string): readonly Confirmation[] {
  const path = fileURLToPath(new URL(`../../conformance/twins/${program}`, import.meta.url))
  const run = spawnSync(python, ['-B', path, fileURLToPath(new URL(file, vectors))], { encoding: 'utf8', maxBuffer: longestOutput })
  if (run.status !== 0) throw new Error(`${program} ends with ${run.status}: ${run.error?.message ?? ''}\n${run.stderr}`)
  return run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(confirmation)
}

export function casesOf(file: string): readonly VectorCase[] {
  return readVectors(file, readFileSync(new URL(file, vectors), 'utf8'), kinds).file?.cases ?? []
}

function confirmation(line: string): Confirmation {
  const said: unknown = JSON.parse(line)
  const { id, by, problem }: Readonly<Record<string, unknown>> = typeof said === 'object' && said !== null ? { ...said } : {}
  const names = Array.isArray(by) ? by.filter((name) => typeof name === 'string') : undefined
  return { id: String(id), by: names, problem: typeof problem === 'string' ? problem : '' }
}
