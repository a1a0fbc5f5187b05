// A program that embeds Ikebana: a host in userspace with ping, UDP and TCP of its own, told over standard input what to do.
// `embedded.ts` starts it and speaks with it; standard error has its events.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { equal, putU16, utf8 } from '../../../src/bytes/bytes.ts'
import type { Result } from '../../../src/bytes/result.ts'
import { Secret } from '../../../src/bytes/secret.ts'
import type { Event } from '../../../src/contract/events.ts'
import type { ProposalTemplate } from '../../../src/contract/transforms.ts'
import type { HostPorts } from '../../../src/contract/machine.ts'
import type { ChildSaId } from '../../../src/contract/units.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import { sharedKeyMac } from '../../../src/crypto/suites.ts'
import { createHost } from '../../../src/host/host.ts'
import type { IkeSaView } from '../../../src/ike/sa/view.ts'
import { protocol } from '../../../src/iana/protocols.ts'
import { type Address, type Endpoint, parseAddress } from '../../../src/net/address.ts'
import { ipPacket, udpDatagram, upperChecksum } from '../../../src/net/build.ts'
import { decodeEcho, echoPacket } from '../../../src/net/icmp.ts'
import { destinationAddress, emptyLayout, readLayout, sourceAddress } from '../../../src/net/layout.ts'
import { ipProtocol } from '../../../src/iana/ip-protocols.ts'
import { ipv4Field, ipv4HeaderLength, writeIpv4Checksum } from '../../../src/net/ipv4.ts'
import { udpField, udpHeaderLength } from '../../../src/net/transport.ts'
import { u16 } from '../../../src/bytes/bytes.ts'
import { endlessChild, endlessConnection } from '../../../src/policy/defaults.ts'
import type { ChildConfig, Connection, SelectorTemplate } from '../../../src/policy/connection.ts'
import { parseIdentity } from '../../../src/policy/identity.ts'
import { parseProposals } from '../../../src/policy/proposal-words.ts'
import { openRawPath } from '../../../src/runtime/raw/raw-path.ts'
import { startRuntime } from '../../../src/runtime/runtime.ts'
import { answerPing, answerUdpEcho, serviceOf } from '../../../src/runtime/services/echo-responder.ts'
import type { Answer, Request, Scenario } from './embedded.ts'
import { TinyTcp } from './tiny-tcp.ts'

const scenario: Scenario = JSON.parse(process.argv[2] ?? '')
const [outerLocal, outerRemote] = [address(scenario.local), address(scenario.remote)]
/** Where packets are from and for. */
const local = scenario.tunnel === undefined ? outerLocal : address(scenario.tunnel.local)
const remote = scenario.tunnel === undefined ? outerRemote : address(scenario.tunnel.remote)
const echoPort = 7
const otherPort = 40_007
const patience = 5_000
const nothing = { count: 0, fault: undefined }

const anything: SelectorTemplate = { addresses: 'dynamic', protocol: 0, startPort: 0, endPort: 65_535 }
const inside = (end: Address): SelectorTemplate =>
  scenario.tunnel === undefined ? anything : { ...anything, addresses: { start: end, end } }
const peerPorts: HostPorts = { address: outerRemote, ikePort: 500, natPort: 4500 }
const child: ChildConfig = {
  name: 'child',
  mode: scenario.tunnel === undefined ? 'transport' : 'tunnel',
  proposals: [...proposalsOf(scenario.esp, protocol.ESP), ...proposalsOf(scenario.ah, protocol.AH)],
  localSelectors: [inside(local)],
  remoteSelectors: [inside(remote)],
  ...endlessChild,
  ...scenario.child,
  // What JSON leaves out is no limit.
  soft: { ...endlessChild.soft, ...scenario.child?.soft },
  hard: { ...endlessChild.hard, ...scenario.child?.hard },
  jitter: { ...endlessChild.jitter, ...scenario.child?.jitter },
}
/** Of the same connection: what UDP from this port needs. */
const other: ChildConfig = {
  ...child,
  name: 'other',
  localSelectors: [{ ...inside(local), protocol: ipProtocol.UDP, startPort: otherPort, endPort: otherPort }],
  remoteSelectors: [{ ...inside(remote), protocol: ipProtocol.UDP }],
}
const connection: Connection = {
  name: 'peer',
  localIdentity: must(parseIdentity(scenario.localIdentity)),
  remoteIdentity:
    scenario.remoteIdentity === '%any' ? { kind: 'any' } : { kind: 'exactly', identity: must(parseIdentity(scenario.remoteIdentity)) },
  authentication: 'shared-key',
  proposals: must(parseProposals(scenario.ike, protocol.IKE)),
  remote: scenario.role === 'initiate' ? { kind: 'exactly', start: 'ike', host: peerPorts } : { kind: 'any' },
  encapsulation: scenario.encapsulation,
  ...endlessConnection,
  ...scenario.connection,
  lifetime: { ...endlessConnection.lifetime, ...scenario.connection?.lifetime },
  children: [child, other],
}

