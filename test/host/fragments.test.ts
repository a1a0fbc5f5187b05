// Fragments on both sides of the IPsec boundary. RFC 4301 §7, RFC 4303 §3.3.4, §3.4.1.
import { describe, expect, it, test } from 'vitest'
import { toHex } from '../../src/bytes/bytes.ts'
import type { Datagram } from '../../src/contract/machine.ts'
import type { PathTerms } from '../../src/contract/path-terms.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import { outcomeName } from '../../src/host/outcomes.ts'
import type { Address } from '../../src/net/address.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { fragmentPacket } from '../../src/net/fragment.ts'
import { emptyLayout, readLayout } from '../../src/net/layout.ts'
import type { ChildConfig } from '../../src/policy/connection.ts'
import { pathDefaults } from '../../src/policy/defaults.ts'
import type { SpdEntry } from '../../src/policy/spd.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { address, alice, anyTraffic, bob, bringUp, type Pair, pair, protectAll, type Side, value } from './two-hosts.ts'

const families = {
  IPv4: { a: alice.address, b: bob.address },
  IPv6: { a: address('2001:db8::1'), b: address('2001:db8::2') },
} as const

function big(from: Address, to: Address, length = 3000, port = 5000): Uint8Array {
  const payload = Uint8Array.from({ length }, (_, i) => i * 7)
  return ipPacket(from, to, 17, udpDatagram({ source: { address: from, port: 4000 }, destination: { address: to, port }, payload }))
}

function pieces(packet: Uint8Array, mtu = 1280, identification = 9): readonly Uint8Array[] {
  const cut = fragmentPacket(packet, mtu, identification)
  return cut.kind === 'fragments' ? cut.fragments : expect.unreachable(cut.kind)
}

const feed = ({ network, a }: Pair, packets: readonly Uint8Array[]): void => {
  for (const bytes of packets) network.feed(a, { kind: 'packet', bytes })
}

const fragmentsAmong = (datagrams: readonly Datagram[]): number =>
  datagrams.filter(({ channel, bytes }) => {
    const layout = emptyLayout()
    return channel === 'ip' && readLayout(bytes, 0, bytes.length, layout) && layout.fragmentation !== 'whole'
  }).length

/** Without UDP: the driver carries whole IP packets. */
const bareIp: Partial<Side> = { bare: 'ip', connection: { encapsulation: 'when-needed' } }
const withMtu = (mtu: number, rest: Partial<ChildConfig> = {}): Partial<ChildConfig> => ({ path: { ...pathDefaults, mtu }, ...rest })

