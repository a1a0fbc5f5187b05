// Transport mode through NATs: selectors are substituted, checksums repaired. RFC 7296 §2.23, §2.23.1; RFC 3948 §3.1.2.
import { describe, expect, it } from 'vitest'
import type { Datagram } from '../../src/contract/machine.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import type { Route } from '../../src/host/children.ts'
import { drop } from '../../src/ipsec/drops.ts'
import type { Address, Endpoint } from '../../src/net/address.ts'
import { ipPacket, tcpSegment, udpDatagram, upperChecksum } from '../../src/net/build.ts'
import { emptyLayout, readLayout, sourceAddress, destinationAddress } from '../../src/net/layout.ts'
import { later } from '../../src/contract/units.ts'
import type { Connection } from '../../src/policy/connection.ts'
import { address, makeHost, type Pair, alice, bob } from './two-hosts.ts'
import { type Middlebox, Network } from '../../src/lab/network.ts'

const payload = Uint8Array.from({ length: 33 }, (_, i) => i)

/** Source NAT in front of `inside`: it is seen as `outside`, on other ports. */
function masquerade(inside: Address, outside: Address): Middlebox {
  const shift = 20_000
  return (datagram: Datagram) => {
    if (datagram.local.address === inside) return { ...datagram, local: { address: outside, port: datagram.local.port + shift } }
    if (datagram.remote.address === outside) return { ...datagram, remote: { address: inside, port: datagram.remote.port - shift } }
    return datagram
  }
}

/** A static NAT in front of a server: `outside` is where clients send to, `inside` what the server knows. */
function forward(outside: Address, inside: Address): Middlebox {
  return (datagram: Datagram) => {
    if (datagram.remote.address === outside) return { ...datagram, remote: { ...datagram.remote, address: inside } }
    if (datagram.local.address === inside) return { ...datagram, local: { ...datagram.local, address: outside } }
    return datagram
  }
}

function throughNat(
  ends: { client: Address; server: Address; serverKnownAs: Address },
  middlebox: Middlebox,
  ofClient: Partial<Connection> = {},
  ofServer: Partial<Connection> = {},
): Pair {
  const network = new Network({ middlebox })
  const client = { ...alice, address: ends.client, connection: { encapsulation: 'when-needed' as const, ...ofClient } }
  const server = {
    ...bob,
    address: ends.server,
    connection: { encapsulation: 'when-needed' as const, remote: { kind: 'any' as const }, ...ofServer },
  }
  const a = makeHost(client, ends.serverKnownAs, 1)
  const b = makeHost(server, ends.client, 2)
  network.attach(a, ends.client)
  network.attach(b, ends.server)
  return { network, a, b }
}

function endpoints(source: Address, destination: Address): { source: Endpoint; destination: Endpoint } {
  return { source: { address: source, port: 4000 }, destination: { address: destination, port: 80 } }
}

/** Whether the transport checksum of a delivered packet fits the addresses that it was delivered with. */
function checksumFits(packet: Uint8Array): boolean {
  const layout = emptyLayout()
  if (!readLayout(packet, 0, packet.length, layout)) return false
  const [source, destination] = [sourceAddress(packet, layout), destinationAddress(packet, layout)]
  if (source === undefined || destination === undefined) return false
  return upperChecksum(source, destination, layout.protocol, packet.subarray(layout.upper, layout.end)) === 0
}

