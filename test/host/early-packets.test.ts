// ESP that is there before the answer that makes its SA: the responder may send at once (RFC 7296 §2.8).
import { expect, it } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import type { Datagram } from '../../src/contract/machine.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import { outcome } from '../../src/host/outcomes.ts'
import { packetTo } from '../ike/two-ends.ts'
import { alice, bob, initiate, type Pair, pair } from './two-hosts.ts'

/** Bob's answer to IKE_AUTH is lost once; what he sends in the meantime is not. */
function overtaking(packets: number): Pair {
  let fromBob = 0
  const both = pair({}, {}, {}, (datagram) => (datagram.local.address === bob.address && ++fromBob === 2 ? undefined : datagram))
  both.network.feed(both.a, { kind: 'command', command: initiate })
  both.network.run(400, () => both.b.named('child-sa-established').length > 0)
  for (let i = 0; i < packets; i++)
    both.network.feed(both.b, { kind: 'packet', bytes: packetTo(alice.address, bob.address, utf8('early')) })
  both.network.run(300)
  expect(both.a.named('child-sa-established')).toEqual([])
  both.network.run(5_000)
  expect(both.a.named('child-sa-established')).toHaveLength(1)
  return both
}

it('waits for its SA, and is delivered', () => {
  const { a } = overtaking(5)
  expect(a.delivered).toHaveLength(5)
  expect(a.host.counters.dropped).toEqual({})
})

it('does not wait without bounds', () => {
  const { a } = overtaking(70)
  expect(a.delivered).toHaveLength(64)
  expect(a.host.counters.dropped).toEqual({ 'unknown-spi': 6 })
})

it('is counted when its SA does not come', () => {
  let fromBob = 0
  const both = pair({}, {}, {}, (datagram) => (datagram.local.address === bob.address && ++fromBob === 2 ? undefined : datagram))
  both.network.feed(both.a, { kind: 'command', command: initiate })
  both.network.run(400, () => both.b.named('child-sa-established').length > 0)
  both.network.feed(both.b, { kind: 'packet', bytes: packetTo(alice.address, bob.address, utf8('early')) })
  both.network.run(300)
  both.network.feed(both.a, { kind: 'command', command: { kind: 'close-all' } })
  expect(both.a.host.counters.dropped).toEqual({ 'unknown-spi': 1 })
})

it('waits in bursts, too', () => {
  let fromBob = 0
  const kept: Datagram[] = []
  const both = pair({}, {}, {}, (datagram) => {
    if (datagram.local.address !== bob.address) return datagram
    fromBob++
    if (fromBob === 3) kept.push(datagram)
    return fromBob === 2 || fromBob === 3 ? undefined : datagram
  })
  const { network, a, b } = both
  network.feed(a, { kind: 'command', command: initiate })
  network.run(400, () => b.named('child-sa-established').length > 0)
  network.feed(b, { kind: 'packet', bytes: packetTo(alice.address, bob.address, utf8('early')) })
  network.run(100)
  const [early] = kept
  if (early === undefined) throw new Error('nothing was early')
  const batch = new PacketBatch(3, 1500)
  batch.add(early.bytes)
  batch.add(Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0))
  a.host.open(network.now, batch, { local: early.remote, remote: early.local }, [])
  expect([...batch.outcome]).toEqual([outcome['awaits-sa'], outcome['unknown-spi'], 0])
  expect(a.host.counters.dropped).toEqual({ 'unknown-spi': 1 })
  network.run(5_000)
  expect(a.delivered).toHaveLength(1)
  expect(a.host.counters.dropped).toEqual({ 'unknown-spi': 1 })
})
