// A path that takes less than its ends believe, and loses packets and the word of it: whatever is not lost arrives, octet for octet, and the sender comes
// to know what the path takes. RFC 4301 §8.2.1, RFC 1191, RFC 8201; RFC 4303 §3.3.4.
import { describe, expect, it } from 'vitest'
import { putU16, putU32, toHex } from '../../src/bytes/bytes.ts'
import { type Instant, later } from '../../src/contract/units.ts'
import { stream } from '../../src/lab/random.ts'
import type { Address } from '../../src/net/address.ts'
import { ipv4Packet, ipv6Packet, udpDatagram } from '../../src/net/build.ts'
import { fragmentPacket } from '../../src/net/fragment.ts'
import { emptyLayout, readLayout } from '../../src/net/layout.ts'
import { Reassembly } from '../../src/net/reassembly.ts'
import { address, alice, anyTraffic, bob, type Pair, pair, type Side } from '../host/two-hosts.ts'
import { byEffort } from './effort.ts'

const only = process.env['IKEBANA_LAB_SEED']
const seeds = only === undefined ? Array.from({ length: byEffort({ short: 4, lab: 150, nightly: 2000 }) }, (_, i) => i + 1) : [Number(only)]
const packets = 60
const outside = { 4: [alice.address, bob.address], 6: [address('2001:db8::1'), address('2001:db8::2')] } as const
const inside = { 4: [address('10.1.0.1'), address('10.2.0.1')], 6: [address('2001:db8:a::1'), address('2001:db8:b::1')] } as const
type Version = 4 | 6
type Mode = 'transport' | 'tunnel'

interface Trip {
  readonly pair: Pair
  readonly from: Address
  readonly to: Address
  readonly mtu: number
}

function start(seed: number, version: Version, mode: Mode): Trip {
  const [left, right] = outside[version]
  const [from, to] = mode === 'tunnel' ? inside[version] : outside[version]
  const only1 = (each: Address) => ({ ...anyTraffic, addresses: { start: each, end: each } })
  const side = (at: Address, local: Address, remote: Address): Partial<Side> => ({
    address: at,
    bare: 'ip',
    connection: { encapsulation: 'when-needed' },
    child: mode === 'tunnel' ? { mode, localSelectors: [only1(local)], remoteSelectors: [only1(remote)] } : {},
    policies: [
      {
        name: 'all',
        direction: 'both',
        local: anyTraffic,
        remote: anyTraffic,
        action: { kind: 'PROTECT', connection: 'peer', child: 'child' },
      },
    ],
  })
  const both = pair(side(left, from, to), side(right, to, from), { seed })
  both.network.feed(both.a, { kind: 'packet', bytes: plain({ from, to, length: 100, number: 0, df: 0 }) })
  both.network.run(5_000)
  expect(both.b.delivered).toHaveLength(1)
  const mtu = 1280 + Math.floor(stream(seed, 'mtu').fraction() * 200)
  both.network.setWeather({ latency: 5, jitter: 10, loss: 0.2, duplication: 0.1, reordering: 0.1, mtu, tooLong: 'told' })
  return { pair: both, from, to, mtu }
}

interface Plain {
  readonly from: Address
  readonly to: Address
  readonly length: number
  readonly number: number
  readonly df: number
}

/** A plain packet of exactly so many octets, with its number in it. */
function plain({ from, to, length, number, df }: Plain): Uint8Array {
  const is6 = from.includes(':')
  const payload = Uint8Array.from({ length: length - (is6 ? 48 : 28) }, (_, i) => i * 7 + number)
  putU32(payload, 0, number)
  const datagram = udpDatagram({ source: { address: from, port: 4000 }, destination: { address: to, port: 5000 }, payload })
  const fields = { source: from, destination: to, protocol: 17, payload: datagram }
  return is6 ? ipv6Packet(fields) : ipv4Packet({ ...fields, flagsAndFragment: df, identification: number + 1 })
}

