// Dummy packets of a host: at the rate that is asked for, through the SA that packets would go through. RFC 4303 §2.6, RFC 7296 §2.4.
import { describe, expect, it } from 'vitest'
import { ApiMisuse } from '../../src/contract/faults.ts'
import type { DummyTerms } from '../../src/contract/install.ts'
import type { Command } from '../../src/contract/machine.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import { later } from '../../src/contract/units.ts'
import { outcomeName } from '../../src/host/outcomes.ts'
import { exchange } from '../../src/iana/exchanges.ts'
import type { LabHost } from '../../src/lab/host.ts'
import { endlessChild } from '../../src/policy/defaults.ts'
import { rekeyChild, rekeyIke, tell, theChild, theIkeSa, up } from '../ike/two-ends.ts'
import { connect, neighbours, say, setScene } from './behind-nat.ts'
import { gaps, having, packetOf, pass, tenth, throughSas } from './dummy-traffic.ts'
import { address, alice, bob, type Pair, pair, type Side } from './two-hosts.ts'

describe('an idle SA', () => {
  it('has a dummy at the end of each interval, which the peer counts and drops, and calls no error', () => {
    const both = up(having(tenth))
    const { a, b } = pass(both, 5_000)
    expect([a.length, b.length]).toEqual([50, 0])
    expect(new Set(gaps(a))).toEqual(new Set([100]))
    pass(both, 50)
    expect(both.b.host.counters).toMatchObject({ opened: 0, dropped: { 'dummy-packet': both.a.host.counters.dummies } })
    expect([both.b.named('packet-dropped'), both.b.delivered, both.a.host.counters.sealed]).toEqual([[], [], 0])
  })

  it.each([
    [3, 20_000],
    [7, 20_000],
    [600, 300],
  ])('%i in a second are so many in %i ms: what is no whole millisecond does not add up to an error', (rate, time) => {
    const both = up(having({ interval: 1000 / rate, octets: { least: 40, most: 40 } }))
    pass(both, 500 / rate)
    expect(pass(both, time).a).toHaveLength((rate * time) / 1000)
  })

  it('has none where none are asked for, and the host no deadline for them', () => {
    const both = up()
    expect(pass(both, 10_000).a).toEqual([])
    expect(both.a.host.deadline).toBeUndefined()
  })
})

describe('packets', () => {
  it('take the place of dummies: the SA shows one in each interval at least, and none is lost', () => {
    const both = up(having(tenth))
    const from = later(both.network.now, 30)
    const packet = packetOf(128)
    for (let i = 0; i < 50; i++) both.network.plan(later(from, i * 50), () => both.network.feed(both.a, { kind: 'packet', bytes: packet }))
    const busy = pass(both, 2_500).a
    const quiet = pass(both, 2_500).a
    expect([new Set(busy.map(({ length }) => length)).size, busy.length, quiet.length]).toEqual([1, 50, 25])
    pass(both, 50)
    expect(both.b.delivered).toHaveLength(50)
    expect(both.b.host.counters).toMatchObject({ opened: 50, dropped: { 'dummy-packet': both.a.host.counters.dummies } })
  })

  it('do so in bursts, too', () => {
    const both = up(having(tenth))
    const batch = new PacketBatch(1, 1500)
    const from = both.network.now
    for (let i = 0; i < 20; i++)
      both.network.plan(later(from, i * 50), () => {
        batch.clear()
        batch.add(packetOf(128))
        both.a.host.seal(both.network.now, batch, [])
        expect(batch.outcome[0]).toBe(0)
      })
    expect([pass(both, 1_000).a.length, pass(both, 1_000).a.length]).toEqual([0, 10])
  })
})

describe('a clock that leaps', () => {
  it.each([1_000, 3_600_000, 3_600_050])('%i ms ahead makes up for nothing: one dummy, and then the rate again', (by) => {
    const both = up(having(tenth))
    pass(both, 1_000)
    both.a.leap(by)
    const { a } = pass(both, 1_000)
    expect([10, 11]).toContain(a.length)
    for (const gap of gaps(a).slice(1)) expect(gap).toBe(100)
    expect(new Set(a.map(({ at }) => at)).size).toBe(a.length)
  })

  it('and a driver that is late leave the times as they were', () => {
    const { host } = up(having(tenth)).a
    const due = host.deadline ?? expect.unreachable()
    const sends = (at: number) => host.handle(later(due, at), { kind: 'tick' }).filter(({ kind }) => kind === 'send').length
    expect([0, 0, 199, 200, 299.9, 300, 1_000, 1_050].map(sends)).toEqual([1, 0, 1, 1, 0, 1, 1, 0])
    expect(host.deadline).toBe(due + 1_100)
  })
})

