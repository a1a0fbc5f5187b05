// A run of echo requests through an SA, as ping makes them.
import { decodeEcho, echoPacket } from '../net/icmp.ts'
import { print } from './console.ts'
import type { EchoAddresses } from './echo-addresses.ts'
import { formatReply, formatSummary, type PingReply, PingStatistics, type PingSummary } from './ping-statistics.ts'

export interface EchoRun {
  readonly addresses: EchoAddresses
  readonly replies: readonly PingReply[]
  readonly summary: PingSummary
  /** `undefined` when it came to its end. */
  readonly stopped: Stop | undefined
}

/** Ctrl-C, or an IKE SA that ended without our doing. */
export type Stop = 'interrupted' | 'broken'

export interface EchoPlan {
  readonly addresses: EchoAddresses
  readonly count: number
  /** What protects them. */
  readonly protocol: 'ESP' | 'AH'
  /** In milliseconds. */
  readonly interval: number
  /** Octets of data in each of them. */
  readonly size: number
  readonly output: 'text' | 'json'
  readonly send: (packet: Uint8Array) => void
  /** Ends the run before its time. */
  readonly stop: Promise<Stop>
}

/** How long we wait for replies after the last request, in milliseconds. */
const replyPatience = 2000

/** `packets` hands over what comes out of the SA. */
export async function runEchoes(plan: EchoPlan, packets: PacketSource): Promise<EchoRun> {
  const { local, remote } = plan.addresses
  const say = plan.output === 'text' ? print : () => {}
  say(`PING ${remote} from ${local}, ${plan.size} octets of data, through ${plan.protocol}`)
  const identifier = crypto.getRandomValues(new Uint16Array(1))[0] ?? 1
  const statistics = new PingStatistics(performance.now())
  const replies: PingReply[] = []
  let isLast = false
  const allAnswered = new Promise<undefined>((resolve) => {
    packets.listen((packet) => {
      const echo = decodeEcho(packet)
      if (echo?.kind !== 'reply' || echo.identifier !== identifier || echo.source !== remote || echo.destination !== local) return
      const reply = statistics.received(echo.sequence, performance.now(), echo.data.length + 8, hopLimit(packet))
      if (reply === undefined) return
      replies.push(reply)
      say(formatReply(reply, remote))
      if (isLast && statistics.complete) resolve(undefined)
    })
  })
  let stopped: Stop | undefined
  const data = Uint8Array.from({ length: plan.size }, (_, i) => i)
  for (let sequence = 1; sequence <= plan.count; sequence++) {
    isLast = sequence === plan.count
    statistics.sent(sequence, performance.now())
    plan.send(echoPacket({ kind: 'request', source: local, destination: remote, identifier, sequence, data }))
    const wait = isLast ? Promise.race([allAnswered, pause(replyPatience)]) : pause(plan.interval)
    stopped = await Promise.race([wait, plan.stop])
    if (stopped !== undefined) break
  }
  const summary = statistics.summary(performance.now())
  say(`\n${formatSummary(summary, remote)}`)
  return { addresses: plan.addresses, replies, summary, stopped }
}

/** Hands delivered packets to whoever listens just now. */
export class PacketSource {
  #listener: (packet: Uint8Array) => void = () => {}

  listen(listener: (packet: Uint8Array) => void): void {
    this.#listener = listener
  }

  offer(packet: Uint8Array): void {
    this.#listener(packet)
  }
}

/** TTL (RFC 791 §3.1) or Hop Limit (RFC 8200 §3). */
const hopLimit = (packet: Uint8Array): number => packet[(packet[0] ?? 0) >>> 4 === 6 ? 7 : 8] ?? 0

const pause = (ms: number): Promise<undefined> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms, undefined).unref()
  })
