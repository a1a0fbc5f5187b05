// `ikebana demo`: two hosts on this machine negotiate, exchange packets in transport mode over ESP in UDP, and delete what they made.
import { join } from 'node:path'
import { u32 } from '../bytes/bytes.ts'
import type { ChildSaEstablished, Event, IkeSaEstablished } from '../contract/events.ts'
import type { Datagram, HostPorts } from '../contract/machine.ts'
import { instant } from '../contract/units.ts'
import type { LadderRow } from '../inspect/ladder.ts'
import { decodeEcho, echoPacket } from '../net/icmp.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { answerPing } from '../runtime/services/echo-responder.ts'
import type { DemoOptions } from './command-line.ts'
import { print, printJson, talk } from './console.ts'
import { demoChild, demoConnection, type Pair, startPair } from './demo-hosts.ts'
import { type DemoReport, demoJson, demoText } from './demo-report.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { Capture, DangerKeyTables, makeFolder, tsharkCommand } from './recording.ts'
import { closePatience } from './session.ts'

/** In each direction. */
const packets = 1000
/** Echo requests on their way at one time: few enough for the buffers of any socket. */
const window = 32
/** Without a reply for so long, in milliseconds, those on their way count as lost. */
const stall = 400

export async function demo(options: DemoOptions): Promise<ExitCode> {
  makeFolder(options.out)
  const paths = { capture: join(options.out, 'demo.pcapng'), keys: join(options.out, 'demo-keys') }
  const capture = new Capture(paths.capture)
  const keys = new DangerKeyTables(paths.keys, 'fresh')
  const diary = new Diary()
  let onReply: (packet: Uint8Array) => void = () => {}
  let bob: Runtime | undefined
  const pair = await startPair(
    {
      onEvent: (event) => {
        keys.record(event)
        diary.event(event)
      },
      onDeliver: (packet) => onReply(packet),
      onDatagram: (direction, datagram) => {
        capture.record(direction, datagram)
        diary.datagram(direction, datagram)
      },
    },
    {
      onEvent: () => {},
      onDeliver: (packet) => {
        const reply = answerPing(packet)
        if (reply !== undefined) bob?.send(reply)
      },
      onDatagram: () => {},
    },
    (text) => talk(text, 'careful'),
  )
  bob = pair.bob
  const [from] = pair.alice.local
  const [to] = pair.bob.local
  if (from === undefined || to === undefined) return exitCodes.failed
  const started = performance.now()
  pair.alice.command({ kind: 'initiate', connection: demoConnection, child: demoChild, path: { start: 'nat-t', local: from, remote: to } })
  await diary.settled
  const exchangeStarted = performance.now()
  if (diary.childSa !== undefined) {
    await exchange(pair.alice, from, to, (listener) => {
      onReply = listener
    })
    diary.packetsExchanged()
  }
  const exchangeElapsed = performance.now() - exchangeStarted
  await pair.alice.close(closePatience)
  await pair.bob.close(closePatience)
  capture.close()
  const report = { ...diary.findings, ...totals(pair), exchangeElapsed, elapsed: performance.now() - started }
  tell(report, options, tsharkCommand(paths.capture, paths.keys, to.natPort ?? 4500), paths)
  return report.childSa !== undefined && report.opened === report.sent ? exitCodes.done : exitCodes.failed
}

/** Alice pings, Bob answers: `packets` each way, `window` of them at a time. */
function exchange(alice: Runtime, from: HostPorts, to: HostPorts, listen: (listener: (packet: Uint8Array) => void) => void): Promise<void> {
  return new Promise((resolve) => {
    let sent = 0
    let settled = 0
    let settledBefore = 0
    const sendMore = (): void => {
      while (sent < packets && sent - settled < window) {
        sent++
        const addresses = { source: from.address, destination: to.address }
        alice.send(echoPacket({ kind: 'request', ...addresses, identifier: 1, sequence: sent, data: new Uint8Array(56).fill(sent) }))
      }
      if (settled >= packets) {
        clearInterval(watch)
        resolve()
      }
    }
    const watch = setInterval(() => {
      if (settled === settledBefore) settled = sent
      settledBefore = settled
      sendMore()
    }, stall)
    listen((packet) => {
      if (decodeEcho(packet)?.kind !== 'reply') return
      settled++
      sendMore()
    })
    sendMore()
  })
}

/** What Alice saw. */
class Diary {
  readonly settled: Promise<void>
  readonly #rows: LadderRow[] = []
  readonly #esp = { sent: { packets: 0, octets: 0 }, received: { packets: 0, octets: 0 } }
  #ikeSa: IkeSaEstablished | undefined
  #childSa: ChildSaEstablished | undefined
  #failure: DemoReport['failure']
  #settle: () => void = () => {}

  constructor() {
    this.settled = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  event(event: Event): void {
    if (event.name === 'message') this.#rows.push({ kind: 'message', message: event })
    if (event.name === 'ike-sa-established') this.#ikeSa = event.established
    if (event.name === 'child-sa-established') {
      this.#childSa = event.established
      this.#settle()
    }
    if (event.name === 'ike-sa-failed' || event.name === 'child-sa-failed') {
      this.#failure = { fault: event.fault, refusal: event.refusal }
      this.#settle()
    }
  }

  datagram(direction: 'sent' | 'received', datagram: Datagram): void {
    // RFC 3948 §2: ESP begins with its SPI, which is never zero; a keepalive is one octet.
    if (datagram.bytes.length < 8 || u32(datagram.bytes, 0) === 0) return
    this.#esp[direction].packets++
    this.#esp[direction].octets += datagram.bytes.length
  }

  /** From here on the ladder goes on with the Delete. */
  packetsExchanged(): void {
    if (this.#childSa === undefined) return
    const at = instant(performance.now())
    this.#rows.push({ kind: 'esp', at, direction: 'sent', spi: this.#childSa.outbound, ...this.#esp.sent })
    this.#rows.push({ kind: 'esp', at, direction: 'received', spi: this.#childSa.inbound, ...this.#esp.received })
  }

  get childSa(): ChildSaEstablished | undefined {
    return this.#childSa
  }

  get findings(): Pick<DemoReport, 'rows' | 'ikeSa' | 'childSa' | 'failure'> {
    return { rows: this.#rows, ikeSa: this.#ikeSa, childSa: this.#childSa, failure: this.#failure }
  }
}

function totals(pair: Pair): Pick<DemoReport, 'sent' | 'opened' | 'dropped'> {
  const [a, b] = [pair.alice.host.counters, pair.bob.host.counters]
  const dropped: Record<string, number> = {}
  for (const [reason, count] of [...Object.entries(a.dropped), ...Object.entries(b.dropped)])
    dropped[reason] = (dropped[reason] ?? 0) + count
  return { sent: a.sealed + b.sealed, opened: a.opened + b.opened, dropped }
}

function tell(report: DemoReport, options: DemoOptions, command: string, paths: { readonly capture: string; readonly keys: string }): void {
  if (options.output === 'json') {
    printJson(demoJson(report))
    return
  }
  for (const line of demoText(report, Math.min(process.stdout.columns ?? 100, 120))) print(line)
  print(`\nwrote ${paths.capture} and ${paths.keys}/ (throw-away keys); to see inside:\n  ${command}`)
}
