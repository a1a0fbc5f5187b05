// Hosts behind NATs, all that can be combined, one combination for each seed: how many hosts, which NATs, which IP version, what the server
// makes of those that look the same, weather, mappings that change, reauthentications, ICMP errors about answers, and an attacker. What each packet says tells whose it is.
import { concat, putU16, toHex, u32, utf8 } from '../../src/bytes/bytes.ts'
import type { Datagram } from '../../src/contract/machine.ts'
import { type ChildSaId, type IkeSaId, instant, later } from '../../src/contract/units.ts'
import { ipProtocol } from '../../src/iana/ip-protocols.ts'
import type { LabHost } from '../../src/lab/host.ts'
import { type Stream, stream } from '../../src/lab/random.ts'
import type { Address } from '../../src/net/address.ts'
import { ipPacket, tcpSegment, udpDatagram, upperChecksum } from '../../src/net/build.ts'
import { checksum } from '../../src/net/checksum.ts'
import { emptyFlow, isIcmpError, readFlow, readQuotedFlow } from '../../src/net/flow.ts'
import { icmpEcho } from '../../src/net/icmp.ts'
import { destinationAddress, emptyLayout, readLayout, sourceAddress } from '../../src/net/layout.ts'
import type { Overlap } from '../../src/policy/connection.ts'
import { type Client, type NatPlan, type Scene, setScene } from '../host/behind-nat.ts'
import { address } from '../host/two-hosts.ts'

export interface Played {
  readonly scene: Scene
  /** What was combined, in words. */
  readonly traits: string
  /** Nothing befell anything, nobody was refused: then every packet has to arrive. */
  readonly isCalm: boolean
  readonly fed: ReadonlyMap<LabHost, number>
  /** What must not be, in words. */
  readonly wrong: readonly string[]
}

type Protocol = (typeof protocols)[number]
const protocols = ['tcp', 'udp', 'icmp'] as const
const layouts = ['one NAT', 'two NATs', 'two NATs behind another'] as const
const versions = [4, 6] as const
const overlaps = ['newest', 'refuse', 'map'] as const
const seconds = 40

export function play(seed: number): Played {
  const chance = stream(seed, 'matrix')
  const count = 1 + (seed % 4)
  const version = pick(versions, chance)
  const layout = pick(layouts, chance)
  const overlap = pick(overlaps, chance)
  const isStormy = chance.chance(0.5)
  const rebinds = isStormy || chance.chance(0.5) ? Math.floor(chance.fraction() * 3) : 0
  const renewals = chance.chance(0.5) ? 1 + Math.floor(chance.fraction() * 2) : 0
  const scene = setScene({
    nats: natsOf(layout, version),
    clients: Array.from({ length: count }, (_, i) => {
      const home = layout === 'one NAT' ? 0 : i % 2
      const place = layout === 'one NAT' ? i : Math.floor(i / 2)
      return { name: `host-${i}`, inside: insideOf(version, place), behind: `home-${home}` }
    }),
    server: address(version === 4 ? '192.0.2.2' : '2001:db8::2'),
    serverConnection: { overlap: overlapOf(overlap, version) },
    seed,
    weather: isStormy ? { latency: 20, jitter: 100, loss: 0.1, duplication: 0.1, reordering: 0.1 } : {},
  })
  const stage = new Play(scene, chance, overlap === 'newest' ? 'through' : 'plain')
  for (const client of scene.clients) stage.planWords(client)
  for (let i = 0; i < rebinds; i++) stage.planRebind()
  for (let i = 0; i < renewals; i++) stage.planReauthentication()
  for (let i = 0; i < 15; i++) stage.planForgery()
  stage.run()
  const befell = [`${rebinds} changed mappings`, `${renewals} reauthentications`]
  const traits = [`${count} hosts`, `IPv${version}`, layout, overlap, isStormy ? 'a storm' : 'calm', ...befell]
  return {
    scene,
    traits: traits.join(', '),
    isCalm: !isStormy && rebinds === 0 && scene.server.host.counters.overlapsRefused === 0,
    fed: stage.fed,
    wrong: [...stage.wrong, ...stage.unaccounted()],
  }
}

class Play {
  readonly fed = new Map<LabHost, number>()
  readonly wrong: string[] = []
  readonly #scene: Scene
  readonly #chance: Stream
  readonly #answers: 'through' | 'plain'
  #read = 0
  #forged = 0
  readonly #forgeries = new Set<string>()
  readonly #heard = new Map<LabHost, number>()

