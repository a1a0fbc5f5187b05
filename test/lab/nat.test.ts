// NATs: what mappings depend on, what gets in, how they end. RFC 4787 §4, §5.
import { describe, expect, it } from 'vitest'
import type { Datagram } from '../../src/contract/machine.ts'
import { instant } from '../../src/contract/units.ts'
import { Nat, type NatOptions } from '../../src/lab/nat.ts'
import { runScenario } from '../../src/lab/run.ts'
import type { Scenario } from '../../src/lab/scenario.ts'
import type { Endpoint } from '../../src/net/address.ts'
import { address } from '../host/two-hosts.ts'
import { worldOf } from './storm.ts'

const end = (text: string, port: number): Endpoint => ({ address: address(text), port })
const inside = end('10.0.0.5', 4500)
const server = end('192.0.2.2', 4500)
const otherPort = end('192.0.2.2', 500)
const otherHost = end('192.0.2.3', 4500)

const natOf = (options: Partial<NatOptions> = {}): Nat =>
  new Nat({
    name: 'home',
    outside: address('198.51.100.7'),
    mapping: 'endpoint-independent',
    timeout: undefined,
    exposed: undefined,
    seed: 1,
    ...options,
  })

function datagram(local: Endpoint, remote: Endpoint, channel: Datagram['channel'] = 'nat-t'): Datagram {
  return { channel, local, remote, bytes: Uint8Array.of(0xff) }
}

/** The outside port that the NAT gives what goes to `remote`. */
const outsidePort = (nat: Nat, remote: Endpoint, at = 0): number | undefined =>
  nat.outbound(instant(at), datagram(inside, remote))?.local.port

/** Where it lets in what `from` sends to that port. */
const lets = (nat: Nat, from: Endpoint, port: number | undefined, at = 0): Endpoint | undefined =>
  nat.inbound(instant(at), datagram(from, end('198.51.100.7', port ?? 0)))?.remote

describe.each([
  { mapping: 'endpoint-independent', samePort: true, sameHost: true },
  { mapping: 'address-dependent', samePort: true, sameHost: false },
  { mapping: 'address-and-port-dependent', samePort: false, sameHost: false },
] as const)('a NAT whose mapping is $mapping', ({ mapping, samePort, sameHost }) => {
  it('uses a mapping again, or makes another one', () => {
    const nat = natOf({ mapping })
    const port = outsidePort(nat, server)
    expect(outsidePort(nat, server)).toBe(port)
    expect(outsidePort(nat, otherPort) === port).toBe(samePort)
    expect(outsidePort(nat, otherHost) === port).toBe(sameHost)
  })

  it('lets in those that the mapping is for', () => {
    const nat = natOf({ mapping })
    const port = outsidePort(nat, server)
    expect(lets(nat, server, port)).toEqual(inside)
    expect(lets(nat, otherPort, port) !== undefined).toBe(samePort)
    expect(lets(nat, otherHost, port) !== undefined).toBe(sameHost)
    expect(lets(nat, server, (port ?? 0) + 1)).toBeUndefined()
  })
})

describe('a mapping', () => {
  it('ends after its time without a packet from inside; one from outside does not prolong it', () => {
    const nat = natOf({ timeout: 1_000 })
    const port = outsidePort(nat, server, 0)
    expect(outsidePort(nat, server, 900)).toBe(port)
    expect(lets(nat, server, port, 1_800)).toEqual(inside)
    expect(lets(nat, server, port, 1_901)).toBeUndefined()
    expect(outsidePort(nat, server, 1_902)).not.toBe(port)
  })

  it('is forgotten on command, and the next one is another', () => {
    const nat = natOf()
    const port = outsidePort(nat, server)
    nat.rebind()
    expect(lets(nat, server, port)).toBeUndefined()
    expect(outsidePort(nat, server)).not.toBe(port)
  })

  it('is never two hosts’', () => {
    const nat = natOf()
    const ports = Array.from({ length: 200 }, (_, i) => nat.outbound(instant(0), datagram(end('10.0.0.5', 1_000 + i), server))?.local.port)
    expect(new Set(ports).size).toBe(200)
  })
})

