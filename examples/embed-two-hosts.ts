import { EventEmitter, once } from 'node:events'
import { createHost, type HostPorts, ipPacket, protectPeer, Secret, sharedKeyMac, utf8 } from 'ikebana'
import { nodeProvider } from 'ikebana/crypto/node'
import { startRuntime, systemRandom } from 'ikebana/runtime'

const provider = nodeProvider()
const inbox = new EventEmitter()
const start = (us: string, peer: string, remote?: HostPorts) =>
  startRuntime({
    bind: [{ address: '127.0.0.1', ikePort: undefined, natPort: 0 }],
    makeHost: (local) => createHost({ ...protectPeer({ us, peer, remote }), provider, random: systemRandom, local, dangerKeyLog: 'off' }),
    sharedKeyMac: ({ prf, octets }) => sharedKeyMac(provider, prf, new Secret(utf8('both hosts know this')), octets),
    onDeliver: (packet) => inbox.emit(us, packet),
  })
const bob = await start('bob.example', 'alice.example')
const alice = await start('alice.example', 'bob.example', bob.local[0])
const experimental = 253 // RFC 3692: a protocol number for trying things out
for (const { address } of bob.local) alice.send(ipPacket(address, address, experimental, utf8('hello')))
console.log(await once(inbox, 'bob.example'))
await Promise.all([alice.close(1000), bob.close(1000)])