describe.each(['IPv4', 'IPv6'] as const)('%s, transport mode', (family) => {
  const { a, b } = families[family]
  const hosts = (child: Partial<ChildConfig> = {}, rest: Partial<Side> = {}): Pair => {
    const both = pair({ ...rest, address: a, child }, { ...rest, address: b, child })
    both.network.feed(both.a, { kind: 'packet', bytes: big(a, b, 10) })
    both.network.run(5_000)
    expect(both.b.delivered).toHaveLength(1)
    both.b.delivered.length = 0
    return both
  }

  it('puts fragments together before it seals: a fragment is never sealed (RFC 4303 §3.3.4)', () => {
    const both = hosts()
    const packet = big(a, b)
    feed(both, pieces(packet).toReversed())
    both.network.run(5_000)
    expect(both.b.delivered.map(({ bytes }) => toHex(bytes))).toEqual([toHex(packet)])
    expect(both.a.host.counters).toMatchObject({ sealed: 2, dropped: {} })
  })

  it('counts what never becomes whole, after a minute', () => {
    const both = hosts()
    feed(both, pieces(big(a, b)).slice(1))
    expect(both.a.host.counters).toMatchObject({ sealed: 1, dropped: {} })
    both.network.run(61_000)
    expect(both.a.host.counters.dropped).toEqual({ 'fragments-incomplete': 1 })
  })

  it('counts fragments that overlap, and drops all of the packet', () => {
    const both = hosts()
    const [first, second, third] = pieces(big(a, b))
    const [, other] = pieces(big(a, b), 800)
    feed(
      both,
      [first, other, second, third].map((piece) => piece ?? expect.unreachable()),
    )
    both.network.run(5_000)
    expect(both.b.delivered).toEqual([])
    expect(both.a.host.counters.dropped).toEqual({ 'fragment-overlap': 3 })
  })

  it('leaves fragments of a burst to `handle`', () => {
    const both = hosts()
    const batch = new PacketBatch(4, 1500)
    for (const piece of pieces(big(a, b))) expect(batch.add(piece)).toBe(true)
    both.a.host.seal(both.network.now, batch, [])
    expect([...batch.outcome.subarray(0, 3)].map(outcomeName)).toEqual(['left-to-handle', 'left-to-handle', 'left-to-handle'])
    expect(both.a.host.counters.dropped).toEqual({})
  })

  it('fragments what it has sealed, and puts it together before it opens, in any order and with duplicates', () => {
    const both = hosts(withMtu(1280), bareIp)
    const before = both.network.sent.length
    const packet = big(a, b)
    // As the sender's IP makes them: being told of the MTU would not help.
    feed(both, pieces(packet))
    const sent = both.network.sent.slice(before)
    expect(fragmentsAmong(sent)).toBe(3)
    for (const { bytes } of sent) expect(bytes.length).toBeLessThanOrEqual(1280)
    for (const datagram of sent.toReversed()) both.network.transmit(datagram)
    both.network.run(5_000)
    expect(both.b.delivered.map(({ bytes }) => toHex(bytes))).toEqual([toHex(packet)])
    // Those that came in order, and once more in reverse: the same packet twice.
    expect(both.b.host.counters.dropped).toEqual({ replayed: 1 })
  })

  it('opens what was put together in a burst only by `handle`', () => {
    const both = hosts(withMtu(1280), bareIp)
    const before = both.network.sent.length
    feed(both, pieces(big(a, b)))
    const sent = both.network.sent.slice(before)
    const batch = new PacketBatch(4, 1500)
    for (const { bytes } of sent) batch.add(bytes)
    const from = { channel: 'ip', local: { address: b, port: 0 }, remote: { address: a, port: 0 } } as const
    both.b.host.open(both.network.now, batch, from, [])
    expect([...batch.outcome.subarray(0, 3)].map(outcomeName)).toEqual(['left-to-handle', 'left-to-handle', 'left-to-handle'])
    feed(both, [big(a, b, 100)])
    const whole = both.network.sent.at(-1) ?? expect.unreachable()
    const one = new PacketBatch(1, 1500)
    one.add(whole.bytes)
    const children: undefined[] = []
    both.b.host.open(both.network.now, one, from, children)
    expect(toHex(one.packet(0))).toBe(toHex(big(a, b, 100)))
    expect(children).toHaveLength(1)
  })
})

describe('a fragment that policy would treat otherwise than its packet', () => {
  const selector = (words: string) => value(parseSelector(words))
  const byPort: readonly SpdEntry[] = [
    { ...protectAll, name: 'web', remote: selector('dynamic[udp/5000]') },
    { ...protectAll, name: 'rest', action: { kind: 'BYPASS' } },
  ]

  it('goes where its packet goes: a later one does not slip past a rule that names ports (RFC 4301 §7.4)', () => {
    const both = pair({ policies: byPort })
    bringUp(both)
    const packet = big(alice.address, bob.address)
    feed(both, pieces(packet))
    both.network.run(5_000)
    expect(both.a.bypassed).toEqual([])
    expect(both.b.delivered.map(({ bytes }) => toHex(bytes))).toEqual([toHex(packet)])
  })

  it('goes on in fragments of the same size, where its packet is bypassed', () => {
    const both = pair({ policies: byPort })
    const fragments = pieces(big(alice.address, bob.address, 3000, 53))
    feed(both, fragments.toReversed())
    expect(both.a.bypassed.map(toHex)).toEqual(fragments.map(toHex))
  })

  it('is discarded with its packet', () => {
    const policies: readonly SpdEntry[] = [{ ...protectAll, action: { kind: 'DISCARD' } }]
    const both = pair({ policies }, {})
    feed(both, pieces(big(alice.address, bob.address)))
    expect(both.a.host.counters.dropped).toEqual({ 'policy-discard': 3 })
  })
})

test('a tunnel that leaves ports open carries fragments as they are (RFC 4301 §7.1)', () => {
  const inner = { start: address('10.0.0.0'), end: address('10.255.255.255') }
  const net = { ...anyTraffic, addresses: inner }
  const child: Partial<ChildConfig> = { mode: 'tunnel', localSelectors: [net], remoteSelectors: [net] }
  const both = pair({ child }, { child })
  bringUp(both)
  const fragments = pieces(big(address('10.1.0.1'), address('10.2.0.1')))
  feed(both, fragments.slice(1))
  both.network.run(5_000)
  expect(both.b.delivered.map(({ bytes }) => toHex(bytes))).toEqual(fragments.slice(1).map(toHex))
})

