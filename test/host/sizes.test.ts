// Packets that are too long for the path of their SA. RFC 4301 §6.1.1, §8; RFC 1191, RFC 8201.
import { describe, expect, it } from 'vitest'
import { putU16, putU32, toHex, u16 } from '../../src/bytes/bytes.ts'
import type { Datagram, Output } from '../../src/contract/machine.ts'
import type { PathTerms } from '../../src/contract/path-terms.ts'
import { later } from '../../src/contract/units.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import { errorRate } from '../../src/host/error-rate.ts'
import { outcomeName } from '../../src/host/outcomes.ts'
import { pathMtuLimits } from '../../src/host/path-mtu.ts'
import { plausibleAge } from '../../src/host/too-big.ts'
import type { LabHost } from '../../src/lab/host.ts'
import type { Address } from '../../src/net/address.ts'
import { ipv4Packet, ipv6Packet, udpDatagram } from '../../src/net/build.ts'
import { fragmentPacket } from '../../src/net/fragment.ts'
import { readTooBig, tooBigError } from '../../src/net/icmp-error.ts'
import type { ChildConfig } from '../../src/policy/connection.ts'
import { pathDefaults } from '../../src/policy/defaults.ts'
import { address, alice, anyTraffic, bob, bringUp, type Pair, pair, type Side } from './two-hosts.ts'

const v6 = { a: address('2001:db8::1'), b: address('2001:db8::2') }
const inside = { 4: [address('10.1.0.1'), address('10.2.0.1')], 6: [address('2001:db8:a::1'), address('2001:db8:b::1')] } as const

/** A plain packet of exactly so many octets. */
function plain(from: Address, to: Address, length: number, df: 'df' | 'no-df' = 'no-df'): Uint8Array {
  const is6 = from.includes(':')
  const payload = udpDatagram({
    source: { address: from, port: 4000 },
    destination: { address: to, port: 5000 },
    payload: Uint8Array.from({ length: length - (is6 ? 48 : 28) }, (_, i) => i * 7),
  })
  const fields = { source: from, destination: to, protocol: 17, payload }
  return is6 ? ipv6Packet(fields) : ipv4Packet({ ...fields, flagsAndFragment: df === 'df' ? 0x4000 : 0, identification: 77 })
}

const bare: Partial<Side> = { bare: 'ip', connection: { encapsulation: 'when-needed' } }
const anywhere = (version: 4 | 6) => ({
  ...anyTraffic,
  addresses: {
    start: address(version === 4 ? '0.0.0.0' : '::'),
    end: address(version === 4 ? '255.255.255.255' : `${'ffff:'.repeat(7)}ffff`),
  },
})
const tunnel = (version: 4 | 6, path: Partial<PathTerms>): Partial<ChildConfig> => ({
  mode: 'tunnel',
  localSelectors: [anywhere(version)],
  remoteSelectors: [anywhere(version)],
  path: { ...pathDefaults, ...path },
})

function up(child: Partial<ChildConfig>, rest: Partial<Side> = bare): Pair {
  const both = pair({ ...rest, child }, { ...rest, child })
  bringUp(both)
  return both
}

/** What comes of one plain packet. */
function send({ network, a }: Pair, bytes: Uint8Array): { readonly sent: readonly Datagram[]; readonly errors: readonly Uint8Array[] } {
  const before = network.sent.length
  const seen = a.inputs.length
  network.feed(a, { kind: 'packet', bytes })
  const outputs: readonly Output[] = a.inputs.slice(seen).flatMap((input) => input.outputs)
  return { sent: network.sent.slice(before), errors: outputs.flatMap((output) => (output.kind === 'icmp-error' ? [output.bytes] : [])) }
}

/** So much time goes by. */
function pass({ network }: Pair, time: number): void {
  network.plan(later(network.now, time), () => {})
  network.run(time)
}

const child = (host: LabHost) => host.named('child-sa-established')[0]?.child ?? expect.unreachable()

