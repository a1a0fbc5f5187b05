// How far a long job is, on stderr: one line that is rewritten on a terminal, a line now and then elsewhere. Short jobs say nothing.

export class Progress {
  readonly #total: number | undefined
  readonly #interval: number
  readonly #terminal: boolean
  #told = performance.now()
  #written = false

  /** `total`: in octets, where it is known. */
  constructor(total: number | undefined) {
    this.#total = total
    this.#terminal = process.stderr.isTTY
    this.#interval = this.#terminal ? 500 : 5000
  }

  at(octets: number, frames: number): void {
    const now = performance.now()
    if (now - this.#told < this.#interval) return
    this.#told = now
    this.#written = true
    const share = this.#total === undefined || this.#total === 0 ? '' : `${Math.floor((100 * octets) / this.#total)} %, `
    const line = `${share}${(octets / 1_048_576).toFixed(0)} MiB, ${frames} frames`
    process.stderr.write(this.#terminal ? `\r\x1b[K${line}` : `${line}\n`)
  }

  /** Nothing is left of it on a terminal. */
  done(): void {
    if (this.#written && this.#terminal) process.stderr.write('\r\x1b[K')
  }
}
