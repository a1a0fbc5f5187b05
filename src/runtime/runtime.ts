// Drives a host on Node: UDP sockets, the clock, and the operations that the core must not do itself.
import type { Event } from '../contract/events.ts'
import type {
  Command,
  Completion,
  Datagram,
  HostPorts,
  Input,
  Operation,
  Output,
  PathChange,
  SharedKeyMacRequest,
} from '../contract/machine.ts'
import { type ChildSaId, type Instant, instant } from '../contract/units.ts'
import { exchange } from '../iana/exchanges.ts'
import type { Host } from '../host/host.ts'
import { isPortRefused } from './probe.ts'
import type { RawPath, RawPathOptions } from './raw/raw-path.ts'
import { type BindAddress, bindSockets, type SendFailure, type SocketSet } from './sockets.ts'

export interface RuntimeOptions {
  /** Called once the sockets are bound, with their real addresses and ports. */
  readonly makeHost: (local: readonly HostPorts[]) => Host
  readonly bind: readonly BindAddress[]
  /** `openRawPath`, for bare ESP and AH by whole IP packets; its host has `HostOptions.bare` `ip`. Without it ESP goes in UDP only. */
  readonly bare?: (options: RawPathOptions) => Promise<RawPath>
  /** Answers the operation `shared-key-mac`; what it throws fails the negotiation. */
  readonly sharedKeyMac: (request: SharedKeyMacRequest) => Uint8Array
  readonly onEvent?: (event: Event) => void
  readonly onDeliver?: (packet: Uint8Array, child: ChildSaId) => void
  /** A packet that policy lets through unprotected, on its way out. */
  readonly onBypass?: (packet: Uint8Array) => void
  /** A packet given to `receive` that policy lets in. */
  readonly onAdmit?: (packet: Uint8Array) => void
  /** An ICMP error of ours for the sender of a plain packet that is too long (RFC 4301 §8.2.1). */
  readonly onIcmpError?: (packet: Uint8Array) => void
  /** Every datagram as it is on the wire, for captures. */
  readonly onDatagram?: (direction: 'sent' | 'received', datagram: Datagram) => void
  readonly onSendFailure?: (failure: SendFailure) => void
}

export interface Runtime {
  readonly host: Host
  readonly local: readonly HostPorts[]
  command(command: Command): void
  /** A plain IP packet that wants out; the answer to one that was delivered goes `through` the Child SA that it came by. */
  send(packet: Uint8Array, through?: ChildSaId): void
  /** `Host.effectiveMtu`, now: a longer IPv6 packet is for its sender to fragment. */
  effectiveMtu(child: ChildSaId): number | undefined
  /** A plain IP packet that came in without IPsec, by whatever way it came. */
  receive(packet: Uint8Array): void
  /** Deletes all SAs, waits for the peers' answers for at most `patience` ms, closes the sockets. */
  close(patience: number): Promise<void>
}

/** Throws BindFailure when a socket cannot be had, and what `bare` throws. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  let driver: Driver | undefined
  const onDatagram = (datagram: Datagram): void => driver?.received(datagram)
  const onSendFailure = (failure: SendFailure): void => driver?.sendFailed(failure)
  const onPathChange = (change: PathChange): void => driver?.feed({ kind: 'path', change })
  const sockets = await bindSockets(options.bind, onDatagram, onSendFailure)
  const raw = await openBare(options, sockets, { onDatagram, onSendFailure, onPathChange })
  const send = (datagram: Datagram): void => (raw !== undefined && datagram.channel === 'ip' ? raw.send(datagram) : sockets.send(datagram))
  driver = new Driver(options, options.makeHost(sockets.local), send)
  const running = driver
  return {
    host: running.host,
    local: sockets.local,
    effectiveMtu: (child) => running.host.effectiveMtu(now(), child),
    command: (command) => running.feed({ kind: 'command', command }),
    send: (packet, through) => running.feed({ kind: 'packet', bytes: packet, ...(through === undefined ? {} : { through }) }),
    receive: (packet) => running.feed({ kind: 'plain', bytes: packet }),
    async close(patience) {
      await running.stop(patience)
      raw?.close()
      await sockets.close()
    },
  }
}

/** With the addresses that the sockets have. */
async function openBare(options: RuntimeOptions, sockets: SocketSet, calls: Omit<RawPathOptions, 'local'>): Promise<RawPath | undefined> {
  try {
    return await options.bare?.({ ...calls, local: sockets.local.map(({ address }) => address) })
  } catch (error) {
    await sockets.close()
    throw error
  }
}

const now = (): Instant => instant(performance.now())

