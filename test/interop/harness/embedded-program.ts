// A program that embeds Ikebana: a host in userspace with ping, UDP and TCP of its own, told over standard input what to do.
// `embedded.ts` starts it and speaks with it; standard error has its events.
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { equal, utf8 } from '../../../src/bytes/bytes.ts'
import type { Result } from '../../../src/bytes/result.ts'
import { Secret } from '../../../src/bytes/secret.ts'
import type { Event } from '../../../src/contract/events.ts'
import type { HostPorts } from '../../../src/contract/machine.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import { sharedKeyMac } from '../../../src/crypto/suites.ts'
import { createHost } from '../../../src/host/host.ts'
import { protocol } from '../../../src/iana/protocols.ts'
import { type Address, type Endpoint, parseAddress } from '../../../src/net/address.ts'
import { ipPacket, udpDatagram, upperChecksum } from '../../../src/net/build.ts'
import { decodeEcho, echoPacket } from '../../../src/net/icmp.ts'
import { destinationAddress, emptyLayout, readLayout, sourceAddress } from '../../../src/net/layout.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import { udpField, udpHeaderLength } from '../../../src/net/transport.ts'
import { u16 } from '../../../src/bytes/bytes.ts'
import { endlessChild, endlessConnection } from '../../../src/policy/defaults.ts'
import type { Connection, SelectorTemplate } from '../../../src/policy/connection.ts'
import { parseIdentity } from '../../../src/policy/identity.ts'
import { parseProposal } from '../../../src/policy/proposal-words.ts'
import { startRuntime } from '../../../src/runtime/runtime.ts'
import { answerPing, answerUdpEcho, serviceOf } from '../../../src/runtime/services/echo-responder.ts'
import type { Answer, Request, Scenario } from './embedded.ts'
import { TinyTcp } from './tiny-tcp.ts'

const scenario: Scenario = JSON.parse(process.argv[2] ?? '')
const local = address(scenario.local)
const remote = address(scenario.remote)
const echoPort = 7
const patience = 5_000
const nothing = { count: 0, fault: undefined }

const anything: SelectorTemplate = { addresses: 'dynamic', protocol: 0, startPort: 0, endPort: 65_535 }
const peerPorts: HostPorts = { address: remote, ikePort: 500, natPort: 4500 }
const connection: Connection = {
  name: 'peer',
  localIdentity: must(parseIdentity(scenario.localIdentity)),
  remoteIdentity: { kind: 'exactly', identity: must(parseIdentity(scenario.remoteIdentity)) },
  authentication: 'shared-key',
  proposals: [must(parseProposal(scenario.ike, protocol.IKE))],
  remote: scenario.role === 'initiate' ? { kind: 'exactly', start: 'ike', host: peerPorts } : { kind: 'any' },
  encapsulation: scenario.encapsulation,
  ...endlessConnection,
  children: [
    {
      name: 'child',
      mode: 'transport',
      proposals: [must(parseProposal(scenario.esp, protocol.ESP))],
      localSelectors: [anything],
      remoteSelectors: [anything],
      ...endlessChild,
    },
  ],
}

const provider = nodeProvider()
const key = new Secret(utf8(scenario.key))
const services = serviceOf(answerPing, answerUdpEcho)
/** Called with each packet that came out of an SA and was not TCP. */
const listeners = new Set<(packet: Uint8Array) => void>()
let badChecksums = 0

const tcp: TinyTcp = new TinyTcp({ transmit: (packet) => runtime.send(packet), random: () => randomBytes(4).readUInt32BE() })
tcp.listen(echoPort, (client) => {
  client.onData = (data) => client.send(data)
  client.onEnd = () => client.end()
})

const runtime = await startRuntime({
  bind: [{ address: local, ikePort: 500, natPort: 4500 }],
  makeHost: (addresses) =>
    createHost({
      provider,
      random: (length) => new Uint8Array(randomBytes(length)),
      connections: [connection],
      policies: [
        {
          name: 'all',
          direction: 'both',
          local: anything,
          remote: anything,
          action: { kind: 'PROTECT', connection: 'peer', child: 'child' },
        },
      ],
      local: addresses,
      dangerKeyLog: 'off',
    }),
  sharedKeyMac: (request) => sharedKeyMac(provider, request.prf, key, request.octets),
  onEvent: tell,
  onDeliver: deliver,
})
process.stdout.write('listening\n')
const [path] = runtime.local
if (scenario.role === 'initiate' && path !== undefined) {
  runtime.command({ kind: 'initiate', connection: 'peer', child: 'child', path: { start: 'ike', local: path, remote: peerPorts } })
}

for await (const line of createInterface({ input: process.stdin })) {
  const request: Request = JSON.parse(line)
  const done = await perform(request)
  const { sealed, opened, dropped } = runtime.host.counters
  const answer: Answer = { ...done, badChecksums: badChecksums + tcp.badChecksums, sealed, opened, dropped }
  process.stdout.write(`answer ${JSON.stringify(answer)}\n`)
}

