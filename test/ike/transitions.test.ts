// The table of an IKE SA's life says nothing that never happens, and nothing happens that it does not say (that is asserted in the code).
import { describe, expect, it, vi } from 'vitest'
import type { Phase } from '../../src/ike/sa/states.ts'
import { transitions } from '../../src/ike/sa/transitions.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import { bringUp, type Pair, pair } from '../host/two-hosts.ts'
import type { LabHost } from '../../src/lab/host.ts'
import { lost, play, secondCopy } from '../lab/rotation.ts'
import { Puppeteer } from './puppeteer.ts'
import { rekeyIke, up } from './two-ends.ts'

const travelled = vi.hoisted(() => new Set<string>())

vi.mock('../../src/ike/sa/transitions.ts', async (original) => {
  const real = await original<typeof import('../../src/ike/sa/transitions.ts')>()
  const assertTransition = (from: Phase, to: Phase): void => {
    real.assertTransition(from, to)
    travelled.add(`${from} → ${to}`)
  }
  return { ...real, assertTransition }
})

const forever = 3_600_000

/** From its n-th datagram on, nothing that Alice or Bob sends arrives. */
function cutOffAfter(messages: number): Pair {
  let count = 0
  return pair({ connection: { livenessDelay: 1_000 } }, { connection: { livenessDelay: 1_000 } }, undefined, (datagram) =>
    count++ < messages ? datagram : undefined,
  )
}

/** Answers the n-th operation of a host in another way: wrongly, or by a failure, or too late. */
function spoil(host: LabHost, call: number, how: 'wrong' | 'fails' | 'never', both: Pair): void {
  const { mac } = host
  let calls = 0
  const value = (request: Parameters<typeof mac>[0]): Uint8Array => {
    if (calls++ !== call) return mac(request)
    if (how === 'wrong') return new Uint8Array(32)
    if (how === 'fails') throw new Error('no such key')
    both.network.feed(host, { kind: 'command', command: { kind: 'close-all' } })
    return new Uint8Array(32)
  }
  Object.defineProperty(host, 'mac', { value })
}

describe('every edge of the table', () => {
  it('is travelled by something that can happen', () => {
    for (const messages of [0, 1, 2, 3, 4]) {
      const both = cutOffAfter(messages)
      bringUp(both, 500)
      both.network.run(forever)
    }
    for (const call of [0, 1]) {
      for (const how of ['wrong', 'fails', 'never'] as const) {
        for (const end of ['a', 'b'] as const) {
          const both = pair()
          spoil(both[end], call, how, both)
          bringUp(both, 5_000)
          both.network.run(forever)
        }
      }
    }
    const wrongPeer = pair({ peer: 'carol.example' })
    bringUp(wrongPeer, 5_000)
    wrongPeer.network.run(forever)

    const closed = pair()
    bringUp(closed)
    closed.network.feed(closed.a, { kind: 'command', command: { kind: 'close-all' } })
    closed.network.feed(closed.b, { kind: 'command', command: { kind: 'close-all' } })
    closed.network.run(forever)

    const halfWay = pair()
    bringUp(halfWay, 25)
    halfWay.network.feed(halfWay.a, { kind: 'command', command: { kind: 'close-all' } })
    halfWay.network.run(forever)

    // Bob answers one version of a request; AUTH is over another.
    expect(play([secondCopy(10), lost('bob → alice', 2)]).verdict).toBe('held')

    // Both ends rekey the IKE SA, in storms, and then one of them closes it, or vanishes.
    for (let seed = 1; seed <= 60; seed++) {
      const rivals = up({}, {}, { seed, latency: 1, jitter: 40, loss: seed % 3 === 0 ? 0.3 : 0 })
      for (const end of ['a', 'b'] as const) rekeyIke(rivals, rivals[end])
      rivals.network.run(seed * 2)
      if (seed % 4 === 1) rivals.network.feed(rivals.a, { kind: 'command', command: { kind: 'close-all' } })
      if (seed % 4 === 2) rivals.network.cut(['alice.example', 'bob.example'])
      rivals.network.run(forever)
    }

    new Puppeteer('init').request(exchange.IKE_AUTH, [])

    const edges = Object.entries(transitions).flatMap(([from, tos]) => tos.map((to) => `${from} → ${to}`))
    expect(edges.filter((edge) => !travelled.has(edge))).toEqual([])
  })
})
