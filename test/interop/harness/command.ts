// Runs programs: to their end, or for as long as a test wants them.
import { type ChildProcess, spawn } from 'node:child_process'

export interface Finished {
  /** The exit code; 128 and more when a signal ended it. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly output: () => { readonly stdout: string; readonly stderr: string }
  readonly finished: Promise<Finished>
}

/** Starts a program. It dies with us, whatever happens to us. */
export function start(
  command: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Running {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const finished = new Promise<Finished>((resolve) => {
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: stderr + error.message }))
    child.on('close', (code) => resolve({ code: code ?? 128, stdout, stderr }))
  })
  return { child, output: () => ({ stdout, stderr }), finished }
}

/** Runs a program to its end. One that takes longer than `limit` ms is killed, and that is an error. */
export async function run(
  command: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string; readonly limit?: number } = {},
): Promise<Finished> {
  const running = start(command, options)
  const limit = options.limit ?? 30_000
  let late = false
  const timer = setTimeout(() => {
    late = true
    running.child.kill('SIGKILL')
  }, limit)
  const finished = await running.finished
  clearTimeout(timer)
  if (late) throw new Error(`not finished after ${limit} ms: ${command.join(' ')}\n${report(finished)}`)
  return finished
}

/** Runs a program that must succeed; gives its standard output. */
export async function must(command: readonly string[], options: Parameters<typeof run>[1] = {}): Promise<string> {
  const finished = await run(command, options)
  if (finished.code !== 0) throw new Error(`exit code ${finished.code}: ${command.join(' ')}\n${report(finished)}`)
  return finished.stdout
}

/** Asks again and again until there is an answer. The one place where these tests wait for the real world. */
export async function until<T>(what: string, limit: number, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const start = performance.now()
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() - start > limit) throw new Error(`after ${limit} ms there was still not: ${what}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 25)
    })
  }
}

export const report = (finished: { readonly stdout: string; readonly stderr: string }): string =>
  `--- stdout\n${finished.stdout}\n--- stderr\n${finished.stderr}`