async function perform(request: Request): Promise<{ readonly count: number; readonly fault: string | undefined }> {
  switch (request.do) {
    case 'ping':
      return { count: await ping(request.count), fault: undefined }
    case 'udp':
      return { count: await udp(request.port, request.count, request.longest), fault: undefined }
    case 'tcp':
      return await stream(request.port, request.octets)
    case 'close':
      await runtime.close(patience)
      return nothing
    case 'status':
      return nothing
    default:
      return nothing
  }
}

async function ping(count: number): Promise<number> {
  return await replies(
    count,
    (sequence) => echoPacket({ kind: 'request', source: local, destination: remote, identifier: 1, sequence, data: randomBytes(56) }),
    (packet) => {
      const echo = decodeEcho(packet)
      return echo?.kind === 'reply' ? echo.sequence : undefined
    },
  )
}

/** Datagrams of different lengths, odd ones among them; each begins with its number. */
async function udp(port: number, count: number, longest: number): Promise<number> {
  const source = { address: local, port: 40_000 }
  const sent = Array.from({ length: count }, (_, i) => {
    const payload = new Uint8Array(randomBytes(2 + Math.floor(((longest - 2) * i) / count)))
    payload[0] = i
    return payload
  })
  return await replies(
    count,
    (i) => {
      const datagram = udpDatagram({ source, destination: { address: remote, port }, payload: sent[i] ?? new Uint8Array(0) })
      return ipPacket(local, remote, ipProtocol.UDP, datagram)
    },
    (packet) => {
      const datagram = readUdp(packet)
      if (datagram?.port !== source.port) return undefined
      const i = datagram.payload[0] ?? 0
      return equal(datagram.payload, sent[i] ?? new Uint8Array(0)) ? i : undefined
    },
  )
}

async function stream(port: number, octets: number): Promise<{ readonly count: number; readonly fault: string | undefined }> {
  const sent = new Uint8Array(randomBytes(octets))
  const received: Uint8Array[] = []
  const from: Endpoint = { address: local, port: 41_000 + (randomBytes(1)[0] ?? 0) }
  const client = tcp.connect(from, { address: remote, port })
  const closed = new Promise<string | undefined>((resolve) => {
    client.onClose = resolve
  })
  client.onData = (data) => received.push(data)
  client.send(sent)
  client.end()
  const fault = await closed
  return { count: equal(new Uint8Array(Buffer.concat(received)), sent) ? 1 : 0, fault }
}

/**
 * Sends packets 0 to `count`-1, each when the one before has its reply or is given up, and counts those that have one. As over any network
 * what has no reply is asked again: the guest, which is emulated, now and then sleeps for seconds. What we ourselves lose is in our counters.
 */
async function replies(
  count: number,
  request: (i: number) => Uint8Array,
  replied: (packet: Uint8Array) => number | undefined,
): Promise<number> {
  let answered = 0
  for (let i = 0; i < count; i++) {
    for (let attempt = 0, done = false; attempt < 3 && !done; attempt++) {
      const reply = delivered((packet) => replied(packet) === i)
      runtime.send(request(i))
      done = await reply
      if (done) answered++
    }
  }
  return answered
}

/** Whether a packet that fits comes out of an SA in time. */
async function delivered(fits: (packet: Uint8Array) => boolean): Promise<boolean> {
  return await new Promise<boolean>((resolve) => {
    const end = (found: boolean): void => {
      clearTimeout(timer)
      listeners.delete(listener)
      resolve(found)
    }
    const listener = (packet: Uint8Array): void => {
      if (fits(packet)) end(true)
    }
    const timer = setTimeout(() => end(false), patience)
    listeners.add(listener)
  })
}

function deliver(packet: Uint8Array): void {
  if (tcp.receive(packet)) return
  const answer = services(packet)
  if (answer !== undefined) runtime.send(answer)
  readUdp(packet)
  for (const listener of listeners) listener(packet)
}

/** A UDP datagram to us; counts those with a wrong checksum. */
function readUdp(packet: Uint8Array): { readonly port: number; readonly payload: Uint8Array } | undefined {
  const layout = emptyLayout()
  if (!readLayout(packet, 0, packet.length, layout) || layout.protocol !== ipProtocol.UDP) return undefined
  const source = sourceAddress(packet, layout)
  const destination = destinationAddress(packet, layout)
  if (source === undefined || destination === undefined) return undefined
  const datagram = packet.subarray(layout.upper, layout.end)
  if (u16(datagram, udpField.checksum) !== 0 && upperChecksum(source, destination, ipProtocol.UDP, datagram) !== 0) {
    badChecksums++
    return undefined
  }
  return { port: u16(datagram, udpField.destinationPort), payload: datagram.slice(udpHeaderLength) }
}

function tell(event: Event): void {
  const text = JSON.stringify(event, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value))
  process.stderr.write(`${text}\n`)
  if (event.name === 'child-sa-established') process.stdout.write('established\n')
}

function must<T>(result: Result<T, { readonly message: string }>): T {
  if (!result.ok) throw new Error(result.fault.message)
  return result.value
}

function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`not an address: ${text}`)
  return parsed
}