/** AES-GCM in transport mode over IPv4: 8 octets of header, 8 of IV, 2 of trailer, 16 of ICV, and padding to 4. */
const room = 1400 - 20 - 8 - 8 - 16 - 2 - ((1400 - 20 - 8 - 8 - 16) % 4) + 20

describe('transport mode over IPv4', () => {
  const terms: Partial<ChildConfig> = { path: { ...pathDefaults, mtu: 1400 } }

  it('takes packets up to the effective MTU, and one octet more with DF is refused with an ICMP error', () => {
    const both = up(terms)
    expect(both.a.host.effectiveMtu(both.network.now, child(both.a))).toBe(room)
    const fits = send(both, plain(alice.address, bob.address, room, 'df'))
    expect(fits.errors).toEqual([])
    expect(fits.sent.map(({ bytes }) => bytes.length <= 1400)).toEqual([true])
    const refused = plain(alice.address, bob.address, room + 1, 'df')
    const { sent, errors } = send(both, refused)
    expect(sent).toEqual([])
    const [error] = errors
    expect(readTooBig(error ?? expect.unreachable())).toMatchObject({ mtu: room })
    expect(toHex((error ?? refused).subarray(12, 20))).toBe(toHex(Uint8Array.of(192, 0, 2, 2, 192, 0, 2, 1)))
    expect(both.a.host.counters.dropped).toEqual({ 'packet-too-big': 1 })
  })

  it('fragments after sealing what has no DF, and the peer puts it together', () => {
    const both = up(terms)
    const packet = plain(alice.address, bob.address, 3000)
    const { sent, errors } = send(both, packet)
    expect([sent.length, errors.length]).toEqual([3, 0])
    both.network.run(1_000)
    expect(both.b.delivered.map(({ bytes }) => toHex(bytes))).toEqual([toHex(packet)])
  })

  it('in UDP, leaves the fragments to the socket', () => {
    const both = up(terms, {})
    expect(send(both, plain(alice.address, bob.address, 3000)).sent).toMatchObject([{ channel: 'nat-t' }])
    expect(send(both, plain(alice.address, bob.address, 3000, 'df')).errors).toHaveLength(1)
  })

  it('makes no more errors than its rate allows', () => {
    const both = up(terms)
    const flood = Array.from({ length: 50 }, () => send(both, plain(alice.address, bob.address, 1400, 'df')).errors.length)
    expect(flood.filter((errors) => errors === 1)).toHaveLength(errorRate.burst)
    pass(both, 1_000)
    expect(send(both, plain(alice.address, bob.address, 1400, 'df')).errors).toHaveLength(1)
    expect(both.a.host.counters.dropped).toEqual({ 'packet-too-big': 51 })
  })

  it('leaves what is too long in a burst to `handle`', () => {
    const both = up(terms)
    const batch = new PacketBatch(2, 1500)
    batch.add(plain(alice.address, bob.address, room))
    batch.add(plain(alice.address, bob.address, room + 1))
    both.a.host.seal(both.network.now, batch, [])
    expect([batch.outcome[0], outcomeName(batch.outcome[1] ?? 0)]).toEqual([0, 'left-to-handle'])
    expect(batch.length[0]).toBeLessThanOrEqual(1400)
  })
})

describe('transport mode over IPv6', () => {
  it('refuses what is too long, and has to take 1280 octets in any case (RFC 2473 §7.1, RFC 8200 §5)', () => {
    const terms: Partial<ChildConfig> = { path: { ...pathDefaults, mtu: 1280 } }
    const both = pair({ ...bare, address: v6.a, child: terms }, { ...bare, address: v6.b, child: terms })
    both.network.feed(both.a, { kind: 'packet', bytes: plain(v6.a, v6.b, 100) })
    both.network.run(5_000)
    expect(readTooBig(send(both, plain(v6.a, v6.b, 1281)).errors[0] ?? expect.unreachable())).toMatchObject({ mtu: 1280 })
    const packet = plain(v6.a, v6.b, 1280)
    expect(send(both, packet).sent.map(({ bytes }) => bytes.length <= 1280)).toEqual([true, true])
    both.network.run(1_000)
    expect(both.b.delivered.slice(1).map(({ bytes }) => toHex(bytes))).toEqual([toHex(packet)])
  })
})