describe('a NAT', () => {
  it('has no port for bare ESP', () => {
    expect(natOf().outbound(instant(0), datagram(inside, server, 'esp'))).toBeUndefined()
  })

  it('gives an exposed host what nobody asked for, and leaves it its ports', () => {
    const nat = natOf({ exposed: inside.address })
    expect(lets(nat, otherHost, 500)).toEqual(end('10.0.0.5', 500))
    expect(outsidePort(nat, server)).toBe(4500)
  })
})

describe('hosts', () => {
  const play = (scenario: Omit<Scenario, 'name' | 'expect'>) => {
    const named = { ...scenario, name: 'NATs', expect: [{ that: 'agreed', between: ['alice', 'bob'] }] } as const
    return runScenario(named, worldOf(1))
  }
  const bob = { name: 'bob', address: '192.0.2.2' }
  const start = { at: 0, do: 'initiate', host: 'alice', peer: 'bob' } as const

  it('reach each other through two NATs, one behind the other', () => {
    const nats = [
      { name: 'carrier', outside: '198.51.100.7' },
      { name: 'home', outside: '100.64.0.9', behind: 'carrier' },
    ]
    const outcome = play({ nats, hosts: [{ name: 'alice', address: '10.0.0.5', behind: 'home' }, bob], steps: [start] })
    expect(outcome.failures).toEqual([])
    expect(outcome.stage.cast.get('bob')?.host.named('ike-sa-established')[0]?.established.remote.address).toBe('198.51.100.7')
  })

  it('behind the same NAT need it not', () => {
    const nats = [{ name: 'home', outside: '198.51.100.7' }]
    const hosts = [
      { name: 'alice', address: '10.0.0.5', behind: 'home' },
      { name: 'bob', address: '10.0.0.6', behind: 'home' },
    ]
    const outcome = play({ nats, hosts, steps: [start] })
    expect(outcome.failures).toEqual([])
    expect(outcome.stage.cast.get('alice')?.host.named('nat-detected')).toEqual([])
  })

  it('keep a mapping alive that would end without them (RFC 3948 §4)', () => {
    const nats = [{ name: 'home', outside: '198.51.100.7', mapping: 'address-dependent', timeout: 30_000 } as const]
    const late = { at: 600_000, do: 'send', host: 'bob', peer: 'alice' } as const
    const outcome = play({ nats, hosts: [{ name: 'alice', address: '10.0.0.5', behind: 'home' }, bob], steps: [start, late] })
    expect(outcome.failures).toEqual([])
    expect(outcome.transcript.filter((entry) => entry.kind === 'stopped')).toEqual([])
    expect(outcome.transcript.some((entry) => entry.kind === 'delivered' && entry.host === 'alice' && entry.at < 601_000)).toBe(true)
  })

  it('are followed to a new mapping by an authentic message, not before (RFC 7296 §2.23)', () => {
    const nats = [{ name: 'home', outside: '198.51.100.7' }]
    const steps = [
      start,
      { at: 1_000, do: 'rebind', nat: 'home' },
      { at: 2_000, do: 'send', host: 'bob', peer: 'alice' },
      { at: 3_000, do: 'check-liveness', host: 'alice' },
      { at: 4_000, do: 'send', host: 'bob', peer: 'alice' },
    ] as const
    const outcome = play({ nats, hosts: [{ name: 'alice', address: '10.0.0.5', behind: 'home' }, bob], steps })
    expect(outcome.failures).toEqual([])
    expect(outcome.transcript.filter((entry) => entry.kind === 'stopped')).toMatchObject([{ at: 2_010, why: 'no-mapping' }])
    expect(outcome.stage.cast.get('bob')?.host.named('peer-moved')).toHaveLength(1)
  })
})
