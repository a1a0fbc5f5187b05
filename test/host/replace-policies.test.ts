// Another list of policies while a host runs. RFC 4301 §4.4.1, "Handling Changes to the SPD While the System Is Running".
import { describe, expect, it } from 'vitest'
import { ApiMisuse } from '../../src/contract/faults.ts'
import type { Output } from '../../src/contract/machine.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import { outcome } from '../../src/host/outcomes.ts'
import { ipPacket, ipv4Packet, udpDatagram } from '../../src/net/build.ts'
import { formatSelector, parseSelector } from '../../src/policy/selector-words.ts'
import type { SpdAction, SpdEntry } from '../../src/policy/spd.ts'
import { alice, anyTraffic, bob, bringUp, connectionOf, type Pair, pair, protectAll, value } from './two-hosts.ts'

const udp = (port: number, [from, to] = [alice, bob]): Uint8Array => {
  const ends = { source: { address: from.address, port: 4000 }, destination: { address: to.address, port } }
  return ipPacket(from.address, to.address, 17, udpDatagram({ ...ends, payload: Uint8Array.of(1, 2, 3, 4) }))
}
const rule = (remote: string, action: SpdAction): SpdEntry => ({
  name: remote,
  direction: 'both',
  local: anyTraffic,
  remote: value(parseSelector(remote)),
  action,
})
const bypassAll = rule('dynamic', { kind: 'BYPASS' })
const discardAll = rule('dynamic', { kind: 'DISCARD' })
const up = (): Pair => {
  const both = pair()
  bringUp(both)
  return both
}
const childOf = ({ a }: Pair) => a.named('child-sa-established')[0]?.child ?? expect.fail()
const kinds = (outputs: readonly Output[]): readonly string[] =>
  outputs.map((output) => (output.kind === 'event' && output.event.name === 'packet-dropped' ? output.event.reason : output.kind))
const sent = ({ network, a }: Pair, bytes: Uint8Array): readonly string[] => kinds(a.host.handle(network.now, { kind: 'packet', bytes }))

describe('another list of policies', () => {
  it('decides at once, in both directions, and of flows that were decided before', () => {
    const both = up()
    expect(sent(both, udp(53))).toEqual(['send'])
    expect(kinds(both.b.host.handle(both.network.now, { kind: 'plain', bytes: udp(53) }))).toEqual(['came-in-clear'])
    both.a.host.replacePolicies([rule('dynamic[udp/53]', { kind: 'DISCARD' }), protectAll])
    both.b.host.replacePolicies([bypassAll])
    expect(sent(both, udp(53))).toEqual(['policy-discard'])
    expect(sent(both, udp(54))).toEqual(['send'])
    const batch = new PacketBatch(2, 1400)
    for (const port of [53, 54]) batch.add(udp(port))
    both.a.host.seal(both.network.now, batch, [])
    expect([...batch.outcome.subarray(0, 2)]).toEqual([outcome['policy-discard'], 0])
    expect(kinds(both.b.host.handle(both.network.now, { kind: 'plain', bytes: udp(53) }))).toEqual(['admit'])
  })

  it('tells the Child SAs that it has no entry for; nothing goes or comes through them', () => {
    const both = up()
    expect(both.a.host.replacePolicies([rule('dynamic[udp/53]', { kind: 'BYPASS' }), protectAll])).toEqual([])
    const child = childOf(both)
    expect(both.a.host.replacePolicies([discardAll])).toEqual([child])
    expect(sent(both, udp(53))).toEqual(['policy-discard'])
    expect(kinds(both.a.host.handle(both.network.now, { kind: 'packet', bytes: udp(53), through: child }))).toEqual(['through-forbidden'])
    both.network.feed(both.b, { kind: 'packet', bytes: udp(53, [bob, alice]) })
    both.network.run(2000)
    expect(both.a.delivered).toEqual([])
    expect(both.a.host.counters.dropped['policy-mismatch']).toBe(1)
  })

  it('that has them again finds them as they were; those that are closed are made anew', () => {
    const both = up()
    const [child] = both.a.host.replacePolicies([discardAll])
    expect(both.a.host.replacePolicies([protectAll])).toEqual([])
    both.network.feed(both.a, { kind: 'packet', bytes: udp(53) })
    both.network.run(2000)
    expect(both.b.delivered).toHaveLength(1)
    both.a.host.replacePolicies([discardAll])
    both.network.feed(both.a, { kind: 'command', command: { kind: 'close-child-sa', child: child ?? expect.fail() } })
    both.network.run(2000)
    expect(both.b.named('child-sa-closed')).toHaveLength(1)
    expect(both.a.host.replacePolicies([protectAll])).toEqual([])
    both.network.feed(both.a, { kind: 'packet', bytes: udp(53) })
    both.network.run(2000)
    expect(both.b.delivered).toHaveLength(2)
    expect(both.a.named('child-sa-established')).toHaveLength(2)
  })

  it.each([
    ['has it bypassed', bypassAll],
    ['discards it', discardAll],
  ])('sends no packet in clear that waits for its SA, though it %s', (_, entry) => {
    const both = pair()
    both.network.feed(both.a, { kind: 'packet', bytes: udp(53) })
    both.a.host.replacePolicies([entry])
    both.network.run(5000)
    expect(both.b.delivered).toEqual([])
    const outputs = both.a.inputs.flatMap((input) => input.outputs)
    expect(outputs.filter(({ kind }) => kind === 'bypass')).toEqual([])
    expect(both.a.host.counters.dropped).toEqual({ 'not-selected': 1 })
  })

  it('lets in no later fragment of a packet that the old one let in', () => {
    const ports = rule('dynamic[udp/1-65535]', { kind: 'BYPASS' })
    const both = pair({}, { policies: [ports] })
    const fragment = (at: number, more: number, payload: Uint8Array): Uint8Array =>
      ipv4Packet({ source: alice.address, destination: bob.address, protocol: 17, flagsAndFragment: (more << 13) | at, payload })
    const come = (bytes: Uint8Array): readonly string[] => kinds(both.b.host.handle(both.network.now, { kind: 'plain', bytes }))
    expect(come(fragment(0, 1, udp(53).subarray(20, 28)))).toEqual(['admit'])
    expect(come(fragment(1, 1, new Uint8Array(8)))).toEqual(['admit'])
    both.b.host.replacePolicies([rule('dynamic[udp/1-52]', { kind: 'BYPASS' })])
    expect(come(fragment(2, 0, new Uint8Array(8)))).toEqual(['fragment-unmatched'])
  })

  it('has its PFP flags obeyed by negotiations that the peer starts', () => {
    const both = pair()
    const action: SpdAction = { kind: 'PROTECT', connection: 'peer', child: 'child', populate: ['protocol'] }
    both.b.host.replacePolicies([{ ...protectAll, action }])
    both.network.feed(both.a, { kind: 'packet', bytes: udp(53) })
    both.network.run(2000)
    expect(both.b.named('child-sa-established')[0]?.established.localSelectors.map(formatSelector)).toEqual(['192.0.2.2/32[udp]'])
  })

  it('that names a child that there is not is refused, and the old one stays', () => {
    const both = up()
    const other: SpdAction = { kind: 'PROTECT', connection: 'peer', child: 'other' }
    expect(connectionOf(alice, bob.address).children.map(({ name }) => name)).toEqual(['child'])
    expect(() => both.a.host.replacePolicies([rule('dynamic', other)])).toThrow(ApiMisuse)
    expect(sent(both, udp(53))).toEqual(['send'])
  })
})
