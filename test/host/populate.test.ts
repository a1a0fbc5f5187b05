// "Populate from packet": an SA for each value of what is populated. RFC 4301 §4.4.1.
import { describe, expect, it } from 'vitest'
import { PacketBatch } from '../../src/contract/packets.ts'
import type { Route } from '../../src/host/children.ts'
import { outcome } from '../../src/host/outcomes.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { formatSelector, parseSelector } from '../../src/policy/selector-words.ts'
import type { PacketSelector, SpdEntry } from '../../src/policy/spd.ts'
import { notify } from '../../src/iana/notify.ts'
import type { SelectorTemplate } from '../../src/policy/connection.ts'
import { alice, bob, bringUp, type Pair, pair, protectAll, value } from './two-hosts.ts'

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

describe('a responder with PFP flags (RFC 7296 §2.9)', () => {
  const responding = (...populate: readonly PacketSelector[]): Pair => {
    const entry: SpdEntry = { ...protectAll, action: { kind: 'PROTECT', connection: 'peer', child: 'child', populate } }
    return pair({}, { policies: [entry] })
  }
  const tcp = (from: number, to: number): Uint8Array => {
    const header = new Uint8Array(20)
    header.set([from >>> 8, from & 255, to >>> 8, to & 255, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2])
    return ipPacket(alice.address, bob.address, 6, header)
  }

  it('narrows to what the first selectors have, which are those of the packet', () => {
    const both = responding('local-port')
    sent(both, udp(1000, 53), udp(1001, 53), tcp(1000, 53))
    expect(selectors(both)).toEqual(['192.0.2.1/32[udp] > 192.0.2.2/32[udp/53]', '192.0.2.1/32[tcp] > 192.0.2.2/32[tcp/53]'])
    expect(both.b.delivered).toHaveLength(3)
  })

  it('says that other values are possible in other SAs', () => {
    const both = responding('remote-port')
    sent(both, udp(1000, 53))
    expect(both.a.named('child-sa-established')[0]?.established.additionalSelectors).toBe('possible')
  })

  it('takes of ICMP what comes, and leaves the answer open', () => {
    const both = responding('local-port', 'remote-port')
    sent(both, ping)
    expect(selectors(both)).toEqual(['192.0.2.1/32[icmp/8(0)] > 192.0.2.2/32[icmp]'])
  })

  it('refuses a request that no packet has asked for, where it could be for several values', () => {
    const both = responding('protocol')
    bringUp(both)
    expect(both.b.named('child-sa-failed')).toMatchObject([{ refusal: { kind: 'selectors', side: 'TSi', reason: 'several' } }])
    expect(both.a.named('child-sa-failed')).toMatchObject([{ refusal: { kind: 'notify', type: notify.SINGLE_PAIR_REQUIRED } }])
  })

  it('takes one for addresses that are one each', () => {
    const both = responding('local-address', 'remote-address')
    bringUp(both)
    expect(selectors(both)).toEqual(['192.0.2.1/32 > 192.0.2.2/32'])
  })

  it('keeps the values at a rekey, whoever starts it', () => {
    const both = responding('local-port')
    sent(both, udp(1000, 53))
    for (const side of ['a', 'b'] as const) {
      const [last] = both[side].named('child-sa-established').slice(-1)
      both.network.feed(both[side], { kind: 'command', command: { kind: 'rekey-child-sa', child: last?.child ?? expect.fail() } })
      both.network.run(2000)
    }
    expect(selectors(both)).toEqual(Array.from({ length: 3 }, () => '192.0.2.1/32[udp] > 192.0.2.2/32[udp/53]'))
  })

  it('leaves what is in use whole at a rekey, though policy has come to want an SA for each value since (RFC 7296 §2.9.2)', () => {
    const both = pair()
    sent(both, udp(1000, 53))
    const action = { kind: 'PROTECT', connection: 'peer', child: 'child', populate: ['protocol', 'local-port'] } as const
    both.b.host.replacePolicies([{ ...protectAll, action }])
    const [first] = both.a.named('child-sa-established')
    both.network.feed(both.a, { kind: 'command', command: { kind: 'rekey-child-sa', child: first?.child ?? expect.fail() } })
    both.network.run(2000)
    expect(selectors(both)).toEqual(['192.0.2.1/32 > 192.0.2.2/32', '192.0.2.1/32 > 192.0.2.2/32'])
    expect(both.b.named('rekey-failed')).toEqual([])
  })

  it('takes the values of the entry that protects the packet', () => {
    const only53: SpdEntry = { ...protectAll, name: '53', local: { ...protectAll.local, protocol: 17, startPort: 53, endPort: 53 } }
    const action = { kind: 'PROTECT', connection: 'peer', child: 'child', populate: ['protocol'] } as const
    const both = pair({}, { policies: [only53, { ...protectAll, action }] })
    sent(both, udp(1000, 53))
    expect(selectors(both)).toEqual(['192.0.2.1/32 > 192.0.2.2/32'])
    const other = pair({}, { policies: [only53, { ...protectAll, action }] })
    sent(other, udp(1000, 123))
    expect(selectors(other)).toEqual(['192.0.2.1/32[udp] > 192.0.2.2/32[udp]'])
  })
})

describe('a child with several selectors', () => {
  it('is populated only where the packet is in it', () => {
    const selector = (text: string): SelectorTemplate => value(parseSelector(text))
    const child = {
      mode: 'tunnel',
      localSelectors: [selector('192.0.2.0/24[udp]'), selector('198.51.100.0/24[tcp]')],
    } as const
    const action = { kind: 'PROTECT', connection: 'peer', child: 'child', populate: ['protocol'] } as const
    const both = pair(
      { child, policies: [{ ...protectAll, action }] },
      { child: { mode: 'tunnel', remoteSelectors: [selector('0.0.0.0/0')] } },
    )
    sent(both, udp(1000, 53))
    expect(selectors(both)).toEqual(['192.0.2.0/24[udp] > 192.0.2.2/32[udp]'])
  })
})
