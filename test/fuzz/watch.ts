// A machine that never comes back cannot be left from inside its thread: another thread looks on, says what it was given, and ends it all.
import { Worker } from 'node:worker_threads'
import { formatRecipe, type Recipe } from './recipe.ts'
import type { StageOptions } from './stage.ts'

/** Octets of an episode that are remembered. */
const room = 4 * 1024 * 1024

export class Watch {
  readonly #worker: Worker
  /** How often something was noted, and how long the text is. */
  readonly #numbers: Int32Array
  readonly #text: Uint8Array

  /** After `patience` milliseconds without a note the process is killed. */
  constructor(patience: number) {
    const shared = new SharedArrayBuffer(8 + room)
    this.#numbers = new Int32Array(shared, 0, 2)
    this.#text = new Uint8Array(shared, 8)
    this.#worker = new Worker(onlooker, { eval: true, workerData: { shared, patience } })
    this.#worker.unref()
  }

  /** What is about to be played, after all that was played in its episode before. */
  note({ world, state, seed }: StageOptions, played: readonly Recipe[]): void {
    const last = played.at(-1)
    const line = last === undefined ? '' : `${formatRecipe(last)}\n`
    this.#write(played.length <= 1 ? `${JSON.stringify({ world: world.name, state, seed })}\n${line}` : line, played.length <= 1)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #write(text: string, isFirst: boolean): void {
    const at = isFirst ? 0 : Atomics.load(this.#numbers, 1)
    const octets = Buffer.from(text)
    if (at + octets.length <= room) {
      this.#text.set(octets, at)
      Atomics.store(this.#numbers, 1, at + octets.length)
    }
    Atomics.add(this.#numbers, 0, 1)
  }
}

/** Plain JavaScript: it runs without a loader. */
const onlooker = `
const { workerData: { shared, patience } } = require('node:worker_threads')
const { writeSync } = require('node:fs')
const numbers = new Int32Array(shared, 0, 2)
let seen = -1
setInterval(() => {
  const now = Atomics.load(numbers, 0)
  if (now !== seen) return void (seen = now)
  const text = Buffer.from(new Uint8Array(shared, 8, Atomics.load(numbers, 1)))
  writeSync(1, 'FINDING hangs: nothing came back for ' + patience + ' ms\\n  to have it again, put what follows into a file for --replay:\\n' + text)
  process.kill(process.pid, 'SIGKILL')
}, patience)
`
