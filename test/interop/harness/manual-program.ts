// SAs without IKE over the raw path: answers echo requests, sends its own. Told by lines of JSON on standard input what to do.
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { equal, fromHex } from '../../../src/bytes/bytes.ts'
import { Secret } from '../../../src/bytes/secret.ts'
import type { SaInstall } from '../../../src/contract/install.ts'
import type { Datagram, Input } from '../../../src/contract/machine.ts'
import type { TrafficSelector } from '../../../src/contract/selectors.ts'
import type { ChildSuite } from '../../../src/contract/transforms.ts'
import { type ChildSaId, type IkeSaId, instant, type Spi } from '../../../src/contract/units.ts'
import { nodeProvider } from '../../../src/crypto/providers/node.ts'
import { createHost, type Host } from '../../../src/host/host.ts'
import { protocol } from '../../../src/iana/protocols.ts'
import { sequenceNumbers, transformType } from '../../../src/iana/transforms.ts'
import { dropReason } from '../../../src/ipsec/drops.ts'
import type { InboundSa } from '../../../src/ipsec/inbound.ts'
import type { OutboundSa } from '../../../src/ipsec/outbound.ts'
import { openPacket, sealPacket } from '../../../src/ipsec/packet.ts'
import { ReplayWindow } from '../../../src/ipsec/replay.ts'
import { createInboundSa, createOutboundSa } from '../../../src/ipsec/sa.ts'
import { type Address, addressVersion, parseAddress } from '../../../src/net/address.ts'
import { fragmentPacket } from '../../../src/net/fragment.ts'
import { Identifications } from '../../../src/net/identification.ts'
import { decodeEcho, echoPacket } from '../../../src/net/icmp.ts'
import { emptyLayout, readLayout } from '../../../src/net/layout.ts'
import { Reassembly } from '../../../src/net/reassembly.ts'
import { childDefaults } from '../../../src/policy/defaults.ts'
import { parseProposals } from '../../../src/policy/proposal-words.ts'
import { PlainStack } from '../../../src/cli/plain-stack.ts'
import { openRawPath } from '../../../src/runtime/raw/raw-path.ts'
import { systemRandom } from '../../../src/runtime/system-random.ts'
import { answerPing } from '../../../src/runtime/services/echo-responder.ts'
import type { ManualAnswer, ManualPair, ManualRequest, ManualSa } from './manual.ts'

const provider = nodeProvider()
const local: readonly string[] = JSON.parse(process.argv[2] ?? '[]')
const stack = new PlainStack()
const identifications = new Identifications(1)
/** Outside, and of what comes out of a tunnel: Linux fragments before an IPv6 tunnel. */
const outside = new Reassembly()
const inside = new Reassembly()
const patience = 3_000
const usualMtu = 1500
const layout = emptyLayout()
const endless = { packets: undefined, bytes: undefined, until: undefined }

/** In the place of `sas`. */
let host: Host | undefined
let sas: { readonly inbound: InboundSa; readonly outbound: OutboundSa; readonly remote: Address } | undefined
let mtu = usualMtu
let count = fresh()
let onReply: (sequence: number, data: Uint8Array) => void = () => {}

const path = await openRawPath({
  local: local.map(address),
  onDatagram: receive,
  onSendFailure: ({ code }) => count.failures.push(code),
})
process.stdout.write('ready\n')

