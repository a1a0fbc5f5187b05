// A second peer with the address of another, for a plain IP stack: refused, or known by an address of its own. RFC 3948 §5.2.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import type { ChildSaId } from '../../src/contract/units.ts'
import type { Route } from '../../src/host/children.ts'
import { outcome } from '../../src/host/outcomes.ts'
import { formatFailure } from '../../src/inspect/refusal.ts'
import { type Address, addressBytes } from '../../src/net/address.ts'
import { ipPacket, tcpSegment, upperChecksum } from '../../src/net/build.ts'
import { checksum } from '../../src/net/checksum.ts'
import { emptyLayout, readLayout } from '../../src/net/layout.ts'
import { udpPacket } from '../../src/net/udp.ts'
import type { Connection, Overlap } from '../../src/policy/connection.ts'
import { pathDefaults } from '../../src/policy/defaults.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import type { SpdEntry } from '../../src/policy/spd.ts'
import { answer, type Client, connect, heard, neighbours, say, type Scene, setScene, sharers, words } from './behind-nat.ts'
import { address, anyTraffic, protectAll, value } from './two-hosts.ts'

const pool = (start: string, end: string): Overlap => ({ kind: 'map', pool: [{ start: address(start), end: address(end) }] })
const mapping = pool('100.64.9.1', '100.64.9.9')

interface Two extends Scene {
  readonly ari: Client
  readonly bob: Client
}

function two(connection: Partial<Connection>): Two {
  const scene = neighbours(connection)
  const [ari, bob] = scene.clients
  if (ari === undefined || bob === undefined) throw new Error('two are needed')
  return { ...scene, ari, bob }
}

function both(connection: Partial<Connection>): Two {
  const scene = two(connection)
  for (const client of scene.clients) connect(scene, client)
  return scene
}

