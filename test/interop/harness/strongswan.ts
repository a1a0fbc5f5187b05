// strongSwan: one charon on a machine, its configuration, and questions to it.
import { type Finished, report, until } from './command.ts'
import { type Machine, mustRun, writing } from './machine.ts'

/** A section of strongswan.conf or swanctl.conf. */
export interface Section {
  readonly [name: string]: string | number | Section
}

export interface CharonOptions {
  /** Who seals: charon itself in userspace (tunnel mode in UDP only), or the kernel of the machine. */
  readonly seals: 'charon' | 'kernel'
  /** swanctl.conf. */
  readonly config: Section
  /** More of the section `charon` of strongswan.conf. */
  readonly settings?: Section
}

const plugins = [
  'random nonce x509 revocation constraints pubkey pkcs1 pkcs8 pem openssl gmp curve25519',
  'aes sha1 sha2 md5 mgf1 kdf hmac xcbc cmac ctr ccm gcm chapoly drbg socket-default vici updown',
].join(' ')

let started = 0

/** Starts a charon, loads its configuration, and gives what to talk to it by. */
export async function startCharon(machine: Machine, options: CharonOptions): Promise<Charon> {
  const folder = `${machine.folder}/charon-${started++}`
  const conf: Section = {
    charon: {
      load_modular: 'no',
      // kernel-libipsec is first, so that it takes the SAs; kernel-netlink is needed for addresses and routes in any case.
      load: `${plugins} ${options.seals === 'charon' ? 'kernel-libipsec ' : ''}kernel-netlink`,
      plugins: { vici: { socket: `unix://${folder}/vici` } },
      filelog: { all: { path: `${folder}/log`, default: 1, ike: 2, cfg: 2, esp: 2, flush_line: 'yes' } },
      ...options.settings,
    },
    swanctl: { load: 'pem pkcs1 pkcs8 x509 pubkey openssl random' },
  }
  await mustRun(
    machine,
    `mkdir -p ${folder}\n${writing(`${folder}/strongswan.conf`, formatSection(conf))}${writing(`${folder}/swanctl.conf`, formatSection(options.config))}`,
  )
  // A /run of its own, as the pid file of every charon has the same name.
  const charon = `export STRONGSWAN_CONF=${folder}/strongswan.conf; exec unshare -m sh -c 'mount -t tmpfs tmpfs /run && exec /usr/lib/ipsec/charon'`
  await mustRun(machine, `(${charon}) >${folder}/out 2>&1 </dev/null &\necho $! >${folder}/pid`)
  const peer = new Charon(machine, folder)
  // It listens once it has started its threads.
  const waiting = `for i in $(seq 200); do grep -q 'spawning' ${folder}/log && exit 0; kill -0 $(cat ${folder}/pid) || exit 1; sleep 0.05; done; exit 1`
  if ((await machine.run(waiting)).code !== 0) throw new Error(`charon does not start:\n${await peer.log()}`)
  const loaded = await peer.swanctl('--load-all', '--file', `${folder}/swanctl.conf`)
  if (loaded.code !== 0) throw new Error(`swanctl.conf was not accepted\n${report(loaded)}`)
  return peer
}

export class Charon {
  readonly #machine: Machine
  readonly #folder: string

  constructor(machine: Machine, folder: string) {
    this.#machine = machine
    this.#folder = folder
  }

  async swanctl(...words: readonly string[]): Promise<Finished> {
    const environment = `SWANCTL_DIR=${this.#folder} STRONGSWAN_CONF=${this.#folder}/strongswan.conf`
    return await this.#machine.run(`${environment} swanctl ${words.join(' ')} --uri unix://${this.#folder}/vici`)
  }

  /** Brings a Child SA up, from its side. Fails with what it says when it cannot. */
  async initiate(child: string): Promise<Finished> {
    return await this.swanctl('--initiate', '--child', child, '--timeout', '20', '--loglevel', '1')
  }

  /** Sends a Delete for an IKE SA and waits for the answer. */
  async terminateIke(connection: string): Promise<Finished> {
    return await this.swanctl('--terminate', '--ike', connection, '--timeout', '10')
  }

  /** Sends a Delete for a Child SA and waits for the answer. */
  async terminateChild(child: string): Promise<Finished> {
    return await this.swanctl('--terminate', '--child', child, '--timeout', '10')
  }

  /** What `swanctl --list-sas` prints: empty when there are none. */
  async sas(): Promise<string> {
    return (await this.swanctl('--list-sas')).stdout.trim()
  }

  /** The whole log since its start, and whatever it printed. */
  async log(): Promise<string> {
    return (await this.#machine.run(`cat ${this.#folder}/out ${this.#folder}/log 2>/dev/null`)).stdout
  }

  /** How many lines of the log have this text. */
  async logged(text: string): Promise<number> {
    return Number((await this.#machine.run(`grep -cF '${text}' ${this.#folder}/log`)).stdout)
  }

  /** Waits for a line of the log. */
  async logs(line: RegExp, limit: number = 10_000): Promise<void> {
    let log = ''
    try {
      await until(`${line} in the log of charon`, limit, async () => {
        log = await this.log()
        return line.test(log) ? true : undefined
      })
    } catch (error) {
      throw new Error(`${String(error)}\n${log}`, { cause: error })
    }
  }

  /** Waits until it has no IKE SA any more. */
  async forgets(limit: number = 5_000): Promise<void> {
    await until('a charon without SAs', limit, async () => ((await this.sas()) === '' ? true : undefined))
  }

  /** Ends it, without good-byes to its peers, and takes what it left in the kernel. */
  async stop(): Promise<void> {
    await mustRun(
      this.#machine,
      `kill -KILL $(cat ${this.#folder}/pid) 2>/dev/null; ip xfrm state flush; ip xfrm policy flush; ip link delete ipsec0 2>/dev/null; true`,
    )
  }
}

/** In the syntax of strongSwan's settings. */
export function formatSection(section: Section, indent: string = ''): string {
  let text = ''
  for (const [name, value] of Object.entries(section)) {
    text +=
      typeof value === 'object' ? `${indent}${name} {\n${formatSection(value, `${indent}  `)}${indent}}\n` : `${indent}${name} = ${value}\n`
  }
  return text
}
