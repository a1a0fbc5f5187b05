// The network itself: what it does to datagrams, and that it does the same again.
import { describe, expect, it } from 'vitest'
import type { Datagram } from '../../src/contract/machine.ts'
import { LabHost } from '../../src/lab/host.ts'
import { EndlessRun, mishapsOf, Network } from '../../src/lab/network.ts'
import { stream } from '../../src/lab/random.ts'
import type { Entry } from '../../src/lab/transcript.ts'
import { formatMishap, randomSky, scriptedSky, type Weather } from '../../src/lab/weather.ts'
import { address, alice, bob, bringUp, makeHost, pair } from '../host/two-hosts.ts'

/** A keepalive: nobody answers it. */
const octet = (last = 0xff): Datagram => ({
  channel: 'nat-t',
  local: { address: alice.address, port: 4500 },
  remote: { address: bob.address, port: 4500 },
  bytes: Uint8Array.of(last),
})

/** When each of `count` datagrams arrived that were all sent at time 0. */
function arrivals(weather: Partial<Weather>, count: number, seed = 1): readonly { readonly number: number; readonly at: number }[] {
  const { network } = pair({}, {}, { seed, ...weather })
  for (let i = 0; i < count; i++) network.transmit(octet())
  network.run(60_000)
  return network.transcript.flatMap((entry) => (entry.kind === 'arrived' ? [{ number: entry.number, at: entry.at }] : []))
}

const kinds = (transcript: readonly Entry[]): readonly string[] =>
  transcript.map((entry) => (entry.kind === 'stopped' ? entry.why : entry.kind))

describe('two hosts', () => {
  it('take five lines', () => {
    const network = new Network()
    const [a, b] = [makeHost(alice, bob.address, 1), makeHost(bob, alice.address, 2)]
    network.attach(a, alice.address)
    network.attach(b, bob.address)
    bringUp({ network, a, b })
    expect(a.named('child-sa-established')).toHaveLength(1)
  })
})

describe('weather', () => {
  it('that is calm takes 10 ms, in order, with nothing lost', () => {
    expect(arrivals({}, 5)).toEqual([0, 1, 2, 3, 4].map((number) => ({ number, at: 10 })))
  })

  it('loses and duplicates as often as it says', () => {
    const arrived = arrivals({ loss: 0.3, duplication: 0.2 }, 2_000)
    const once = new Set(arrived.map(({ number }) => number)).size
    expect(once / 2_000).toBeGreaterThan(0.7)
    expect(once / 2_000).toBeLessThan(0.8)
    // Seven of ten first copies, and seven of ten second ones.
    expect(arrived.length / 2_000).toBeGreaterThan(0.8)
    expect(arrived.length / 2_000).toBeLessThan(0.88)
  })

  it('that jitters delays within its bounds, and so reorders', () => {
    const arrived = arrivals({ latency: 20, jitter: 100 }, 200)
    expect(arrived.every(({ at }) => at >= 20 && at < 120)).toBe(true)
    expect(arrived.some(({ number }, i) => number < (arrived[i - 1]?.number ?? 0))).toBe(true)
  })

  it('that reorders holds some back behind what follows', () => {
    const held = arrivals({ latency: 20, reordering: 0.1 }, 1_000).filter(({ at }) => at > 20)
    expect(held.length).toBeGreaterThan(60)
    expect(held.length).toBeLessThan(140)
    expect(held.every(({ at }) => at >= 40 && at <= 100)).toBe(true)
  })

  it('swallows what does not fit', () => {
    const { network } = pair({}, {}, { mtu: 100 })
    network.transmit({ ...octet(), bytes: new Uint8Array(72).fill(0xff) })
    network.transmit({ ...octet(), bytes: new Uint8Array(73).fill(0xff) })
    network.run(1_000)
    expect(kinds(network.transcript).filter((kind) => kind === 'arrived' || kind === 'too-big')).toEqual(['too-big', 'arrived'])
  })

  it('is the same from the same seed, and another from another', () => {
    const stormy = { loss: 0.3, duplication: 0.2, jitter: 50 }
    expect(arrivals(stormy, 50, 7)).toEqual(arrivals(stormy, 50, 7))
    expect(arrivals(stormy, 50, 7)).not.toEqual(arrivals(stormy, 50, 8))
  })

  it('gives each datagram a fate of its own: what was sent before does not matter', () => {
    const sky = randomSky(3)
    const weather: Weather = { latency: 1, jitter: 9, loss: 0.3, duplication: 0.2, reordering: 0.2, mtu: undefined, tooLong: 'lost' }
    const inOrder = [0, 1, 2, 3, 4].map((number) => sky('a → b', number, weather))
    const backwards = [4, 3, 2, 1, 0].map((number) => sky('a → b', number, weather)).toReversed()
    expect(backwards).toEqual(inOrder)
    expect(sky('b → a', 0, weather)).not.toEqual(sky('a → b', 0, weather))
  })

  it('that was written down happens again', () => {
    const both = pair({}, {}, { seed: 11, loss: 0.3, duplication: 0.3, jitter: 300 })
    bringUp(both)
    const network = new Network({ seed: 11, sky: scriptedSky(mishapsOf(both.network.transcript)) })
    const again = { network, a: makeHost(alice, bob.address, 23), b: makeHost(bob, alice.address, 24) }
    network.attach(again.a, alice.address)
    network.attach(again.b, bob.address)
    bringUp(again)
    expect(again.network.sent).toEqual(both.network.sent)
    expect(again.network.now).toBe(both.network.now)
  })

  it('is told in words', () => {
    expect(formatMishap({ kind: 'lost', link: 'a → b', number: 3 })).toBe('a → b, datagram 3: lost')
    expect(formatMishap({ kind: 'delayed', link: 'a → b', number: 3, by: 1.25 })).toBe('a → b, datagram 3: late by 1.3 ms')
  })
})