/** Source and destination, with both checksums looked at. */
function ends(packet: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const layout = emptyLayout()
  if (!readLayout(packet, 0, packet.length, layout)) throw new Error('not an IP packet')
  const length = layout.version === 4 ? 4 : 16
  const [source, destination] = [layout.source, layout.destination].map((at) => packet.subarray(at, at + length))
  if (source === undefined || destination === undefined) throw new Error('no addresses')
  if (layout.version === 4) expect(checksum(packet, 0, 20, 0)).toBe(0)
  const name = (octets: Uint8Array): Address => address(layout.version === 4 ? octets.join('.') : colons(octets))
  expect(upperChecksum(name(source), name(destination), layout.protocol, packet.subarray(layout.upper, layout.end))).toBe(0)
  return [source, destination]
}
const colons = (octets: Uint8Array): string =>
  Array.from({ length: 8 }, (_, i) => (((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0)).toString(16)).join(':')

const heardBy = (client: Client): readonly string[] => heard(client.host.delivered.map(({ bytes }) => bytes))

describe('refuse', () => {
  const refuse = { overlap: { kind: 'refuse' } } as const

  it('the second peer gets TS_UNACCEPTABLE, and the server says why and whom it would collide with', () => {
    const scene = both(refuse)
    const { server, ari, bob } = scene
    expect(ari.host.named('child-sa-established')).toHaveLength(1)
    expect(bob.host.named('ike-sa-established')).toHaveLength(1)
    expect(bob.host.named('child-sa-failed')[0]?.fault.message).toContain('TS_UNACCEPTABLE')
    const [failure] = server.named('child-sa-failed')
    expect(failure?.refusal).toMatchObject({ kind: 'overlap', reason: 'other-peer', address: ari.seen })
    if (failure !== undefined)
      expect(formatFailure(failure.fault, failure.refusal)[0]).toMatch(/198\.51\.100\.7 is the address of .*ari\.example/)
    expect(server.host.counters.overlapsRefused).toBe(1)
    answer(scene, ari.seen, 'for ari')
    scene.network.run(1_000)
    expect(heardBy(ari)).toEqual(['for ari'])
  })

  it('in tunnel mode the second peer with the same inner address is refused as well (RFC 3948 §5.1)', () => {
    const [inner, inners] = ['10.1.2.3', '10.1.0.0/16'].map((words) => value(parseSelector(words)))
    if (inner === undefined || inners === undefined) throw new Error('two selectors')
    const client = { child: { mode: 'tunnel', localSelectors: [inner], remoteSelectors: [anyTraffic] } } as const
    const scene = setScene({
      nats: [
        { name: 'home-1', outside: address('198.51.100.7') },
        { name: 'home-2', outside: address('198.51.100.8') },
      ],
      clients: [
        { name: 'ari', inside: address('192.168.1.5'), behind: 'home-1', side: client },
        { name: 'bob', inside: address('192.168.1.5'), behind: 'home-2', side: client },
      ],
      server: address('192.0.2.2'),
      serverConnection: refuse,
      serverSide: { child: { mode: 'tunnel', localSelectors: [anyTraffic], remoteSelectors: [inners] } },
    })
    for (const each of scene.clients) connect(scene, each)
    expect(scene.clients.map(({ host }) => host.named('child-sa-established').length)).toEqual([1, 0])
    expect(scene.server.named('child-sa-failed')[0]?.refusal).toMatchObject({ reason: 'other-peer', address: '10.1.2.3' })
  })

  it('the first peer may rekey, and authenticate anew from another port', () => {
    const scene = both(refuse)
    const { network, server, ari } = scene
    const child = ari.host.named('child-sa-established')[0]?.child
    const ikeSa = ari.host.named('ike-sa-established')[0]?.ikeSa
    if (child === undefined || ikeSa === undefined) throw new Error('nothing is up')
    network.command(ari.host, { kind: 'rekey-child-sa', child })
    network.run(1_000)
    network.command(ari.host, { kind: 'rekey-ike-sa', ikeSa })
    network.run(1_000)
    scene.nats.get('home-1')?.rebind()
    const heir = ari.host.named('ike-sa-established').at(-1)?.ikeSa
    if (heir !== undefined) network.command(ari.host, { kind: 'reauthenticate', ikeSa: heir })
    network.run(10_000)
    expect(server.named('child-sa-failed')).toHaveLength(1)
    answer(scene, ari.seen, 'for ari')
    network.run(1_000)
    expect(heardBy(ari)).toEqual(['for ari'])
  })

  it('the second comes in once the first is gone', () => {
    const scene = both(refuse)
    scene.network.command(scene.ari.host, { kind: 'close-all' })
    scene.network.run(1_000)
    connect(scene, scene.bob)
    expect(scene.bob.host.named('child-sa-established')).toHaveLength(1)
    answer(scene, scene.bob.seen, 'for bob')
    scene.network.run(1_000)
    expect(heardBy(scene.bob)).toEqual(['for bob'])
  })

  it('traffic that can be told apart is no conflict', () => {
    const scene = setScene({
      nats: [{ name: 'home', outside: address('198.51.100.7') }],
      clients: ['10.0.0.5', '10.0.0.6'].map((inside, i) => ({
        name: `host-${i}`,
        inside: address(inside),
        behind: 'home',
        side: { child: { localSelectors: [{ addresses: 'dynamic', protocol: 17, startPort: 100 + i, endPort: 100 + i }] } },
      })),
      server: address('192.0.2.2'),
      serverConnection: refuse,
    })
    for (const client of scene.clients) connect(scene, client)
    expect(scene.clients.map(({ host }) => host.named('child-sa-established').length)).toEqual([1, 1])
  })

  it('hosts that share an identity are told apart by their ports', () => {
    const scene = sharers(refuse)
    for (const client of scene.clients) connect(scene, client)
    expect(scene.clients.map(({ host }) => host.named('child-sa-established').length)).toEqual([1, 0])
    expect(scene.server.host.counters.overlapsRefused).toBe(1)
  })
})

describe('map', () => {
  it('the second peer is known by an address of the pool: what comes from it has it, what goes there goes to it', () => {
    const scene = both({ overlap: mapping })
    const { network, server, ari, bob } = scene
    expect(server.named('child-sa-established').map(({ established }) => established.mapped)).toEqual([undefined, '100.64.9.1'])
    say(scene, ari, 'I am ari')
    say(scene, bob, 'I am bob')
    network.run(1_000)
    const sources = server.delivered.map(({ bytes }) => ends(bytes)[0].join('.'))
    expect(sources).toEqual(['198.51.100.7', '100.64.9.1'])
    // As a plain stack would: to where it came from, and no word of any SA.
    answer(scene, ari.seen, 'for ari')
    answer(scene, address('100.64.9.1'), 'for bob')
    network.run(1_000)
    expect(heardBy(ari)).toEqual(['for ari'])
    expect(heardBy(bob)).toEqual(['for bob'])
    for (const { bytes } of [...ari.host.delivered, ...bob.host.delivered]) expect(ends(bytes)[1].join('.')).toBe('10.0.0.5')
    expect(server.host.counters.dropped).toEqual({})
  })

  it('in bursts, too', () => {
    const scene = both({ overlap: mapping })
    const { network, server, at, ari, bob } = scene
    const batch = new PacketBatch(3, 1500)
    for (const [to, text] of [
      ['100.64.9.1', 'for bob'],
      ['198.51.100.7', 'for ari'],
      ['100.64.9.2', 'for nobody'],
    ] as const)
      batch.add(words(at, address(to), text))
    const routes: (Route | undefined)[] = []
    server.host.seal(network.now, batch, routes)
    for (const [i, route] of routes.entries()) if (route !== undefined) network.transmit({ ...route, bytes: batch.packet(i) })
    network.run(1_000)
    expect([heardBy(ari), heardBy(bob)]).toEqual([['for ari'], ['for bob']])
    expect(server.host.counters.dropped).toEqual({ 'mapping-gone': 1 })

    const sealed = bob.host.handle(network.now, { kind: 'packet', bytes: words(bob.inside, at, 'I am bob') })
    const [send] = sealed.flatMap((output) => (output.kind === 'send' ? [output.datagram] : []))
    if (send === undefined) throw new Error('nothing was sealed')
    const come = new PacketBatch(1, 1500)
    come.add(send.bytes)
    const children: (ChildSaId | undefined)[] = []
    server.host.open(network.now, come, { local: { address: at, port: 4500 }, remote: { address: bob.seen, port: 4500 } }, children)
    expect(ends(come.packet(0))[0].join('.')).toBe('100.64.9.1')
    expect(children[0]).toBe(server.named('child-sa-established')[1]?.child)
  })

  it('the octets of who sends stay as they are', () => {
    const scene = both({ overlap: mapping })
    const bytes = words(scene.at, address('100.64.9.1'), 'for bob')
    const before = bytes.slice()
    scene.network.feed(scene.server, { kind: 'packet', bytes })
    expect(bytes).toEqual(before)
  })

  it('with TCP and IPv6', () => {
    const scene = setScene({
      nats: [{ name: 'home', outside: address('2001:db8:7::1') }],
      clients: ['fd00::5', 'fd00::6'].map((inside, i) => ({ name: `host-${i}`, inside: address(inside), behind: 'home' })),
      server: address('2001:db8::2'),
      serverConnection: { overlap: pool('fd64::1', 'fd64::2') },
    })
    for (const client of scene.clients) connect(scene, client)
    const segment = (source: Address, destination: Address): Uint8Array => {
      const tcp = { sequence: 1, acknowledgement: 2, flags: 0x18, window: 512, payload: Uint8Array.of(1, 2, 3) }
      return ipPacket(
        source,
        destination,
        6,
        tcpSegment({ source: { address: source, port: 1 }, destination: { address: destination, port: 2 }, ...tcp }),
      )
    }
    for (const { host, inside } of scene.clients) scene.network.feed(host, { kind: 'packet', bytes: segment(inside, scene.at) })
    scene.network.run(1_000)
    const seen = scene.server.delivered.map(({ bytes }) => ends(bytes)[0])
    expect(seen).toEqual([addressBytes(address('2001:db8:7::1')), addressBytes(address('fd64::1'))])
    scene.network.feed(scene.server, { kind: 'packet', bytes: segment(scene.at, address('fd64::1')) })
    scene.network.run(1_000)
    expect(scene.clients.map(({ host }) => host.delivered.map(({ bytes }) => ends(bytes)[1]))).toEqual([
      [],
      [addressBytes(address('fd00::6'))],
    ])
  })

  it('stays through rekeys by either end, a reauthentication, and after the first peer has gone', () => {
    const scene = both({ overlap: mapping })
    const { network, server, ari, bob } = scene
    const rekey = (host: Client['host'], index: number): void => {
      const child = host.named('child-sa-established').at(index)?.child
      if (child !== undefined) network.command(host, { kind: 'rekey-child-sa', child })
      network.run(1_000)
    }
    rekey(bob.host, -1)
    rekey(server, -1)
    network.command(ari.host, { kind: 'close-all' })
    network.run(10_000)
    const ikeSa = bob.host.named('ike-sa-established').at(-1)?.ikeSa
    if (ikeSa !== undefined) network.command(bob.host, { kind: 'reauthenticate', ikeSa })
    network.run(20_000)
    answer(scene, address('100.64.9.1'), 'for bob')
    network.run(1_000)
    expect(heardBy(bob)).toEqual(['for bob'])
    const places = server.named('child-sa-established').map(({ established }) => established.mapped)
    expect(places).toEqual([undefined, '100.64.9.1', '100.64.9.1', '100.64.9.1', '100.64.9.1'])
  })

  it('goes with its peer: the address leads nowhere then, and comes to the next', () => {
    const scene = both({ overlap: pool('100.64.9.1', '100.64.9.1') })
    const { network, server, bob } = scene
    network.command(bob.host, { kind: 'close-all' })
    network.run(10_000)
    answer(scene, address('100.64.9.1'), 'too late')
    expect(server.host.counters).toMatchObject({ dropped: { 'mapping-gone': 1 }, waiting: 0 })
    connect(scene, bob)
    const child = bob.host.named('child-sa-established').at(-1)?.child
    if (child !== undefined) network.command(bob.host, { kind: 'rekey-child-sa', child })
    network.run(10_000)
    network.command(bob.host, { kind: 'close-all' })
    network.run(10_000)
    connect(scene, bob)
    const places = server.named('child-sa-established').map(({ established }) => established.mapped)
    expect(places).toEqual([undefined, ...Array.from({ length: 4 }, () => '100.64.9.1')])
  })

  it('an empty pool refuses, and is counted', () => {
    const three = setScene({
      nats: [{ name: 'home', outside: address('198.51.100.7') }],
      clients: ['10.0.0.5', '10.0.0.6', '10.0.0.7'].map((inside, i) => ({ name: `host-${i}`, inside: address(inside), behind: 'home' })),
      server: address('192.0.2.2'),
      serverConnection: { overlap: pool('100.64.9.1', '100.64.9.1') },
    })
    for (const client of three.clients) connect(three, client)
    expect(three.clients.map(({ host }) => host.named('child-sa-established').length)).toEqual([1, 1, 0])
    expect(three.server.named('child-sa-failed')).toMatchObject([
      { fault: { code: 'POLICY_LIMIT_REACHED' }, refusal: { kind: 'overlap', reason: 'pool-exhausted' } },
    ])
    expect(three.server.host.counters.overlapsRefused).toBe(1)
  })

  it('a peer whose own address is in the pool is refused', () => {
    const scene = setScene({
      nats: [{ name: 'home', outside: address('100.64.9.3') }],
      clients: [{ name: 'ari', inside: address('10.0.0.5'), behind: 'home' }],
      server: address('192.0.2.2'),
      serverConnection: { overlap: mapping },
    })
    for (const client of scene.clients) connect(scene, client)
    expect(scene.server.named('child-sa-failed')).toMatchObject([{ refusal: { kind: 'overlap', reason: 'in-pool' } }])
  })

  describe('an ICMP error', () => {
    const udpOnly = value(parseSelector('dynamic[udp]'))
    const onlyUdp = { localSelectors: [udpOnly], remoteSelectors: [udpOnly] }
    const rule: SpdEntry = { ...protectAll, local: udpOnly, remote: udpOnly }
    const [ariShown, bobShown] = ['198.51.100.7', '100.64.9.1'].map(address)
    if (ariShown === undefined || bobShown === undefined) throw new Error('two are needed')
    /** "Port unreachable", with all checksums right. */
    const unreachable = (from: Address, to: Address, quoted: Uint8Array): Uint8Array => {
      const message = new Uint8Array(8 + quoted.length)
      message.set([3, 3])
      message.set(quoted, 8)
      const sum = checksum(message, 0, message.length, 0)
      message.set([sum >>> 8, sum & 0xff], 2)
      return ipPacket(from, to, 1, message)
    }
    const scenes = {
      'where the selectors have it': () => both({ overlap: mapping }),
      'where it goes by what it is about (RFC 4301 §6.2)': () => {
        const scene = setScene({
          nats: [
            { name: 'carrier', outside: ariShown },
            { name: 'home-1', outside: address('100.64.0.1'), behind: 'carrier' },
            { name: 'home-2', outside: address('100.64.0.2'), behind: 'carrier' },
          ],
          clients: ['ari', 'bob'].map((name, i) => ({
            name,
            inside: address('10.0.0.5'),
            behind: `home-${i + 1}`,
            side: { child: onlyUdp, policies: [rule] },
          })),
          server: address('192.0.2.2'),
          serverConnection: { overlap: mapping },
          serverSide: { child: onlyUdp, policies: [rule] },
        })
        const [ari, bob] = scene.clients
        if (ari === undefined || bob === undefined) throw new Error('two are needed')
        for (const client of scene.clients) connect(scene, client)
        return { ...scene, ari, bob }
      },
    }

    it.each(Object.entries(scenes))('comes in and goes out with what it is about as each side knows it, %s', (_, make) => {
      const scene = make()
      const { network, server, at, ari, bob } = scene
      for (const client of scene.clients) say(scene, client, 'hello')
      network.run(1_000)
      // In: what the server sent to each, as each has received it, octet for octet.
      const sent = [words(at, ariShown, 'for ari'), words(at, bobShown, 'for bob')]
      for (const bytes of sent) network.feed(server, { kind: 'packet', bytes })
      network.run(1_000)
      for (const { host, inside } of scene.clients) {
        const quoted = host.delivered.at(-1)?.bytes ?? new Uint8Array(0)
        network.feed(host, { kind: 'packet', bytes: unreachable(inside, at, quoted) })
      }
      network.run(1_000)
      const came = server.delivered.slice(-2).map(({ bytes }) => bytes)
      expect(came).toEqual([
        unreachable(ariShown, at, sent[0] ?? new Uint8Array(0)),
        unreachable(bobShown, at, sent[1] ?? new Uint8Array(0)),
      ])
      // Out: what each has sent, as the server has received it.
      const [fromAri, fromBob] = server.delivered.map(({ bytes }) => bytes)
      if (fromAri === undefined || fromBob === undefined) throw new Error('the server has heard nothing')
      network.feed(server, { kind: 'packet', bytes: unreachable(at, ariShown, fromAri) })
      network.feed(server, { kind: 'packet', bytes: unreachable(at, bobShown, fromBob) })
      network.run(1_000)
      for (const { host, inside } of [ari, bob])
        expect(host.delivered.at(-1)?.bytes).toEqual(unreachable(at, inside, words(inside, at, 'hello')))
      expect(server.host.counters.dropped).toEqual({})
    })

    it('goes through the Child SA that it names', () => {
      const scene = setScene({
        nats: [{ name: 'home', outside: ariShown }],
        clients: [{ name: 'ari', inside: address('10.0.0.5'), behind: 'home', side: { child: onlyUdp, policies: [rule] } }],
        server: address('192.0.2.2'),
        serverSide: { child: onlyUdp, policies: [rule] },
      })
      const [ari] = scene.clients
      if (ari === undefined) throw new Error('one is needed')
      connect(scene, ari)
      const [through] = scene.server.named('child-sa-established').map(({ child }) => child)
      if (through === undefined) throw new Error('no Child SA')
      const feed = (quoted: Uint8Array): void =>
        scene.network.feed(scene.server, { kind: 'packet', bytes: unreachable(scene.at, ariShown, quoted), through })
      feed(words(ariShown, scene.at, 'hello'))
      feed(words(bobShown, scene.at, 'of another'))
      scene.network.run(1_000)
      expect(ari.host.delivered.map(({ bytes }) => bytes)).toEqual([
        unreachable(scene.at, ari.inside, words(ari.inside, scene.at, 'hello')),
      ])
      expect(scene.server.host.counters.dropped).toEqual({ 'through-forbidden': 1 })
    })
  })

  it('what policy does not let through stays as it was, octet for octet', () => {
    const telnet = value(parseSelector('0.0.0.0/0[udp/7001]'))
    const inClear: SpdEntry = { name: 'telnet', direction: 'out', local: anyTraffic, remote: telnet, action: { kind: 'BYPASS' } }
    const scene = neighbours({ overlap: mapping }, { policies: [inClear, protectAll] })
    for (const client of scene.clients) connect(scene, client)
    const bobChild = scene.server.named('child-sa-established')[1]?.child
    const ends = { source: { address: scene.at, port: 1 }, destination: { address: address('100.64.9.1'), port: 7001 } }
    const batch = new PacketBatch(2, 1500)
    for (let i = 0; i < 2; i++) batch.add(udpPacket({ ...ends, payload: utf8('no') }))
    const before = [0, 1].map((i) => batch.packet(i).slice())
    scene.server.host.seal(scene.network.now, batch, [], [bobChild])
    expect([...batch.outcome]).toEqual([outcome['through-forbidden'], outcome['through-forbidden']])
    expect([0, 1].map((i) => batch.packet(i))).toEqual(before)
    expect(scene.server.bypassed).toEqual([])
  })

  it('what is too long for its path is left as it was, octet for octet', () => {
    const scene = neighbours({ overlap: mapping }, { child: { path: { ...pathDefaults, mtu: 1280 } } })
    for (const client of scene.clients) connect(scene, client)
    const batch = new PacketBatch(1, 2000)
    batch.add(words(scene.at, address('100.64.9.1'), 'x'.repeat(1400)))
    const before = batch.packet(0).slice()
    scene.server.host.seal(scene.network.now, batch, [])
    expect(batch.outcome[0]).toBe(outcome['left-to-handle'])
    expect(batch.packet(0)).toEqual(before)
  })

  it('what names an SA goes through it, whichever of its addresses is written', () => {
    const scene = both({ overlap: mapping })
    const { network, server, ari, bob } = scene
    const [ariChild, bobChild] = server.named('child-sa-established').map(({ child }) => child)
    answer(scene, bob.seen, 'by its own address', bobChild)
    answer(scene, address('100.64.9.1'), 'by the other', bobChild)
    answer(scene, address('100.64.9.1'), 'through the wrong one', ariChild)
    network.run(1_000)
    expect(heardBy(bob)).toEqual(['by its own address', 'by the other'])
    expect(heardBy(ari)).toEqual([])
    expect(server.host.counters.dropped).toEqual({ 'through-forbidden': 1 })
  })
})
