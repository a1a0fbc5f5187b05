// Ikebana embedded in a program (`embedded-program.ts`) that runs in a namespace and does on request what users of a network do.
import { type ChildProcess, spawn } from 'node:child_process'
import type { Event } from '../../../src/contract/events.ts'
import type { HostView } from '../../../src/host/host.ts'
import type { ChildConfig, Connection, IkeLifetime, LifetimeLimits } from '../../../src/policy/connection.ts'
import { until } from './command.ts'
import type { Namespace } from './lab.ts'

/** All that the program has to know, given as JSON in its first argument. */
export interface Scenario {
  readonly role: 'initiate' | 'respond'
  readonly local: string
  readonly remote: string
  readonly key: string
  readonly localIdentity: string
  /** `%any`: whoever has the key. */
  readonly remoteIdentity: string
  /** Proposals, joined by commas. */
  readonly ike: string
  readonly esp?: string
  readonly ah?: string
  /** What it has beside UDP: the raw path where it is `ip`. */
  readonly bare?: 'esp' | 'ip'
  readonly encapsulation: 'force' | 'when-needed'
  /** Tunnel mode between these two addresses; without it, transport mode between those outside. */
  readonly tunnel?: { readonly local: string; readonly remote: string }
  /** Instead of those without any end. */
  readonly connection?: Partial<Pick<Connection, 'childless' | 'uniqueness' | 'overlap'>> & { readonly lifetime?: Partial<IkeLifetime> }
  readonly child?: Partial<Readonly<Record<'soft' | 'hard' | 'jitter', Partial<LifetimeLimits>>>> &
    Partial<Pick<ChildConfig, 'replayWindow'>>
  /**
   * `per-child`: what comes through a Child SA has a TCP of its own and is answered through the same, since several hosts can have the same
   * addresses and ports. Else, as a plain stack has it, there is one for all.
   */
  readonly stacks?: 'one' | 'per-child'
  /** What it brings up as an initiator; `child` by default, nothing but an IKE SA where it is `none`. */
  readonly start?: 'child' | 'none'
}

export type Request =
  /** Echo requests; answers how many came back. */
  | { readonly do: 'ping'; readonly count: number }
  /** Sends octets to a TCP echo server; answers whether the same ones came back. */
  | { readonly do: 'tcp'; readonly port: number; readonly octets: number; readonly from?: number }
  /** Sends datagrams of all lengths up to a limit to a UDP echo server; answers how many came back whole. */
  | { readonly do: 'udp'; readonly port: number; readonly count: number; readonly longest: number }
  /** Echo requests, one each `interval` ms, until `stop-pings`, which tells how many had no reply. */
  | { readonly do: 'start-pings'; readonly interval: number }
  | { readonly do: 'stop-pings' }
  /**
   * Rekeys the newest Child SA, or the IKE SA. `when-asked`: hears nothing more until something has come from the peer, and reads that
   * after it has sent its own request: so the two cross.
   */
  | { readonly do: 'rekey'; readonly what: 'child' | 'ike'; readonly when: 'now' | 'when-asked' }
  | { readonly do: 'reauthenticate' }
  /** Brings up a child by its name: `child`, or `other`. */
  | { readonly do: 'initiate'; readonly child: string }
  /** Deletes all SAs. */
  | { readonly do: 'close' }
  | { readonly do: 'status' }

export interface Answer {
  /** What was asked for in numbers; for `tcp` 1 is the same octets and 0 is not; for `stop-pings` it is those that were lost. */
  readonly count: number
  /** Of TCP segments and UDP datagrams that came out of SAs, since the start. */
  readonly badChecksums: number
  readonly sealed: number
  readonly opened: number
  readonly dropped: Readonly<Record<string, number>>
  readonly fault: string | undefined
  /** Those that linger are left out. */
  readonly ikeSas: HostView['ikeSas']
}

/** An event as JSON has it. */
export interface Told {
  readonly name: Event['name']
  readonly [field: string]: unknown
}

const root = new URL('../../..', import.meta.url).pathname
const program = new URL('embedded-program.ts', import.meta.url).pathname

export class Embedded {
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  #said = ''
  #rest = ''

  constructor(namespace: Namespace, scenario: Scenario) {
    const command = namespace.command(process.execPath, '--import', 'tsx', program, JSON.stringify(scenario))
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n')
      this.#rest = lines.pop() ?? ''
      this.#lines.push(...lines)
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text
    })
  }

  /** When its sockets are bound. */
  async listening(): Promise<void> {
    await this.#line('listening')
  }

  /** When it has a Child SA. */
  async established(): Promise<void> {
    await this.#line('established')
  }

  async ask(request: Request): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`)
    const line = await this.#line('answer ')
    const answer: Answer = JSON.parse(line.slice('answer '.length))
    return answer
  }

  /** Its events, as text. */
  said(): string {
    return this.#said
  }

  /** Its events with these names, in their order. */
  events(...names: readonly Event['name'][]): readonly Told[] {
    const lines = this.#said.split('\n').filter((line) => names.some((name) => line.startsWith(`{"name":"${name}"`)))
    return lines.map((line): Told => JSON.parse(line))
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** The next line that begins so; lines before it are dropped. */
  async #line(beginning: string): Promise<string> {
    try {
      return await until(`"${beginning}" from the embedding program`, 40_000, () => {
        if (this.#child.exitCode !== null) throw new Error('the embedding program has ended')
        for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) if (line.startsWith(beginning)) return line
        return undefined
      })
    } catch (error) {
      throw new Error(`${String(error)}\n${this.#said}`, { cause: error })
    }
  }
}
