// Our command in a namespace, as a user would run it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Finished, report, type Running, run, start, until } from './command.ts'
import { secret } from './config.ts'
import type { Lab, Namespace } from './lab.ts'

const root = new URL('../../..', import.meta.url).pathname
const program = [process.execPath, '--import', 'tsx', 'src/cli/main.ts']

/** `ikebana WORDS…` with the key in a file, to its end. */
export async function ikebana(lab: Lab, namespace: Namespace, words: readonly string[], key: string = secret): Promise<Finished> {
  return await run(namespace.command(...commandLine(lab, words, key)), { cwd: root, limit: 60_000 })
}

/** `ikebana WORDS…` without a key. */
export async function runCommand(namespace: Namespace, words: readonly string[]): Promise<Finished> {
  return await run(namespace.command(...program, ...words), { cwd: root, limit: 60_000 })
}

/** Starts `ikebana WORDS…` and gives it back while it runs. */
export function startIkebana(lab: Lab, namespace: Namespace, words: readonly string[], key: string = secret): Running {
  return start(namespace.command(...commandLine(lab, words, key)), { cwd: root })
}

/** Starts `ikebana respond` and waits until it listens on UDP 500 and 4500. */
export async function respond(lab: Lab, namespace: Namespace, words: readonly string[], key: string = secret): Promise<Responder> {
  const running = startIkebana(lab, namespace, ['respond', ...words], key)
  try {
    await until('a responder that listens', 20_000, async () => {
      if (running.child.exitCode !== null) throw new Error(`respond has ended\n${report(running.output())}`)
      const sockets = (await run(namespace.command('ss', '-Huln'))).stdout
      return /:500\s/.test(sockets) && /:4500\s/.test(sockets) ? true : undefined
    })
  } catch (error) {
    // Else the next one finds its ports taken, or its peer finds the wrong one.
    running.child.kill('SIGKILL')
    throw error
  }
  return new Responder(running)
}

export class Responder {
  readonly #running: Running

  constructor(running: Running) {
    this.#running = running
  }

  /** Both streams so far. */
  said(): string {
    return report(this.#running.output())
  }

  async says(text: RegExp, limit: number = 10_000): Promise<void> {
    await until(`${text} from respond: ${this.said()}`, limit, () => (text.test(this.said()) ? true : undefined))
  }

  /** As Ctrl-C does. */
  async interrupt(): Promise<Finished> {
    this.#running.child.kill('SIGINT')
    return await this.#running.finished
  }

  kill(): void {
    this.#running.child.kill('SIGKILL')
  }
}

function commandLine(lab: Lab, words: readonly string[], key: string): readonly string[] {
  const file = join(lab.folder, 'key')
  writeFileSync(file, `${key}\n`, { mode: 0o600 })
  return [...program, ...words, '--psk-file', file]
}
