// Two hosts in one process that hand each other their datagrams, without sockets, and are timed.
import { utf8 } from '../src/bytes/bytes.ts'
import { Secret } from '../src/bytes/secret.ts'
import type { Datagram, HostPorts, Input, Output } from '../src/contract/machine.ts'
import { type ChildSaId, type IkeSaId, type Instant, instant, type Milliseconds } from '../src/contract/units.ts'
import { endlessChild, endlessConnection } from '../src/policy/defaults.ts'
import type { CryptoProvider } from '../src/crypto/provider.ts'
import { sharedKeyMac } from '../src/crypto/suites.ts'
import { createHost, type Host } from '../src/host/host.ts'
import { protocol } from '../src/iana/protocols.ts'
import type { Address } from '../src/net/address.ts'
import type { Connection } from '../src/policy/connection.ts'
import { parseIdentity } from '../src/policy/identity.ts'
import { parseProposal } from '../src/policy/proposal-words.ts'
import { alice, bob, systemRandom } from './fixtures.ts'
import { cpuTime } from './measure.ts'

export class Pair {
  readonly #hosts: ReadonlyMap<Address, Host>
  readonly #provider: CryptoProvider
  readonly #datagrams: Datagram[] = []
  #established = 0
  #closed = 0
  /** Alice's, the newest. */
  #child: ChildSaId | undefined
  #ikeSa: IkeSaId | undefined
  /** Of the `handle`s since it was set to 0: nanoseconds. `undefined`: not measured. */
  #longest: number | undefined
  #now: Instant = instant(0)

  constructor(provider: CryptoProvider, ike: string, esp: string) {
    this.#provider = provider
    this.#hosts = new Map([
      [alice, hostAt(alice, bob, provider, ike, esp)],
      [bob, hostAt(bob, alice, provider, ike, esp)],
    ])
  }

  /** Up and down again, once. Nanoseconds. */
  negotiate(): number {
    this.#closed = 0
    const start = cpuTime()
    this.bringUp()
    this.#feed(alice, { kind: 'command', command: { kind: 'close-all' } })
    this.#deliverAll()
    const elapsed = cpuTime() - start
    if (this.#closed !== 2) throw new Error(`${this.#closed} ends went down`)
    this.#forget(600_000)
    return elapsed
  }

  bringUp(): void {
    this.#established = 0
    this.#feed(alice, {
      kind: 'command',
      command: { kind: 'initiate', connection: 'bench', child: 'bench', path: { start: 'ike', local: ports(alice), remote: ports(bob) } },
    })
    this.#deliverAll()
    if (this.#established !== 2) throw new Error(`${this.#established} ends came up`)
  }

  /** New keys for what is up, and the end of the old ones. Nanoseconds. */
  rekey(what: 'child' | 'ike'): number {
    const [child, ikeSa] = [this.#child, this.#ikeSa]
    if (child === undefined || ikeSa === undefined) throw new Error('nothing is up')
    const start = cpuTime()
    this.#feed(alice, { kind: 'command', command: what === 'child' ? { kind: 'rekey-child-sa', child } : { kind: 'rekey-ike-sa', ikeSa } })
    this.#deliverAll()
    // What lingers goes within the next seconds: that is part of the price.
    this.#forget(10_000)
    const elapsed = cpuTime() - start
    if (what === 'child' ? this.#child === child : this.#ikeSa === ikeSa) throw new Error('nothing was rekeyed')
    return elapsed
  }

  /** Each `handle` measured by itself: the nanoseconds that the longest of them took at most. */
  longestStep(act: () => void): number {
    this.#longest = 0
    act()
    const longest = this.#longest
    this.#longest = undefined
    return longest
  }

  #deliverAll(): void {
    for (let next = this.#datagrams.shift(); next !== undefined; next = this.#datagrams.shift()) {
      const { channel, local, remote, bytes } = next
      this.#feed(remote.address, { kind: 'datagram', datagram: { channel, local: remote, remote: local, bytes } })
    }
  }

  #feed(at: Address, input: Input): void {
    const [cpuStart, start] = this.#longest === undefined ? [0, 0] : [cpuTime(), performance.now()]
    const outputs = this.#hosts.get(at)?.handle(this.#now, input) ?? []
    if (this.#longest !== undefined) {
      // The process has other threads, which collect garbage; the machine has other processes. Our own thread has had neither's time.
      const spent = Math.min(cpuTime() - cpuStart, (performance.now() - start) * 1e6)
      this.#longest = Math.max(this.#longest, spent)
    }
    for (const output of outputs) this.#carryOut(at, output)
  }

  #carryOut(at: Address, output: Output): void {
    if (output.kind === 'send') this.#datagrams.push(output.datagram)
    else if (output.kind === 'operation') {
      const { id, kind, request } = output.operation
      const value = sharedKeyMac(this.#provider, request.prf, sharedKey, request.octets)
      this.#feed(at, { kind: 'completion', completion: { id, kind, outcome: { ok: true, value } } })
    } else if (output.kind === 'event') {
      if (output.event.name === 'child-sa-established') {
        this.#established++
        if (at === alice) this.#child = output.event.child
      } else if (output.event.name === 'ike-sa-established' && at === alice) this.#ikeSa = output.event.ikeSa
      else if (output.event.name === 'ike-sa-closed') this.#closed++
    }
  }

  /** Lets so much time pass. */
  #forget(time: Milliseconds): void {
    this.#now = instant(this.#now + time)
    for (const [at, host] of this.#hosts) {
      while (host.deadline !== undefined && host.deadline <= this.#now) this.#feed(at, { kind: 'tick' })
    }
    this.#datagrams.length = 0
  }
}

const sharedKey = new Secret(utf8('a key for benchmarks only'))

function hostAt(local: Address, remote: Address, provider: CryptoProvider, ike: string, esp: string): Host {
  const anything = { addresses: 'dynamic', protocol: 0, startPort: 0, endPort: 65535 } as const
  const connection: Connection = {
    name: 'bench',
    localIdentity: parsed(parseIdentity(local)),
    remoteIdentity: { kind: 'exactly', identity: parsed(parseIdentity(remote)) },
    authentication: 'shared-key',
    proposals: [parsed(parseProposal(ike, protocol.IKE))],
    remote: { kind: 'exactly', start: 'ike', host: ports(remote) },
    encapsulation: 'force',
    ...endlessConnection,
    children: [
      {
        name: 'bench',
        mode: 'transport',
        proposals: [parsed(parseProposal(esp, protocol.ESP))],
        localSelectors: [anything],
        remoteSelectors: [anything],
        ...endlessChild,
        replayWindow: 64,
      },
    ],
  }
  return createHost({ provider, random: systemRandom, connections: [connection], policies: [], local: [ports(local)], dangerKeyLog: 'off' })
}

const ports = (address: Address): HostPorts => ({ address, ikePort: 500, natPort: 4500 })

function parsed<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: { readonly message: string } },
): T {
  if (!result.ok) throw new Error(result.fault.message)
  return result.value
}