describe('a packet that came in fragments', () => {
  const cut = (packet: Uint8Array): readonly Uint8Array[] => {
    const fragments = fragmentPacket(packet, 1400, 7)
    return fragments.kind === 'fragments' ? fragments.fragments : expect.unreachable()
  }
  const terms: Partial<ChildConfig> = { path: { ...pathDefaults, mtu: 1400 } }
  const side: Partial<Side> = { ...bare, child: terms }

  it.each([
    ['that is there', 'up'],
    ['that it has to wait for', 'to come'],
  ] as const)('goes on in fragments, over IPv6 too, through an SA %s (RFC 4301 §8.2.1)', (_, sa) => {
    const both = pair({ ...side, address: v6.a }, { ...side, address: v6.b })
    if (sa === 'up') {
      both.network.feed(both.a, { kind: 'packet', bytes: plain(v6.a, v6.b, 100) })
      both.network.run(5_000)
    }
    const packet = plain(v6.a, v6.b, 3000)
    const sent = cut(packet).map((fragment) => send(both, fragment))
    both.network.run(5_000)
    expect(sent.flatMap(({ errors }) => errors)).toEqual([])
    expect(both.b.delivered.slice(-1).map(({ bytes }) => toHex(bytes))).toEqual([toHex(packet)])
    expect(both.a.host.counters.dropped).toEqual({})
  })
})

describe('a tunnel over IPv4', () => {
  const [from, to] = inside[4]

  it('fragments before it seals, or after, as it is told (RFC 4301 §8.2.1, case 2)', () => {
    const packet = plain(from, to, 3000)
    const before = up(tunnel(4, { mtu: 1400 }))
    send(before, packet)
    before.network.run(1_000)
    expect(before.b.delivered).toHaveLength(3)
    expect(before.a.host.counters.sealed).toBe(3)
    const after = up(tunnel(4, { mtu: 1400, fragmentation: 'after-sealing' }))
    expect(send(after, packet).sent).toHaveLength(3)
    after.network.run(1_000)
    expect(after.b.delivered.map(({ bytes }) => toHex(bytes))).toEqual([toHex(packet)])
    expect(after.a.host.counters.sealed).toBe(1)
  })

  it('never fragments before it seals where its selectors name ports', () => {
    const [selector] = tunnel(4, {}).localSelectors ?? expect.unreachable()
    const narrow = selector === undefined ? expect.unreachable() : { ...selector, protocol: 17, startPort: 0, endPort: 60_000 }
    const both = up({ ...tunnel(4, { mtu: 1400, laterFragments: 'never' }), localSelectors: [narrow], remoteSelectors: [narrow] })
    const packet = plain(from, to, 3000)
    expect(send(both, packet).sent).toHaveLength(3)
    both.network.run(1_000)
    expect(both.b.delivered.map(({ bytes }) => toHex(bytes))).toEqual([toHex(packet)])
  })

  it('tells the sender of a packet with DF, and of one of IPv6', () => {
    const both = up(tunnel(4, { mtu: 1400 }))
    const limit = both.a.host.effectiveMtu(both.network.now, child(both.a)) ?? expect.unreachable()
    expect(send(both, plain(from, to, limit, 'df')).sent).toHaveLength(1)
    expect(readTooBig(send(both, plain(from, to, limit + 1, 'df')).errors[0] ?? expect.unreachable())).toMatchObject({ mtu: limit })
  })
})