/** What says nothing of the peer: that we have no such socket, or that one datagram was not fit to be sent, or there was no room for it. */
const ownFault: ReadonlySet<string> = new Set(['NO_RAW_SOCKET', 'NO_SOCKET', 'NO_IDENTIFICATION', 'EMSGSIZE', 'EAGAIN', 'ENOBUFS'])

/** Node fires longer ones at once. What is later is armed again when this one is over. */
const longestTimer = 2 ** 31 - 1

class Driver {
  readonly host: Host
  readonly #options: RuntimeOptions
  readonly #send: (datagram: Datagram) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerAt: Instant | undefined
  #stopped: (() => void) | undefined
  #closed = false

  constructor(options: RuntimeOptions, host: Host, send: (datagram: Datagram) => void) {
    this.#options = options
    this.host = host
    this.#send = send
  }

  received(datagram: Datagram): void {
    this.#options.onDatagram?.('received', datagram)
    this.feed({ kind: 'datagram', datagram })
  }

  sendFailed(failure: SendFailure): void {
    this.#options.onSendFailure?.(failure)
    if (ownFault.has(failure.code)) return
    const reason = failure.code === 'ECONNREFUSED' ? 'port' : failure.code === 'ENETUNREACH' ? 'network' : 'host'
    this.feed({ kind: 'path', change: { kind: 'unreachable', remote: failure.datagram.remote, reason } })
  }

  feed(input: Input): void {
    const completions: Completion[] = []
    this.#carryOut(this.host.handle(now(), input), completions)
    for (let completion = completions.shift(); completion !== undefined; completion = completions.shift()) {
      this.#carryOut(this.host.handle(now(), { kind: 'completion', completion }), completions)
    }
    this.#schedule()
    if (this.#stopped !== undefined && this.host.ikeSaCount === 0) this.#stopped()
  }

  async stop(patience: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const limit = setTimeout(resolve, patience)
      this.#stopped = () => {
        clearTimeout(limit)
        resolve()
      }
      this.feed({ kind: 'command', command: { kind: 'close-all' } })
    })
    this.#stopped = undefined
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #carryOut(outputs: readonly Output[], completions: Completion[]): void {
    const { onEvent, onDeliver, onBypass, onAdmit, onIcmpError, onDatagram } = this.#options
    for (const output of outputs) {
      switch (output.kind) {
        case 'send':
          onDatagram?.('sent', output.datagram)
          this.#send(output.datagram)
          break
        case 'deliver':
          onDeliver?.(output.bytes, output.child)
          break
        case 'icmp-error':
          onIcmpError?.(output.bytes)
          break
        case 'bypass':
          onBypass?.(output.bytes)
          break
        case 'admit':
          onAdmit?.(output.bytes)
          break
        case 'operation':
          completions.push(this.#complete(output.operation))
          break
        case 'event':
          onEvent?.(output.event)
          if (output.event.name === 'retransmit') this.#probe(output.event)
          break
        // The host's own packet processor has installed and removed already; operations are answered at once.
        case 'install':
        case 'remove':
        case 'cancel':
          break
      }
    }
  }

  /** The first message goes unanswered: whether its port is closed is worth knowing, though it changes nothing. */
  #probe({ exchangeType, attempt, local, remote }: Extract<Event, { name: 'retransmit' }>): void {
    if (exchangeType !== exchange.IKE_SA_INIT || attempt !== 1) return
    void isPortRefused(local.address, remote).then((refused) => {
      if (refused && !this.#closed) this.feed({ kind: 'path', change: { kind: 'unreachable', remote, reason: 'port' } })
    })
  }

  #complete(operation: Operation): Completion {
    try {
      return { id: operation.id, kind: operation.kind, outcome: { ok: true, value: this.#options.sharedKeyMac(operation.request) } }
    } catch (error) {
      return { id: operation.id, kind: operation.kind, outcome: { ok: false, why: error instanceof Error ? error.message : 'unknown' } }
    }
  }

  /** A timer that is early is left as it is: deadlines move with each message, mostly to later, and it is armed again when it fires. */
  #schedule(): void {
    const { deadline } = this.host
    if (deadline === undefined || (this.#timerAt !== undefined && this.#timerAt <= deadline)) return
    clearTimeout(this.#timer)
    this.#timerAt = deadline
    this.#timer = setTimeout(() => this.#onTimer(), Math.min(longestTimer, Math.max(0, Math.ceil(deadline - now()))))
  }

  #onTimer(): void {
    this.#timerAt = undefined
    const { deadline } = this.host
    if (deadline !== undefined && deadline <= now()) this.feed({ kind: 'tick' })
    else this.#schedule()
  }
}
