// What a browser would run: two hosts in one page negotiate and send packets to each other, with the portable provider. It is bundled and
// evaluated where there is nothing but ECMAScript; the value of the last expression, a text, is what the test reads.
import {
  createHost,
  decodeEcho,
  echoPacket,
  type Event,
  type Host,
  type HostPorts,
  type Input,
  instant,
  parseAddress,
  protectPeer,
  Secret,
  sharedKeyMac,
  utf8,
} from '../../src/entries/root.ts'
import { portableProvider } from '../../src/entries/crypto/portable.ts'

declare const report: (text: string) => void

interface Resident {
  readonly host: Host
  readonly place: HostPorts
  readonly events: Event[]
  readonly delivered: Uint8Array[]
}

/** A page that matters uses `crypto.getRandomValues`; here the octets come from a seed, which anyone may know. */
function seededRandom(seed: number): (length: number) => Uint8Array {
  let state = seed
  const octet = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  }
  return (length) => Uint8Array.from({ length }, octet)
}

const key = new Secret(utf8('not a secret, only a test'))
const provider = portableProvider({ random: seededRandom(1) })

function resident(us: string, at: string, peer: string, peerAt: string, seed: number): Resident {
  const place = { address: addressOf(at), ikePort: 500, natPort: 4500 }
  const remote = { address: addressOf(peerAt), ikePort: 500, natPort: 4500 }
  const policy = protectPeer({ us, peer, remote })
  const host = createHost({ ...policy, provider, random: seededRandom(seed), local: [place], dangerKeyLog: 'off' })
  return { host, place, events: [], delivered: [] }
}

const alice = resident('alice.example', '192.0.2.1', 'bob.example', '192.0.2.2', 2)
const bob = resident('bob.example', '192.0.2.2', 'alice.example', '192.0.2.1', 3)

/** Feeds an input and all that follows from it, until both hosts have nothing more to say. Nothing is lost, nothing takes time. */
function feed(first: Resident, input: Input): void {
  const queue: { readonly to: Resident; readonly input: Input }[] = [{ to: first, input }]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { to } = next
    for (const output of to.host.handle(instant(0), next.input)) {
      if (output.kind === 'send') {
        const { channel, local, remote, bytes } = output.datagram
        queue.push({
          to: to === alice ? bob : alice,
          input: { kind: 'datagram', datagram: { channel, local: remote, remote: local, bytes } },
        })
      } else if (output.kind === 'operation') {
        const { id, kind, request } = output.operation
        const value = sharedKeyMac(provider, request.prf, key, request.octets)
        queue.push({ to, input: { kind: 'completion', completion: { id, kind, outcome: { ok: true, value } } } })
      } else if (output.kind === 'event') to.events.push(output.event)
      else if (output.kind === 'deliver') to.delivered.push(output.bytes)
    }
  }
}

const echo = (kind: 'request' | 'reply', from: Resident, to: Resident): Uint8Array =>
  echoPacket({ kind, source: from.place.address, destination: to.place.address, identifier: 1, sequence: 1, data: utf8('hello') })

feed(alice, { kind: 'packet', bytes: echo('request', alice, bob) })
feed(bob, { kind: 'packet', bytes: echo('reply', bob, alice) })
const established = alice.events.concat(bob.events).filter(({ name }) => name === 'child-sa-established').length
const received = (resident: Resident): readonly unknown[] => resident.delivered.map((packet) => decodeEcho(packet)?.kind)
const heard = { alice: received(alice), bob: received(bob) }
feed(alice, { kind: 'command', command: { kind: 'close-all' } })
report(JSON.stringify({ established, heard, left: [alice.host.ikeSaCount, bob.host.ikeSaCount] }))

function addressOf(text: string): HostPorts['address'] {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`not an address: ${text}`)
  return address
}