describe('a network', () => {
  it('that is cut lets nothing through until it is healed', () => {
    const both = pair()
    both.network.cut(['alice.example', 'bob.example'])
    bringUp(both, 2_000)
    expect(both.b.inputs).toEqual([])
    both.network.heal()
    bringUp(both)
    expect(both.b.named('child-sa-established')).toHaveLength(1)
  })

  it('has weather of its own on a link', () => {
    const both = pair()
    both.network.setWeather({ loss: 1 }, ['alice.example', 'bob.example'])
    bringUp(both, 2_000)
    expect(both.b.inputs).toEqual([])
    expect(both.network.transcript.some(({ kind }) => kind === 'mishap')).toBe(true)
  })

  it('says so when an address is nobody’s', () => {
    const { network } = pair()
    network.transmit({ ...octet(), remote: { address: address('203.0.113.1'), port: 4500 } })
    expect(network.transcript.at(-1)).toMatchObject({ kind: 'stopped', why: 'nowhere' })
  })

  it('is no place for a run without end', () => {
    const both = pair()
    const network = new Network({ seed: 5, stepLimit: 1_000 })
    network.attach(both.a, alice.address)
    network.plan(network.now, function again() {
      network.plan(network.now, again)
    })
    expect(() => network.run(1)).toThrow(EndlessRun)
    expect(() => network.run(1)).toThrow(/seed 5: 1000 steps/)
  })

  it('is no place for a host that leaves undone what is due: it would be ticked for ever', () => {
    const both = pair()
    const stuck = both.a.make()
    Object.defineProperty(stuck, 'deadline', { get: () => both.network.now })
    both.network.attach(new LabHost({ name: 'stuck', make: () => stuck, mac: both.a.mac }), address('192.0.2.3'))
    expect(() => both.network.run(1_000)).toThrow(/stuck was ticked at 0 ms, and its deadline stays at 0 ms/)
    expect(both.network.steps).toBe(1)
  })

  it('jumps to what happens next, and waits for nothing', () => {
    const both = pair({}, {}, { loss: 1 })
    bringUp(both)
    expect(both.network.now).toBeGreaterThan(170_000)
    expect(both.network.steps).toBeLessThan(20)
  })
})

describe('a seed', () => {
  const draw = (seed: number, ...names: string[]): readonly number[] => {
    const chance = stream(seed, ...names)
    return Array.from({ length: 8 }, () => chance.next())
  }

  it('has a stream for every name, and each draws for itself', () => {
    const all = [draw(1), draw(2), draw(1, 'a'), draw(1, 'b'), draw(1, 'a', 'b'), draw(1, 'ab')]
    expect(new Set(all.map((drawn) => drawn.join())).size).toBe(all.length)
    expect(draw(1, 'a')).toEqual(draw(1, 'a'))
  })

  it('is spread evenly', () => {
    const chance = stream(9, 'dice')
    const counts = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < 6_000; i++) {
      const face = Math.floor(chance.fraction() * 6)
      counts[face] = (counts[face] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(120)
  })
})