describe('word that a packet was too long', () => {
  const terms: Partial<ChildConfig> = { path: { ...pathDefaults, mtu: 1500 } }
  const tell = ({ network, a }: Pair, mtu: number, quoted: Uint8Array): void =>
    network.feed(a, { kind: 'path', change: { kind: 'too-big', mtu, quoted } })
  const effective = ({ network, a }: Pair) => a.host.effectiveMtu(network.now, child(a))
  /** As a router quotes what was sent last. */
  const last = (both: Pair): Uint8Array =>
    (send(both, plain(alice.address, bob.address, 1400)).sent[0] ?? expect.unreachable()).bytes.subarray(0, 60)

  it('lowers the MTU of the SA that the packet went through, tells of it, and is forgotten (RFC 4301 §8.2.2)', () => {
    const both = up(terms)
    const before = effective(both)
    tell(both, 1400, last(both))
    expect(effective(both)).toBe(room)
    expect(both.a.named('path-mtu')).toMatchObject([{ mtu: 1400, effective: room }])
    expect(send(both, plain(alice.address, bob.address, 1400, 'df')).errors).toHaveLength(1)
    pass(both, pathMtuLimits.memory - 1)
    expect(effective(both)).toBe(room)
    pass(both, 1)
    expect(effective(both)).toBe(before)
    expect(before).toBeGreaterThan(room)
    expect(both.a.host.counters.dropped).toEqual({ 'packet-too-big': 1 })
  })

  it.each([
    ['a rekey of ours', 'a', 'rekey-child-sa'],
    ["a rekey of the peer's", 'b', 'rekey-child-sa'],
    ['a rekey of the IKE SA', 'a', 'rekey-ike-sa'],
    ['a reauthentication of ours', 'a', 'reauthenticate'],
    ["a reauthentication of the peer's", 'b', 'reauthenticate'],
  ] as const)('is not forgotten before its time at %s', (_, side, kind) => {
    const both = up(terms)
    tell(both, 1400, last(both))
    const { network } = both
    const asker = both[side]
    const { ikeSa } = asker.named('ike-sa-established')[0] ?? expect.unreachable()
    network.command(asker, kind === 'rekey-child-sa' ? { kind, child: child(asker) } : { kind, ikeSa })
    pass(both, 10_000)
    const newest = () => both.a.host.view.ikeSas.flatMap(({ children }) => children).at(-1)?.id ?? expect.unreachable()
    expect(newest() === child(both.a)).toBe(kind === 'rekey-ike-sa')
    expect(both.a.host.effectiveMtu(network.now, newest())).toBe(room)
    expect(send(both, plain(alice.address, bob.address, 1400, 'df')).errors).toHaveLength(1)
    pass(both, pathMtuLimits.memory)
    expect(both.a.host.effectiveMtu(network.now, newest())).toBeGreaterThan(room)
  })

  it.each([
    ['is known', 1500],
    ['is not known', undefined],
  ] as const)('has padding stay below it, and go beyond it once it is forgotten, where the first MTU %s (RFC 4303 §2.7)', (_, mtu) => {
    const both = up({ path: { ...pathDefaults, mtu }, tfc: { to: 'mtu' } })
    const padded = (): number => send(both, plain(alice.address, bob.address, 100)).sent[0]?.bytes.length ?? 0
    const paddedInBurst = (): number => {
      const batch = new PacketBatch(1, 1500)
      batch.add(plain(alice.address, bob.address, 100))
      both.a.host.seal(both.network.now, batch, [])
      return batch.length[0] ?? 0
    }
    expect([padded(), paddedInBurst()]).toEqual([1500, 1500])
    tell(both, 1400, last(both))
    expect([padded(), paddedInBurst()]).toEqual([1400, 1400])
    pass(both, pathMtuLimits.memory)
    expect([paddedInBurst(), padded()]).toEqual([1500, 1500])
  })

  it('has nothing padded beyond what is usual, where it is larger than that', () => {
    const both = up({ tfc: { to: 'mtu' } })
    tell(both, 9000, last(both))
    expect(both.a.named('path-mtu')).toMatchObject([{ mtu: 9000 }])
    expect(send(both, plain(alice.address, bob.address, 100)).sent[0]?.bytes).toHaveLength(1500)
  })

  it('is believed only of a packet that was sent a moment ago, between the right hosts', () => {
    const both = up(terms)
    const quoted = last(both)
    const changed = (change: (copy: Uint8Array) => void): Uint8Array => {
      const copy = quoted.slice()
      change(copy)
      return copy
    }
    const lies = [
      changed((copy) => putU32(copy, 20, 0xdeadbeef)),
      changed((copy) => putU32(copy, 24, 500)),
      changed((copy) => putU32(copy, 24, (1 - plausibleAge) >>> 0)),
      changed((copy) => (copy[19] = 99)),
      changed((copy) => (copy[15] = 99)),
      changed((copy) => (copy[9] = 6)),
      quoted.subarray(0, 24),
      new Uint8Array(0),
    ]
    const before = effective(both)
    for (const lie of lies) tell(both, 1300, lie)
    expect(effective(both)).toBe(before)
    expect(both.a.host.counters.dropped).toEqual({ 'too-big-ignored': lies.length })
  })

  it('makes nothing smaller than every path is, and nothing larger', () => {
    const both = up(terms)
    tell(both, 68, last(both))
    expect(both.a.named('path-mtu')).toMatchObject([{ mtu: pathMtuLimits.least[4] }])
    tell(both, 9000, last(both))
    expect(both.a.named('path-mtu')).toHaveLength(1)
  })

  it('is ignored where it is to be ignored (RFC 4301 §6.1.1)', () => {
    const both = up({ path: { ...pathDefaults, mtu: 1500, tooBig: 'ignore' } })
    tell(both, 1300, last(both))
    expect(both.a.named('path-mtu')).toEqual([])
    expect(both.a.host.counters.dropped).toEqual({ 'too-big-ignored': 1 })
  })

  it('is believed of UDP, too', () => {
    const both = up(terms, {})
    const { bytes } = send(both, plain(alice.address, bob.address, 1400)).sent[0] ?? expect.unreachable()
    const udp = new Uint8Array(8 + 20)
    putU16(udp, 0, 4500)
    putU16(udp, 2, 4500)
    udp.set(bytes.subarray(0, 20), 8)
    tell(both, 1400, ipv4Packet({ source: alice.address, destination: bob.address, protocol: 17, payload: udp }))
    expect(both.a.named('path-mtu')).toMatchObject([{ mtu: 1400, effective: room - 8 }])
  })
})