  constructor(scene: Scene, chance: Stream, answers: 'through' | 'plain') {
    this.#scene = scene
    this.#chance = chance
    this.#answers = answers
  }

  planWords(client: Client): void {
    const { network, at } = this.#scene
    // The first starts the negotiation.
    for (let i = 0; i < 8; i++) {
      const text = `${client.name} says ${i}`
      const bytes = packet(pick(protocols, this.#chance), client.inside, at, text)
      network.plan(this.#sometime(0), () => this.#feed(client.host, bytes))
    }
  }

  planRebind(): void {
    const nat = pick([...this.#scene.nats.values()], this.#chance)
    this.#scene.network.plan(this.#sometime(10), () => nat.rebind())
  }

  /** RFC 7296 §2.8.3: make before break; nothing is lost, and flows stay with their host. */
  planReauthentication(): void {
    const { network, clients } = this.#scene
    const { host } = pick(clients, this.#chance)
    network.plan(this.#sometime(10), () => {
      const ikeSa = host.named('ike-sa-established').at(-1)?.ikeSa
      if (ikeSa !== undefined) network.command(host, { kind: 'reauthenticate', ikeSa })
    })
  }

  /** From the internet, or from beside a host, to the server or to a NAT: something that was sealed, and is not what it was. */
  planForgery(): void {
    const { network, server, clients, at } = this.#scene
    const chance = this.#chance
    network.plan(this.#sometime(5), () => {
      // Not what is forged already: another change could undo the first.
      const kept = network.sent.filter((datagram) => isEsp(datagram) && !this.#forgeries.has(toHex(datagram.bytes)))
      if (kept.length === 0) return
      const model = pick(kept, chance)
      const bytes = spoil(model.bytes, pick(kept, chance).bytes, chance)
      const client = pick(clients, chance)
      const sender = chance.chance(0.5) ? { address: client.inside, port: 4500 } : { address: elsewhere(at), port: 4500 }
      const toServer = { channel: 'nat-t', local: sender, remote: { address: at, port: 4500 }, bytes } as const
      const arrived = network.transcript.findLast(
        (entry) => entry.kind === 'arrived' && entry.host === server.name && entry.datagram.local.address !== elsewhere(at),
      )
      const mapped = arrived?.kind === 'arrived' ? arrived.datagram.local : { address: client.seen, port: 4500 }
      const toClient = { channel: 'nat-t', local: { address: at, port: 4500 }, remote: mapped, bytes } as const
      this.#forged++
      this.#forgeries.add(toHex(bytes))
      network.transmit(chance.chance(0.5) ? toServer : toClient)
    })
  }

  run(): void {
    const { network, server } = this.#scene
    const end = instant(seconds * 4_000)
    while (network.step(end)) {
      for (let next = server.delivered[this.#read]; next !== undefined; next = server.delivered[this.#read]) {
        this.#read++
        this.#answer(next.bytes, next.child)
      }
      for (const client of this.#scene.clients) this.#hear(client)
    }
  }

  /** What came for it; of some it says that nobody wants it. */
  #hear({ name, host, inside }: Client): void {
    const { at } = this.#scene
    const heard = this.#heard.get(host) ?? 0
    for (const { bytes } of host.delivered.slice(heard)) {
      const text = this.#intact(bytes)
      if (!text.startsWith(`for ${name} `)) this.wrong.push(`${name} was delivered "${text}"`)
      if (this.#chance.chance(0.2)) this.#feed(host, unreachable(inside, at, bytes))
    }
    this.#heard.set(host, host.delivered.length)
  }

  /** Each packet that was given, and each that came, has become something that is counted. */
  unaccounted(): readonly string[] {
    const { network, server, clients } = this.#scene
    const hosts = [server, ...clients.map(({ host }) => host)]
    const entries = network.transcript
    const count = (kind: 'sent' | 'arrived' | 'stopped'): number =>
      entries.filter((entry) => entry.kind === kind && isEsp(entry.datagram)).length
    const befell = (what: 'lost' | 'duplicated'): number =>
      entries.filter((entry) => entry.kind === 'mishap' && entry.mishap.kind === what && isEsp(entry.datagram)).length
    const found: string[] = []
    const [onTheWay, ended] = [count('sent') + befell('duplicated') - befell('lost'), count('arrived') + count('stopped')]
    if (onTheWay !== ended) found.push(`the network: ${onTheWay} packets on their way, ${ended} ends`)
    const sealed = hosts.reduce((sum, { host }) => sum + host.counters.sealed, 0)
    if (sealed + this.#forged !== count('sent')) found.push(`${sealed} sealed and ${this.#forged} forged, ${count('sent')} sent`)
    for (const host of hosts) {
      const { counters } = host.host
      const came = entries.filter((entry) => entry.kind === 'arrived' && entry.host === host.name && isEsp(entry.datagram)).length
      const dropped = Object.values(counters.dropped).reduce((sum, each) => sum + each, 0)
      const [given, counted] = [came + (this.fed.get(host) ?? 0), counters.opened + counters.sealed + counters.waiting + dropped]
      if (given !== counted) found.push(`${host.name}: ${given} packets, ${counted} counted: ${JSON.stringify(counters)}`)
      if (counters.opened !== host.delivered.length)
        found.push(`${host.name}: ${counters.opened} opened, ${host.delivered.length} delivered`)
      if (host.bypassed.length > 0) found.push(`${host.name} sent in clear`)
    }
    return found
  }

  /** As a server does: back to where it came from. */
  #answer(bytes: Uint8Array, child: ChildSaId): void {
    const { server, network } = this.#scene
    const said = this.#saidBy(bytes)
    const name = said.split(' ')[0] ?? ''
    const peer = this.#peerOf(child)
    if (peer !== name) this.wrong.push(`"${said}" came through a Child SA of ${peer}`)
    const layout = emptyLayout()
    if (!readLayout(bytes, 0, bytes.length, layout)) return
    const [source, destination] = [sourceAddress(bytes, layout), destinationAddress(bytes, layout)]
    if (source === undefined || destination === undefined) return
    if (isIcmpError(bytes, layout)) return
    const protocol = layout.protocol === ipProtocol.TCP ? 'tcp' : layout.protocol === ipProtocol.UDP ? 'udp' : 'icmp'
    const answer = packet(protocol, destination, source, `for ${name} (${said})`)
    this.fed.set(server, (this.fed.get(server) ?? 0) + 1)
    network.feed(server, { kind: 'packet', bytes: answer, ...(this.#answers === 'through' ? { through: child } : {}) })
  }

  /** An ICMP error speaks for the host that it quotes an answer to, which has to be as it was sent. */
  #saidBy(bytes: Uint8Array): string {
    const flow = emptyFlow()
    const quoted = emptyFlow()
    const text = this.#intact(bytes)
    if (!readFlow(bytes, 0, bytes.length, flow) || !readQuotedFlow(bytes, flow, quoted)) return text
    const [about, from] = [bytes.subarray(quoted.start, quoted.end), sourceAddress(bytes, flow)]
    if (sourceAddress(bytes, quoted) !== this.#scene.at || destinationAddress(bytes, quoted) !== from)
      this.wrong.push(`an ICMP error from ${from} about a packet to ${destinationAddress(bytes, quoted)}`)
    return this.#intact(about).replace(/^for /, '')
  }

  #peerOf(child: ChildSaId): string {
    const { server } = this.#scene
    const home = server.named('child-sa-established').find((event) => event.child === child)?.ikeSa
    const identity = (ikeSa: IkeSaId | undefined) =>
      server.named('ike-sa-established').find((event) => event.ikeSa === ikeSa)?.established.remoteIdentity
    const found = identity(home)
    return found === undefined ? 'nobody' : new TextDecoder().decode(found.value).replace('.example', '')
  }

  /** What a packet says, if its checksums are right. */
  #intact(bytes: Uint8Array): string {
    const layout = emptyLayout()
    if (!readLayout(bytes, 0, bytes.length, layout)) return 'nothing'
    const [source, destination] = [sourceAddress(bytes, layout), destinationAddress(bytes, layout)]
    const upper = bytes.subarray(layout.upper, layout.end)
    if (source === undefined || destination === undefined) return 'nothing'
    const isIcmp = layout.protocol === ipProtocol.ICMP
    const sum = isIcmp ? checksum(upper, 0, upper.length, 0) : upperChecksum(source, destination, layout.protocol, upper)
    if (sum !== 0) this.wrong.push(`a wrong checksum in a packet from ${source} to ${destination}`)
    return new TextDecoder().decode(upper.subarray(layout.protocol === ipProtocol.TCP ? 20 : 8))
  }

  #feed(host: LabHost, bytes: Uint8Array): void {
    this.fed.set(host, (this.fed.get(host) ?? 0) + 1)
    this.#scene.network.feed(host, { kind: 'packet', bytes })
  }

  #sometime(from: number) {
    return later(instant(0), 1_000 * (from + this.#chance.fraction() * (seconds - from)))
  }
}

function natsOf(layout: (typeof layouts)[number], version: 4 | 6): readonly NatPlan[] {
  const outside = (v4: string, v6: string): Address => address(version === 4 ? v4 : v6)
  const home = (i: number, behind: Pick<NatPlan, 'behind'>): NatPlan => ({
    name: `home-${i}`,
    outside:
      behind.behind === undefined ? outside(`198.51.100.${7 + i}`, `2001:db8:7::${1 + i}`) : outside(`100.64.0.${1 + i}`, `fd64::${1 + i}`),
    ...behind,
  })
  if (layout === 'one NAT') return [home(0, {})]
  if (layout === 'two NATs') return [home(0, {}), home(1, {})]
  const behind = { behind: 'carrier' }
  return [{ name: 'carrier', outside: outside('198.51.100.99', '2001:db8:7::99') }, home(0, behind), home(1, behind)]
}

const insideOf = (version: 4 | 6, place: number): Address => address(version === 4 ? `10.0.0.${5 + place}` : `fd00::${5 + place}`)
const elsewhere = (like: Address): Address => address(like.includes(':') ? '2001:db8:66::6' : '203.0.113.66')

function overlapOf(kind: (typeof overlaps)[number], version: 4 | 6): Overlap {
  if (kind !== 'map') return { kind }
  const [start, end] = version === 4 ? ['172.31.0.1', '172.31.0.200'] : ['fd31::1', 'fd31::200']
  return { kind, pool: [{ start: address(start), end: address(end) }] }
}

/** The same ports for all. */
function packet(protocol: Protocol, source: Address, destination: Address, text: string): Uint8Array {
  const payload = utf8(text)
  const ends = { source: { address: source, port: 7 }, destination: { address: destination, port: 7 }, payload }
  if (protocol === 'udp') return ipPacket(source, destination, ipProtocol.UDP, udpDatagram(ends))
  if (protocol === 'tcp') {
    const rest = { sequence: 1, acknowledgement: 2, flags: 0x18, window: 512 }
    return ipPacket(source, destination, ipProtocol.TCP, tcpSegment({ ...ends, ...rest }))
  }
  const icmp = icmpEcho({ kind: 'request', source, destination, identifier: 1, sequence: 1, data: payload })
  return ipPacket(source, destination, source.includes(':') ? ipProtocol.ICMPV6 : ipProtocol.ICMP, icmp)
}

/** "Port unreachable", about all of a packet. */
function unreachable(source: Address, destination: Address, about: Uint8Array): Uint8Array {
  const isV6 = source.includes(':')
  const message = concat(Uint8Array.of(isV6 ? 1 : 3, isV6 ? 4 : 3, 0, 0, 0, 0, 0, 0), about)
  putU16(message, 2, isV6 ? upperChecksum(source, destination, ipProtocol.ICMPV6, message) : checksum(message, 0, message.length, 0))
  return ipPacket(source, destination, isV6 ? ipProtocol.ICMPV6 : ipProtocol.ICMP, message)
}

/** Another octet somewhere, a shorter one, or the SPI of another. */
function spoil(octets: Uint8Array, other: Uint8Array, chance: Stream): Uint8Array {
  const spoilt = octets.slice()
  if (chance.chance(0.2)) return spoilt.subarray(0, 12 + Math.floor(chance.fraction() * (octets.length - 13)))
  if (chance.chance(0.3) && u32(other, 0) !== u32(octets, 0)) {
    spoilt.set(other.subarray(0, 4))
    return spoilt
  }
  const at = Math.floor(chance.fraction() * octets.length)
  spoilt[at] = (spoilt[at] ?? 0) ^ (1 + Math.floor(chance.fraction() * 255))
  return spoilt
}

const isEsp = ({ channel, bytes }: Datagram): boolean => channel === 'nat-t' && bytes.length > 4 && u32(bytes, 0) !== 0

const pick = <T>(all: readonly T[], chance: Stream): T => {
  const found = all[Math.floor(chance.fraction() * all.length)]
  if (found === undefined) throw new Error('nothing to choose from')
  return found
}
