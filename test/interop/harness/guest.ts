// A Linux kernel with IPsec that runs as a process: User-Mode Linux, on a tap of a namespace.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Finished, must, until } from './command.ts'
import { guestFiles } from './initramfs.ts'
import type { Lab, Namespace } from './lab.ts'
import type { Machine } from './machine.ts'

export interface GuestOptions {
  /** With prefix lengths. */
  readonly addresses: readonly string[]
}

/** Boots a guest whose interface `vec0` is the other end of `tap0` in the namespace; `tap0` still wants addresses. */
export async function bootGuest(lab: Lab, namespace: Namespace, options: GuestOptions): Promise<Machine> {
  const { kernel, initramfs } = guestFiles()
  const orders = join(lab.folder, `${namespace.name}-guest`)
  mkdirSync(orders)
  const addresses = options.addresses.map((address) => `ip address add ${address} dev vec0${address.includes(':') ? ' nodad' : ''}`)
  writeFileSync(join(orders, 'setup'), ['ip link set vec0 up', ...addresses].join('\n'))

  await must(namespace.command('ip', 'tuntap', 'add', 'tap0', 'mode', 'tap'))
  // With offloads the guest would be handed segments that are longer than its interface takes, without checksums in them.
  await must(namespace.command('ethtool', '-K', 'tap0', 'tso', 'off', 'gso', 'off', 'tx', 'off'))
  // Up before the guest sends its first frame: its driver gives up for good when a write fails.
  await namespace.ip('link', 'set', 'tap0', 'up')
  const words = [
    'mem=384M',
    `initrd=${initramfs}`,
    'rdinit=/init',
    'panic=-1',
    'quiet',
    'loglevel=4',
    // The console goes to standard error, the serial line is standard input and output.
    'con=null',
    'con0=null,fd:2',
    'console=tty0',
    'ssl=null',
    'ssl0=fd:0,fd:1',
    `uml_dir=${orders}`,
    'umid=guest',
    `orders=${orders}`,
    'vec0:transport=tap,ifname=tap0,depth=64,mac=52:54:00:00:00:02',
  ]
  const command = namespace.command(kernel, ...words)
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: lab.folder },
  })
  return await new Guest(child, orders).ready()
}

class Guest implements Machine {
  readonly folder: string = '/tmp'
  readonly #child: ChildProcess
  readonly #orders: string
  readonly #waiting = new Map<string, (code: number) => void>()
  #console = ''
  #serial = ''
  #given = 0
  #up = false

  constructor(child: ChildProcess, orders: string) {
    this.#child = child
    this.#orders = orders
    child.stderr?.setEncoding('latin1').on('data', (text: string) => {
      this.#console += text
    })
    child.stdout?.setEncoding('latin1').on('data', (text: string) => this.#hear(text))
    child.on('exit', () => this.#hear(''))
  }

  async ready(): Promise<this> {
    await until('a guest that takes orders', 60_000, () => {
      if (this.#child.exitCode !== null) throw new Error(`the guest has ended\n${this.#console}`)
      return this.#up ? true : undefined
    })
    return this
  }

  async run(script: string, limit: number = 30_000): Promise<Finished> {
    const name = `order-${this.#given++}`
    const path = join(this.#orders, name)
    writeFileSync(path, script)
    const code = await new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the guest has not finished after ${limit} ms: ${script}\n${this.#console}`)), limit)
      this.#waiting.set(name, (result) => {
        clearTimeout(timer)
        resolve(result)
      })
      this.#child.stdin?.write(`${name}\n`)
    })
    return { code, stdout: readFileSync(`${path}.out`, 'utf8'), stderr: readFileSync(`${path}.err`, 'utf8') }
  }

  #hear(text: string): void {
    this.#serial += text
    const lines = this.#serial.split(/\r?\n/)
    this.#serial = lines.pop() ?? ''
    for (const line of lines) {
      if (line === 'ready') this.#up = true
      const [, name = '', code = ''] = /^done (\S+) (\d+)$/.exec(line) ?? []
      this.#waiting.get(name)?.(Number(code))
      this.#waiting.delete(name)
    }
  }
}
