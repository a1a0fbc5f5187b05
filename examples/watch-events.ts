// What happens in a host, as typed events: here a negotiation that fails, since the two keys differ by a newline.
import { EventEmitter, once } from 'node:events'
import { createHost, type Event, formatFailure, type HostPorts, ipPacket, protectPeer, Secret, sharedKeyMac, utf8 } from 'ikebana'
import { findKeySlip } from 'ikebana/crypto'
import { nodeProvider } from 'ikebana/crypto/node'
import { startRuntime, systemRandom } from 'ikebana/runtime'

const provider = nodeProvider()

function start(us: string, peer: string, key: string, onEvent: (event: Event) => void, remote?: HostPorts) {
  return startRuntime({
    bind: [{ address: '127.0.0.1', ikePort: undefined, natPort: 0 }],
    makeHost: (local) => createHost({ ...protectPeer({ us, peer, remote }), provider, random: systemRandom, local, dangerKeyLog: 'off' }),
    sharedKeyMac: ({ prf, octets }) => sharedKeyMac(provider, prf, new Secret(utf8(key)), octets),
    onEvent,
  })
}

const happened = new EventEmitter()
const bob = await start('bob.example', 'alice.example', 'the key', (event) => {
  if (event.name === 'message') console.log(`bob ${event.direction} ${event.payloads.join(' ')}`)
  if (event.name !== 'ike-sa-failed') return
  const { fault, refusal } = event
  const evidence = refusal?.kind === 'authentication' && refusal.reason === 'wrong-key' ? refusal.evidence : undefined
  console.log(formatFailure(fault, refusal)[0])
  if (evidence !== undefined) console.log(`slip: ${findKeySlip(provider, new Secret(utf8('the key')), evidence)}`)
  happened.emit('failure')
})
const alice = await start('alice.example', 'bob.example', 'the key\n', () => {}, bob.local[0])
for (const { address } of bob.local) alice.send(ipPacket(address, address, 253, utf8('hello')))
await once(happened, 'failure')
await Promise.all([alice.close(1000), bob.close(1000)])