for await (const line of createInterface({ input: process.stdin })) {
  const request: ManualRequest = JSON.parse(line)
  const replies = await perform(request)
  const { received, fragments, lengths, answered, failures } = count
  const dropped = host?.counters.dropped ?? count.dropped
  const answer: ManualAnswer = { replies, received, fragments, lengths, answered, dropped, failures }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
path.close()

async function perform(request: ManualRequest): Promise<number> {
  switch (request.do) {
    case 'use':
      use(request.pair, request.by)
      return 0
    case 'ping':
      mtu = request.mtu
      return await ping(request)
    case 'status':
      return 0
    default:
      return 0
  }
}

function fresh(): {
  received: number
  fragments: number
  lengths: number[]
  answered: number
  dropped: Record<string, number>
  failures: string[]
} {
  return { received: 0, fragments: 0, lengths: [], answered: 0, dropped: {}, failures: [] }
}

function use(pair: ManualPair, by: 'sas' | 'host'): void {
  const last = pair.lastSequence
  const suite = suiteOf(pair)
  host = by === 'host' ? hostWith([installOf(pair, suite, 'in'), installOf(pair, suite, 'out')]) : undefined
  const window = last === undefined ? undefined : new ReplayWindow(64, suite.extendedSequence, last)
  sas = {
    inbound: createInboundSa(installOf(pair, suite, 'in'), provider, window),
    outbound: createOutboundSa(installOf(pair, suite, 'out'), provider, last),
    remote: address(pair.remote),
  }
  count = fresh()
  mtu = usualMtu
}

function hostWith(dangerManualSas: readonly SaInstall[]): Host {
  const everything = { addresses: 'dynamic', protocol: 0, startPort: 0, endPort: 65_535 } as const
  const action = { kind: 'PROTECT', connection: 'manual', child: 'manual' } as const
  return createHost({
    provider,
    random: systemRandom,
    connections: [],
    policies: [{ name: 'all', direction: 'both', local: everything, remote: everything, action }],
    local: local.map((each) => ({ address: address(each), ikePort: undefined, natPort: undefined })),
    dangerKeyLog: 'off',
    bare: 'ip',
    dangerManualSas,
  })
}

function tellHost(by: Host, input: Input): void {
  for (const output of by.handle(instant(performance.now()), input)) {
    if (output.kind === 'send') path.send(output.datagram)
    else if (output.kind === 'deliver') deliver(output.bytes)
  }
}

/** IPv6 packets are for their sender to fragment. */
function sendByHost(by: Host, packet: Uint8Array): void {
  const room = by.effectiveMtu(instant(performance.now()), -1 as ChildSaId)
  for (const bytes of stack.ready(packet, room)) tellHost(by, { kind: 'packet', bytes })
}

function suiteOf(pair: ManualPair): ChildSuite {
  const id = pair.protocol === 'ah' ? protocol.AH : protocol.ESP
  const parsed = parseProposals(pair.proposal, id)
  if (!parsed.ok) throw new Error(parsed.fault.message)
  const transforms = parsed.value[0]?.transforms ?? []
  const first = (type: number): ChildSuite['encryption'] => transforms.find((transform) => transform.type === type)
  return {
    protocol: id,
    encryption: first(transformType.ENCR),
    integrity: first(transformType.INTEG),
    extendedSequence: first(transformType.ESN)?.id === sequenceNumbers.ESN ? 'esn' : 'no-esn',
  }
}

function installOf(pair: ManualPair, suite: ChildSuite, direction: 'in' | 'out'): SaInstall {
  const { spi, encryptionKey, integrityKey }: ManualSa = direction === 'in' ? pair.inbound : pair.outbound
  const version = addressVersion(address(pair.local))
  return {
    ikeSa: 1 as IkeSaId,
    child: -1 as ChildSaId,
    connection: 'manual',
    childName: 'manual',
    direction,
    spi: spi as Spi,
    suite,
    encryptionKey: secret(encryptionKey),
    integrityKey: secret(integrityKey),
    mode: pair.mode,
    localSelectors: [anything(version)],
    remoteSelectors: [anything(version)],
    local: { address: address(pair.local), port: 0 },
    remote: { address: address(pair.remote), port: 0 },
    encapsulation: 'none',
    original: undefined,
    replayWindow: 64,
    path: { ...childDefaults.path, mtu: usualMtu },
    tfc: childDefaults.tfc,
    laterFragments: 'not-agreed',
    soft: endless,
    hard: endless,
  }
}

function receive(datagram: Datagram): void {
  count.received++
  count.lengths.push(datagram.bytes.length)
  if (host !== undefined) return tellHost(host, { kind: 'datagram', datagram })
  const whole = assemble(outside, datagram.bytes)
  if (whole === undefined || sas === undefined) return
  const opened = openPacket(sas.inbound, whole, 'ip', undefined)
  if (opened.outcome !== 0) return drop(opened.outcome)
  deliver(opened.bytes)
}

function deliver(bytes: Uint8Array): void {
  const packet = assemble(inside, bytes)
  if (packet === undefined) return
  const reply = answerPing(packet)
  if (reply !== undefined) {
    count.answered++
    return send(reply)
  }
  const echo = decodeEcho(packet)
  if (echo?.kind === 'reply') onReply(echo.sequence, echo.data)
}

function assemble(reassembly: Reassembly, bytes: Uint8Array): Uint8Array | undefined {
  if (!readLayout(bytes, 0, bytes.length, layout) || layout.fragmentation === 'whole') return bytes
  count.fragments++
  const assembled = reassembly.add(instant(performance.now()), bytes, layout, 0)
  return assembled.kind === 'whole' ? assembled.packet : undefined
}

function send(packet: Uint8Array): void {
  if (host !== undefined) return sendByHost(host, packet)
  if (sas === undefined) return
  const sealed = sealPacket(sas.outbound, identifications.number(packet), 'ip')
  if (sealed.outcome !== 0) return drop(sealed.outcome)
  const parts = fragmentPacket(sealed.bytes, mtu, randomBytes(4).readUInt32BE())
  if (parts.kind !== 'fragments') return void count.failures.push(parts.kind)
  const { local, remote } = sas.outbound.install
  for (const bytes of parts.fragments) path.send({ channel: 'ip', local, remote, bytes })
}

function drop(outcome: number): void {
  const reason = dropReason(outcome) ?? String(outcome)
  count.dropped[reason] = (count.dropped[reason] ?? 0) + 1
}

async function ping(request: Extract<ManualRequest, { do: 'ping' }>): Promise<number> {
  const sent = Array.from({ length: request.count }, () => new Uint8Array(randomBytes(request.octets)))
  const came = new Set<number>()
  await new Promise<void>((resolve) => {
    const limit = setTimeout(resolve, patience)
    onReply = (sequence, data) => {
      if (equal(data, sent[sequence] ?? new Uint8Array(0))) came.add(sequence)
      if (came.size < request.count) return
      clearTimeout(limit)
      resolve()
    }
    for (const [sequence, data] of sent.entries()) {
      const ends = { source: address(request.from), destination: address(request.to) }
      send(echoPacket({ kind: 'request', ...ends, identifier: 1, sequence, data }))
    }
  })
  return came.size
}

function secret(hexadecimal: string): Secret | undefined {
  const octets = fromHex(hexadecimal)
  return octets === undefined || octets.length === 0 ? undefined : new Secret(octets)
}

function anything(version: 4 | 6): TrafficSelector {
  const [start, end] = version === 4 ? ['0.0.0.0', '255.255.255.255'] : ['::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']
  return { protocol: 0, startPort: 0, endPort: 65_535, startAddress: address(start), endAddress: address(end) }
}

function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}