describe('a tunnel whose selectors name ports (RFC 4301 §7.3)', () => {
  const [from, to] = [address('10.1.0.1'), address('10.2.0.1')]
  const net = {
    ...anyTraffic,
    protocol: 17,
    addresses: { start: address('10.0.0.0'), end: address('10.255.255.255') },
    startPort: 4000,
    endPort: 5000,
  }
  const rule: SpdEntry = { ...protectAll, local: net, remote: net }
  const side = (path: Partial<PathTerms> = {}): Partial<Side> => ({
    policies: [rule],
    child: { mode: 'tunnel', localSelectors: [net], remoteSelectors: [net], path: { ...pathDefaults, mtu: 1400, ...path } },
  })
  const notified = (both: Pair): boolean =>
    both.a.named('message').some(({ direction, payloads }) => direction === 'received' && payloads.includes('N(NON_FIRST_FRAGMENTS_ALSO)'))

  it('carries later fragments where both sides say so, and takes them after their first one', () => {
    const both = pair(side(), side())
    bringUp(both)
    expect(notified(both)).toBe(true)
    feed(both, [big(from, to)])
    both.network.run(5_000)
    expect(both.b.delivered).toHaveLength(3)
    expect(both.b.host.counters.dropped).toEqual({})
  })

  it('drops later fragments whose first one has not come', () => {
    const lossy = { count: 0 }
    const both = pair(side(), { ...side(), audit: 'on' }, {}, (datagram) => {
      const isFirst = datagram.bytes.length > 1300 && lossy.count++ === 0
      return isFirst ? undefined : datagram
    })
    bringUp(both)
    feed(both, [big(from, to)])
    both.network.run(5_000)
    expect(both.b.delivered).toEqual([])
    expect(both.b.host.counters.dropped).toEqual({ 'fragment-unmatched': 2 })
    // RFC 4301 §7.3: an auditable event.
    const records = both.b.named('audit').map(({ record }) => record)
    expect(records).toMatchObject([1, 2].map(() => ({ code: 'fragment', reason: 'fragment-unmatched', protocol: 'ESP', direction: 'in' })))
  })

  it('carries none where one side does not say so: the packet is sealed whole', () => {
    for (const [left, right] of [
      [side({ laterFragments: 'never' }), side()],
      [side(), side({ laterFragments: 'never' })],
    ]) {
      const both = pair(left, right)
      bringUp(both)
      expect(notified(both)).toBe(false)
      feed(both, pieces(big(from, to)))
      both.network.run(5_000)
      expect(both.b.delivered.map(({ bytes }) => toHex(bytes))).toEqual([toHex(big(from, to))])
    }
  })

  it('has nothing to negotiate where ports are open', () => {
    const both = pair()
    bringUp(both)
    expect(notified(both)).toBe(false)
  })
})

describe('what comes in clear (RFC 4301 §7.4)', () => {
  const port = (words: string, name: string, kind: 'BYPASS' | 'DISCARD'): SpdEntry => ({
    ...protectAll,
    name,
    local: value(parseSelector(words)),
    action: { kind },
  })
  const policies = [port('dynamic[udp/53]', 'names', 'BYPASS'), protectAll]
  const plain = (both: Pair, packets: readonly Uint8Array[]): number => {
    const seen = both.a.inputs.length
    for (const bytes of packets) both.network.feed(both.a, { kind: 'plain', bytes })
    return both.a.inputs.slice(seen).flatMap(({ outputs }) => outputs.filter(({ kind }) => kind === 'admit')).length
  }

  it('is let in with its later fragments where the first one is, and not without it', () => {
    const both = pair({ policies })
    const fragments = pieces(big(bob.address, alice.address, 3000, 53))
    expect(plain(both, fragments.slice(1))).toBe(0)
    expect(both.a.host.counters.dropped).toEqual({ 'fragment-unmatched': 2 })
    expect(plain(both, fragments)).toBe(3)
    expect(plain(both, pieces(big(bob.address, alice.address, 3000, 54), 1280, 10))).toBe(0)
    expect(both.a.host.counters.dropped).toEqual({ 'came-in-clear': 1, 'fragment-unmatched': 4 })
  })
})
