// Auditable events as records, within a rate. RFC 4301 §5.2, §9; RFC 4302 §4; RFC 4303 §4.
import { describe, expect, it } from 'vitest'
import { concat, u32 } from '../../src/bytes/bytes.ts'
import type { AuditRecord } from '../../src/contract/audit.ts'
import type { Datagram, Output } from '../../src/contract/machine.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import { instant } from '../../src/contract/units.ts'
import { auditRate, AuditTrail } from '../../src/host/audit.ts'
import type { Route } from '../../src/host/children.ts'
import { outcomeName } from '../../src/host/outcomes.ts'
import { sealPacket } from '../../src/ipsec/packet.ts'
import { ipPacket, udpDatagram } from '../../src/net/build.ts'
import { parseProposals } from '../../src/policy/proposal-words.ts'
import { formatSelector, parseSelector } from '../../src/policy/selector-words.ts'
import type { SpdEntry } from '../../src/policy/spd.ts'
import { createOutboundSa } from '../../src/ipsec/sa.ts'
import { forge, pair as saPair, withTrailer } from '../ipsec/fixtures.ts'
import { address, alice, anyTraffic, bob, bringUp, type Pair, pair, protectAll, provider, type Side, value } from './two-hosts.ts'

const udp = (port: number, [from, to] = [alice.address, bob.address]): Uint8Array => {
  const ends = { source: { address: from, port: 4000 }, destination: { address: to, port } }
  return ipPacket(from, to, 17, udpDatagram({ ...ends, payload: Uint8Array.of(1, 2, 3, 4) }))
}
const discard: SpdEntry = {
  name: 'no',
  direction: 'both',
  local: anyTraffic,
  remote: value(parseSelector('dynamic[udp/6666]')),
  action: { kind: 'DISCARD' },
}
const audited: Partial<Side> = { audit: 'on', policies: [discard, protectAll] }

const recordsOf = (outputs: readonly Output[]): readonly AuditRecord[] =>
  outputs.flatMap((output) => (output.kind === 'event' && output.event.name === 'audit' ? [output.event.record] : []))

/** What Alice has sealed for Bob, as it comes to him. */
function sealed({ network, a }: Pair, port = 5000): Datagram {
  const send = a.handle(network.now, { kind: 'packet', bytes: udp(port) }).find(({ kind }) => kind === 'send')
  if (send?.kind !== 'send') throw new Error('nothing was sealed')
  const { channel, local, remote, bytes } = send.datagram
  return { channel, local: remote, remote: local, bytes: bytes.slice() }
}
function upAndAudited(): Pair {
  const both = pair({}, audited)
  bringUp(both)
  return both
}
const come = ({ network, b }: Pair, datagram: Datagram): readonly AuditRecord[] =>
  recordsOf(b.handle(network.now, { kind: 'datagram', datagram }))

