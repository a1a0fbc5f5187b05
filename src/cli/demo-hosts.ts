// The two hosts of the demonstration: same key, transport mode between their addresses, ESP in UDP.
import { utf8 } from '../bytes/bytes.ts'
import { Secret } from '../bytes/secret.ts'
import type { Event } from '../contract/events.ts'
import type { Identity } from '../contract/identity.ts'
import type { Datagram } from '../contract/machine.ts'
import { nodeProvider } from '../crypto/providers/node.ts'
import { sharedKeyMac } from '../crypto/suites.ts'
import { createHost } from '../host/host.ts'
import { idType } from '../iana/identification.ts'
import { protocol } from '../iana/protocols.ts'
import { anyDynamic, type Connection } from '../policy/connection.ts'
import { defaultEspProposals, defaultIkeProposals, parseProposals } from '../policy/proposal-words.ts'
import { childDefaults, connectionDefaults } from '../policy/defaults.ts'
import type { SpdEntry } from '../policy/spd.ts'
import { type Runtime, startRuntime } from '../runtime/runtime.ts'
import { BindFailure } from '../runtime/sockets.ts'
import { systemRandom } from '../runtime/system-random.ts'

export interface Pair {
  readonly alice: Runtime
  readonly bob: Runtime
}

export interface Listeners {
  readonly onEvent: (event: Event) => void
  /** A packet that came out of an SA. */
  readonly onDeliver: (packet: Uint8Array) => void
  readonly onDatagram: (direction: 'sent' | 'received', datagram: Datagram) => void
}

/** 127.0.0.1 and 127.0.0.2, port 4500 each; free ports of 127.0.0.1 where one of these cannot be had. `remark` is told why. */
export async function startPair(alice: Listeners, bob: Listeners, remark: (text: string) => void): Promise<Pair> {
  const secret = new Secret(systemRandom(32))
  try {
    return await startBoth(['127.0.0.1', '127.0.0.2'], 4500, secret, alice, bob)
  } catch (thrown) {
    if (!(thrown instanceof BindFailure)) throw thrown
    remark(`${thrown.message}: free ports of 127.0.0.1 instead`)
    return startBoth(['127.0.0.1', '127.0.0.1'], 0, secret, alice, bob)
  }
}

export const demoConnection = 'demo'
export const demoChild = 'transport'

async function startBoth(
  addresses: readonly [string, string],
  port: number,
  secret: Secret,
  alice: Listeners,
  bob: Listeners,
): Promise<Pair> {
  const first = await startHost(addresses[0], port, 'alice.example', 'bob.example', secret, alice)
  try {
    return { alice: first, bob: await startHost(addresses[1], port, 'bob.example', 'alice.example', secret, bob) }
  } catch (thrown) {
    await first.close(0)
    throw thrown
  }
}

function startHost(address: string, natPort: number, self: string, peer: string, secret: Secret, listeners: Listeners): Promise<Runtime> {
  const provider = nodeProvider()
  return startRuntime({
    bind: [{ address, ikePort: undefined, natPort }],
    makeHost: (local) =>
      createHost({
        provider,
        random: systemRandom,
        connections: [connection(self, peer)],
        policies: [policy],
        local,
        // The key is made for this run and the packets carry nothing.
        dangerKeyLog: 'on',
      }),
    sharedKeyMac: ({ prf, octets }) => sharedKeyMac(provider, prf, secret, octets),
    ...listeners,
  })
}

const fqdn = (name: string): Identity => ({ type: idType.ID_FQDN, value: utf8(name) })

/** Without ESN, which Wireshark 4.0 cannot check. */
const parsed = parseProposals('aes256gcm16-aes128gcm16-noesn', protocol.ESP)
const espProposals = parsed.ok ? parsed.value : defaultEspProposals

const connection = (self: string, peer: string): Connection => ({
  name: demoConnection,
  localIdentity: fqdn(self),
  remoteIdentity: { kind: 'exactly', identity: fqdn(peer) },
  authentication: 'shared-key',
  proposals: defaultIkeProposals,
  remote: { kind: 'any' },
  encapsulation: 'force',
  ...connectionDefaults,
  children: [
    {
      name: demoChild,
      mode: 'transport',
      proposals: espProposals,
      localSelectors: [anyDynamic],
      remoteSelectors: [anyDynamic],
      ...childDefaults,
    },
  ],
})

const policy: SpdEntry = {
  name: 'everything',
  direction: 'both',
  local: anyDynamic,
  remote: anyDynamic,
  action: { kind: 'PROTECT', connection: demoConnection, child: demoChild },
}