describe.each([
  { version: 'IPv4', client: '10.0.0.5', nat: '198.51.100.7', server: '192.0.2.2', forwarded: '203.0.113.9' },
  { version: 'IPv6', client: 'fd00::5', nat: '2001:db8:7::1', server: '2001:db8::2', forwarded: '2001:db8:9::9' },
])('transport mode through a NAT, $version', (named) => {
  const client = address(named.client)
  const nat = address(named.nat)
  const server = address(named.server)
  const forwarded = address(named.forwarded)

  function exchange(both: Pair, known: Address, seen: Address): void {
    const packets = (from: Address, to: Address) => [
      ipPacket(from, to, 6, tcpSegment({ ...endpoints(from, to), sequence: 1, acknowledgement: 2, flags: 0x18, window: 1000, payload })),
      ipPacket(from, to, 17, udpDatagram({ ...endpoints(from, to), payload })),
    ]
    for (const bytes of packets(client, known)) both.network.feed(both.a, { kind: 'packet', bytes })
    both.network.run(2_000)
    expect(both.a.named('ike-sa-failed')).toEqual([])
    expect(both.b.delivered).toHaveLength(2)
    for (const { bytes } of both.b.delivered) expect(checksumFits(bytes)).toBe(true)
    for (const bytes of packets(server, seen)) both.network.feed(both.b, { kind: 'packet', bytes })
    both.network.run(2_000)
    expect(both.a.delivered).toHaveLength(2)
    for (const { bytes } of both.a.delivered) expect(checksumFits(bytes)).toBe(true)
  }

  it('delivers TCP and UDP with checksums that fit, to a server that sees the NAT', () => {
    const both = throughNat({ client, server, serverKnownAs: server }, masquerade(client, nat))
    exchange(both, server, nat)
    expect(both.b.named('nat-detected')).toMatchObject([{ remote: { behindNat: 'behind-nat' }, local: { behindNat: 'no-nat' } }])
    expect(both.a.named('nat-detected')).toMatchObject([{ local: { behindNat: 'behind-nat' }, forced: 'found' }])
    expect(both.b.named('child-sa-established')[0]?.established.remoteSelectors[0]?.startAddress).toBe(nat)
    expect(both.a.named('child-sa-established')[0]?.established.localSelectors[0]?.startAddress).toBe(client)
  })

  it('does so with a NAT on either side', () => {
    const [first, second] = [masquerade(client, nat), forward(forwarded, server)]
    const both = throughNat({ client, server, serverKnownAs: forwarded }, (datagram) => {
      const half = first(datagram)
      return half === undefined ? undefined : second(half)
    })
    exchange(both, forwarded, nat)
  })

  it('follows a mapping that changes, on an authenticated message only', () => {
    let mapped = masquerade(client, nat)
    const both = throughNat({ client, server, serverKnownAs: server }, (datagram) => mapped(datagram))
    exchange(both, server, nat)
    const inner = masquerade(client, nat)
    // The NAT has forgotten: from now on the client is seen with other ports.
    mapped = (datagram) => {
      const changed = inner(datagram)
      if (changed === undefined) return undefined
      if (datagram.local.address === client) return { ...changed, local: { ...changed.local, port: changed.local.port + 1 } }
      return datagram.remote.address === nat ? { ...changed, remote: { ...changed.remote, port: changed.remote.port - 1 } } : changed
    }
    const ikeSa = both.a.named('ike-sa-established')[0]?.ikeSa
    if (ikeSa === undefined) throw new Error('no IKE SA')
    both.network.feed(both.a, { kind: 'command', command: { kind: 'check-liveness', ikeSa } })
    both.network.run(2_000)
    expect(both.b.named('peer-moved')).toMatchObject([{ remote: { address: nat, port: 24_501 } }])
    expect(both.a.named('peer-alive')).toHaveLength(1)
  })

  it('follows a NAT that changes its address, and shows the peer where it was: its connections go on', () => {
    let outside = nat
    const both = throughNat({ client, server, serverKnownAs: server }, (datagram) => masquerade(client, outside)(datagram))
    exchange(both, server, nat)
    const { network, a, b } = both
    outside = forwarded
    const tcp = { sequence: 3, acknowledgement: 4, flags: 0x18, window: 1000, payload }
    network.feed(a, { kind: 'packet', bytes: ipPacket(client, server, 6, tcpSegment({ ...endpoints(client, server), ...tcp })) })
    network.run(1_000)
    expect(b.named('peer-moved')).toMatchObject([{ remote: { address: forwarded } }])
    const last = b.delivered.at(-1)?.bytes ?? new Uint8Array(0)
    expect(b.delivered).toHaveLength(3)
    expect(checksumFits(last)).toBe(true)
    const layout = emptyLayout()
    readLayout(last, 0, last.length, layout)
    expect(sourceAddress(last, layout)).toBe(nat)
    network.feed(b, { kind: 'packet', bytes: ipPacket(server, nat, 6, tcpSegment({ ...endpoints(server, nat), ...tcp })) })
    network.run(1_000)
    expect(a.delivered).toHaveLength(3)
    expect(checksumFits(a.delivered.at(-1)?.bytes ?? new Uint8Array(0))).toBe(true)
  })

  it('follows a mapping that changes when a burst brings a new packet, and not when an old one comes again', () => {
    const both = throughNat({ client, server, serverKnownAs: server }, masquerade(client, nat))
    exchange(both, server, nat)
    const { network, a, b } = both
    const from = (port: number) => ({ local: { address: server, port: 4500 }, remote: { address: nat, port } })
    const burst = (port: number, ...sealed: readonly Uint8Array[]): readonly number[] => {
      const batch = new PacketBatch(sealed.length, 1600)
      for (const bytes of sealed) batch.add(bytes)
      b.host.open(network.now, batch, from(port), [])
      for (const output of b.host.drain(network.now)) if (output.kind === 'event') b.events.push(output.event)
      return [...batch.outcome]
    }
    const sealed = (): Uint8Array => {
      const bytes = ipPacket(client, server, 17, udpDatagram({ ...endpoints(client, server), payload }))
      for (const output of a.handle(network.now, { kind: 'packet', bytes })) if (output.kind === 'send') return output.datagram.bytes
      throw new Error('nothing was sealed')
    }
    const [early, late, later] = [sealed(), sealed(), sealed()]
    // What is not authentic moves nobody.
    const forged = later.slice()
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    expect(burst(6_666, forged)).toEqual([drop['integrity-check-failed']])
    expect(b.named('peer-moved')).toEqual([])
    expect(burst(24_500, late)).toEqual([0])
    expect(b.named('peer-moved')).toEqual([])
    // Anybody may have kept an older one; and a replayed one is none.
    expect(burst(6_666, early)).toEqual([0])
    expect(burst(6_666, late)).toEqual([drop.replayed])
    expect(b.named('peer-moved')).toEqual([])
    expect(burst(24_777, later)).toEqual([0])
    expect(b.named('peer-moved')).toMatchObject([{ remote: { address: nat, port: 24_777 } }])
    const back = new PacketBatch(1, 1500)
    back.add(ipPacket(server, nat, 17, udpDatagram({ ...endpoints(server, nat), payload })))
    const routes: (Route | undefined)[] = []
    b.host.seal(network.now, back, routes)
    expect(routes[0]?.remote).toEqual({ address: nat, port: 24_777 })
  })

  it('keeps the mapping alive: one octet every 20 s of silence (RFC 3948 §4)', () => {
    const both = throughNat({ client, server, serverKnownAs: server }, masquerade(client, nat))
    exchange(both, server, nat)
    const before = both.network.sent.length
    both.network.run(65_000)
    const keepalives = both.network.sent.slice(before)
    expect(keepalives.map(({ bytes }) => [...bytes])).toEqual([[0xff], [0xff], [0xff]])
    expect(keepalives.every(({ local }) => local.address === client)).toBe(true)
  })

  it('sends none while something else goes out, in either form', () => {
    const both = throughNat({ client, server, serverKnownAs: server }, masquerade(client, nat))
    exchange(both, server, nat)
    const { network, a } = both
    const before = network.sent.length
    const bytes = ipPacket(client, server, 17, udpDatagram({ ...endpoints(client, server), payload }))
    const began = network.now
    for (let i = 1; i < 5; i++) network.plan(later(began, i * 15_000), () => network.feed(a, { kind: 'packet', bytes }))
    network.plan(later(began, 75_000), () => {
      const batch = new PacketBatch(1, 1500)
      batch.add(bytes)
      a.host.seal(network.now, batch, [])
    })
    network.run(94_000)
    expect(network.sent.slice(before).filter(({ bytes: sent }) => sent.length === 1)).toEqual([])
    network.run(96_000)
    expect(network.sent.slice(before).find(({ bytes: sent }) => sent.length === 1)).toBeDefined()
  })

  it.each([
    { keepaliveInterval: 5_000, times: 12 },
    { keepaliveInterval: undefined, times: 0 },
  ])('sends them as often as it is told to: $keepaliveInterval', ({ keepaliveInterval, times }) => {
    const both = throughNat({ client, server, serverKnownAs: server }, masquerade(client, nat), { keepaliveInterval })
    exchange(both, server, nat)
    const before = both.network.sent.length
    both.network.run(62_000)
    expect(both.network.sent.slice(before)).toHaveLength(times)
  })

  it('swallows what it is sent of them: no sign of life (RFC 3948 §4), no drop, no other address', () => {
    const both = throughNat(
      { client, server, serverKnownAs: server },
      masquerade(client, nat),
      { keepaliveInterval: undefined },
      { livenessDelay: 30_000 },
    )
    exchange(both, server, nat)
    const { network, b } = both
    const began = network.now
    for (let i = 1; i < 6; i++) {
      network.plan(later(began, i * 5_000), () =>
        network.feed(b, {
          kind: 'datagram',
          datagram: {
            channel: 'nat-t',
            local: { address: server, port: 4500 },
            remote: { address: nat, port: 30_000 + i },
            bytes: Uint8Array.of(0xff),
          },
        }),
      )
    }
    network.run(32_000)
    expect(b.named('peer-alive')).toHaveLength(1)
    expect(b.named('peer-moved')).toEqual([])
    expect(b.host.counters.dropped).toEqual({})
  })
})
