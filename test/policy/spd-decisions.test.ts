// The fast look-up of an SPD against its readable twin, `explain`, which walks the list: random lists, random packets.
import { describe, expect, test } from 'vitest'
import { concat } from '../../src/bytes/bytes.ts'
import { stream } from '../../src/lab/random.ts'
import { ipPacket, ipv4Packet, ipv6Packet } from '../../src/net/build.ts'
import type { ChildConfig, Connection, SelectorTemplate } from '../../src/policy/connection.ts'
import { protectPeer } from '../../src/policy/protect-peer.ts'
import { parseSelector } from '../../src/policy/selector-words.ts'
import { createSpd, type SpdAction, type SpdEntry } from '../../src/policy/spd.ts'
import { address, laterFragment, type Seen, seen, tcp } from './packets.ts'

/** A number below another, by chance: the same lists and packets for the same seed. */
function chance(seed: number): (below: number) => number {
  const numbers = stream(seed, 'spd')
  return (below) => numbers.next() % below
}

type Chance = ReturnType<typeof chance>
const pick = <T>(random: Chance, list: readonly T[]): T => list[random(list.length)] as T

const templates = new Map<string, SelectorTemplate>()
function template(text: string): SelectorTemplate {
  const known = templates.get(text)
  if (known !== undefined) return known
  const parsed = parseSelector(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.fault.message}`)
  templates.set(text, parsed.value)
  return parsed.value
}

// Few addresses and ports, so that rules meet each other and packets meet rules.
const hosts4 = ['10.0.0.1', '10.0.0.2', '10.0.0.9', '10.1.0.1', '127.255.255.255', '128.0.0.0', '192.0.2.1']
const hosts6 = ['2001:db8::1', '2001:db8::2', '2001:db8:1::1', 'fe80::1', 'fe80:0:0:1::1', '::1']
const ranges4 = ['10.0.0.0/24', '10.0.0.0/8', '0.0.0.0/0', '10.0.0.2-10.0.0.9', '127.255.255.255-128.0.0.0', '128.0.0.0/1', ...hosts4]
const ranges6 = ['2001:db8::/32', '::/0', '2001:db8::1-2001:db8::3', 'fe80::/64', 'fe80::-fe80:0:0:1::1', '2001:db8::/31', ...hosts6]
const layers = [
  '',
  '',
  '',
  '[tcp]',
  '[udp]',
  '[tcp/80]',
  '[tcp/443]',
  '[tcp/79-81]',
  '[udp/53]',
  '[tcp/opaque]',
  '[any/80]',
  '[any/opaque]',
  '[gre]',
  '[icmp]',
  '[icmp/8]',
  '[icmp/3(1)-3(4)]',
  '[ipv6-icmp/128(0)]',
  '[ipv6-icmp/opaque]',
  '[sctp/80]',
  '[47/80]',
]
const actions: readonly SpdAction[] = [
  { kind: 'PROTECT', connection: 'a', child: 'x' },
  { kind: 'PROTECT', connection: 'b', child: 'y' },
  { kind: 'BYPASS' },
  { kind: 'DISCARD' },
]

function entryOf(random: Chance, i: number): SpdEntry {
  const addresses = (): string => pick(random, ['dynamic', pick(random, ranges4), pick(random, ranges4), pick(random, ranges6)])
  const layer = pick(random, layers)
  const other = random(6) === 0 ? pick(random, layers) : pick(random, ['', layer])
  return {
    name: `rule ${i}`,
    direction: pick(random, ['both', 'both', 'in', 'out']),
    local: template(addresses() + layer),
    remote: template(addresses() + other),
    action: pick(random, actions),
  }
}

function packetOf(random: Chance): Seen {
  const isV4 = random(2) === 0
  const [source, destination] = isV4 ? [pick(random, hosts4), pick(random, hosts4)] : [pick(random, hosts6), pick(random, hosts6)]
  const protocol = pick(random, [6, 6, 17, 1, 58, 47, 132, 0])
  const port = (): number => pick(random, [80, 443, 53, 79, 0, 65_535])
  const [from, to] = [port(), port()]
  const head = protocol === 1 || protocol === 58 ? [pick(random, [8, 3, 128]), pick(random, [0, 1, 4, 5])] : [from >> 8, from & 255]
  // Some are cut off in front of their ports.
  const payload = random(8) === 0 ? new Uint8Array(1) : concat(Uint8Array.of(...head, to >> 8, to & 255), new Uint8Array(8))
  const ends = { source: address(source), destination: address(destination) }
  if (isV4) return seen(ipv4Packet({ ...ends, protocol, payload, flagsAndFragment: pick(random, [0, 0, 0, 0x2000, 0x2001, 7]) }))
  if (random(3) > 0) return seen(ipPacket(ends.source, ends.destination, protocol === 0 ? 6 : protocol, payload))
  // RFC 8200 §4.5: a fragment header, of a first or a later fragment.
  const fragment = Uint8Array.of(protocol === 0 ? 6 : protocol, 0, 0, pick(random, [1, 8, 9]), 0, 0, 0, 1)
  return seen(ipv6Packet({ ...ends, protocol: 44, payload: concat(fragment, payload) }))
}

describe('a decision that is remembered, and one that an index finds, are those of the ordered list (RFC 4301 §4.4.1, appendix B)', () => {
  test('of 800 random lists, for random packets, both ways, whole and in fragments', () => {
    const pool = Array.from({ length: 600 }, (_, i) => packetOf(chance(i)))
    for (let seed = 1; seed <= 800; seed++) {
      const random = chance(seed)
      const count = pick(random, [0, 1, 3, 10, 40])
      // A cache of four flows forgets all the time, one of 64 seldom.
      const spd = createSpd(
        Array.from({ length: count }, (_, i) => entryOf(random, i)),
        pick(random, [4, 16, 64]),
      )
      const packets = Array.from({ length: 12 }, () => pick(random, pool))
      for (let asked = 0; asked < 24; asked++) {
        const { bytes, flow } = pick(random, packets)
        const direction = pick(random, ['in', 'out'] as const)
        const expected = spd.explain(direction, bytes, flow).entry
        const found = [spd.lookup(direction, bytes, flow), spd.lookup(direction, bytes, flow)]
        if (found[0] !== expected || found[1] !== expected)
          expect({ seed, asked, found }).toEqual({ seed, asked, found: [expected, expected] })
      }
    }
  })

  test('of a list that takes the place of another: nothing of the old one is remembered', () => {
    const random = chance(77)
    const spd = createSpd([])
    const packets = Array.from({ length: 40 }, () => packetOf(random))
    for (let round = 0; round < 40; round++) {
      spd.replace(Array.from({ length: 10 }, (_, i) => entryOf(random, i)))
      for (const { bytes, flow } of packets) {
        for (const direction of ['in', 'out'] as const) {
          expect(spd.lookup(direction, bytes, flow)).toBe(spd.explain(direction, bytes, flow).entry)
        }
      }
    }
  })
})

describe('what is remembered', () => {
  const everything = { direction: 'both', local: template('dynamic'), remote: template('dynamic') } as const

  test('tells flows apart by each of the fields that selectors look at', () => {
    const rules = ['10.0.0.1[tcp/80]', '10.0.0.1[udp/80]', '10.0.0.2[tcp/80]', '10.0.0.1[tcp/81]', '2001:db8::1[tcp/80]']
    const spd = createSpd(rules.map((text) => ({ ...everything, name: text, remote: template(text), action: { kind: 'BYPASS' } })))
    const name = (direction: 'in' | 'out', { bytes, flow }: Seen): string | undefined => spd.lookup(direction, bytes, flow)?.name
    for (let round = 0; round < 2; round++) {
      expect(name('out', tcp('192.0.2.1', 5, '10.0.0.1', 80))).toBe('10.0.0.1[tcp/80]')
      expect(name('in', tcp('192.0.2.1', 5, '10.0.0.1', 80))).toBeUndefined()
      expect(name('out', tcp('192.0.2.1', 5, '10.0.0.2', 80))).toBe('10.0.0.2[tcp/80]')
      expect(name('out', tcp('192.0.2.1', 5, '10.0.0.1', 81))).toBe('10.0.0.1[tcp/81]')
      expect(name('out', tcp('2001:db8::2', 5, '2001:db8::1', 80))).toBe('2001:db8::1[tcp/80]')
      expect(name('out', tcp('2001:db8::2', 5, '2001:db8::1:0:0:1', 80))).toBeUndefined()
    }
  })

  test('tells a fragment without ports from a packet whose ports are 0', () => {
    const spd = createSpd([{ ...everything, name: 'none', remote: template('dynamic[tcp/opaque]'), action: { kind: 'BYPASS' } }])
    for (const { bytes, flow } of [tcp('192.0.2.1', 0, '10.0.0.1', 0), laterFragment('192.0.2.1', '10.0.0.1', 6)]) {
      expect(spd.lookup('out', bytes, flow)?.name).toBe(flow.ports === 'known' ? undefined : 'none')
    }
  })

  test('is right for thirty thousand flows, of which it remembers a few', () => {
    const rules = Array.from({ length: 256 }, (_, i) => `10.0.${i}.0/24`)
    const spd = createSpd(
      rules.map((text) => ({ ...everything, name: text, remote: template(text), action: { kind: 'BYPASS' } })),
      512,
    )
    const { bytes, flow } = tcp('192.0.2.1', 5, '10.0.0.0', 80)
    const at = flow.destination
    for (let i = 0; i < 30_000; i++) {
      const third = Math.imul(i, 2654435761) >>> 24
      bytes[at + 2] = third
      bytes[at + 3] = i & 255
      if (spd.lookup('out', bytes, flow)?.name !== rules[third]) expect.fail(`10.0.${third}.${i & 255}`)
    }
  })
})

describe('what may come in through an SA (RFC 4301 §5.2)', () => {
  const entry = (name: string, remote: string, action: SpdAction, direction: SpdEntry['direction'] = 'both'): SpdEntry => ({
    name,
    direction,
    local: template('dynamic'),
    remote: template(remote),
    action,
  })
  const by = (connection: string, child = 'all'): SpdAction => ({ kind: 'PROTECT', connection, child })
  const { bytes, flow } = tcp('10.0.0.1', 5, '192.0.2.1', 80)

  test('is what the first entry that matches protects by its connection and child', () => {
    const spd = createSpd([entry('a', '10.0.0.0/24', by('a')), entry('b', '10.0.0.0/8', by('b'))])
    expect(spd.admits('in', 'a', 'all', bytes, flow)).toBe(true)
    expect(spd.admits('in', 'a', 'other', bytes, flow)).toBe(false)
    expect(spd.admits('in', 'b', 'all', bytes, flow)).toBe(false)
  })

  test('is nothing that is to be bypassed or discarded, or that no entry is for', () => {
    expect(
      createSpd([entry('clear', 'dynamic', { kind: 'BYPASS' }), entry('a', 'dynamic', by('a'))]).admits('in', 'a', 'all', bytes, flow),
    ).toBe(false)
    expect(
      createSpd([entry('no', 'dynamic', { kind: 'DISCARD' }), entry('a', 'dynamic', by('a'))]).admits('in', 'a', 'all', bytes, flow),
    ).toBe(false)
    expect(createSpd([entry('a', 'dynamic', by('a'), 'out')]).admits('in', 'a', 'all', bytes, flow)).toBe(false)
    expect(createSpd([]).admits('in', 'a', 'all', bytes, flow)).toBe(false)
  })

  /** `peer`: who is at the other end. */
  const connection = (name: string, peer: string, terms: Partial<ChildConfig> = {}): Connection => {
    const [only] = protectPeer({ us: 'us.example', peer }).connections
    return { ...only, name, children: only.children.map((child) => ({ ...child, name: 'all', ...terms })) }
  }
  const admitsB = (entries: readonly SpdEntry[], ...connections: readonly Connection[]): boolean =>
    createSpd(entries, 256, connections).admits('in', 'b', 'all', bytes, flow)
  const sameTraffic = [entry('a', '10.0.0.0/8', by('a')), entry('b', '10.0.0.0/8', by('b'))]
  const within = [entry('a', '10.0.0.0/24', by('a')), entry('b', '10.0.0.0/8', by('b'))]

  test('is also what an earlier entry protects alike by another child, with the same peer or with the same selectors', () => {
    expect(admitsB(sameTraffic, connection('a', 'one.example'), connection('b', 'two.example'))).toBe(true)
    expect(admitsB(within, connection('a', 'one.example'), connection('b', 'one.example'))).toBe(true)
  })

  test('is not what an earlier entry protects for another peer, within what this one may send', () => {
    expect(admitsB(within, connection('a', 'one.example'), connection('b', 'two.example'))).toBe(false)
    const between = [sameTraffic[0], entry('c', '10.0.0.0/16', by('c')), sameTraffic[1]].filter((each) => each !== undefined)
    const three = (['a', 'b', 'c'] as const).map((name) => connection(name, `${name}.example`))
    expect(admitsB(between, ...three)).toBe(false)
  })

  test('is not what an earlier entry wants other protection for, or none', () => {
    const [one, two] = [connection('a', 'one.example'), connection('b', 'one.example')]
    const [child] = two.children
    const fewer = (child?.proposals ?? []).map(({ protocol, transforms }) => ({ protocol, transforms: transforms.slice(1) }))
    for (const terms of [{ mode: 'tunnel' }, { replayWindow: 0 }, { proposals: fewer }] as const) {
      expect(admitsB(sameTraffic, one, connection('b', 'one.example', terms))).toBe(false)
    }
    const never = entry('never', '10.0.0.1', { kind: 'DISCARD' })
    expect(admitsB([never, ...sameTraffic], one, two)).toBe(false)
    expect(admitsB([...sameTraffic.slice(0, 1), never, ...sameTraffic.slice(1)], one, two)).toBe(false)
    expect(admitsB(sameTraffic.slice(0, 1), one, two)).toBe(false)
  })

  test('passes over an entry for the dynamic peer of another connection: that is another host', () => {
    const spd = createSpd([entry('a', 'dynamic', by('a')), entry('b', 'dynamic', by('b')), entry('no', 'dynamic', { kind: 'DISCARD' })])
    expect(spd.admits('in', 'b', 'all', bytes, flow)).toBe(true)
    expect(spd.admits('in', 'c', 'all', bytes, flow)).toBe(false)
  })
})
