// `ikebana ping`: negotiates, sends echo requests through the SA from userspace, deletes the SA.
import type { ChildSaEstablished, Event, IkeSaEstablished } from '../contract/events.ts'
import type { Fault } from '../contract/faults.ts'
import type { Path } from '../contract/machine.ts'
import type { Refusal } from '../contract/refusal.ts'
import { childSaJson, ikeSaJson, type JsonObject } from '../inspect/describe.ts'
import { failureJson } from '../inspect/refusal-json.ts'
import { type Address, addressVersion } from '../net/address.ts'
import { decodeEcho, echoPacket } from '../net/icmp.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { addressTowards, resolveHost } from './addresses-of-machine.ts'
import type { PingOptions } from './command-line.ts'
import { addressIdentity, childName, connectionName, connectionOf, policiesOf, responderPorts, startOf } from './connection.ts'
import { print, printJson, talk } from './console.ts'
import { type EchoAddresses, echoAddresses } from './echo-addresses.ts'
import { type ExitCode, exitCodes, usageFailure } from './exit-codes.ts'
import { formatReply, formatSummary, type PingReply, PingStatistics, type PingSummary } from './ping-statistics.ts'
import { readPreSharedKey } from './psk.ts'
import { isLocalRefusal, sendFailureWords } from './system-errors.ts'
import { tellerOf } from './teller.ts'
import { closePatience, closeRecording, interruption, openRecording, startSession } from './session.ts'

export async function ping(hostName: string, options: PingOptions): Promise<ExitCode> {
  const local = options.local
  if (local?.address === '0.0.0.0' || local?.address === '::') throw usageFailure('--local: name one address to send from')
  const key = readPreSharedKey(options.pskFile)
  for (const remark of key.remarks) talk(remark, 'careful')
  const remote = await resolveHost(hostName, local?.address)
  const own = local?.address ?? (await addressTowards(remote))
  const host = responderPorts(remote, options)
  const start = startOf(options)
  const recording = openRecording(options)
  const negotiation = new Negotiation()
  const tell = tellerOf('text')
  const echoes = new Echoes()
  const interrupted = interruption()
  const runtime = await startSession({
    bind: [{ address: own, ikePort: start === 'ike' ? (local?.ports?.ike ?? 0) : undefined, natPort: local?.ports?.nat ?? 0 }],
    connections: [connectionOf(options, addressIdentity(own), host)],
    policies: policiesOf(options),
    secret: key.secret,
    recording,
    onEvent: (event) => {
      tell(event)
      negotiation.offer(event)
    },
    onDeliver: (packet) => echoes.offer(packet),
    onSendFailure: (failure) => {
      talk(sendFailureWords(failure), 'careful')
      if (isLocalRefusal(failure)) negotiation.giveUp()
    },
  })
  const [bound] = runtime.local
  if (bound === undefined) throw usageFailure(`--local: ${own} is no address to send from`)
  const path: Path = { start, local: bound, remote: host }
  runtime.command({ kind: 'initiate', connection: connectionName, child: childName, path })
  const outcome = await Promise.race([negotiation.outcome, interrupted])
  const run =
    typeof outcome === 'object' && outcome.kind === 'established'
      ? await pingThrough(runtime, outcome, { local: own, remote }, options, echoes, interrupted)
      : undefined
  if (outcome === 'interrupted') talk('stopped before there was an answer', 'careful')
  await runtime.close(outcome === 'not-sent' ? 0 : closePatience)
  closeRecording(recording, options, options.natPort)
  key.secret.wipe()
  if (options.output === 'json') printJson(reportJson({ peer: remote, negotiation: outcome, run }, runtime))
  return run !== undefined && run.summary.received > 0 ? exitCodes.done : exitCodes.failed
}

// ---- negotiation -----------------------------------------------------------------------------------------------------

interface Established {
  readonly kind: 'established'
  readonly ikeSa: IkeSaEstablished | undefined
  readonly childSa: ChildSaEstablished
}
interface Failed {
  readonly kind: 'failed'
  readonly fault: Fault
  readonly refusal: Refusal | undefined
}

/** `interrupted`: Ctrl-C; `not-sent`: this machine refuses to send there. */
type Outcome = Established | Failed | 'interrupted' | 'not-sent'

/** Waits for the first Child SA, or for what kept it from coming. */
class Negotiation {
  readonly outcome: Promise<Outcome>
  #ikeSa: IkeSaEstablished | undefined
  #settle: (outcome: Outcome) => void = () => {}

