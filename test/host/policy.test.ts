// The SPD decides, in order; what it protects is never sent in clear. RFC 4301 §4.4.1, §5.1.
import { describe, expect, it } from 'vitest'
import { PacketBatch } from '../../src/contract/packets.ts'
import { unlimited } from '../../src/policy/defaults.ts'
import type { ChildSaId } from '../../src/contract/units.ts'
import type { Route } from '../../src/host/children.ts'
import { outcome } from '../../src/host/outcomes.ts'
import { waitingLimits } from '../../src/host/waiting-room.ts'
import type { Address } from '../../src/net/address.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import type { SpdEntry } from '../../src/policy/spd.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { address, alice, anyTraffic, bob, bringUp, pair, protectAll, value } from './two-hosts.ts'

function packet(from: Address, to: Address, port: number): Uint8Array {
  const ends = { source: { address: from, port: 4000 }, destination: { address: to, port } }
  return ipPacket(from, to, 17, udpDatagram({ ...ends, payload: Uint8Array.of(1, 2, 3, 4) }))
}
const toBob = (port = 5000) => packet(alice.address, bob.address, port)

describe('a packet that policy protects', () => {
  it('starts a negotiation, waits for it, and goes out through the SA', () => {
    const both = pair()
    for (let i = 0; i < 5; i++) both.network.feed(both.a, { kind: 'packet', bytes: toBob() })
    expect(both.a.host.counters.waiting).toBe(5)
    both.network.run(2_000)
    expect(both.b.delivered.map(({ bytes }) => bytes)).toEqual(Array.from({ length: 5 }, toBob))
    expect(both.a.named('ike-sa-established')).toHaveLength(1)
    expect(both.a.host.counters).toMatchObject({ waiting: 0, sealed: 5, dropped: {} })
  })

  it('is the first traffic selector of the request (RFC 7296 §2.9)', () => {
    const both = pair()
    both.network.feed(both.a, { kind: 'packet', bytes: toBob(7777) })
    both.network.run(2_000)
    const established = both.b.named('child-sa-established')[0]?.established
    expect(established?.localSelectors.some(({ startPort, endPort }) => startPort <= 7777 && endPort >= 7777)).toBe(true)
  })

  it('waits in a bounded queue, and the rest is dropped and counted', () => {
    const both = pair({}, {}, undefined, () => undefined)
    for (let i = 0; i < waitingLimits.perNegotiation + 10; i++) both.network.feed(both.a, { kind: 'packet', bytes: toBob() })
    expect(both.a.host.counters).toMatchObject({ waiting: waitingLimits.perNegotiation, dropped: { 'queue-full': 10 } })
  })

  it('is dropped and counted when nobody answers for too long, and never sent in clear', () => {
    const both = pair({}, {}, undefined, () => undefined)
    both.network.feed(both.a, { kind: 'packet', bytes: toBob() })
    both.network.run(600_000)
    expect(both.a.host.counters).toMatchObject({ waiting: 0, dropped: { 'waited-too-long': 1 } })
    expect(both.a.bypassed).toEqual([])
    expect(both.network.sent.every(({ channel }) => channel === 'ike')).toBe(true)
  })

  it('is dropped when the negotiation fails, and the next ones do not start another at once', () => {
    const both = pair({}, { key: 'another one' })
    both.network.feed(both.a, { kind: 'packet', bytes: toBob() })
    both.network.run(1_000)
    expect(both.a.host.counters.dropped).toEqual({ 'negotiation-failed': 1 })
    both.network.feed(both.a, { kind: 'packet', bytes: toBob() })
    expect(both.a.host.counters.dropped).toEqual({ 'negotiation-failed': 1, 'negotiation-held': 1 })
    both.network.run(waitingLimits.pauseAfterFailure)
    both.network.feed(both.a, { kind: 'packet', bytes: toBob() })
    expect(both.a.host.counters.waiting).toBe(1)
  })

  it('does not wait for a negotiation that was called off: the next packet starts another', () => {
    const both = pair()
    both.network.feed(both.a, { kind: 'packet', bytes: toBob() })
    both.network.feed(both.a, { kind: 'command', command: { kind: 'close-all' } })
    expect(both.a.host.counters).toMatchObject({ waiting: 0, dropped: { 'negotiation-failed': 1 } })
    both.network.run(waitingLimits.pauseAfterFailure)
    both.network.feed(both.a, { kind: 'packet', bytes: toBob() })
    both.network.run(2_000)
    expect(both.b.delivered).toHaveLength(1)
  })

  it('is not sent once its SA is gone: a new negotiation starts', () => {
    const both = pair()
    bringUp(both)
    both.network.feed(both.b, { kind: 'command', command: { kind: 'close-all' } })
    both.network.run(1_000)
    both.network.feed(both.a, { kind: 'packet', bytes: toBob() })
    expect(both.a.host.counters.waiting).toBe(1)
    both.network.run(1_000)
    expect(both.b.delivered).toHaveLength(1)
  })
})

