// `ikebana respond`: the responder, until Ctrl-C. It answers echo requests, and datagrams to UDP port 7, inside its SAs.
import { hostname } from 'node:os'
import { utf8 } from '../bytes/bytes.ts'
import type { Identity } from '../contract/identity.ts'
import type { HostPorts } from '../contract/machine.ts'
import { instant } from '../contract/units.ts'
import { idType } from '../iana/identification.ts'
import { reorderingJson, reorderingLines } from '../inspect/reordering-words.ts'
import { describeIdentity } from '../inspect/describe.ts'
import { type Address, formatEndpoint } from '../net/address.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { answerPing, answerUdpEcho, serviceOf } from '../runtime/services/echo-responder.ts'
import type { BindAddress } from '../runtime/sockets.ts'
import { resolveHost } from './addresses-of-machine.ts'
import { PlainStack } from './plain-stack.ts'
import { addressIdentity, connectionOf, policiesOf, responderPorts } from './connection.ts'
import { print, printJson, talk } from './console.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { ConnectOptions } from './options.ts'
import { readPreSharedKey } from './psk.ts'
import { sendFailureWords } from './system-errors.ts'
import { tellerOf } from './teller.ts'
import { closePatience, closeRecording, interruption, openRecording, startSession } from './session.ts'

export async function respond(options: ConnectOptions): Promise<ExitCode> {
  const key = readPreSharedKey(options.key)
  for (const remark of key.remarks) talk(remark, 'careful')
  const self = options.localIdentity ?? ownIdentity(options.local?.address)
  const recording = openRecording(options)
  const interrupted = interruption()
  const answer = serviceOf(answerPing, answerUdpEcho)
  const stack = new PlainStack()
  const connection = connectionOf(options, self, await peerOf(options))
  let running: Runtime | undefined
  const runtime = await startSession({
    bind: bindings(options),
    connections: [connection],
    policies: options.policies ?? policiesOf(connection),
    secret: key.secret,
    bare: options.bare,
    recording,
    onEvent: tellerOf(options.output),
    onSendFailure: (failure) => talk(sendFailureWords(failure), 'careful'),
    onDeliver: (packet, child) => {
      const whole = stack.whole(instant(performance.now()), packet)
      const reply = whole === undefined ? undefined : answer(whole)
      // Several hosts behind one NAT look the same: each is answered through its own SA (RFC 3948 §5.2).
      if (running === undefined || reply === undefined) return
      for (const ready of stack.ready(reply, running.effectiveMtu(child))) running.send(ready, child)
    },
  })
  running = runtime
  announce(runtime, self, options)
  await interrupted
  talk('deleting the SAs')
  await runtime.close(closePatience)
  closeRecording(recording, options, runtime.local[0]?.natPort ?? options.natPort)
  key.secret.wipe()
  const { sealed, opened, dummies, dropped } = runtime.host.counters
  const { reordering } = runtime.host
  if (options.output === 'json')
    printJson({ event: 'stopped', sealed, opened, dummies, dropped: { ...dropped }, reordering: reorderingJson(reordering) })
  else
    for (const line of [
      `${opened} packets opened, ${sealed} sealed${dummies === 0 ? '' : `, ${dummies} dummies sent`}${droppedWords(dropped)}`,
      ...reorderingLines(reordering),
    ])
      print(line)
  return exitCodes.done
}

/** Whom a connection file names; anyone else is refused. */
async function peerOf(options: ConnectOptions): Promise<HostPorts | undefined> {
  if (options.remoteHost === undefined) return undefined
  const { local } = options
  const isOne = local !== undefined && local.address !== '0.0.0.0' && local.address !== '::'
  return responderPorts(await resolveHost(options.remoteHost, isOne ? local.address : undefined), options)
}

/** `--local` may name the ports too; without it we listen on every address. One port for both is for IKE and ESP together. */
function bindings(options: ConnectOptions): readonly BindAddress[] {
  const { ike, nat } = ownPorts(options)
  const ports = { ikePort: ike === nat && nat !== 0 ? undefined : ike, natPort: nat }
  return (options.local === undefined ? ['0.0.0.0', '::'] : [options.local.address]).map((address) => ({ address, ...ports }))
}

const ownPorts = (options: ConnectOptions): { readonly ike: number; readonly nat: number } =>
  options.local?.ports ?? { ike: options.port, nat: options.natPort }

/** Our address where there is one, else the name of this machine. */
function ownIdentity(address: Address | undefined): Identity {
  if (address !== undefined && address !== '0.0.0.0' && address !== '::') return addressIdentity(address)
  return { type: idType.ID_FQDN, value: utf8(hostname()) }
}

function announce(runtime: Runtime, self: Identity, options: ConnectOptions): void {
  const endpoints = runtime.local.flatMap(({ address, ikePort, natPort }) =>
    [ikePort, natPort].flatMap((port) => (port === undefined ? [] : [formatEndpoint({ address, port })])),
  )
  if (options.output === 'json') printJson({ event: 'listening', identity: describeIdentity(self), endpoints })
  else print(`${describeIdentity(self)} listens on ${endpoints.join(', ')}; Ctrl-C stops it`)
}

const droppedWords = (dropped: Readonly<Record<string, number>>): string =>
  Object.entries(dropped)
    .map(([reason, packets]) => `, ${packets} dropped (${reason})`)
    .join('')
