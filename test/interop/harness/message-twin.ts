// The program that confirms vectors of the kind ike-message: a twin that was written from the RFCs alone, tshark, scapy.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface MessageConfirmation {
  readonly id: string
  /** `tshark 4.0.17`; none where `problem` says who finds otherwise. */
  readonly by: readonly string[]
  readonly problem: string
}

// Debian's, which has scapy.
const python = '/usr/bin/python3'
const program = fileURLToPath(new URL('../../conformance/twins/confirm_messages.py', import.meta.url))
const vectors = new URL('../../../vectors/', import.meta.url)
const longestOutput = 64 * 2 ** 20

/** `file`: `messages/cut.json`, or an absolute path. */
export function messageConfirmations(file: string): readonly MessageConfirmation[] {
  const path = file.startsWith('/') ? file : fileURLToPath(new URL(file, vectors))
  const run = spawnSync(python, ['-B', program, path], { encoding: 'utf8', maxBuffer: longestOutput })
  if (run.status !== 0) throw new Error(`${program} ends with ${run.status}: ${run.error?.message ?? ''}\n${run.stderr}`)
  return run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(confirmation)
}

function confirmation(line: string): MessageConfirmation {
  const said: unknown = JSON.parse(line)
  const { id, by, problem }: Readonly<Record<string, unknown>> = typeof said === 'object' && said !== null ? { ...said } : {}
  const names = Array.isArray(by) ? by.filter((name) => typeof name === 'string') : []
  return { id: String(id), by: names, problem: typeof problem === 'string' ? problem : '' }
}
