// Two hosts of ours behind one real NAT, to one server in transport mode, from the same ports: to our own responder, and to a Linux kernel
// with strongSwan, which has one policy for the two and sends through the SA that came last. Then the same with the same private address
// twice, behind two NATs behind a third. RFC 3948 §5.2.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parseAddress } from '../../src/net/address.ts'
import type { AddressRange } from '../../src/policy/connection.ts'
import { peerConfig, secret } from './harness/config.ts'
import { Embedded, type Scenario } from './harness/embedded.ts'
import { bootGuest } from './harness/guest.ts'
import { cable, Lab, type Namespace } from './harness/lab.ts'
import { type Machine, mustRun } from './harness/machine.ts'
import { masquerade } from './harness/nat.ts'
import { type Charon, startCharon } from './harness/strongswan.ts'

const families = ['IPv4', 'IPv6'] as const
type Family = (typeof families)[number]
type Pairs = Readonly<Record<Family, string>>
const ike = 'aes128gcm16-prfsha256-ecp256'
const esp = 'aes128gcm16'
const echoPort = 7
/** Of the guest. */
const guestPort = 7007
/** The same for both, so that nothing but the SA tells them apart. */
const sourcePort = 41_000
const octets = 200_000

const serverAt: Pairs = { IPv4: '10.60.0.2', IPv6: 'fd60::2' }
const guestAt: Pairs = { IPv4: '10.99.0.2', IPv6: 'fd99::2' }
const natAtGuest: Pairs = { IPv4: '10.99.0.1', IPv6: 'fd99::1' }
const natAtServer: Pairs = { IPv4: '10.60.0.1', IPv6: 'fd60::1' }
const sameInside: Pairs = { IPv4: '10.0.0.5', IPv6: 'fd00::5' }

const pools = { IPv4: range('172.31.0.1', '172.31.0.9'), IPv6: range('fd31::1', 'fd31::9') } as const

interface Inside {
  readonly namespace: Namespace
  readonly at: Pairs
}

const lab = new Lab()
let server: Namespace
let nat: Namespace
let guest: Machine
/** Behind the NAT itself. */
let near: readonly Inside[]
/** Behind NATs of their own, which are behind it. */
let far: readonly Inside[]
let charon: Charon | undefined
const running: Embedded[] = []

beforeAll(async () => {
  nat = await lab.namespace('nat')
  guest = await bootGuest(lab, nat, { addresses: [`${guestAt.IPv4}/24`, `${guestAt.IPv6}/64`] })
  await nat.address('tap0', `${natAtGuest.IPv4}/24`, `${natAtGuest.IPv6}/64`)
  await mustRun(guest, `socat -t10 TCP6-LISTEN:${guestPort},ipv6only=0,fork,reuseaddr EXEC:cat </dev/null >/dev/null 2>&1 &`)
  server = await lab.namespace('server')
  await join(server, nat, 'out0', serverAt, natAtServer)
  near = [await insideOf('near-1', nat, 'in1', '10.61.1', 'fd61:1'), await insideOf('near-2', nat, 'in2', '10.61.2', 'fd61:2')]
  far = [await farBehind('far-1', 'in3', '100.64.1', 'fd64:1'), await farBehind('far-2', 'in4', '100.64.2', 'fd64:2')]
  await masquerade(lab, nat, ['tap0', 'out0'])
})
afterEach(async () => {
  for (const each of running.splice(0)) each.kill()
  await charon?.stop()
  charon = undefined
})
afterAll(() => lab.close())

function range(from: string, to: string): AddressRange {
  const [start, end] = [parseAddress(from), parseAddress(to)]
  if (start === undefined || end === undefined) throw new Error(`${from}-${to}`)
  return { start, end }
}

/** A cable from `left`, whose way to everywhere it is, to `device` of `right`. */
async function join(left: Namespace, right: Namespace, device: string, leftAt: Pairs, rightAt: Pairs): Promise<void> {
  await cable(left, 'cable0', right, device)
  await left.address('cable0', `${leftAt.IPv4}/24`, `${leftAt.IPv6}/64`)
  await right.address(device, `${rightAt.IPv4}/24`, `${rightAt.IPv6}/64`)
  await left.ip('route', 'add', 'default', 'via', rightAt.IPv4)
  await left.ip('-6', 'route', 'add', 'default', 'via', rightAt.IPv6)
}

async function insideOf(name: string, router: Namespace, device: string, v4: string, v6: string): Promise<Inside> {
  const namespace = await lab.namespace(name)
  const at = { IPv4: `${v4}.2`, IPv6: `${v6}::2` }
  await join(namespace, router, device, at, { IPv4: `${v4}.1`, IPv6: `${v6}::1` })
  return { namespace, at }
}

/** A host at the same address as another, behind a NAT of its own. */
async function farBehind(name: string, device: string, v4: string, v6: string): Promise<Inside> {
  const home = await insideOf(`${name}-nat`, nat, device, v4, v6)
  const namespace = await lab.namespace(name)
  await join(namespace, home.namespace, 'home0', sameInside, { IPv4: '10.0.0.1', IPv6: 'fd00::1' })
  await masquerade(lab, home.namespace, ['cable0'])
  return { namespace, at: sameInside }
}