describe('another SA in the place of the one', () => {
  const renewals: readonly (readonly [string, (both: Pair) => void])[] = [
    ['our rekey', (both) => rekeyChild(both, both.a)],
    ["the peer's rekey", (both) => rekeyChild(both, both.b)],
    ['rekeys of both at once', (both) => [both.a, both.b].forEach((host) => rekeyChild(both, host))],
    ['a rekey of the IKE SA', (both) => rekeyIke(both, both.a)],
    ['reauthentication', (both) => tell(both, both.a, { kind: 'reauthenticate', ikeSa: theIkeSa(both.a).id })],
    ["the peer's reauthentication", (both) => tell(both, both.b, { kind: 'reauthenticate', ikeSa: theIkeSa(both.b).id })],
  ]

  it.each(renewals)('by %s: dummies go on through the new one, at the times of the old one', (_, renew) => {
    for (const latency of [1, 330]) {
      const both = up(having(tenth), having(tenth), { latency })
      const before = pass(both, 500)
      renew(both)
      const [during, after] = [pass(both, 3_000), pass(both, 500)]
      for (const side of ['a', 'b'] as const) {
        expect(new Set(gaps([...before[side], ...during[side], ...after[side]]))).toEqual(new Set([100]))
        expect(new Set(after[side].map(({ spi }) => spi)).size).toBe(1)
      }
      // Each end has opened all that the other has sent, but for what is on its way.
      const [ours, theirs] = [both.a.host.counters, both.b.host.counters]
      expect(Object.keys({ ...ours.dropped, ...theirs.dropped })).toEqual(['dummy-packet'])
      const onTheirWay = latency / 100 + 1
      expect(ours.dummies - (theirs.dropped['dummy-packet'] ?? 0)).toBeLessThanOrEqual(onTheirWay)
      expect(theirs.dummies - (ours.dropped['dummy-packet'] ?? 0)).toBeLessThanOrEqual(onTheirWay)
    }
  })

  it('of one of two peers that look the same, and that its NAT has moved: each has its own rate (RFC 3948 §5.2)', () => {
    const scene = neighbours({}, having(tenth))
    const { network, server, clients, nats } = scene
    const [first, second] = [clients[0] ?? expect.unreachable(), clients[1] ?? expect.unreachable()]
    for (const client of clients) connect(scene, client)
    const from = network.now
    const [own, other] = server.host.view.outbound.map(({ route }) => route.remote.port)
    network.run(500)
    nats.get('home-1')?.rebind()
    say(scene, first, 'from elsewhere')
    network.run(20)
    const moved = server.host.view.outbound[0] ?? expect.unreachable()
    network.feed(server, { kind: 'command', command: { kind: 'rekey-child-sa', child: moved.child } })
    network.run(2_000)
    const sent = throughSas(server, from)
    const [toFirst, toSecond] = [sent.filter(({ port }) => port !== other), sent.filter(({ port }) => port === other)]
    expect([own === other, new Set(toFirst.map(({ port }) => port))]).toEqual([false, new Set([own, moved.route.remote.port])])
    expect([new Set(toFirst.map(({ spi }) => spi)).size, new Set(toSecond.map(({ spi }) => spi)).size]).toEqual([2, 1])
    expect([new Set(gaps(toFirst)), new Set(gaps(toSecond))]).toEqual([new Set([100]), new Set([100])])
    expect(Object.keys(second.host.host.counters.dropped)).toEqual(['dummy-packet'])
  })

  it('is used by the peer from the first dummy on, as from the first packet (RFC 7296 §2.8)', () => {
    let swallows = false
    const isInformational = (bytes: Uint8Array): boolean => bytes[0] === 0 && bytes[4 + 18] === exchange.INFORMATIONAL
    const both = pair(having(tenth), having(tenth), {}, (datagram) => (swallows && isInformational(datagram.bytes) ? undefined : datagram))
    both.network.feed(both.a, { kind: 'packet', bytes: packetOf(128) })
    const before = pass(both, 1_000).b
    swallows = true
    rekeyChild(both, both.a)
    pass(both, 1_000)
    // The Delete of the old one never comes.
    const [old, heir] = both.b.named('child-sa-established').map(({ child }) => child)
    expect(both.b.host.view.outbound.map(({ child }) => child)).toEqual([old, heir])
    // Of two, its own dummies go through the newer one, as its packets do.
    const after = pass(both, 1_000).b
    expect([after.length, new Set(after.map(({ spi }) => spi)).size, after[0]?.spi === before.at(-1)?.spi]).toEqual([10, 1, false])
  })

  it('there is none: they stop', () => {
    const closings: readonly ((both: Pair) => Command)[] = [
      ({ a }) => ({ kind: 'close-child-sa', child: theChild(a).id }),
      () => ({ kind: 'close-all' }),
    ]
    for (const closing of closings) {
      const both = up(having(tenth), having(tenth))
      pass(both, 500)
      tell(both, both.a, closing(both))
      pass(both, 5)
      expect(pass(both, 60_000)).toEqual({ a: [], b: [] })
    }
  })
})

