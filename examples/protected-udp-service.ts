// A UDP service that only who has the key can reach: in-process, without root, on port 53 of an address that needs no privilege,
// since the port is inside the SA.
import { EventEmitter, once } from 'node:events'
import { createHost, decodeUdp, type HostPorts, protectPeer, Secret, sharedKeyMac, udpPacket, utf8 } from 'ikebana'
import { nodeProvider } from 'ikebana/crypto/node'
import { type Runtime, startRuntime, systemRandom } from 'ikebana/runtime'

const provider = nodeProvider()
const text = (octets: Uint8Array): string => new TextDecoder().decode(octets)

function start(us: string, peer: string, remote: HostPorts | undefined, onDeliver: (packet: Uint8Array) => void): Promise<Runtime> {
  return startRuntime({
    bind: [{ address: '127.0.0.1', ikePort: undefined, natPort: 0 }],
    makeHost: (local) => createHost({ ...protectPeer({ us, peer, remote }), provider, random: systemRandom, local, dangerKeyLog: 'off' }),
    sharedKeyMac: ({ prf, octets }) => sharedKeyMac(provider, prf, new Secret(utf8('both hosts know this')), octets),
    onDeliver,
  })
}

// The service: what comes to port 53 is answered in capitals.
const server = await start('server.example', 'client.example', undefined, (packet) => {
  const question = decodeUdp(packet)
  if (question?.destination.port !== 53) return
  const payload = utf8(text(question.payload).toUpperCase())
  server.send(udpPacket({ source: question.destination, destination: question.source, payload }))
})

// The client: one question, one answer.
const inbox = new EventEmitter()
const client = await start('client.example', 'server.example', server.local[0], (packet) => {
  const datagram = decodeUdp(packet)
  if (datagram?.source.port === 53) inbox.emit('answer', text(datagram.payload))
})
for (const { address } of server.local) {
  client.send(udpPacket({ source: { address, port: 40_000 }, destination: { address, port: 53 }, payload: utf8('who is there?') }))
}
console.log(...(await once(inbox, 'answer')))
await Promise.all([client.close(1000), server.close(1000)])