describe('the order of entries decides', () => {
  const named = (name: string, remote: string, action: SpdEntry['action']): SpdEntry => ({
    name,
    direction: 'out',
    local: anyTraffic,
    remote: value(parseSelector(remote)),
    action,
  })
  const policies = [
    named('dns in clear', '0.0.0.0/0[udp/53]', { kind: 'BYPASS' }),
    named('never telnet', '0.0.0.0/0[udp/23]', { kind: 'DISCARD' }),
    { ...protectAll, remote: value(parseSelector('192.0.2.0/24')) },
  ]

  it.each([
    { port: 53, effect: { bypassed: 1 } },
    { port: 23, effect: { dropped: { 'policy-discard': 1 } } },
    { port: 80, effect: { waiting: 1 } },
  ])('to port $port', ({ port, effect }) => {
    const both = pair({ policies })
    both.network.feed(both.a, { kind: 'packet', bytes: toBob(port) })
    expect(both.a.host.counters).toMatchObject(effect)
  })

  it('and what no entry names is discarded (RFC 4301 §4.4.1)', () => {
    const both = pair({ policies })
    both.network.feed(both.a, { kind: 'packet', bytes: packet(alice.address, address('203.0.113.1'), 80) })
    expect(both.a.host.counters.dropped).toEqual({ 'policy-discard': 1 })
  })
})

describe('bursts', () => {
  it('are sealed and opened in place, by policy', () => {
    const both = pair()
    bringUp(both)
    const batch = new PacketBatch(32, 1500)
    for (let i = 0; i < 20; i++) batch.add(toBob(i))
    batch.add(Uint8Array.of(0x45))
    const routes: (Route | undefined)[] = []
    both.a.host.seal(both.network.now, batch, routes)
    expect([...batch.outcome.subarray(0, 20)]).toEqual(Array.from({ length: 20 }, () => 0))
    expect(batch.outcome[20]).not.toBe(0)
    expect(routes[0]).toMatchObject({ channel: 'nat-t', remote: { address: bob.address, port: 4500 } })
    const received = new PacketBatch(32, 1600)
    for (let i = 0; i < 20; i++) received.add(batch.packet(i))
    const children: (ChildSaId | undefined)[] = []
    const ends = { local: { address: bob.address, port: 4500 }, remote: { address: alice.address, port: 4500 } }
    both.b.host.open(both.network.now, received, ends, children)
    for (let i = 0; i < 20; i++) {
      expect(received.outcome[i]).toBe(0)
      expect(received.packet(i)).toEqual(toBob(i))
      expect(children[i]).toBe(both.b.named('child-sa-established')[0]?.child)
    }
    expect(both.a.host.counters.sealed).toBe(20)
    expect(both.b.host.counters.opened).toBe(20)
  })

  it('leave what has no SA yet untouched, for the slow path', () => {
    const both = pair()
    const batch = new PacketBatch(4, 1500)
    batch.add(toBob())
    both.a.host.seal(both.network.now, batch, [])
    expect(batch.outcome[0]).toBe(outcome['needs-negotiation'])
    expect(batch.packet(0)).toEqual(toBob())
  })

  it('replayed are dropped and counted', () => {
    const both = pair()
    bringUp(both)
    both.network.feed(both.a, { kind: 'packet', bytes: toBob() })
    const sealed = both.network.sent.at(-1)
    both.network.run(1_000)
    if (sealed !== undefined) both.network.transmit(sealed)
    both.network.run(1_000)
    expect(both.b.delivered).toHaveLength(1)
    expect(both.b.host.counters.dropped).toEqual({ replayed: 1 })
  })

  it('of an SA that has reached its hard limit end with the SA deleted', () => {
    const both = pair({ child: { hard: { ...unlimited, packets: 3 } } })
    bringUp(both)
    for (let i = 0; i < 4; i++) both.network.feed(both.a, { kind: 'packet', bytes: toBob() })
    both.network.run(1_000)
    expect(both.b.named('child-sa-closed')).toMatchObject([{ by: 'peer' }])
    // The fourth started a new negotiation, and arrived by its SA.
    expect(both.b.delivered.length).toBe(4)
  })
})