const provider = nodeProvider()
const key = new Secret(utf8(scenario.key))
const services = serviceOf(answerPing, answerUdpEcho)
/** Called with each packet that came out of an SA and was not TCP. */
const listeners = new Set<(packet: Uint8Array) => void>()
let badChecksums = 0
let packets = 0
let pings: { stop(): Promise<number> } | undefined

const tcp: TinyTcp = newTcp(undefined)
const tcps = new Map<ChildSaId, TinyTcp>()

const { bare = 'esp' } = scenario
const runtime = await startRuntime({
  ...(bare === 'ip' ? { bare: openRawPath } : {}),
  bind: [{ address: outerLocal, ikePort: 500, natPort: 4500 }],
  makeHost: (addresses) =>
    createHost({
      provider,
      random: (length) => new Uint8Array(randomBytes(length)),
      connections: [connection],
      policies: [
        {
          name: 'all',
          direction: 'both',
          local: inside(local),
          remote: inside(remote),
          action: { kind: 'PROTECT', connection: 'peer', child: 'child' },
        },
      ],
      local: addresses,
      dangerKeyLog: 'off',
      bare,
    }),
  sharedKeyMac: (request) => sharedKeyMac(provider, request.prf, key, request.octets),
  onEvent: tell,
  onDeliver: deliver,
})
process.stdout.write('listening\n')
if (scenario.role === 'initiate') {
  initiate(scenario.start === 'none' ? undefined : 'child')
}

for await (const line of createInterface({ input: process.stdin })) {
  const request: Request = JSON.parse(line)
  const done = await perform(request)
  const { sealed, opened, dropped } = runtime.host.counters
  const ikeSas = runtime.host.view.ikeSas
  const answer: Answer = {
    ...done,
    badChecksums: [tcp, ...tcps.values()].reduce((sum, stack) => sum + stack.badChecksums, badChecksums),
    sealed,
    opened,
    dropped,
    ikeSas,
  }
  process.stdout.write(`answer ${JSON.stringify(answer)}\n`)
}

async function perform(request: Request): Promise<{ readonly count: number; readonly fault: string | undefined }> {
  switch (request.do) {
    case 'ping':
      return { count: await ping(request.count), fault: undefined }
    case 'udp':
      return { count: await udp(request.port, request.count, request.longest), fault: undefined }
    case 'tcp':
      return await stream(request.port, request.octets, request.from)
    case 'start-pings':
      pings = startPings(request.interval)
      return nothing
    case 'stop-pings': {
      const lost = (await pings?.stop()) ?? 0
      return { count: lost, fault: undefined }
    }
    case 'rekey':
      if (request.when === 'when-asked') waitForDatagram()
      rekey(request.what)
      return nothing
    case 'reauthenticate': {
      const ikeSa = newestIkeSa()
      if (ikeSa !== undefined) runtime.command({ kind: 'reauthenticate', ikeSa: ikeSa.id })
      return nothing
    }
    case 'initiate':
      initiate(request.child)
      return nothing
    case 'close':
      await runtime.close(patience)
      return nothing
    case 'status':
      return nothing
    default:
      return nothing
  }
}

function initiate(name: string | undefined): void {
  const [path] = runtime.local
  if (path === undefined) return
  runtime.command({ kind: 'initiate', connection: 'peer', child: name, path: { start: 'ike', local: path, remote: peerPorts } })
}

function newestIkeSa(): IkeSaView | undefined {
  return runtime.host.view.ikeSas.findLast(({ phase }) => phase === 'established')
}

function rekey(what: 'child' | 'ike'): void {
  const ikeSa = newestIkeSa()
  const newest = ikeSa?.children.findLast(({ life }) => life === 'alive')
  if (what === 'ike' && ikeSa !== undefined) runtime.command({ kind: 'rekey-ike-sa', ikeSa: ikeSa.id })
  if (what === 'child' && newest !== undefined) runtime.command({ kind: 'rekey-child-sa', child: newest.id })
}

