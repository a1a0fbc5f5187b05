// scapy as a peer for single packets of ESP and AH: one Python process that answers line by line.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { fromHex, toHex } from '../../../src/bytes/bytes.ts'

/** In scapy's words. `tunnel`: source and destination of the outer header; `null` is transport mode. */
export interface ScapySa {
  /** ESP where it is left out. */
  readonly protocol?: 'ESP' | 'AH'
  readonly spi: number
  readonly cipher: string
  readonly cipherKey: Uint8Array
  readonly mac: string
  readonly macKey: Uint8Array
  readonly tunnel: readonly [string, string] | null
  /** The high half of extended sequence numbers; `null` without them. */
  readonly sequenceHigh: number | null
}

// Debian's, since that is whose packages the harness asks for.
const python = '/usr/bin/python3'
const program = fileURLToPath(new URL('../scapy-peer.py', import.meta.url))
const remedy = 'install the Debian packages python3-scapy and python3-cryptography'

export class Scapy {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: Interface
  readonly #answers: AsyncIterator<string>
  #complaints = ''

  private constructor() {
    this.#child = spawn(python, [program], { stdio: 'pipe' })
    this.#child.on('error', (error) => {
      this.#complaints += error.message
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text
    })
    this.#lines = createInterface({ input: this.#child.stdout })
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  /** Fails with what to install when Python or scapy is not there. */
  static async start(): Promise<Scapy> {
    const scapy = new Scapy()
    const first = await scapy.#next()
    if (!('ready' in first)) throw new Error(`${python} ${program} does not start; ${remedy}\n${scapy.#complaints}`)
    return scapy
  }

  /** The protected packet, in its outer IP packet, that scapy makes of an IP packet. */
  seal(sa: ScapySa, sequence: number, packet: Uint8Array): Promise<Uint8Array> {
    return this.#ask('seal', sa, sequence, packet)
  }

  /** The IP packet that scapy finds in a protected packet. */
  open(sa: ScapySa, packet: Uint8Array): Promise<Uint8Array> {
    return this.#ask('open', sa, 0, packet)
  }

  close(): void {
    this.#child.stdin.end()
    this.#lines.close()
  }

  async #ask(op: 'seal' | 'open', sa: ScapySa, sequence: number, packet: Uint8Array): Promise<Uint8Array> {
    const wire = { ...sa, cipherKey: toHex(sa.cipherKey), macKey: toHex(sa.macKey) }
    this.#child.stdin.write(`${JSON.stringify({ op, sa: wire, sequence, packet: toHex(packet) })}\n`)
    const answer = await this.#next()
    const octets = typeof answer['packet'] === 'string' ? fromHex(answer['packet']) : undefined
    if (octets === undefined) throw new Error(`scapy does not ${op} this: ${JSON.stringify(answer)}\n${this.#complaints}`)
    return octets
  }

  /** An empty record when the process has ended. */
  async #next(): Promise<Readonly<Record<string, unknown>>> {
    const line = await this.#answers.next()
    if (line.done === true) return {}
    const answer: unknown = JSON.parse(line.value)
    return typeof answer === 'object' && answer !== null ? { ...answer } : {}
  }
}
