// Policy has the last word on what comes in, through SAs and in clear. RFC 4301 §5.2.
import { describe, expect, it } from 'vitest'
import type { Output } from '../../src/contract/machine.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import type { ChildSaId } from '../../src/contract/units.ts'
import type { Route } from '../../src/host/children.ts'
import { outcome } from '../../src/host/outcomes.ts'
import type { Address } from '../../src/net/address.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { protocol } from '../../src/iana/protocols.ts'
import type { ChildConfig } from '../../src/policy/connection.ts'
import { parseProposal } from '../../src/policy/proposal-words.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import type { SpdAction, SpdEntry } from '../../src/policy/spd.ts'
import { alice, anyTraffic, bob, bringUp, connectionOf, pair, type Pair, protectAll, type Side, value } from './two-hosts.ts'

function packet(from: Address, to: Address, port: number): Uint8Array {
  const ends = { source: { address: from, port: 4000 }, destination: { address: to, port } }
  return ipPacket(from, to, 17, udpDatagram({ ...ends, payload: Uint8Array.of(1, 2, 3, 4) }))
}
const toBob = (port: number): Uint8Array => packet(alice.address, bob.address, port)

const rule = (name: string, local: string, action: SpdAction, direction: SpdEntry['direction'] = 'both'): SpdEntry => ({
  name,
  direction,
  local: value(parseSelector(local)),
  remote: anyTraffic,
  action,
})
const withPolicies = (...policies: readonly SpdEntry[]): Partial<Side> => ({ policies })

/** Alice seals packets for these ports, and Bob opens them: as one burst, or one by one. */
function arriving({ network, a, b }: Pair, ports: readonly number[], how: 'burst' | 'one by one'): void {
  if (how === 'one by one') {
    for (const port of ports) network.feed(a, { kind: 'packet', bytes: toBob(port) })
    network.run(1000)
    return
  }
  const batch = new PacketBatch(8, 1400)
  for (const port of ports) batch.add(toBob(port))
  const routes: (Route | undefined)[] = []
  const children: (ChildSaId | undefined)[] = []
  a.host.seal(network.now, batch, routes)
  const route = routes[0]
  if (route === undefined) throw new Error('nothing was sealed')
  b.host.open(network.now, batch, { local: route.remote, remote: route.local }, children)
  for (let i = 0; i < batch.count; i++) {
    if (batch.outcome[i] === 0) b.delivered.push({ bytes: batch.packet(i).slice(), child: children[i] ?? expect.fail() })
    else expect([batch.outcome[i], batch.length[i]]).toEqual([outcome['policy-mismatch'], 0])
  }
  const plain = Uint8Array.of(1, 2, 3, 4)
  for (let i = 0; i < batch.count; i++) {
    const slot = batch.arena.subarray(i * batch.slotLength, (i + 1) * batch.slotLength)
    if (batch.outcome[i] !== 0) expect(Buffer.from(slot).includes(Buffer.from(plain))).toBe(false)
  }
}

describe.each(['burst', 'one by one'] as const)('what an SA has opened (%s)', (how) => {
  const openedWith = (
    ...policies: readonly SpdEntry[]
  ): { readonly delivered: number; readonly dropped: Readonly<Record<string, number>> } => {
    const both = pair({}, withPolicies(...policies))
    bringUp(both)
    arriving(both, [5000, 5001, 5002], how)
    return { delivered: both.b.delivered.length, dropped: both.b.host.counters.dropped }
  }

  it('is delivered where policy protects it by that connection and child', () => {
    expect(openedWith(protectAll)).toEqual({ delivered: 3, dropped: {} })
  })

  it.each(['BYPASS', 'DISCARD'] as const)('is dropped and counted where policy says %s', (kind) => {
    expect(openedWith(rule('one', 'dynamic[udp/5001]', { kind }), protectAll)).toEqual({ delivered: 2, dropped: { 'policy-mismatch': 1 } })
  })

  it('is dropped where no rule is for what comes in', () => {
    expect(openedWith({ ...protectAll, direction: 'out' })).toEqual({ delivered: 0, dropped: { 'policy-mismatch': 3 } })
  })
})

describe('what came through the SA of another child than the one that policy protects it by', () => {
  const withOther = (terms: Partial<ChildConfig>): Pair => {
    const [child] = connectionOf(bob, alice.address).children
    if (child === undefined) throw new Error('there is no child')
    const other: SpdAction = { kind: 'PROTECT', connection: 'peer', child: 'other' }
    const policies = withPolicies(rule('other', 'dynamic[udp/5001]', other), protectAll)
    const both = pair({}, { ...policies, connection: { children: [child, { ...child, ...terms, name: 'other' }] } })
    bringUp(both)
    arriving(both, [5000, 5001, 5002], 'one by one')
    return both
  }

  it.each([
    ['other algorithms', { proposals: [value(parseProposal('aes256gcm16-noesn', protocol.ESP))] }],
    ['another mode', { mode: 'tunnel' }],
  ] as const)('is dropped and counted where that wants %s', (_, terms) => {
    const { b } = withOther(terms)
    expect(b.delivered).toHaveLength(2)
    expect(b.host.counters.dropped).toEqual({ 'policy-mismatch': 1 })
  })

  it('is delivered where that would protect it alike, from the same peer', () => {
    const { b } = withOther({})
    expect(b.delivered).toHaveLength(3)
    expect(b.host.counters.dropped).toEqual({})
  })
})

describe('a plain packet from the network (RFC 4301 §5.2 step 3b)', () => {
  const { network, b } = pair(
    {},
    withPolicies(
      rule('clear', 'dynamic[udp/5001]', { kind: 'BYPASS' }, 'in'),
      rule('never', 'dynamic[udp/5002]', { kind: 'DISCARD' }),
      rule('no answer', 'dynamic[udp/5003]', { kind: 'BYPASS' }, 'out'),
      protectAll,
    ),
  )
  const outputs = (bytes: Uint8Array): readonly Output[] => b.handle(network.now, { kind: 'plain', bytes })

  it('comes in where SPD-I says BYPASS', () => {
    expect(outputs(toBob(5001))).toEqual([{ kind: 'admit', bytes: toBob(5001) }])
  })

  it.each([
    [5000, 'came-in-clear'],
    [5002, 'policy-discard'],
    [5003, 'came-in-clear'],
  ])('to port %i is dropped: %s', (port, reason) => {
    expect(outputs(toBob(port))).toMatchObject([{ kind: 'event', event: { name: 'packet-dropped', reason, child: undefined } }])
  })

  it('that is none is dropped, and starts nothing', () => {
    expect(outputs(Uint8Array.of(0x45, 0))).toMatchObject([{ kind: 'event', event: { reason: 'malformed-packet' } }])
    expect(b.host.ikeSaCount).toBe(0)
  })
})
