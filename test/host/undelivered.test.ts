// Word from the network that a packet of an SA did not arrive: a reason to ask, and no more. RFC 4301 §6.1.1, RFC 7296 §2.4, §2.21.4.
import { describe, expect, it } from 'vitest'
import { later } from '../../src/contract/units.ts'
import { timers } from '../../src/ike/timers.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { pathDefaults } from '../../src/policy/defaults.ts'
import { alice, bob, bringUp, type Pair, pair, type Side } from './two-hosts.ts'

const bare: Partial<Side> = { bare: 'ip', connection: { encapsulation: 'when-needed' } }

function up(left: Partial<Side> = {}): Pair {
  const both = pair({ ...bare, ...left }, bare)
  bringUp(both)
  return both
}

/** What Alice sends, sealed, and what a router would quote of it. */
function quoted({ network, a }: Pair): Uint8Array {
  const ends = { source: { address: alice.address, port: 4000 }, destination: { address: bob.address, port: 5000 } }
  const payload = udpDatagram({ ...ends, payload: new Uint8Array(40) })
  network.feed(a, { kind: 'packet', bytes: ipPacket(alice.address, bob.address, 17, payload) })
  const sent = network.sent.at(-1) ?? expect.unreachable()
  network.run(1_000)
  return sent.bytes.subarray(0, 28)
}

const tell = ({ network, a }: Pair, octets: Uint8Array): void =>
  network.feed(a, { kind: 'path', change: { kind: 'undelivered', reason: 'protocol', quoted: octets } })

/** Of the requests that Alice has sent by now. */
const asked = ({ a }: Pair): number =>
  a.named('message').filter(({ direction, exchangeType }) => direction === 'sent' && exchangeType === 37).length

describe('word that a packet did not arrive', () => {
  it('makes us tell of it, and ask the peer whether it lives, once in a while', () => {
    const both = up()
    const before = asked(both)
    for (let i = 0; i < 5; i++) {
      tell(both, quoted(both))
      both.network.run(100)
    }
    expect(both.a.named('peer-unreachable')).toMatchObject([{ reason: 'protocol', remote: { address: bob.address } }])
    expect(asked(both)).toBe(before + 1)
    both.network.plan(later(both.network.now, timers.provokedLivenessInterval), () => {})
    both.network.run(timers.provokedLivenessInterval)
    tell(both, quoted(both))
    both.network.run(1_000)
    expect(asked(both)).toBe(before + 2)
    expect(both.a.host.ikeSaCount).toBe(1)
    expect(both.a.host.counters.dropped).toEqual({})
  })

  it('is counted, and no more, where it quotes nothing of ours', () => {
    const both = up()
    const before = asked(both)
    const real = quoted(both)
    const spi = real.slice()
    spi[20] = (spi[20] ?? 0) ^ 1
    const number = real.slice()
    number[24] = (number[24] ?? 0) ^ 0x80
    for (const lie of [spi, number, real.subarray(0, 24), new Uint8Array(0)]) tell(both, lie)
    expect(both.a.host.counters.dropped).toEqual({ 'undelivered-ignored': 4 })
    expect(both.a.named('peer-unreachable')).toEqual([])
    expect(asked(both)).toBe(before)
  })

  it('is not heeded where it is not to be (RFC 4301 §6.1.1)', () => {
    const both = up({ child: { path: { ...pathDefaults, undelivered: 'ignore' } } })
    tell(both, quoted(both))
    expect(both.a.host.counters.dropped).toEqual({ 'undelivered-ignored': 1 })
    expect(both.a.named('peer-unreachable')).toEqual([])
  })
})