function start(
  namespace: Namespace,
  scenario: Pick<Scenario, 'role' | 'local' | 'remote' | 'localIdentity' | 'remoteIdentity'> & Partial<Scenario>,
): Embedded {
  const program = new Embedded(namespace, { key: secret, ike, esp, encapsulation: 'when-needed', ...scenario })
  running.push(program)
  return program
}

async function startServer(family: Family, how: Pick<Scenario, 'stacks' | 'connection'>): Promise<Embedded> {
  const ends = { local: serverAt[family], remote: natAtServer[family], localIdentity: 'server.example', remoteIdentity: '%any' }
  const program = start(server, { role: 'respond', ...ends, ...how })
  await program.listening()
  return program
}

function startHost(family: Family, hosts: readonly Inside[], i: number, remote: Pairs, remoteIdentity: string): Embedded {
  const host = hosts[i]
  if (host === undefined) throw new Error(`there is no host ${i}`)
  const ends = { local: host.at[family], remote: remote[family], localIdentity: `host-${i + 1}.example`, remoteIdentity }
  return start(host.namespace, { role: 'initiate', ...ends })
}

/** One after the other, to our responder. */
async function startBoth(family: Family, hosts: readonly Inside[]): Promise<readonly Embedded[]> {
  const both = [startHost(family, hosts, 0, serverAt, 'server.example')]
  await both[0]?.established()
  both.push(startHost(family, hosts, 1, serverAt, 'server.example'))
  await both[1]?.established()
  return both
}

/** All of it at once, from the same ports. */
async function expectBothServed(hosts: readonly Embedded[]): Promise<void> {
  const each = hosts.map(async (host) => {
    expect(await host.ask({ do: 'ping', count: 3 })).toMatchObject({ count: 3 })
    expect(await host.ask({ do: 'tcp', port: echoPort, octets, from: sourcePort })).toMatchObject({
      count: 1,
      badChecksums: 0,
    })
    expect(await host.ask({ do: 'udp', port: echoPort, count: 20, longest: 1300 })).toMatchObject({ count: 20, badChecksums: 0 })
    expect(await host.ask({ do: 'status' })).toMatchObject({ badChecksums: 0, dropped: {} })
  })
  await Promise.all(each)
}

describe.each(families)('two hosts behind one NAT, %s', (family) => {
  test('to our responder, which answers each through its own SA', async () => {
    const ours = await startServer(family, { stacks: 'per-child' })
    await expectBothServed(await startBoth(family, near))
    expect(await ours.ask({ do: 'status' })).toMatchObject({ badChecksums: 0, dropped: {} })
  })

  test('to our responder with one TCP for all, which knows the second host by an address of its own', async () => {
    const ours = await startServer(family, { connection: { overlap: { kind: 'map', pool: [pools[family]] } } })
    await expectBothServed(await startBoth(family, near))
    expect(await ours.ask({ do: 'status' })).toMatchObject({ badChecksums: 0, dropped: {} })
  })

  test('to a kernel as the server: the first host is served until the second comes, and then the second alone', async () => {
    const config = {
      local: guestAt[family],
      remote: '%any',
      ike,
      esp,
      mode: 'transport',
      connection: { encap: 'no', unique: 'never' },
    } as const
    charon = await startCharon(guest, { seals: 'kernel', config: peerConfig(config) })
    const first = startHost(family, near, 0, guestAt, 'peer.example')
    await first.established()
    expect(await first.ask({ do: 'ping', count: 1 })).toMatchObject({ count: 1 })
    expect(await first.ask({ do: 'tcp', port: guestPort, octets, from: sourcePort })).toMatchObject({ count: 1, badChecksums: 0 })
    const second = startHost(family, near, 1, guestAt, 'peer.example')
    await second.established()
    // Both are up, and what comes in is opened; but what goes out has one policy, and goes through the newest SA.
    expect((await mustRun(guest, 'ip xfrm state')).match(/type espinudp/g)).toHaveLength(4)
    expect((await mustRun(guest, 'ip xfrm policy')).match(/dir out priority \d+ ptype main/g)).toHaveLength(1)
    expect(await second.ask({ do: 'tcp', port: guestPort, octets, from: sourcePort + 1 })).toMatchObject({ count: 1, badChecksums: 0 })
    expect(await first.ask({ do: 'ping', count: 1 })).toMatchObject({ count: 0 })
    // What was for the first has come to the second, which has no use for it.
    expect(await second.ask({ do: 'ping', count: 1 })).toMatchObject({ count: 1 })
  })
})

describe.each(families)('two hosts with one address behind two NATs behind one, %s', (family) => {
  test('to our responder, which answers each through its own SA', async () => {
    const ours = await startServer(family, { stacks: 'per-child' })
    await expectBothServed(await startBoth(family, far))
    expect(await ours.ask({ do: 'status' })).toMatchObject({ badChecksums: 0, dropped: {} })
  })
})

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
