// A program of ours with SAs that nobody negotiated, over the raw path of a namespace. `manual-program.ts` is what it runs.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { SaMode } from '../../../src/contract/install.ts'
import type { Namespace } from './lab.ts'

/** One SA each way between two addresses. */
export interface ManualPair {
  readonly protocol: 'esp' | 'ah'
  readonly mode: SaMode
  /** A proposal in our words. */
  readonly proposal: string
  /** Outside. */
  readonly local: string
  readonly remote: string
  readonly inbound: ManualSa
  readonly outbound: ManualSa
  /** Before the first packet. */
  readonly lastSequence?: { readonly high: number; readonly low: number }
}
export interface ManualSa {
  readonly spi: number
  /** In hexadecimal, salts included; empty where there is none. */
  readonly encryptionKey: string
  readonly integrityKey: string
}

export type ManualRequest =
  /** `by`: the SAs alone, or a host that has them as `dangerManualSas`, with a policy that protects everything by them. */
  | { readonly do: 'use'; readonly pair: ManualPair; readonly by: 'sas' | 'host' }
  /** Echo requests through the SA; answers how many came back with the same octets. */
  | {
      readonly do: 'ping'
      readonly from: string
      readonly to: string
      readonly count: number
      readonly octets: number
      /** Longer packets are fragmented when they are sealed. */
      readonly mtu: number
    }
  | { readonly do: 'status' }

export interface ManualAnswer {
  readonly replies: number
  /** What came in by the raw path since the last `use`. */
  readonly received: number
  readonly fragments: number
  /** The lengths of the packets that came in. */
  readonly lengths: readonly number[]
  readonly answered: number
  readonly dropped: Readonly<Record<string, number>>
  readonly failures: readonly string[]
}

const root = new URL('../../..', import.meta.url).pathname
const program = new URL('manual-program.ts', import.meta.url).pathname

export class ManualPeer {
  readonly #child: ChildProcess
  readonly #waiting: ((line: string) => void)[] = []
  #said = ''

  /** `local`: our addresses. */
  constructor(namespace: Namespace, local: readonly string[]) {
    const command = namespace.command(process.execPath, '--import', 'tsx', program, JSON.stringify(local))
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text
    })
    createInterface({ input: child.stdout }).on('line', (line) => this.#waiting.shift()?.(line))
  }

  /** What comes before the first question: that the raw path is open. */
  async ready(): Promise<void> {
    await this.#line()
  }

  async ask(request: ManualRequest): Promise<ManualAnswer> {
    const line = this.#line()
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`)
    const answer: ManualAnswer = JSON.parse(await line)
    return answer
  }

  /** Ends by itself when it has nothing more to do: the raw path keeps nothing alive once it is closed. */
  async close(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => void this.#child.once('exit', resolve))
    this.#child.stdin?.end()
    return await ended
  }

  #line(): Promise<string> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`no answer\n${this.#said}`)), 30_000)
      this.#waiting.push((line) => {
        clearTimeout(limit)
        resolve(line)
      })
      if (this.#child.exitCode !== null) reject(new Error(`it has ended\n${this.#said}`))
    })
  }
}