describe('a record', () => {
  it('of a packet that no SA is there for has what RFC 4303 §4 lists', () => {
    const both = upAndAudited()
    const { bytes, ...route } = sealed(both)
    bytes.set([0x0b, 0xad, 0xca, 0xfe])
    expect(come(both, { ...route, bytes })).toEqual([
      {
        code: 'no-sa',
        at: both.network.now,
        direction: 'in',
        protocol: 'ESP',
        spi: 0x0badcafe,
        sequence: u32(bytes, 4),
        source: alice.address,
        destination: bob.address,
        flowLabel: undefined,
        child: undefined,
        packet: undefined,
        selectors: undefined,
        reason: 'unknown-spi',
        suppressed: 0,
      },
    ])
  })

  it('of a replay, and of a wrong ICV, has SPI and sequence number', () => {
    const both = upAndAudited()
    const datagram = sealed(both)
    const [spi, sequence] = [u32(datagram.bytes, 0), u32(datagram.bytes, 4)]
    expect(come(both, datagram)).toEqual([])
    expect(come(both, datagram)).toMatchObject([{ code: 'replayed', spi, sequence, reason: 'replayed', protocol: 'ESP' }])
    const forged = sealed(both)
    forged.bytes[20] = (forged.bytes[20] ?? 0) ^ 1
    expect(come(both, forged)).toMatchObject([{ code: 'integrity', spi, sequence: sequence + 1, source: alice.address }])
  })

  it('of AH has its SPI and sequence number, which are behind the IP header', () => {
    const ah = {
      bare: 'ip',
      connection: { encapsulation: 'when-needed' },
      child: { proposals: value(parseProposals('sha256-noesn', 2)) },
    } as const
    const both = pair(ah, { ...ah, ...audited })
    bringUp(both)
    const datagram = sealed(both)
    expect(datagram.channel).toBe('ip')
    const [spi, sequence] = [u32(datagram.bytes, 24), u32(datagram.bytes, 28)]
    expect(come(both, datagram)).toEqual([])
    expect(come(both, datagram)).toMatchObject([{ code: 'replayed', protocol: 'AH', spi, sequence, source: alice.address }])
    const forged = sealed(both)
    forged.bytes[36] = (forged.bytes[36] ?? 0) ^ 1
    expect(come(both, forged)).toMatchObject([{ code: 'integrity', protocol: 'AH', spi, sequence: sequence + 1 }])
    forged.bytes.set([0x0b, 0xad, 0xca, 0xfe], 24)
    expect(come(both, forged)).toMatchObject([{ code: 'no-sa', protocol: 'AH', spi: 0x0badcafe, reason: 'unknown-spi' }])
  })

  it('of what policy does not want through its SA has the selectors of the SA', () => {
    const both = pair({}, { ...audited, policies: [{ ...discard, local: discard.remote, remote: anyTraffic }, protectAll] })
    bringUp(both)
    const [record] = come(both, sealed(both, 6666))
    expect(record).toMatchObject({ code: 'policy-mismatch', protocol: 'ESP', child: both.b.named('child-sa-established')[0]?.child })
    expect(record?.selectors?.remote.map(formatSelector)).toEqual([`${alice.address}/32`])
  })

  it('of what is discarded on its way out, or came in clear, has what selectors look at', () => {
    const { network, b } = pair({}, audited)
    const from = (port: number): Uint8Array => udp(port, [bob.address, alice.address])
    const ends = { source: bob.address, destination: alice.address }
    expect(recordsOf(b.handle(network.now, { kind: 'packet', bytes: from(6666) }))).toMatchObject([
      { code: 'policy-discard', direction: 'out', ...ends, packet: { ...ends, protocol: 17, sourcePort: 4000, destinationPort: 6666 } },
    ])
    expect(recordsOf(b.handle(network.now, { kind: 'plain', bytes: udp(5000) }))).toMatchObject([
      { code: 'came-in-clear', direction: 'in', protocol: undefined, spi: undefined, packet: { destinationPort: 5000 } },
    ])
  })

  it('of an ICMP error that no SA is for has what the error itself says (RFC 4301 §6.2)', () => {
    const udpOnly = value(parseSelector('dynamic[udp]'))
    const { network, b } = pair({}, { audit: 'on', policies: [{ ...protectAll, local: udpOnly, remote: udpOnly }] })
    const unreachable = concat(Uint8Array.of(3, 3, 0, 0, 0, 0, 0, 0), udp(5000).subarray(0, 28))
    const packet = ipPacket(bob.address, alice.address, 1, unreachable)
    expect(recordsOf(b.handle(network.now, { kind: 'packet', bytes: packet }))).toMatchObject([
      { code: 'icmp-error', direction: 'out', reason: 'icmp-error-unmatched', packet: { destination: alice.address, protocol: 1 } },
    ])
  })

  it('over IPv6 has the flow label (RFC 4301 §5.2)', () => {
    const { network, b } = pair({}, { audit: 'on', policies: [] })
    const packet = udp(5000, [address('2001:db8::1'), address('2001:db8::2')])
    packet.set([0x6b, 0xcd, 0xef, 0x12])
    expect(recordsOf(b.handle(network.now, { kind: 'plain', bytes: packet }))).toMatchObject([
      { code: 'policy-discard', flowLabel: 0xdef12 },
    ])
  })

  it('of a fragment that came sealed in transport mode names the SA (RFC 4303 §3.3.4)', () => {
    const [us, them] = [address('2001:db8::1'), address('2001:db8::2')]
    const both = pair({ address: us }, { ...audited, address: them })
    both.network.feed(both.a, { kind: 'packet', bytes: udp(5000, [us, them]) })
    both.network.run(5000)
    const installs = both.a.inputs.flatMap(({ outputs }) => outputs.flatMap((output) => (output.kind === 'install' ? [output.sa] : [])))
    const install = installs.find(({ direction }) => direction === 'out') ?? expect.fail()
    const { channel, local, remote } = both.a.host.view.outbound[0]?.route ?? expect.fail()
    // What only a faulty or hostile peer would seal: a fragment header, and the second piece of something.
    const fragment = concat(Uint8Array.of(17, 0, 0, 8, 0, 0, 0, 9), new Uint8Array(8))
    const bytes = forge(createOutboundSa(install, provider), withTrailer(fragment, 44), 9)
    expect(come(both, { channel, local: remote, remote: local, bytes })).toMatchObject([
      {
        code: 'fragment',
        direction: 'in',
        protocol: 'ESP',
        spi: install.spi,
        sequence: 9,
        reason: 'fragment',
        source: us,
        destination: them,
      },
    ])
  })

  it('of a sequence number that would cycle names the SA and its last number (RFC 4303 §3.3.3)', () => {
    const { sender: spent } = saPair({ lastSequence: { high: 0, low: 0xffffffff } })
    const { install } = spent
    const { outcome } = sealPacket(spent, ipPacket(install.local.address, install.remote.address, 17, new Uint8Array(8)), 'esp')
    const trail = new AuditTrail('on')
    trail.departed(instant(7), outcomeName(outcome), install, install.child, spent.lastSequence.low)
    const out: Output[] = []
    trail.drain(out)
    expect(recordsOf(out)).toMatchObject([
      { code: 'sequence-overflow', at: 7, direction: 'out', protocol: 'ESP', spi: install.spi, sequence: 0xffffffff, child: install.child },
    ])
  })

  it('is made in bursts, and comes with drain', () => {
    const both = upAndAudited()
    const datagrams = [sealed(both), sealed(both), sealed(both)]
    const batch = new PacketBatch(4, 1400)
    for (const { bytes } of [...datagrams, ...datagrams.slice(0, 1)]) batch.add(bytes)
    const second = batch.packet(1)
    second[20] = (second[20] ?? 0) ^ 1
    const { local, remote, bytes } = datagrams[0] ?? expect.fail()
    both.b.host.open(both.network.now, batch, { local, remote }, [])
    const records = recordsOf(both.b.host.drain(both.network.now))
    const spi = u32(bytes, 0)
    expect(records.map(({ code, sequence }) => [code, sequence])).toEqual([
      ['integrity', u32(bytes, 4) + 1],
      ['replayed', u32(bytes, 4)],
    ])
    expect(records.every((record) => record.spi === spi && record.source === alice.address)).toBe(true)
    const out = new PacketBatch(1, 1400)
    out.add(udp(6666, [bob.address, alice.address]))
    both.b.host.seal(both.network.now, out, [] satisfies (Route | undefined)[])
    expect(recordsOf(both.b.host.drain(both.network.now))).toMatchObject([{ code: 'policy-discard', packet: { destinationPort: 6666 } }])
    expect(both.b.host.drain(both.network.now)).toEqual([])
  })
})

describe('a flood', () => {
  it('makes a bounded number of records, says how many it made none of, and hides no other code', () => {
    const { network, b } = pair({}, audited)
    const at = (ms: number): readonly AuditRecord[] => recordsOf(b.handle(instant(network.now + ms), { kind: 'plain', bytes: udp(5000) }))
    const records = Array.from({ length: 10_000 }, () => at(0)).flat()
    expect(records).toHaveLength(auditRate.burst)
    expect(b.host.counters.auditSuppressed).toBe(10_000 - auditRate.burst)
    expect(recordsOf(b.handle(network.now, { kind: 'packet', bytes: udp(6666, [bob.address, alice.address]) }))).toHaveLength(1)
    expect(at(1000)).toMatchObject([{ suppressed: 10_000 - auditRate.burst }])
    expect(at(1000)).toMatchObject([{ suppressed: 0 }])
  })

  it('is not looked at where auditing is off, as it is unless it is asked for', () => {
    const { network, b } = pair()
    expect(recordsOf(b.handle(network.now, { kind: 'plain', bytes: udp(5000) }))).toEqual([])
    expect(b.host.counters.auditSuppressed).toBe(0)
  })
})
