// How far a long job is, on stderr: one line that is rewritten on a terminal, a line now and then elsewhere. Short jobs say nothing.

export class Progress {
  readonly #interval: number
  readonly #terminal: boolean
  #told = performance.now()
  #written = false

  constructor() {
    this.#terminal = process.stderr.isTTY
    this.#interval = this.#terminal ? 500 : 5000
  }

  /** `line` is asked for when it is time to say something. */
  at(line: () => string): void {
    const now = performance.now()
    if (now - this.#told < this.#interval) return
    this.#told = now
    this.#written = true
    process.stderr.write(this.#terminal ? `\r\x1b[K${line()}` : `${line()}\n`)
  }

  /** Nothing is left of it on a terminal. */
  done(): void {
    if (this.#written && this.#terminal) process.stderr.write('\r\x1b[K')
  }
}
