// ICMP errors that selectors leave out go by the packet that they are about. RFC 4301 §6.2.
import { describe, expect, it } from 'vitest'
import { concat, toHex } from '../../src/bytes/bytes.ts'
import type { PathTerms } from '../../src/contract/path-terms.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import { outcomeName } from '../../src/host/outcomes.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { emptyFlow, readAnswerFlow, readFlow } from '../../src/net/flow.ts'
import { sourceAddress } from '../../src/net/layout.ts'
import { pathDefaults } from '../../src/policy/defaults.ts'
import type { SpdEntry } from '../../src/policy/spd.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { address, alice, bob, bringUp, type Pair, pair, protectAll, type Side, value } from './two-hosts.ts'

const udpOnly = value(parseSelector('dynamic[udp]'))
const rule: SpdEntry = { ...protectAll, local: udpOnly, remote: udpOnly }
const side = (path: Partial<PathTerms> = {}): Partial<Side> => ({
  policies: [rule],
  child: { localSelectors: [udpOnly], remoteSelectors: [udpOnly], path: { ...pathDefaults, ...path } },
})

function udp(from = bob.address, to = alice.address): Uint8Array {
  const payload = new Uint8Array(64).fill(7)
  return ipPacket(from, to, 17, udpDatagram({ source: { address: from, port: 4000 }, destination: { address: to, port: 5000 }, payload }))
}

/** "Port unreachable", from Alice to Bob, about `quoted`, of which so many octets come back. */
function unreachable(quoted: Uint8Array, from = alice.address, length = 28): Uint8Array {
  return ipPacket(from, bob.address, 1, concat(Uint8Array.of(3, 3, 0, 0, 0, 0, 0, 0), quoted.subarray(0, length)))
}

function up(left: Partial<Side>, right: Partial<Side>): Pair {
  const both = pair(left, right)
  bringUp(both)
  return both
}

function send(both: Pair, bytes: Uint8Array): readonly string[] {
  both.network.feed(both.a, { kind: 'packet', bytes })
  both.network.run(1_000)
  return both.b.delivered.map((packet) => toHex(packet.bytes))
}

describe('an ICMP error', () => {
  it('goes out and comes in through the SA of the packet that it is about', () => {
    const error = unreachable(udp())
    expect(send(up(side(), side()), error)).toEqual([toHex(error)])
  })

  it('is dropped on the way out where no SA is there for what it is about, and none is made', () => {
    const both = up(side(), side())
    const elsewhere = udp(address('192.0.2.77'))
    for (const error of [unreachable(elsewhere), unreachable(udp(), alice.address, 12)]) expect(send(both, error)).toEqual([])
    const { dropped } = both.a.host.counters
    expect((dropped['icmp-error-unmatched'] ?? 0) + (dropped['policy-discard'] ?? 0)).toBe(2)
    expect(both.a.named('child-sa-established')).toHaveLength(1)
  })

  it('is dropped where it is to go by selectors alone', () => {
    const both = up(side({ icmpErrors: 'by-selectors' }), side())
    expect(send(both, unreachable(udp()))).toEqual([])
    expect(both.a.host.counters.dropped).toEqual({ 'icmp-error-unmatched': 1 })
    const other = up(side(), side({ icmpErrors: 'by-selectors' }))
    expect(send(other, unreachable(udp()))).toEqual([])
    expect(other.b.host.counters.dropped).toEqual({ 'selector-mismatch': 1 })
  })

  it('in a burst is left to `handle`, and what is no error is not', () => {
    const both = up(side(), side())
    const batch = new PacketBatch(2, 200)
    batch.add(unreachable(udp()))
    const echo = unreachable(udp())
    echo[20] = 8
    batch.add(echo)
    both.a.host.seal(both.network.now, batch, [])
    expect([...batch.outcome].map(outcomeName)).toEqual(['left-to-handle', 'policy-discard'])
  })
})

describe('what an ICMP error is about', () => {
  it('is read with its ends exchanged, as far as it is there', () => {
    const [flow, answer] = [emptyFlow(), emptyFlow()]
    const error = unreachable(udp())
    expect(readFlow(error, 0, error.length, flow)).toBe(true)
    expect(readAnswerFlow(error, flow, answer)).toBe(true)
    expect(answer).toMatchObject({ protocol: 17, sourcePort: 5000, destinationPort: 4000 })
    expect(sourceAddress(error, answer)).toBe(alice.address)
    for (let length = 0; length < 20; length++) {
      const short = unreachable(udp(), alice.address, length)
      expect(readFlow(short, 0, short.length, flow) && readAnswerFlow(short, flow, answer)).toBe(false)
    }
  })
})
