// The steps of a scenario, carried out on its stage.
/* oxlint-disable consistent-return -- TypeScript sees that the switches are exhaustive */
import { utf8 } from '../bytes/bytes.ts'
import { ApiMisuse, Bug } from '../contract/faults.ts'
import type { Datagram } from '../contract/machine.ts'
import { limits } from '../ike/limits.ts'
import { ipProtocol } from '../iana/ip-protocols.ts'
import { type Address, addressVersion } from '../net/address.ts'
import { ipPacket, udpDatagram } from '../net/build.ts'
import { addressOf, numberOf } from '../policy/boxes.ts'
import { parseSelector } from '../policy/selector-words.ts'
import type { LabHost } from './host.ts'
import type { Network } from './network.ts'
import { seededRandom } from './random.ts'
import type { Action, Scenario } from './scenario.ts'
import { type CastMember, defaultIke, found, placeOf, portsAt, setStage, type Stage, type World } from './stage.ts'

export function perform(scenario: Scenario, world: World, stage: Stage, action: Action): void {
  const { network, cast, nats } = stage
  const member = (name: string): CastMember => found(cast, name, 'host')
  switch (action.do) {
    case 'initiate': {
      const [from, to] = [member(action.host), member(action.peer)]
      const remote = portsAt(placeOf(scenario, from.role, to.role))
      const path = { start: 'ike', local: portsAt(from.address), remote } as const
      return network.command(from.host, { kind: 'initiate', connection: action.peer, child: 'child', path })
    }
    case 'send':
      for (let i = 0; i < (action.packets ?? 1); i++) {
        const bytes = packetBetween(scenario, member(action.host), member(action.peer), `packet ${i}`)
        network.feed(member(action.host).host, { kind: 'packet', bytes })
      }
      return
    case 'close':
      return network.command(member(action.host).host, { kind: 'close-all' })
    case 'close-child': {
      const { host } = member(action.host)
      const newest = host.host.view.ikeSas.flatMap(({ children }) => children.slice(-1))
      for (const { id } of newest) network.command(host, { kind: 'close-child-sa', child: id })
      return
    }
    case 'check-liveness': {
      const { host } = member(action.host)
      for (const { ikeSa } of host.named('ike-sa-established')) network.command(host, { kind: 'check-liveness', ikeSa })
      return
    }
    case 'rekey-child':
    case 'rekey-ike':
    case 'reauthenticate':
      return renew(network, member(action.host).host, action.do)
    case 'crash': {
      const crashed = member(action.host)
      const fresh = crashed.host.again()
      network.replace(crashed.host, fresh)
      cast.set(action.host, { ...crashed, host: fresh })
      return
    }
    case 'leap':
      member(action.host).host.leap(action.by)
      return
    case 'cut':
      return network.cut(action.between)
    case 'heal':
      return network.heal()
    case 'weather':
      return network.setWeather(action.weather)
    case 'rebind':
      return found(nats, action.nat, 'NAT').rebind()
    case 'crowd':
      return crowd(world, stage, member(action.host))
  }
}

function renew(network: Network, host: LabHost, what: 'rekey-child' | 'rekey-ike' | 'reauthenticate'): void {
  for (const { id, phase, children } of host.host.view.ikeSas) {
    if (phase !== 'established') continue
    if (what === 'rekey-ike') network.command(host, { kind: 'rekey-ike-sa', ikeSa: id })
    else if (what === 'reauthenticate') network.command(host, { kind: 'reauthenticate', ikeSa: id })
    else for (const child of children) network.command(host, { kind: 'rekey-child-sa', child: child.id })
  }
}

/** A UDP packet that the policy between the two protects. */
export function packetBetween(scenario: Scenario, from: CastMember, to: CastMember, text: string): Uint8Array {
  const source = firstOf(from.role.subnet) ?? from.address
  const destination = firstOf(to.role.subnet) ?? placeOf(scenario, from.role, to.role)
  const ends = { source: { address: source, port: 4000 }, destination: { address: destination, port: 5000 } }
  return ipPacket(source, destination, ipProtocol.UDP, udpDatagram({ ...ends, payload: utf8(text) }))
}

/** The first address of a subnet that a host may have. */
function firstOf(subnet: string | undefined): Address | undefined {
  const parsed = subnet === undefined ? undefined : parseSelector(subnet)
  if (parsed?.ok !== true || parsed.value.addresses === 'dynamic') return undefined
  const { start } = parsed.value.addresses
  return addressOf(numberOf(start) + 1n, addressVersion(start))
}

/** One request of a stranger's, under many initiator SPIs (RFC 7296 §3.1: the first eight octets) and from as many addresses. */
function crowd(world: World, { network }: Stage, victim: CastMember): void {
  const { role, host, address } = victim
  if (role.accepts !== 'anyone') throw new ApiMisuse(`only a host that accepts anyone can be crowded: ${role.name} does not`)
  const { bytes, remote } = strangersRequest(world, victim)
  const spi = seededRandom(world.seed, 'crowd')
  const from = network.transcript.length
  for (let i = 0; i < limits.halfOpenBeforeCookies; i++) {
    const copy = bytes.slice()
    copy.set(spi(8))
    const stranger = { address: strangerAddress(address, i), port: 500 }
    network.feed(host, { kind: 'datagram', datagram: { channel: 'ike', local: remote, remote: stranger, bytes: copy } })
  }
  network.transcript.splice(from)
  network.note(`${limits.halfOpenBeforeCookies} strangers begin IKE SAs with ${role.name}`)
}

/** What a peer with the victim's own proposals says first. */
function strangersRequest(world: World, { role, address }: CastMember): Datagram {
  const { ike = defaultIke } = role
  const stranger = { name: 'stranger', address: strangerAddress(address, 0), ike }
  const aside: Scenario = { name: 'aside', hosts: [stranger, { name: role.name, address, ike }], steps: [], expect: [] }
  const stage = setStage(aside, world)
  perform(aside, world, stage, { do: 'initiate', host: 'stranger', peer: role.name })
  const [request] = stage.network.sent
  if (request === undefined) throw new Bug('the stranger said nothing')
  return request
}

/** Addresses for documentation (RFC 5737, RFC 3849), each in a prefix of its own. */
const strangerAddress = (like: Address, i: number): Address =>
  addressVersion(like) === 4 ? addressOf(0xc633_6400n + BigInt(i), 4) : addressOf((0x20010db8_00ffn << 80n) + (BigInt(i) << 64n) + 1n, 6)