describe('the ICMP error', () => {
  it('says what it is to say, of both versions, and quotes as much as it may', () => {
    const long = plain(alice.address, bob.address, 1400, 'df')
    const error = tooBigError(long, 1234) ?? expect.unreachable()
    expect(error).toHaveLength(576)
    expect([error[20], error[21], u16(error, 26)]).toEqual([3, 4, 1234])
    expect(toHex(error.subarray(28))).toBe(toHex(long.subarray(0, 548)))
    const long6 = plain(v6.a, v6.b, 1400)
    const error6 = tooBigError(long6, 1300) ?? expect.unreachable()
    expect(error6).toHaveLength(1280)
    expect([error6[40], error6[41], u16(error6, 46)]).toEqual([2, 0, 1300])
    expect(readTooBig(error6)).toMatchObject({ mtu: 1300 })
  })

  it('is not made about ICMP errors, nor to or of many', () => {
    const error = tooBigError(plain(alice.address, bob.address, 1400, 'df'), 600) ?? expect.unreachable()
    expect(tooBigError(error, 300)).toBeUndefined()
    expect(tooBigError(plain(address('0.0.0.0'), bob.address, 1400), 600)).toBeUndefined()
    expect(tooBigError(plain(alice.address, address('224.0.0.5'), 1400), 600)).toBeUndefined()
    expect(tooBigError(plain(address('::'), v6.b, 1400), 1280)).toBeUndefined()
    expect(tooBigError(plain(v6.a, address('ff02::1'), 1400), 1280)).toBeUndefined()
    expect(tooBigError(new Uint8Array(10), 600)).toBeUndefined()
  })

  it('of routers of old, that names no MTU, means the next plateau (RFC 1191 §7)', () => {
    const error = tooBigError(plain(alice.address, bob.address, 1400, 'df'), 0) ?? expect.unreachable()
    expect(readTooBig(error)).toMatchObject({ mtu: 1006 })
  })
})
