// `ikebana ping`: negotiates, sends echo requests through the SA from userspace, deletes the SA.
import type { Identity } from '../contract/identity.ts'
import type { Path } from '../contract/machine.ts'
import { type ChildSaId, instant } from '../contract/units.ts'
import { notify } from '../iana/notify.ts'
import { protocol } from '../iana/protocols.ts'
import { describeIdentity } from '../inspect/describe.ts'
import { addressTowards, resolveHost } from './addresses-of-machine.ts'
import type { PingOptions } from './command-line.ts'
import { addressIdentity, connectionOf, policiesOf, responderPorts, startOf } from './connection.ts'
import { print, printJson, talk } from './console.ts'
import { type EchoAddresses, echoAddresses } from './echo-addresses.ts'
import { type EchoRun, PacketSource, runEchoes, type Stop } from './echo-run.ts'
import { type ExitCode, exitCodes, usageFailure } from './exit-codes.ts'
import { Negotiation, type Outcome } from './negotiation.ts'
import { reorderingLines } from '../inspect/reordering-words.ts'
import { PlainStack } from './plain-stack.ts'
import { pingJson } from './ping-report.ts'
import { readPreSharedKey } from './psk.ts'
import { closePatience, closeRecording, interruption, openRecording, startSession } from './session.ts'
import { isLocalRefusal, sendFailureWords } from './system-errors.ts'
import { tellerOf } from './teller.ts'

export async function ping(hostName: string, options: PingOptions): Promise<ExitCode> {
  const { local } = options
  if (local?.address === '0.0.0.0' || local?.address === '::') throw usageFailure(`--local ${local.address}: name one address to send from`)
  const key = readPreSharedKey(options.key)
  for (const remark of key.remarks) talk(remark, 'careful')
  const remote = await resolveHost(hostName, local?.address)
  const own = local?.address ?? (await addressTowards(remote))
  const self = options.localIdentity ?? addressIdentity(own)
  const host = responderPorts(remote, options)
  const start = startOf(options)
  const recording = openRecording(options)
  const negotiation = new Negotiation()
  const connection = connectionOf(options, self, host)
  const [{ name: child }] = options.children
  const packets = new PacketSource()
  const tell = tellerOf('text')
  const stack = new PlainStack()
  let childSa: ChildSaId | undefined
  const runtime = await startSession({
    bind: [{ address: own, ikePort: start === 'ike' ? (local?.ports?.ike ?? 0) : undefined, natPort: local?.ports?.nat ?? 0 }],
    connections: [connection],
    policies: options.policies ?? policiesOf(connection),
    secret: key.secret,
    bare: options.bare,
    recording,
    onEvent: (event) => {
      tell(event)
      negotiation.offer(event)
      // The newest, after a rekey.
      if (event.name === 'child-sa-established') childSa = event.child
    },
    onDeliver: (packet) => {
      const whole = stack.whole(instant(performance.now()), packet)
      if (whole !== undefined) packets.offer(whole)
    },
    onSendFailure: (failure) => {
      talk(sendFailureWords(failure), 'careful')
      if (!isLocalRefusal(failure)) return
      recording.why?.remark(sendFailureWords(failure))
      negotiation.end({ kind: 'not-sent' })
    },
  })
  const interrupted = interruption()
  void interrupted.then(() => negotiation.end({ kind: 'interrupted' }))
  const path: Path = { start, local: runtime.local[0] ?? { address: own, ikePort: undefined, natPort: undefined }, remote: host }
  runtime.command({ kind: 'initiate', connection: options.connection, child, path })

  const outcome = await negotiation.outcome
  for (const line of hints(outcome, self, options)) {
    talk(line, 'bad')
    recording.why?.remark(line)
  }
  const stop = Promise.race([interrupted, negotiation.broken])
  const send = (packet: Uint8Array): void => {
    const mtu = childSa === undefined ? undefined : runtime.effectiveMtu(childSa)
    for (const ready of stack.discovering(packet, mtu)) runtime.send(ready)
  }
  const run = await pingThrough(send, outcome, { local: own, remote }, options, packets, stop)

  await runtime.close(outcome.kind === 'not-sent' ? 0 : closePatience)
  closeRecording(recording, options, options.natPort)
  key.secret.wipe()
  const { dropped } = runtime.host.counters
  const { rekeyFailures } = negotiation
  const { reordering } = runtime.host
  if (options.output === 'json') printJson(pingJson({ peer: remote, outcome, run, dropped, reordering, rekeyFailures }))
  else for (const line of reorderingLines(reordering)) print(line)
  return run !== undefined && run.summary.received > 0 && run.stopped !== 'broken' ? exitCodes.done : exitCodes.failed
}

function pingThrough(
  send: (packet: Uint8Array) => void,
  outcome: Outcome,
  outer: EchoAddresses,
  options: PingOptions,
  packets: PacketSource,
  stop: Promise<Stop>,
): Promise<EchoRun> | undefined {
  if (outcome.kind !== 'established') return undefined
  const between = echoAddresses(outcome.childSa, outer)
  if (!between.ok) {
    talk(between.fault, 'bad')
    return undefined
  }
  const { count, interval, size, output } = options
  const protectedBy = outcome.childSa.suite.protocol === protocol.AH ? 'AH' : 'ESP'
  return runEchoes({ addresses: between.value, protocol: protectedBy, count, interval, size, output, stop, send }, packets)
}

/** What the events do not tell. */
function hints(outcome: Outcome, self: Identity, options: PingOptions): readonly string[] {
  if (outcome.kind === 'interrupted') return ['stopped before there was an answer']
  if (outcome.kind !== 'failed' || outcome.refusal?.kind !== 'notify' || outcome.refusal.type !== notify.AUTHENTICATION_FAILED) return []
  const expected = options.remoteIdentity === undefined ? 'anyone who has the key' : describeIdentity(options.remoteIdentity)
  return [`    we said that we are ${describeIdentity(self)} (--id), and expect ${expected} (--peer-id)`]
}
