// Another implementation as a process that answers questions on its standard output (conformance/shim-protocol.ts). Whatever it does, the
// run goes on: what hangs is killed, what dies or talks nonsense is started again, and what does so too often is given up.
import type { Result } from '../bytes/result.ts'
import type { Strictness } from '../conformance/judge.ts'
import { caseLine, helloLine, longestLine, parseAnswer, parseHello, type ShimHello } from '../conformance/shim-protocol.ts'
import { type Answer, unimplemented, type VectorCase } from '../conformance/vector.ts'
import { LineProcess } from './line-process.ts'

export interface ShimOptions {
  /** For the system's shell. */
  readonly command: string
  /** Milliseconds to wait for an answer. */
  readonly patience: number
  /** How often in a row it may fail to answer before it is given up. */
  readonly mostTroubles?: number
}

export type ShimReply =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** It hung, died, or said something else. It has been stopped, and is started again for the next question. */
  | { readonly kind: 'trouble'; readonly says: string }
  /** Too many troubles: it is not asked any more. */
  | { readonly kind: 'given-up'; readonly says: string }

export class Shim {
  readonly hello: ShimHello
  readonly #options: ShimOptions
  #process: LineProcess | undefined
  #number = 0
  #troubles = 0
  #inARow = 0

  private constructor(options: ShimOptions, process: LineProcess, hello: ShimHello) {
    this.#options = options
    this.#process = process
    this.hello = hello
  }

  /** Throws an `Error` of one line when it does not say hello. */
  static async start(options: ShimOptions): Promise<Shim> {
    const process = new LineProcess(options.command, longestLine)
    const hello = await greet(process)
    if (hello.ok) return new Shim(options, process, hello.value)
    process.stop()
    throw new Error(hello.fault)
  }

  get strictness(): Strictness {
    return this.hello.explains ? 'with-place' : 'result-only'
  }

  /** How often it had to be started again. */
  get troubles(): number {
    return this.#troubles
  }

  /** Never rejects, and takes no longer than `patience`, after a trouble than the time to start again besides. */
  async ask(kind: string, vector: VectorCase): Promise<ShimReply> {
    if (!this.hello.kinds.includes(kind)) return { kind: 'answer', answer: unimplemented(`${this.hello.name} has no ${kind}`) }
    if (this.#inARow >= (this.#options.mostTroubles ?? 10))
      return { kind: 'given-up', says: `${this.hello.name} was given up after ${this.#inARow} troubles in a row` }
    const { patience } = this.#options
    if (this.#process === undefined) {
      const again = new LineProcess(this.#options.command, longestLine)
      this.#process = again
      const hello = await greet(again)
      if (!hello.ok) return this.#trouble(hello.fault)
    }
    const number = ++this.#number
    const line = await this.#process.exchange(caseLine(number, kind, vector.inputs), patience)
    if (!line.ok) return this.#trouble(line.fault)
    const answer = parseAnswer(line.value, number)
    if (!answer.ok) return this.#trouble(answer.fault)
    this.#inARow = 0
    return { kind: 'answer', answer: answer.value }
  }

  /** Ends the process, kindly first. */
  async close(): Promise<void> {
    await this.#process?.end(closingTime)
    this.#process = undefined
  }

  #trouble(says: string): ShimReply {
    this.#troubles++
    this.#inARow++
    this.#process?.stop()
    this.#process = undefined
    return { kind: 'trouble', says }
  }
}

/** Milliseconds for a shim to say hello: whole interpreters are started, on busy machines. */
const startingTime = 30_000
/** Milliseconds for a shim to end by itself when its input has ended. */
const closingTime = 1000

async function greet(process: LineProcess): Promise<Result<ShimHello, string>> {
  const line = await process.exchange(helloLine(), startingTime)
  return line.ok ? parseHello(line.value) : line
}