  constructor() {
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  giveUp(): void {
    this.#settle('not-sent')
  }

  offer(event: Event): void {
    if (event.name === 'ike-sa-established') this.#ikeSa = event.established
    if (event.name === 'child-sa-established') this.#settle({ kind: 'established', ikeSa: this.#ikeSa, childSa: event.established })
    if (event.name === 'ike-sa-failed' || event.name === 'child-sa-failed') {
      this.#settle({ kind: 'failed', fault: event.fault, refusal: event.refusal })
    }
  }
}

// ---- echo requests ---------------------------------------------------------------------------------------------------

interface Run {
  readonly addresses: EchoAddresses
  readonly replies: readonly PingReply[]
  readonly summary: PingSummary
}

/** As ping sends them. */
const dataLength = 56
/** How long we wait for replies after the last request, in milliseconds. */
const replyPatience = 2000

async function pingThrough(
  runtime: Runtime,
  sas: Established,
  outer: EchoAddresses,
  options: PingOptions,
  echoes: Echoes,
  interrupted: Promise<'interrupted'>,
): Promise<Run | undefined> {
  const between = echoAddresses(sas.childSa, outer)
  if (!between.ok) {
    talk(between.fault, 'bad')
    return undefined
  }
  const { local, remote } = between.value
  const text = options.output === 'text'
  if (text) print(`PING ${remote} from ${local}, ${dataLength} octets of data, through ESP`)
  const identifier = crypto.getRandomValues(new Uint16Array(1))[0] ?? 1
  const statistics = new PingStatistics(performance.now())
  const replies: PingReply[] = []
  let complete: () => void = () => {}
  const allAnswered = new Promise<void>((resolve) => {
    complete = resolve
  })
  let last = false
  echoes.listen((packet) => {
    const echo = decodeEcho(packet)
    if (echo?.kind !== 'reply' || echo.identifier !== identifier || echo.source !== remote || echo.destination !== local) return
    const reply = statistics.received(echo.sequence, performance.now(), echo.data.length + 8, hopLimit(packet))
    if (reply === undefined) return
    replies.push(reply)
    if (text) print(formatReply(reply, remote))
    if (last && statistics.complete) complete()
  })
  const stop = interrupted.then(() => 'stop' as const)
  for (let sequence = 1; sequence <= options.count; sequence++) {
    last = sequence === options.count
    statistics.sent(sequence, performance.now())
    runtime.send(echoPacket({ kind: 'request', source: local, destination: remote, identifier, sequence, data: pattern() }))
    const wait = last ? Promise.race([allAnswered, pause(replyPatience)]) : pause(options.interval)
    if ((await Promise.race([wait, stop])) === 'stop') break
  }
  const summary = statistics.summary(performance.now())
  if (text) print(`\n${formatSummary(summary, remote)}`)
  return { addresses: between.value, replies, summary }
}

/** Hands delivered packets to whoever listens just now. */
class Echoes {
  #listener: (packet: Uint8Array) => void = () => {}

  listen(listener: (packet: Uint8Array) => void): void {
    this.#listener = listener
  }
  offer(packet: Uint8Array): void {
    this.#listener(packet)
  }
}

const pattern = (): Uint8Array => Uint8Array.from({ length: dataLength }, (_, i) => i)

/** TTL (RFC 791 §3.1) or Hop Limit (RFC 8200 §3). */
const hopLimit = (packet: Uint8Array): number => packet[(packet[0] ?? 0) >>> 4 === 6 ? 7 : 8] ?? 0

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref())

// ---- what is said ----------------------------------------------------------------------------------------------------

interface Report {
  readonly peer: Address
  readonly negotiation: Outcome
  readonly run: Run | undefined
}

function reportJson(report: Report, runtime: Runtime): JsonObject {
  const { negotiation, run } = report
  const established = typeof negotiation === 'object' && negotiation.kind === 'established' ? negotiation : undefined
  const times = run?.summary.roundTrip
  return {
    established: established !== undefined,
    peer: report.peer,
    ipVersion: addressVersion(report.peer),
    ikeSa: established?.ikeSa === undefined ? null : ikeSaJson(established.ikeSa),
    childSa: established === undefined ? null : childSaJson(established.childSa),
    from: run?.addresses.local ?? null,
    to: run?.addresses.remote ?? null,
    transmitted: run?.summary.transmitted ?? 0,
    received: run?.summary.received ?? 0,
    duplicates: run?.summary.duplicates ?? 0,
    lossPercent: run?.summary.loss ?? 0,
    roundTripMs: times === undefined ? null : { min: times.min, avg: times.average, max: times.max, mdev: times.deviation },
    replies: (run?.replies ?? []).map(({ sequence, octets, ttl, roundTrip }) => ({ sequence, octets, ttl, timeMs: roundTrip })),
    dropped: { ...runtime.host.counters.dropped },
    failure: outcomeJson(negotiation),
  }
}

function outcomeJson(outcome: Outcome): JsonObject | null {
  if (outcome === 'interrupted') return { code: 'INTERRUPTED', reason: 'stopped before there was an answer' }
  if (outcome === 'not-sent') return { code: 'NOT_SENT', reason: 'this machine refuses to send to the peer' }
  return outcome.kind === 'failed' ? failureJson(outcome.fault, outcome.refusal) : null
}
