// "Populate from packet": an SA for each value of what is populated. RFC 4301 §4.4.1.
import { describe, expect, it } from 'vitest'
import { PacketBatch } from '../../src/contract/packets.ts'
import type { Route } from '../../src/host/children.ts'
import { outcome } from '../../src/host/outcomes.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { formatSelector } from '../../src/policy/selector-words.ts'
import type { PacketSelector, SpdEntry } from '../../src/policy/spd.ts'
import { alice, bob, type Pair, pair, protectAll } from './two-hosts.ts'

const udp = (from: number, to: number): Uint8Array => {
  const ends = { source: { address: alice.address, port: from }, destination: { address: bob.address, port: to } }
  return ipPacket(alice.address, bob.address, 17, udpDatagram({ ...ends, payload: Uint8Array.of(1, 2, 3, 4) }))
}
const ping = ipPacket(alice.address, bob.address, 1, Uint8Array.of(8, 0, 0xf7, 0xff, 0, 0, 0, 0))

function populating(...populate: readonly PacketSelector[]): Pair {
  const entry: SpdEntry = { ...protectAll, action: { kind: 'PROTECT', connection: 'peer', child: 'child', populate } }
  return pair({ policies: [entry] })
}

function sent({ network, a }: Pair, ...packets: readonly Uint8Array[]): void {
  for (const bytes of packets) {
    network.feed(a, { kind: 'packet', bytes })
    network.run(2000)
  }
}

const selectors = ({ a }: Pair): readonly string[] =>
  a
    .named('child-sa-established')
    .map(({ established: { localSelectors, remoteSelectors } }) =>
      [localSelectors, remoteSelectors].map((side) => side.map(formatSelector).join(',')).join(' > '),
    )

describe('an entry with PFP flags', () => {
  it('for the remote port makes an SA for each, and packets of one port share theirs', () => {
    const both = populating('remote-port')
    sent(both, udp(1000, 53), udp(1001, 53), udp(1000, 123), udp(1002, 53))
    expect(both.b.delivered.map(({ child }) => child)).toHaveLength(4)
    expect(new Set(both.b.delivered.map(({ child }) => child)).size).toBe(2)
    expect(selectors(both)).toEqual(['192.0.2.1/32[udp] > 192.0.2.2/32[udp/53]', '192.0.2.1/32[udp] > 192.0.2.2/32[udp/123]'])
  })

  it('for the protocol tells protocols apart, and nothing else', () => {
    const both = populating('protocol')
    sent(both, udp(1000, 53), ping, udp(1001, 123))
    expect(both.b.delivered).toHaveLength(3)
    expect(selectors(both)).toEqual(['192.0.2.1/32[udp] > 192.0.2.2/32[udp]', '192.0.2.1/32[icmp] > 192.0.2.2/32[icmp]'])
  })

  it('for ICMP takes type and code of the sender, and leaves the answer open', () => {
    const both = populating('local-port', 'remote-port')
    sent(both, ping)
    expect(selectors(both)).toEqual(['192.0.2.1/32[icmp/8(0)] > 192.0.2.2/32[icmp]'])
  })

  it('uses no SA that is for more than the one value', () => {
    const wide = pair()
    sent(wide, udp(1000, 53), udp(1000, 123))
    expect(selectors(wide)).toHaveLength(1)
    const both = populating('local-port')
    // The peer, which has no such flag, has made an SA for everything.
    both.network.feed(both.b, {
      kind: 'packet',
      bytes: ipPacket(bob.address, alice.address, 1, Uint8Array.of(8, 0, 0xf7, 0xff, 0, 0, 0, 0)),
    })
    both.network.run(2000)
    expect(selectors(both)).toHaveLength(1)
    sent(both, udp(1000, 53))
    expect(selectors(both)[1]).toBe('192.0.2.1/32[udp/1000] > 192.0.2.2/32[udp]')
    expect(both.b.delivered).toHaveLength(1)
  })

  it('counts in bursts, too', () => {
    const both = populating('remote-port')
    sent(both, udp(1000, 53))
    const batch = new PacketBatch(4, 1400)
    for (const port of [53, 123, 53]) batch.add(udp(1000, port))
    const routes: (Route | undefined)[] = []
    both.a.host.seal(both.network.now, batch, routes)
    expect([...batch.outcome.subarray(0, 3)]).toEqual([0, outcome['needs-negotiation'], 0])
  })
})