/** Nothing else happens here until one is in the kernel's queue for us. */
function waitForDatagram(): void {
  const idle = new Int32Array(new SharedArrayBuffer(4))
  const limit = performance.now() + patience
  while (performance.now() < limit && !['udp', 'udp6'].some((table) => hasQueued(readFileSync(`/proc/net/${table}`, 'utf8')))) {
    Atomics.wait(idle, 0, 0, 1)
  }
}

/** A line: `sl local:port remote:port state tx_queue:rx_queue …`, in hexadecimal. */
function hasQueued(table: string): boolean {
  return /^ *\d+: [0-9A-F]+:(?:01F4|1194) \S+ \S+ [0-9A-F]+:(?!00000000)/m.test(table)
}

async function ping(count: number): Promise<number> {
  return await replies(count, (sequence) => echoRequest(1, sequence), echoReply(1))
}

function echoRequest(identifier: number, sequence: number): Uint8Array {
  return echoPacket({ kind: 'request', source: local, destination: remote, identifier, sequence, data: randomBytes(56) })
}

/** Which request it replies to. */
function echoReply(identifier: number): (packet: Uint8Array) => number | undefined {
  return (packet) => {
    const echo = decodeEcho(packet)
    return echo?.kind === 'reply' && echo.identifier === identifier ? echo.sequence : undefined
  }
}

/** At a steady rate, whatever becomes of them: when the process was held up, it catches up. */
function startPings(interval: number): { stop(): Promise<number> } {
  const identifier = 2
  const began = performance.now()
  const missing = new Set<number>()
  let sent = 0
  const sequenceOf = echoReply(identifier)
  const listener = (packet: Uint8Array): void => {
    const sequence = sequenceOf(packet)
    if (sequence !== undefined) missing.delete(sequence)
  }
  listeners.add(listener)
  const timer = setInterval(() => {
    for (; sent < (performance.now() - began) / interval; sent++) {
      missing.add(sent)
      send(echoRequest(identifier, sent))
    }
  }, interval)
  return {
    async stop() {
      clearInterval(timer)
      const limit = performance.now() + patience
      while (missing.size > 0 && performance.now() < limit) await new Promise((resolve) => void setTimeout(resolve, 10))
      listeners.delete(listener)
      return missing.size
    },
  }
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

async function stream(
  port: number,
  octets: number,
  fromPort: number | undefined,
): Promise<{ readonly count: number; readonly fault: string | undefined }> {
  const sent = new Uint8Array(randomBytes(octets))
  const received: Uint8Array[] = []
  const from: Endpoint = { address: local, port: fromPort ?? 41_000 + (randomBytes(1)[0] ?? 0) }
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
      send(request(i))
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

/** AH protects the Identification (RFC 4302 §3.3.3.1.1): who makes the packet has to choose it, as any IP stack does. */
function send(packet: Uint8Array, through?: ChildSaId): void {
  const headerLength = ipv4HeaderLength(packet, 0, packet.length)
  if (headerLength > 0) {
    packets = (packets % 0xffff) + 1
    putU16(packet, ipv4Field.identification, packets)
    writeIpv4Checksum(packet, 0, headerLength)
  }
  runtime.send(packet, through)
}

/** `through`: what it sends goes by that Child SA. */
function newTcp(through: ChildSaId | undefined): TinyTcp {
  const made = new TinyTcp({ transmit: (packet) => send(packet, through), random: () => randomBytes(4).readUInt32BE() })
  made.listen(echoPort, (client) => {
    client.onData = (data) => client.send(data)
    client.onEnd = () => client.end()
  })
  return made
}

function tcpOf(through: ChildSaId): TinyTcp {
  const known = tcps.get(through)
  if (known !== undefined) return known
  const made = newTcp(through)
  tcps.set(through, made)
  return made
}

function deliver(packet: Uint8Array, child: ChildSaId): void {
  const through = scenario.stacks === 'per-child' ? child : undefined
  if ((through === undefined ? tcp : tcpOf(through)).receive(packet)) return
  const answer = services(packet)
  if (answer !== undefined) send(answer, through)
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

function proposalsOf(words: string | undefined, id: number): readonly ProposalTemplate[] {
  return words === undefined ? [] : must(parseProposals(words, id))
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