it('they take sequence numbers and what is left of the SA, which is replaced in time (RFC 4303 §3.3.3, RFC 4301 §4.4.2.1)', () => {
  const limits = { soft: { ...endlessChild.soft, packets: 50 }, hard: { ...endlessChild.hard, packets: 60 } }
  const both = up(having(tenth, limits))
  const { a } = pass(both, 20_000)
  expect([a.length, new Set(a.map(({ spi }) => spi)).size]).toEqual([200, 4])
  expect(new Set(gaps(a))).toEqual(new Set([100]))
  expect(both.a.host.counters.dropped).toEqual({})
})

describe('whether the peer lives (RFC 7296 §2.4)', () => {
  const asked = (host: LabHost): number =>
    host
      .named('message')
      .filter(({ direction, role, exchangeType }) => direction === 'sent' && role === 'request' && exchangeType === exchange.INFORMATIONAL)
      .length
  const connection = { livenessDelay: 5_000 }

  it('is asked by whoever sends dummies alone, and not by whoever gets them', () => {
    const both = up({ ...having(tenth), connection }, { connection })
    pass(both, 30_000)
    expect(asked(both.a)).toBeGreaterThan(4)
    expect(asked(both.b)).toBe(0)
  })

  it('is known from those that come in bursts, too', () => {
    const both = up(having(tenth), { connection })
    both.network.cut([alice.identity, bob.identity])
    const from = both.network.now
    const ends = { local: { address: bob.address, port: 4500 }, remote: { address: alice.address, port: 4500 } }
    for (let i = 1; i <= 10; i++)
      both.network.plan(later(from, i * 4_000), () => {
        const batch = new PacketBatch(1, 1500)
        batch.add(both.network.sent.at(-1)?.bytes ?? expect.unreachable())
        both.b.host.open(both.network.now, batch, ends, [])
        expect(outcomeName(batch.outcome[0] ?? 0)).toBe('dummy-packet')
      })
    pass(both, 44_000)
    expect([asked(both.b), both.b.host.counters.dropped]).toEqual([0, { 'dummy-packet': 10 }])
    pass(both, 10_000)
    expect(asked(both.b)).toBeGreaterThan(0)
  })

  it('one that is dead gets none any more', () => {
    const both = up({ ...having({ ...tenth, interval: 1_000 }), connection })
    both.network.cut([alice.identity, bob.identity])
    expect(pass(both, 4_000).a).toHaveLength(4)
    pass(both, 600_000)
    expect(both.a.named('ike-sa-failed')).toMatchObject([{ fault: { code: 'PEER_SILENT' } }])
    expect(pass(both, 60_000).a).toEqual([])
  })
})

it('they keep a NAT in mind: no keepalive is sent beside them (RFC 3948 §4)', () => {
  const keepalives = (dummies: DummyTerms | undefined): number => {
    const scene = setScene({
      nats: [{ name: 'home', outside: address('198.51.100.7') }],
      clients: [{ name: 'ari', inside: address('10.0.0.5'), behind: 'home', side: { child: { dummies } } }],
      server: bob.address,
    })
    for (const client of scene.clients) connect(scene, client)
    scene.network.run(100_000)
    return scene.network.sent.filter(({ bytes }) => bytes.length === 1).length
  }
  expect(keepalives({ ...tenth, interval: 15_000 })).toBe(0)
  expect(keepalives(undefined)).toBeGreaterThan(2)
})

describe('where there can be none', () => {
  const hmac = [3, 5].map((type) => ({ type, id: type === 3 ? 12 : 0, keyLength: undefined }))
  const sides: readonly (readonly [string, Partial<Side>, RegExp])[] = [
    ['AH', { child: { proposals: [{ protocol: 2, transforms: hmac }] }, bare: 'ip' }, /child peer\/child .* AH has no dummy packets/],
    ['NULL', { espWords: 'null-sha256-noesn' }, /null does not encrypt/],
    ['GMAC', { espWords: 'aes128gmac-noesn' }, /aes128gmac does not encrypt/],
    ['a choice of NULL', { espWords: 'aes128-null-sha256-noesn' }, /null does not encrypt/],
  ]
  it.each(sides)('by %s, a host is not made', (_, side, why) => {
    const wanted = { ...side, child: { ...side.child, dummies: tenth } }
    expect(() => pair(wanted)).toThrow(ApiMisuse)
    expect(() => pair(wanted)).toThrow(why)
    expect(() => pair(side)).not.toThrow()
  })

  it.each([
    [{ interval: 0.5, octets: undefined }, /interval of dummies is 1 to 3600000 milliseconds, not 0\.5/],
    [{ interval: Number.NaN, octets: undefined }, /not NaN/],
    [{ interval: 3_600_001, octets: undefined }, /not 3600001/],
    [{ interval: 10, octets: { least: 10, most: 9 } }, /10 to 9 is not/],
    [{ interval: 10, octets: { least: -1, most: 9 } }, /-1 to 9 is not/],
    [{ interval: 10, octets: { least: 1.5, most: 9 } }, /1\.5 to 9 is not/],
    [{ interval: 10, octets: { least: 1, most: 65_536 } }, /1 to 65536 is not/],
  ] as const)('nor by %j', (dummies, why) => {
    expect(() => pair(having(dummies))).toThrow(why)
  })
})
