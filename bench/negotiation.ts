// CPU time of a negotiation, both ends together: IKE_SA_INIT, IKE_AUTH with a pre-shared key and a Child SA, Delete.
// Two hosts in one process hand each other their datagrams; no sockets.
import { utf8 } from '../src/bytes/bytes.ts'
import { Secret } from '../src/bytes/secret.ts'
import type { Datagram, HostPorts, Input, Output } from '../src/contract/machine.ts'
import { type Instant, instant } from '../src/contract/units.ts'
import { endlessChild, endlessConnection } from '../src/policy/defaults.ts'
import type { CryptoProvider } from '../src/crypto/provider.ts'
import { nodeProvider } from '../src/crypto/providers/node.ts'
import { portableProvider } from '../src/crypto/providers/portable.ts'
import { sharedKeyMac } from '../src/crypto/suites.ts'
import { createHost, type Host } from '../src/host/host.ts'
import { protocol } from '../src/iana/protocols.ts'
import type { Address } from '../src/net/address.ts'
import type { Connection } from '../src/policy/connection.ts'
import { parseIdentity } from '../src/policy/identity.ts'
import { parseProposal } from '../src/policy/proposal-words.ts'
import { alice, bob, systemRandom } from './fixtures.ts'
import { cpuTime, type Effort, median, race } from './measure.ts'
import type { Figure } from './report.ts'

const node = nodeProvider()
const portable = portableProvider({ random: systemRandom })
const cases: readonly (readonly [provider: CryptoProvider, ike: string, esp: string])[] = [
  [node, 'aes128gcm16-prfsha256-x25519', 'aes128gcm16'],
  [node, 'aes128gcm16-prfsha256-ecp256', 'aes128gcm16'],
  [node, 'aes128-sha256-modp2048', 'aes128-sha256'],
  [portable, 'aes128gcm16-prfsha256-x25519', 'aes128gcm16'],
]

export function benchNegotiation(effort: Effort): readonly Figure[] {
  // Much code runs for each: the compiler takes its time.
  const patient = { ...effort, time: 2 * effort.time, warmUp: 8 * effort.warmUp }
  return cases.map(([provider, ike, esp]) => {
    const pair = new Pair(provider, ike, esp)
    const [times = []] = race(patient, [{ count: 1, burst: () => pair.negotiate() }])
    return { name: `negotiate, both ends, ${ike}, ${provider.name}`, value: median(times) / 1e3, unit: 'µs' }
  })
}

class Pair {
  readonly #hosts: ReadonlyMap<Address, Host>
  readonly #provider: CryptoProvider
  readonly #datagrams: Datagram[] = []
  #established = 0
  #closed = 0
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
    this.#established = 0
    this.#closed = 0
    const start = cpuTime()
    this.#feed(alice, {
      kind: 'command',
      command: { kind: 'initiate', connection: 'bench', child: 'bench', path: { start: 'ike', local: ports(alice), remote: ports(bob) } },
    })
    this.#deliverAll()
    this.#feed(alice, { kind: 'command', command: { kind: 'close-all' } })
    this.#deliverAll()
    const elapsed = cpuTime() - start
    if (this.#established !== 2 || this.#closed !== 2) throw new Error(`${this.#established} ends came up, ${this.#closed} went down`)
    this.#forget()
    return elapsed
  }

  #deliverAll(): void {
    for (let next = this.#datagrams.shift(); next !== undefined; next = this.#datagrams.shift()) {
      const { channel, local, remote, bytes } = next
      this.#feed(remote.address, { kind: 'datagram', datagram: { channel, local: remote, remote: local, bytes } })
    }
  }

  #feed(at: Address, input: Input): void {
    for (const output of this.#hosts.get(at)?.handle(this.#now, input) ?? []) this.#carryOut(at, output)
  }

  #carryOut(at: Address, output: Output): void {
    if (output.kind === 'send') this.#datagrams.push(output.datagram)
    else if (output.kind === 'operation') {
      const { id, kind, request } = output.operation
      const value = sharedKeyMac(this.#provider, request.prf, sharedKey, request.octets)
      this.#feed(at, { kind: 'completion', completion: { id, kind, outcome: { ok: true, value } } })
    } else if (output.kind === 'event') {
      if (output.event.name === 'child-sa-established') this.#established++
      else if (output.event.name === 'ike-sa-closed') this.#closed++
    }
  }

  /** Lets so much time pass that nothing of the last negotiation lingers. */
  #forget(): void {
    this.#now = instant(this.#now + 600_000)
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
