// A host with one connection on real sockets, as `ping` and `respond` need it.
import type { Secret } from '../bytes/secret.ts'
import type { Event } from '../contract/events.ts'
import type { Datagram } from '../contract/machine.ts'
import type { ChildSaId } from '../contract/units.ts'
import type { KeyEvidence, KeySlip } from '../contract/refusal.ts'
import { findKeySlip } from '../crypto/key-slips.ts'
import { nodeProvider } from '../crypto/providers/node.ts'
import { sharedKeyMac } from '../crypto/suites.ts'
import { createHost } from '../host/host.ts'
import type { Connection } from '../policy/connection.ts'
import type { SpdEntry } from '../policy/spd.ts'
import { openRawPath } from '../runtime/raw/raw-path.ts'
import { type Runtime, startRuntime } from '../runtime/runtime.ts'
import { systemRandom } from '../runtime/system-random.ts'
import type { BindAddress, SendFailure } from '../runtime/sockets.ts'
import { talk } from './console.ts'
import type { ConnectOptions } from './options.ts'
import { Capture, DangerKeyTables, tsharkCommand } from './recording.ts'
import { WhyPage } from './why.ts'

export interface SessionOptions {
  readonly bind: readonly BindAddress[]
  readonly connections: readonly Connection[]
  readonly policies: readonly SpdEntry[]
  readonly secret: Secret
  readonly bare: ConnectOptions['bare']
  readonly recording: Recording
  readonly onEvent: (event: Event) => void
  readonly onDeliver: (packet: Uint8Array, child: ChildSaId) => void
  readonly onSendFailure: (failure: SendFailure) => void
}

/** The files that a session leaves behind, where they are wanted. */
export interface Recording {
  readonly capture: Capture | undefined
  readonly dangerKeys: DangerKeyTables | undefined
  readonly why: WhyPage | undefined
}

/** Throws what the sockets and the raw path throw: see system-errors.ts. */
export function startSession(options: SessionOptions): Promise<Runtime> {
  const provider = nodeProvider()
  const { capture, dangerKeys, why } = options.recording
  return startRuntime({
    bind: options.bind,
    ...(options.bare === 'raw' ? { bare: openRawPath } : {}),
    makeHost: (local) =>
      createHost({
        provider,
        random: systemRandom,
        connections: options.connections,
        policies: options.policies,
        local,
        bare: options.bare === 'raw' ? 'ip' : 'esp',
        audit: 'on',
        dangerKeyLog: dangerKeys === undefined ? 'off' : 'on',
      }),
    // One key for whoever it may be.
    sharedKeyMac: ({ prf, octets }) => sharedKeyMac(provider, prf, options.secret, octets),
    onEvent: (event) => {
      dangerKeys?.record(event)
      const told = withSlip(event, (evidence) => findKeySlip(provider, options.secret, evidence))
      why?.record(told, Date.now())
      options.onEvent(told)
    },
    onDeliver: options.onDeliver,
    onDatagram: (direction: 'sent' | 'received', datagram: Datagram) => capture?.record(direction, datagram),
    onSendFailure: options.onSendFailure,
  })
}

/** Who has the key can find out in what the peer's differs. */
function withSlip(event: Event, find: (evidence: KeyEvidence) => KeySlip | undefined): Event {
  if (event.name !== 'ike-sa-failed' || event.refusal?.kind !== 'authentication' || event.refusal.reason !== 'wrong-key') return event
  const { evidence } = event.refusal
  return evidence === undefined ? event : { ...event, refusal: { ...event.refusal, slip: find(evidence) } }
}

/** Opens the files that the options name. Throws a `CommandFailure` when one cannot be had. */
export function openRecording(options: ConnectOptions): Recording {
  return {
    capture: options.capture === undefined ? undefined : new Capture(options.capture),
    dangerKeys: options.dangerKeys === undefined ? undefined : new DangerKeyTables(options.dangerKeys, 'added-to'),
    why: options.why === undefined ? undefined : new WhyPage(options.why),
  }
}

/** Closes the files and says how to open them. `natPort`: where ESP in UDP went. */
export function closeRecording(recording: Recording, options: ConnectOptions, natPort: number): void {
  recording.capture?.close()
  recording.why?.close()
  if (recording.dangerKeys !== undefined && recording.dangerKeys.unknownSuites > 0) {
    talk('Wireshark has no name for a suite that was used: its keys were not written', 'careful')
  }
  if (options.capture === undefined) return
  if (options.dangerKeys === undefined) talk(`capture: ${options.capture} (add --danger-keys DIR to be able to decrypt it)`, 'faint')
  else talk(`to read the capture: ${tsharkCommand(options.capture, options.dangerKeys, natPort)}`, 'faint')
}

/** Resolves at Ctrl-C, SIGTERM or SIGHUP; a second one ends the process at once. */
export function interruption(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    let asked = false
    const onSignal = (): void => {
      if (asked) process.exit(130)
      asked = true
      resolve('interrupted')
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  })
}

/** How long we wait for the peer's answer to our Delete, in milliseconds. */
export const closePatience = 2000
