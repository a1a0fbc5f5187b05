// A machine on which scripts can be run: a network namespace of this kernel, or a guest with a kernel of its own.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Finished, report, run } from './command.ts'
import type { Lab, Namespace } from './lab.ts'

export interface Machine {
  /** A folder on it for whatever scripts leave behind. */
  readonly folder: string
  /** Runs a shell script to its end; `limit` is in ms. */
  run(script: string, limit?: number): Promise<Finished>
}

/** Runs a script that must succeed; gives its output. */
export async function mustRun(machine: Machine, script: string, limit?: number): Promise<string> {
  const finished = await machine.run(script, limit)
  if (finished.code !== 0) throw new Error(`exit code ${finished.code}: ${script}\n${report(finished)}`)
  return finished.stdout
}

/** The script that writes a text file. */
export const writing = (path: string, text: string): string => `cat >${path} <<'END-OF-FILE'\n${text.replace(/\n?$/, '\n')}END-OF-FILE\n`

export function namespaceMachine(lab: Lab, namespace: Namespace): Machine {
  const folder = join(lab.folder, namespace.name)
  mkdirSync(folder, { recursive: true })
  return {
    folder,
    run: async (script, limit) => await run(namespace.command('sh', '-c', script), limit === undefined ? {} : { limit }),
  }
}
