// Several hosts that look the same, to one server in transport mode: each flow goes back through its own SA. RFC 3948 §5.2.
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/bytes/bytes.ts'
import { PacketBatch } from '../../src/contract/packets.ts'
import { type ChildSaId, childSaId } from '../../src/contract/units.ts'
import type { Route } from '../../src/host/children.ts'
import { outcome } from '../../src/host/outcomes.ts'
import type { LabHost } from '../../src/lab/host.ts'
import { udpPacket } from '../../src/net/udp.ts'
import type { SpdEntry } from '../../src/policy/spd.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { answer, type Client, connect, heard, neighbours, say, type Scene, sharers, words } from './behind-nat.ts'
import { address, anyTraffic, protectAll, value } from './two-hosts.ts'

interface Talk extends Scene {
  readonly ari: Client
  readonly bob: Client
  /** What the server knows them by. */
  readonly ariChild: ChildSaId
  readonly bobChild: ChildSaId
}

function talk(scene: Scene = neighbours()): Talk {
  const [ari, bob] = scene.clients
  if (ari === undefined || bob === undefined) throw new Error('two are needed')
  for (const client of scene.clients) connect(scene, client)
  for (const client of scene.clients) say(scene, client, client.name)
  scene.network.run(1_000)
  const children = scene.server.delivered.map(({ child }) => child)
  const [ariChild, bobChild] = children
  if (ariChild === undefined || bobChild === undefined) throw new Error(`the server heard ${children.length}`)
  return { ...scene, ari, bob, ariChild, bobChild }
}

const heardBy = ({ delivered }: LabHost): readonly string[] => heard(delivered.map(({ bytes }) => bytes))

describe('of two hosts that look the same', () => {
  it('both say the same, octet for octet, and come through SAs of their own', () => {
    const { server, ariChild, bobChild, ari, bob } = talk()
    expect(heardBy(server)).toEqual(['ari', 'bob'])
    expect(ari.inside).toBe(bob.inside)
    expect(ari.seen).toBe(bob.seen)
    expect(ariChild).not.toBe(bobChild)
  })

  it('each is answered through its own SA, though address and ports are those of the other', () => {
    const scene = talk()
    const { network, ari, bob, ariChild, bobChild } = scene
    answer(scene, ari.seen, 'for ari', ariChild)
    answer(scene, bob.seen, 'for bob', bobChild)
    answer(scene, ari.seen, 'for ari again', ariChild)
    network.run(1_000)
    expect(heardBy(ari.host)).toEqual(['for ari', 'for ari again'])
    expect(heardBy(bob.host)).toEqual(['for bob'])
  })

  it('the newest has what names no SA', () => {
    const scene = talk()
    answer(scene, scene.ari.seen, 'for whom?')
    scene.network.run(1_000)
    expect(heardBy(scene.ari.host)).toEqual([])
    expect(heardBy(scene.bob.host)).toEqual(['for whom?'])
  })

  it('each is answered through its own SA in bursts, too: what `open` says serves `seal`', () => {
    const scene = talk()
    const { network, server, at, ari, bob, ariChild, bobChild } = scene
    const batch = new PacketBatch(8, 1500)
    const through = [ariChild, bobChild, bobChild, ariChild, undefined]
    for (const [i] of through.entries()) batch.add(words(at, ari.seen, `answer ${i}`))
    const routes: (Route | undefined)[] = []
    server.host.seal(network.now, batch, routes, through)
    for (const [i, route] of routes.entries()) {
      if (route === undefined) throw new Error(`answer ${i} has no route`)
      network.transmit({ channel: route.channel, local: route.local, remote: route.remote, bytes: batch.packet(i) })
    }
    network.run(1_000)
    expect(heardBy(ari.host)).toEqual(['answer 0', 'answer 3'])
    expect(heardBy(bob.host)).toEqual(['answer 1', 'answer 2', 'answer 4'])
  })
})

