// Everything that a test file makes outside of its own process: network namespaces and a folder, both named after our process id,
// and taken away again at the end, when we exit early, and by the next run when we were killed. All that tests start runs
// inside such a namespace, so that ending its processes ends everything.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from './command.ts'

const namespacePrefix = 'ikebana-'
const folderPrefix = 'ikebana-interop-'
const open = new Set<Lab>()
let made = 0

export class Lab {
  /** A folder for this lab alone. */
  readonly folder: string
  readonly #namespaces: string[] = []

  constructor() {
    if (process.getuid?.() !== 0) throw new Error('network namespaces are for root only: run the interoperability tests as root')
    if (open.size === 0) {
      sweepTheDead()
      process.once('exit', closeAll)
    }
    this.folder = mkdtempSync(join(tmpdir(), `${folderPrefix}${process.pid}-`))
    open.add(this)
  }

  /** A network namespace with its loopback up. The name given is for reading only. */
  async namespace(name: string): Promise<Namespace> {
    const full = `${namespacePrefix}${process.pid}-${made++}-${name}`
    await must(['ip', 'netns', 'add', full])
    this.#namespaces.push(full)
    await must(['ip', '-n', full, 'link', 'set', 'lo', 'up'])
    return new Namespace(full)
  }

  /** Ends all processes of the lab and takes its namespaces and its folder away. */
  close(): void {
    for (const namespace of this.#namespaces.toReversed()) removeNamespace(namespace)
    this.#namespaces.length = 0
    rmSync(this.folder, { recursive: true, force: true })
    open.delete(this)
  }

  /** What is still there of all labs of this process, one line each. */
  static remains(): readonly string[] {
    const mine = (name: string): boolean => name.split('-').includes(String(process.pid))
    return [
      ...namespaces().filter(mine),
      ...readdirSync(tmpdir()).filter((name) => name.startsWith(folderPrefix) && mine(name)),
      ...processesIn(tmpdir(), `${folderPrefix}${process.pid}-`),
      ...strayDevices(),
    ]
  }
}

/** A network namespace. */
export class Namespace {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  /** The command line that runs `command` in here. */
  command(...command: readonly string[]): readonly string[] {
    return ['ip', 'netns', 'exec', this.name, ...command]
  }

  async ip(...words: readonly string[]): Promise<string> {
    return await must(['ip', '-n', this.name, ...words])
  }

  /** Gives an interface its addresses, with their prefix lengths, and puts it up. */
  async address(device: string, ...addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      await this.ip('address', 'add', address, 'dev', device, ...(address.includes(':') ? ['nodad'] : []))
    }
    await this.ip('link', 'set', device, 'up')
  }
}

/** A cable between two namespaces. The interfaces exist in there only, never in the namespace of the machine. */
export async function cable(a: Namespace, deviceA: string, b: Namespace, deviceB: string): Promise<void> {
  await must(['ip', 'link', 'add', deviceA, 'netns', a.name, 'type', 'veth', 'peer', 'name', deviceB, 'netns', b.name])
  // Segments stay as long as an Ethernet frame, with checksums in them, as on a real network.
  for (const [namespace, device] of [[a, deviceA] as const, [b, deviceB] as const]) {
    await must(namespace.command('ethtool', '-K', device, 'tso', 'off', 'gso', 'off', 'gro', 'off', 'tx', 'off'))
  }
}

function namespaces(): readonly string[] {
  const lines = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' }).split('\n')
  return lines.map((line) => line.split(' ')[0] ?? '').filter((name) => name.startsWith(namespacePrefix))
}

function removeNamespace(name: string): void {
  try {
    // Killed processes may have started others meanwhile: look until none is left.
    for (let round = 0; round < 50; round++) {
      const pids = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).split('\n').filter(Boolean).map(Number)
      if (pids.length === 0) break
      for (const pid of pids) kill(pid)
      execFileSync('sleep', ['0.02'])
    }
    execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' })
  } catch {
    // It is gone already.
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** Labs of processes that were killed before they could clean up. */
function sweepTheDead(): void {
  for (const name of namespaces()) if (!alive(name.slice(namespacePrefix.length))) removeNamespace(name)
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(folderPrefix) && !alive(name.slice(folderPrefix.length)))
      rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}

/** Whether the process with the number at the beginning of `text` is there. */
function alive(text: string): boolean {
  try {
    process.kill(Number.parseInt(text, 10), 0)
    return true
  } catch {
    return false
  }
}

function processesIn(folder: string, prefix: string): readonly string[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n')
  return lines.filter((line) => line.includes(join(folder, prefix)))
}

/** Interfaces of the machine's own namespace that only a test can have left there. */
function strayDevices(): readonly string[] {
  const lines = execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' }).split('\n')
  return lines.filter((line) => /: (?:ikebana|cable|tap|ipsec)\d*[@:]/.test(line))
}

function closeAll(): void {
  for (const lab of open) lab.close()
}
