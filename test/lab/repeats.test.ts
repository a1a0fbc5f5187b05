// The invariant: what a host has heard before, again or from another address, and what it said itself, sent back to it, changes nothing.
// RFC 7296 §2.1, §2.3, §2.23; RFC 4303 §3.4.3. Every message of a life is tried in every state that follows it.
import { describe, expect, it } from 'vitest'
import type { Datagram, Input, Output } from '../../src/contract/machine.ts'
import { type Instant, instant, later } from '../../src/contract/units.ts'
import { describeDatagram } from '../../src/inspect/frame.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import type { LabHost } from '../../src/lab/host.ts'
import { replay } from '../../src/lab/replay.ts'
import { runScenario } from '../../src/lab/run.ts'
import type { Scenario } from '../../src/lab/scenario.ts'
import type { Host } from '../../src/host/host.ts'
import { address } from '../host/two-hosts.ts'
import { taken } from './effort.ts'
import { lives } from './lives.ts'
import { worldOf } from './storm.ts'

/** From where a peer may be heard that is not there. */
const elsewhere = { address: address('203.0.113.66'), port: 4501 }

interface Attack {
  readonly what: string
  readonly datagram: Datagram
}

/** What can be tried after the first `upTo` inputs: all that came in so far, and all that went out, turned round. */
function attacks(host: LabHost, upTo: number): readonly Attack[] {
  // A crowd, which comes at time 0, is all alike: one of it is enough.
  return host.inputs
    .slice(0, upTo)
    .filter(({ at }, i) => at > 0 || i === 0)
    .flatMap(({ input, outputs }) => [
      ...(input.kind === 'datagram' ? again(input) : []),
      ...outputs.flatMap((output) => (output.kind === 'send' ? reflected(output.datagram) : [])),
    ])
}

function again({ datagram }: Input & { kind: 'datagram' }): readonly Attack[] {
  const what = describeDatagram(datagram)
  return [
    { what: `${what}, again`, datagram },
    { what: `${what}, again, from another port`, datagram: { ...datagram, remote: { ...datagram.remote, port: elsewhere.port } } },
    { what: `${what}, again, from another address`, datagram: { ...datagram, remote: elsewhere } },
  ]
}

function reflected(datagram: Datagram): readonly Attack[] {
  // A request for an IKE SA may be anybody's: a host that accepts its sender opens one halfway.
  if (isInitRequest(datagram)) return []
  const what = describeDatagram(datagram)
  return [
    { what: `${what}, reflected`, datagram },
    { what: `${what}, reflected, from another address`, datagram: { ...datagram, remote: elsewhere } },
  ]
}

function isInitRequest({ channel, bytes }: Datagram): boolean {
  const at = channel === 'nat-t' ? 4 : 0
  return bytes[at + 18] === exchange.IKE_SA_INIT && ((bytes[at + 19] ?? 0) & 0x20) === 0
}

/** All that an observer could tell from a host, but for counters and times. */
const stateOf = (host: Host): string =>
  JSON.stringify({ ...host.view, alive: host.ikeSaCount, waiting: host.counters.waiting }, undefined, 1)

/** Only answers and events may come of it. */
const harmless = (outputs: readonly Output[]): boolean => outputs.every(({ kind }) => kind === 'send' || kind === 'event')

/** What changed something, in words; the host is made anew after each. */
function changes(host: LabHost): { readonly tried: number; readonly found: readonly string[] } {
  const found: string[] = []
  let tried = 0
  for (let upTo = 1; upTo <= host.inputs.length; upTo++) {
    const [last, next] = host.inputs.slice(upTo - 1, upTo + 1)
    const at: Instant = later(last?.at ?? instant(0), 1)
    // What comes 1 ms later must not come after what really came next.
    if (next !== undefined && next.at < at) continue
    const fresh = (): Host => replay({ host: host.name, seed: 0, inputs: host.inputs }, host.make, upTo).host
    let victim = fresh()
    const before = stateOf(victim)
    // RFC 7296 §2.1: once all is forgotten, an old request is a new one.
    const forgotten = victim.view.ikeSas.length === 0 && victim.view.over.length === 0
    for (const { what, datagram } of attacks(host, upTo)) {
      if (forgotten && isInitRequest(datagram)) continue
      tried++
      const outputs = victim.handle(at, { kind: 'datagram', datagram: { ...datagram, bytes: datagram.bytes.slice() } })
      if (harmless(outputs) && stateOf(victim) === before) continue
      found.push(
        `${host.name} after ${upTo} inputs: ${what}\n${outputs.map(({ kind }) => kind).join()}\n${stateOf(victim)}\nbefore:\n${before}`,
      )
      victim = fresh()
    }
  }
  return { tried, found }
}

function castOf(scenario: Scenario): readonly LabHost[] {
  const { stage, failures } = runScenario(scenario, worldOf(1))
  expect(failures).toEqual([])
  return [...stage.cast.values()].map(({ host }) => host)
}

/** Where the host's packets and requests go. */
function pathsOf({ view }: Host): unknown {
  return { ikeSas: view.ikeSas.map(({ id, path }) => ({ id, path })), outbound: view.outbound }
}

/** Each message, fresh, as it comes when somebody on the way gives it another source. */
function detours(host: LabHost): readonly string[] {
  return host.inputs.flatMap(({ at, input }, upTo) => {
    if (input.kind !== 'datagram' || isInitRequest(input.datagram)) return []
    const recording = { host: host.name, seed: 0, inputs: host.inputs }
    const { remote } = input.datagram
    return [elsewhere, { ...remote, address: elsewhere.address }].flatMap((from) => {
      const diverted = replay(recording, host.make, upTo).host
      diverted.handle(at, { kind: 'datagram', datagram: { ...input.datagram, remote: from } })
      return JSON.stringify(pathsOf(diverted)).includes(elsewhere.address)
        ? [`${host.name} follows ${describeDatagram(input.datagram)}, input ${upTo}`]
        : []
    })
  })
}

describe.each(taken(lives, 4))('$name', (scenario) => {
  it('nothing that was said before changes anything when it is said again', () => {
    for (const host of castOf(scenario)) {
      const { tried, found } = changes(host)
      expect(found.slice(0, 1).join('\n'), `${found.length} of ${tried} tried`).toBe('')
      expect(tried).toBeGreaterThan(10)
    }
  })

  it('a peer is followed to another address only where it is behind a NAT, or says so, and we are not (RFC 7296 §2.23)', () => {
    const cast = castOf(scenario)
    for (const [i, host] of cast.entries()) {
      const [self, peer] = [scenario.hosts[i], scenario.hosts[1 - i]]
      const peerMoves = peer?.behind !== undefined || peer?.encapsulation === 'force'
      const followed = detours(host)
      if (peerMoves && self?.behind === undefined) expect(followed.length).toBeGreaterThan(0)
      else expect(followed).toEqual([])
    }
  })
})