/** What an IP stack gives out for a packet, when it knows that so much goes through: only IPv6 is fragmented by who sends it. */
function asStacksDo(packet: Uint8Array, version: Version, room: number | undefined, number: number): readonly Uint8Array[] {
  const cut = version === 6 && room !== undefined ? fragmentPacket(packet, room, number) : undefined
  return cut?.kind === 'fragments' ? cut.fragments : [packet]
}

function run(seed: number, version: Version, mode: Mode): void {
  const { pair: both, from, to, mtu } = start(seed, version, mode)
  const { network, a, b } = both
  const chance = stream(seed, 'lengths')
  const child = a.named('child-sa-established')[0]?.child ?? expect.unreachable()
  const mustArrive = new Map<string, number>()
  const all = new Set<string>()
  let tooBig = 0
  for (let number = 1; number <= packets; number++) {
    const length = chance.chance(0.5) ? 100 + Math.floor(chance.fraction() * 1000) : 1200 + Math.floor(chance.fraction() * 1800)
    const df = chance.chance(0.5) ? 0x4000 : 0
    const packet = plain({ from, to, length, number, df })
    const seen = network.transcript.length
    const heard = a.inputs.length
    for (const bytes of asStacksDo(packet, version, a.host.effectiveMtu(network.now, child), number))
      network.feed(a, { kind: 'packet', bytes })
    const entries = network.transcript.slice(seen)
    const stopped = entries.filter((entry) => entry.kind === 'stopped')
    const isLost = entries.some((entry) => entry.kind === 'mishap' && entry.mishap.kind === 'lost')
    const isRefused = a.inputs.slice(heard).some(({ outputs }) => outputs.some(({ kind }) => kind === 'icmp-error'))
    tooBig += stopped.length
    all.add(toHex(withoutDf(packet)))
    if (stopped.length === 0 && !isLost && !isRefused) mustArrive.set(toHex(withoutDf(packet)), number)
    network.plan(later(network.now, 20), () => {})
    network.run(20)
  }
  network.run(5_000)
  const arrived = wholes(
    b.delivered.slice(1).map(({ bytes }) => bytes),
    network.now,
  )
  const about = `seed ${seed}, IPv${version}, ${mode} mode, ${mtu} octets`
  for (const [packet, number] of mustArrive) expect(arrived.includes(packet), `${about}: packet ${number}`).toBe(true)
  expect(new Set(arrived).size, `${about}: each once`).toBe(arrived.length)
  expect(
    arrived.every((packet) => all.has(packet)),
    `${about}: as they were`,
  ).toBe(true)
  // One in five words is lost, so that a few packets go to find out.
  expect(a.named('path-mtu').at(-1)?.mtu, about).toBe(mtu)
  expect(tooBig, about).toBeLessThan(12)
  expect(mustArrive.size, about).toBeGreaterThan(packets / 4)
}

/** What comes out of a tunnel in fragments is put together by the stack behind it. */
function wholes(delivered: readonly Uint8Array[], now: Instant): readonly string[] {
  const reassembly = new Reassembly()
  const layout = emptyLayout()
  return delivered.flatMap((bytes) => {
    if (!readLayout(bytes, 0, bytes.length, layout)) return []
    if (layout.fragmentation === 'whole') return [toHex(withoutDf(bytes))]
    const assembled = reassembly.add(now, bytes, layout, 0)
    return assembled.kind === 'whole' ? [toHex(withoutDf(assembled.packet))] : []
  })
}

/** Without what fragmentation and its undoing may change of an IPv4 header: DF, and the checksum with it. */
function withoutDf(packet: Uint8Array): Uint8Array {
  const copy = packet.slice()
  if ((copy[0] ?? 0) >>> 4 === 4) for (const at of [6, 10]) putU16(copy, at, 0)
  return copy
}

describe(`a narrow path with 20 % loss, ${seeds.length} seeds`, () => {
  it.each([
    [4, 'transport'],
    [4, 'tunnel'],
    [6, 'transport'],
    [6, 'tunnel'],
  ] as const)('over IPv%i in %s mode', (version, mode) => {
    for (const seed of seeds) run(seed, version, mode)
  })
})