describe('what goes through a Child SA that is named', () => {
  it.each(['ari', 'the server'] as const)('finds its successors after rekeys by %s, by any of its names', (who) => {
    const scene = talk()
    const { network, server, ari, bob, ariChild } = scene
    const names = [ariChild]
    for (let i = 0; i < 5; i++) {
      const host = who === 'ari' ? ari.host : server
      const mine = host === server ? names.at(-1) : ari.host.named('child-sa-established').at(-1)?.child
      if (mine === undefined) throw new Error('no Child SA')
      network.command(host, { kind: 'rekey-child-sa', child: mine })
      network.run(1_000)
      const successor = server.named('child-sa-established').at(-1)
      expect(successor?.established.replaces).toBe(names.at(-1))
      if (successor !== undefined) names.push(successor.child)
    }
    for (const [i, name] of names.entries()) answer(scene, ari.seen, `by name ${i}`, name)
    network.run(100_000)
    for (const [i, name] of names.entries()) answer(scene, ari.seen, `later, by name ${i}`, name)
    network.run(1_000)
    expect(heardBy(ari.host)).toEqual([...names.map((_, i) => `by name ${i}`), ...names.map((_, i) => `later, by name ${i}`)])
    expect(heardBy(bob.host)).toEqual([])
  })

  it('finds them while the successor waits for the peer to be ready (RFC 7296 §2.8)', () => {
    const scene = talk()
    const { network, server, ari, ariChild } = scene
    const rekey = (until: () => boolean): void => {
      const mine = ari.host.named('child-sa-established').at(-1)?.child
      if (mine === undefined) throw new Error('no Child SA')
      network.command(ari.host, { kind: 'rekey-child-sa', child: mine })
      network.run(1_000, until)
    }
    rekey(() => false)
    // The server has answered the second one, and has seen nothing yet that would say that Ari is ready.
    rekey(() => server.named('child-sa-established').length === 4)
    const successor = server.named('child-sa-established').at(-1)?.child
    expect(server.host.view.outbound.map(({ child }) => child)).not.toContain(successor)
    answer(scene, ari.seen, 'by the oldest name', ariChild)
    network.run(20)
    expect(heardBy(ari.host)).toEqual(['by the oldest name'])
  })

  it('finds it after a rekey of the IKE SA', () => {
    const scene = talk()
    const { network, server, ari, ariChild } = scene
    const ikeSa = server.host.view.ikeSas.find(({ children }) => children.some(({ id }) => id === ariChild))
    if (ikeSa === undefined) throw new Error('no IKE SA')
    network.command(server, { kind: 'rekey-ike-sa', ikeSa: ikeSa.id })
    network.run(1_000)
    answer(scene, ari.seen, 'still there', ariChild)
    network.run(1_000)
    expect(heardBy(ari.host)).toEqual(['still there'])
  })

  it.each(['ari', 'the server'] as const)(
    'finds its successors after reauthentications by %s, and loses nothing meanwhile (RFC 7296 §2.8.3)',
    (who) => {
      const scene = talk()
      const { network, server, ari, bob, ariChild } = scene
      const host = who === 'ari' ? ari.host : server
      const expected: string[] = []
      const names = [ariChild]
      for (let round = 0; round < 3; round++) {
        const current = server.host.view.ikeSas.find(({ children }) => children.some(({ id }) => id === names.at(-1)))?.id
        const ikeSa = host === server ? current : ari.host.named('ike-sa-established').at(-1)?.ikeSa
        if (ikeSa === undefined) throw new Error('no IKE SA')
        network.command(host, { kind: 'reauthenticate', ikeSa })
        for (let i = 0; i < 40; i++) {
          for (const [n, name] of names.entries()) {
            expected.push(`${round}.${i} by name ${n}`)
            answer(scene, ari.seen, `${round}.${i} by name ${n}`, name)
          }
          network.run(25)
        }
        network.run(60_000)
        const child = server.named('child-sa-established').at(-1)?.child
        if (child === undefined) throw new Error('no Child SA')
        expect(names).not.toContain(child)
        names.push(child)
      }
      expect(heardBy(ari.host)).toEqual(expected)
      expect(heardBy(bob.host)).toEqual([])
      expect(server.host.counters.dropped).toEqual({})
    },
  )

  it('goes to nobody else who has the same identity, when it is gone', () => {
    const scene = sharers()
    const both = talk(scene)
    scene.network.command(both.ari.host, { kind: 'close-all' })
    scene.network.run(10_000)
    answer(scene, both.ari.seen, 'too late', both.ariChild)
    scene.network.run(1_000)
    expect(heardBy(both.bob.host)).toEqual([])
    expect(scene.server.host.counters.dropped).toEqual({ 'through-gone': 1 })
  })

  it('is dropped and counted when it is gone, and never goes to the neighbour', () => {
    const scene = talk()
    const { network, server, ari, bob, ariChild } = scene
    network.command(ari.host, { kind: 'close-all' })
    network.run(10_000)
    answer(scene, ari.seen, 'too late', ariChild)
    answer(scene, ari.seen, 'to nobody', childSaId(4711))
    network.run(1_000)
    expect(heardBy(bob.host)).toEqual([])
    expect(server.host.counters.dropped).toEqual({ 'through-gone': 2 })
  })

  it('goes only if the selectors of the SA let it, and never in clear', () => {
    const scene = talk()
    const { network, server, bob, ariChild } = scene
    answer(scene, address('203.0.113.9'), 'not for ari', ariChild)
    const batch = new PacketBatch(1, 1500)
    batch.add(words(scene.at, address('203.0.113.9'), 'not for ari'))
    server.host.seal(network.now, batch, [], [ariChild])
    network.run(1_000)
    expect(batch.outcome[0]).toBe(outcome['through-forbidden'])
    expect(server.host.counters.dropped).toEqual({ 'through-forbidden': 2 })
    expect(server.bypassed).toEqual([])
    expect(heardBy(bob.host)).toEqual([])
  })

  it('goes only if policy has that SA protect it', () => {
    const telnet = value(parseSelector('0.0.0.0/0[udp/7001]'))
    const rule = (name: string, action: SpdEntry['action']): SpdEntry => ({
      name,
      direction: 'out',
      local: anyTraffic,
      remote: telnet,
      action,
    })
    for (const action of [{ kind: 'BYPASS' }, { kind: 'DISCARD' }] as const) {
      const scene = talk(neighbours({}, { policies: [rule('first', action), protectAll] }))
      const bytes = udpPacket({
        source: { address: scene.at, port: 1 },
        destination: { address: scene.ari.seen, port: 7001 },
        payload: utf8('no'),
      })
      scene.network.feed(scene.server, { kind: 'packet', bytes, through: scene.ariChild })
      expect(scene.server.host.counters.dropped).toEqual({ 'through-forbidden': 1 })
      expect(scene.server.bypassed).toEqual([])
    }
  })
})
