// A process that is told a line and answers with a line. It leads a process group of its own, so that all of it can be ended.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { failed, ok, type Result } from '../bytes/result.ts'

export class LineProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #longest: number
  #received = ''
  #said = ''
  /** Why there will be no more lines. */
  #over: string | undefined
  #wake: (() => void) | undefined
  readonly #stop = (): void => this.stop()

  /** `command` is for the system's shell. A line longer than `longest` characters ends the process. */
  constructor(command: string, longest: number) {
    this.#longest = longest
    const child = spawn('/bin/sh', ['-c', command], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    this.#child = child
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#receive(text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-mostSaid)
    })
    child.on('error', (error) => this.#end(error.message))
    // Not 'exit': what it said before that is read first.
    child.on('close', (code, signal) => this.#end(`it ended (${signal ?? `exit code ${code}`})${this.#lastWords()}`))
    // Writing to a process that is gone: 'close' says why.
    child.stdin.on('error', () => {})
    process.once('exit', this.#stop)
  }

  /** Says `line`, which ends in a line feed, and waits for a line. A failure leaves the process in no state to go on with. */
  async exchange(line: string, patience: number): Promise<Result<string, string>> {
    if (this.#over === undefined) this.#child.stdin.write(line)
    const deadline = performance.now() + patience
    for (;;) {
      const at = this.#received.indexOf('\n')
      if (at >= 0) {
        const answer = this.#received.slice(0, at)
        this.#received = this.#received.slice(at + 1)
        return ok(answer)
      }
      if (this.#received.length > this.#longest) return failed(`it said more than ${this.#longest} characters without a line feed`)
      if (this.#over !== undefined) return failed(this.#over)
      const left = deadline - performance.now()
      if (left <= 0) return failed(`it hung: no answer within ${patience / 1000} s`)
      await this.#news(left)
    }
  }

  /** Ends its input, and all of it when it is still there after `patience` milliseconds. */
  async end(patience: number): Promise<void> {
    this.#child.stdin.end()
    const deadline = performance.now() + patience
    while (this.#over === undefined && performance.now() < deadline) await this.#news(deadline - performance.now())
    this.stop()
  }

  /** At once. */
  stop(): void {
    process.removeListener('exit', this.#stop)
    this.#end('it was stopped')
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // All of it is gone already.
    }
  }

  #receive(text: string): void {
    // What nobody waits for must not fill the memory.
    if (this.#received.length <= this.#longest) this.#received += text
    this.#wake?.()
  }

  #end(why: string): void {
    this.#over ??= why
    this.#wake?.()
  }

  /** Until something comes or changes, or for so many milliseconds. */
  async #news(patience: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patience)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }

  #lastWords(): string {
    const last = this.#said.trim().split('\n').at(-1) ?? ''
    return last === '' ? '' : `: ${last.slice(-200)}`
  }
}

/** Characters of its standard error that are kept. */
const mostSaid = 2000
