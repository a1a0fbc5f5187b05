// Several requests at once, where the peer takes them: SET_WINDOW_SIZE. No other implementation that we know of asks for it. RFC 7296 §2.3.
import { describe, expect, it } from 'vitest'
import { exchange } from '../../src/iana/exchanges.ts'
import type { ChildConfig } from '../../src/policy/connection.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { alice, bob, connectionOf, initiate, type Pair, type Side, type Sky, value } from '../host/two-hosts.ts'
import { rekeyIke, theIkeSa, up } from './two-ends.ts'

const names = ['tcp', 'udp', 'icmp', 'gre', 'sctp', 'ospf'] as const
const protocols = { tcp: 6, udp: 17, icmp: 1, gre: 47, sctp: 132, ospf: 89 } as const

/** One that takes so many requests at once, with a child for each of six protocols besides the usual one. */
function side(self: Side, peer: Side, windowSize: number): Partial<Side> {
  const [usual] = connectionOf(self, peer.address).children
  if (usual === undefined) throw new Error('no child')
  const children = names.map((name): ChildConfig => {
    const selectors = [value(parseSelector(`dynamic[${protocols[name]}]`))]
    return { ...usual, name, localSelectors: selectors, remoteSelectors: selectors }
  })
  return { connection: { windowSize, children: [usual, ...children] } }
}

const wanting = (windows: readonly [number, number], sky: Sky = {}): Pair =>
  up(side(alice, bob, windows[0]), side(bob, alice, windows[1]), sky)

function askForAll({ network, a }: Pair): void {
  for (const child of names) {
    network.feed(a, { kind: 'command', command: { kind: 'initiate', connection: 'peer', path: initiate.path, child } })
  }
}

const outAtOnce = ({ a }: Pair): number => theIkeSa(a).requests.outstanding.length

describe('the window of our requests', () => {
  it('is what the peer said, and never exceeded (RFC 7296 §2.3)', () => {
    for (const window of [1, 2, 4, 8]) {
      const both = wanting([1, window])
      expect(theIkeSa(both.a).requests.window).toBe(window)
      askForAll(both)
      expect(outAtOnce(both)).toBe(Math.min(window, names.length))
      let most = 0
      both.network.run(10_000, () => {
        most = Math.max(most, outAtOnce(both))
        return false
      })
      expect(most).toBeLessThanOrEqual(window)
      expect(theIkeSa(both.b).children).toHaveLength(1 + names.length)
    }
  })

  it('moves on with the oldest request only: X waits for the answers up to X - N (RFC 7296 §2.3)', () => {
    let lost = 0
    const both = up(side(alice, bob, 1), side(bob, alice, 3))
    const first = theIkeSa(both.a).requests.nextId
    both.network.setWeather({ loss: 1 })
    both.network.feed(both.a, { kind: 'command', command: { kind: 'initiate', connection: 'peer', path: initiate.path, child: 'tcp' } })
    both.network.clearUp()
    for (const child of names.slice(1)) {
      both.network.feed(both.a, { kind: 'command', command: { kind: 'initiate', connection: 'peer', path: initiate.path, child } })
    }
    both.network.run(400, () => {
      lost = Math.max(lost, theIkeSa(both.a).requests.nextId - first)
      return false
    })
    // The first is lost: two more are answered, and nothing is sent beyond them until it has been repeated.
    expect(lost).toBe(3)
    both.network.run(10_000)
    expect(theIkeSa(both.b).children).toHaveLength(1 + names.length)
  })

  it('is 1 again after the IKE SA is rekeyed, until the new one is told (RFC 7296 §1.3.2, §2.3)', () => {
    const both = wanting([4, 4])
    rekeyIke(both, both.a)
    const windows = new Set<number>()
    both.network.run(10_000, () => {
      for (const { phase, requests } of both.a.host.view.ikeSas) if (phase === 'established') windows.add(requests.window)
      return false
    })
    expect([...windows]).toEqual([4, 1])
    both.network.run(10_000)
    const told = both.a
      .named('message')
      .filter(({ exchangeType, payloads }) => exchangeType === exchange.INFORMATIONAL && payloads.includes('N(SET_WINDOW_SIZE)'))
    expect(told.length).toBeGreaterThan(0)
    expect(theIkeSa(both.a).requests.window).toBe(4)
    expect(theIkeSa(both.b).requests.window).toBe(4)
  })
})

describe('the window of the peer', () => {
  it('takes requests in any order, answers each once, and each again as it was (RFC 7296 §2.1, §2.3)', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const both = wanting([8, 8], { seed, latency: 1 })
      both.network.setWeather({ latency: 1, jitter: 300, loss: 0.2, duplication: 0.3 })
      askForAll(both)
      both.network.run(120_000)
      both.network.clearUp()
      both.network.run(120_000)
      const spis = (end: 'a' | 'b', half: 'inbound' | 'outbound') =>
        theIkeSa(both[end])
          .children.map((child) => child[half])
          .sort()
      expect(theIkeSa(both.a).children).toHaveLength(1 + names.length)
      expect(spis('a', 'inbound')).toEqual(spis('b', 'outbound'))
      expect(spis('b', 'inbound')).toEqual(spis('a', 'outbound'))
    }
  })
})
