// How SAs begin and end with strongSwan, besides rekeys by hand: lifetimes of either end, reauthentication, IKE SAs without Child SAs, and
// what is left when an end was killed. RFC 7296 §1.3.1, §2.4, §2.8, §2.8.3; RFC 4478; RFC 6023.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { exchange } from '../../src/iana/exchanges.ts'
import { agreement, type Agreed, conversation, type Ends } from './harness/agreement.ts'
import { parseSas } from './harness/charon-sas.ts'
import { report, until } from './harness/command.ts'
import type { PeerConfig } from './harness/config.ts'
import type { Embedded, Scenario } from './harness/embedded.ts'
import { Lab } from './harness/lab.ts'
import { inAll, noLosses, pingBothWays, type Wire } from './harness/pings.ts'
import type { Charon, Section } from './harness/strongswan.ts'
import { startPeer, startUs, tunnelWire } from './harness/tunnel-ends.ts'
import { type TwoHosts, twoHosts } from './harness/two-hosts.ts'

const lab = new Lab()
let hosts: TwoHosts
let wire: Wire
let charon: Charon | undefined
let embedded: Embedded | undefined

beforeAll(async () => {
  hosts = await twoHosts(lab)
  wire = tunnelWire(lab, hosts)
})
afterEach(async () => {
  embedded?.kill()
  embedded = undefined
  await charon?.stop()
  charon = undefined
})
afterAll(() => lab.close())

interface Options {
  readonly ours?: Partial<Scenario>
  readonly theirs?: Partial<PeerConfig>
  readonly settings?: Section
}

async function begin(role: Scenario['role'], { ours = {}, theirs = {}, settings = {} }: Options): Promise<Ends> {
  const peer = await startPeer(hosts, theirs, settings)
  charon = peer
  const us = startUs(hosts, { role, ...ours })
  embedded = us
  await us.listening()
  if (role === 'respond') {
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated) + us.said()).toBe(0)
  }
  return { us, peer }
}

/** The same, with a Child SA. */
async function up(role: Scenario['role'], options: Options): Promise<Ends> {
  const ends = await begin(role, options)
  await ends.us.established()
  return ends
}

async function expectTraffic(ends: Ends): Promise<void> {
  expect(inAll(await pingBothWays(ends, wire, 3))).toEqual(inAll(noLosses))
}

/** While pings go on. */
async function expectNoneLost(ends: Ends, pings: number, during: () => Promise<void>): Promise<void> {
  expect(inAll(await pingBothWays(ends, wire, pings, during))).toEqual(inAll(noLosses))
}

/**
 * The same where IKE SAs are set up and closed. Of packets that are on their way at that moment some are lost, and all are accounted for:
 * charon removes the Child SAs of a closed IKE SA at once, and then reads what has come through them a moment before; and it sends through a
 * new Child SA before its answer to IKE_AUTH goes out, as RFC 7296 §2.8 allows, when we cannot have the keys.
 */
async function expectAccounts(ends: Ends, pings: number, during: () => Promise<void>): Promise<void> {
  const losses = await pingBothWays(ends, wire, pings, during)
  const early = tooEarly(ends.us)
  expect(losses).toEqual({ ...losses, byUs: early === 0 ? {} : { 'unknown-spi': early }, toUs: early, toPeer: losses.tooLate })
  expect(losses.unanswered).toBeLessThanOrEqual(losses.tooLate + early)
}

/** How many packets came through an SA that we did not have, while our request in IKE_AUTH was out. */
function tooEarly(us: Embedded): number {
  let count = 0
  let asking = false
  for (const { name, direction, exchangeType, reason } of us.events('message', 'packet-dropped')) {
    if (name === 'message') asking = direction === 'sent' && exchangeType === exchange.IKE_AUTH
    else if (asking && reason === 'unknown-spi') count++
  }
  return count
}

const noChild = /^(?:-->|<--) .* exchange 35 request 1 SK,IDi,(?:IDr,)?AUTH(?:,N\(\w+\))*$/m
const childInOneOfItsOwn = /exchange 36 request \d+ SK,(?:N\(NON_FIRST_FRAGMENTS_ALSO\),)?SA,NONCE,(?:KE,)?TSi,TSr$/m

describe('reauthentication: new SAs from scratch before the old ones are closed, and each packet accounted for (RFC 7296 §2.8.3)', () => {
  test('told to, we do, ten times', async () => {
    const ends = await up('initiate', {})
    let since: Agreed = await agreement(ends)
    await expectAccounts(ends, 200, async () => {
      for (let i = 0; i < 10; i++) {
        await ends.us.ask({ do: 'reauthenticate' })
        since = await agreement(ends, { renewed: { what: 'ike', since } })
      }
    })
    expect(conversation(ends.us).match(/exchange 34 request 0/g)).toHaveLength(11)
  })

  test('told to, it does, ten times', async () => {
    const ends = await up('respond', { settings: { make_before_break: 'yes' } })
    let since: Agreed = await agreement(ends)
    await expectAccounts(ends, 200, async () => {
      for (let i = 0; i < 10; i++) {
        const told = await ends.peer.swanctl('--rekey', '--ike', 'c', '--reauth')
        expect(told.code, report(told)).toBe(0)
        since = await agreement(ends, { renewed: { what: 'ike', since } })
      }
    })
    expect(conversation(ends.us).match(/exchange 34 request 0/g)).toHaveLength(11)
  })

  // As a responder it should tell us AUTH_LIFETIME (RFC 4478 §3), and does not: it sets up the new IKE SA itself.
  test.each(['initiate', 'respond'] as const)('its time has come, of an IKE SA in which we %s', async (role) => {
    const connection: Section = { reauth_time: '3s', over_time: '1s', rand_time: 0 }
    const ends = await up(role, { theirs: { connection }, settings: { make_before_break: 'yes' } })
    const since = await agreement(ends)
    await expectAccounts(ends, 300, async () => {
      await agreement(ends, { renewed: { what: 'ike', since } })
    })
  })

  test('our time has come', async () => {
    const ends = await up('initiate', { ours: { connection: { lifetime: { reauthenticate: 1_000, hard: 5_000 } } } })
    let since: Agreed = await agreement(ends)
    await expectAccounts(ends, 100, async () => {
      for (let i = 0; i < 3; i++) since = await agreement(ends, { renewed: { what: 'ike', since } })
    })
    expect(conversation(ends.us).match(/exchange 34 request 0/g)?.length).toBeGreaterThanOrEqual(4)
  })

  test('we tell it AUTH_LIFETIME, and it does in time', async () => {
    const ends = await up('respond', {
      ours: { connection: { lifetime: { reauthenticate: 3_000 } } },
      theirs: { connection: { over_time: '1s', rand_time: 0 } },
      settings: { make_before_break: 'yes' },
    })
    const since = await agreement(ends)
    await expectAccounts(ends, 300, async () => {
      await agreement(ends, { renewed: { what: 'ike', since } })
    })
  })
})

describe('an IKE SA without a Child SA (RFC 6023)', () => {
  test.each(['force', 'prefer'] as const)('is what we start with when told to `%s` it; then comes the Child SA', async (childless) => {
    const ends = await up('initiate', { ours: { connection: { childless } } })
    await agreement(ends)
    expect(conversation(ends.us)).toMatch(noChild)
    expect(conversation(ends.us)).toMatch(childInOneOfItsOwn)
    await expectTraffic(ends)
  })

  test('is all that we are told to start; the Child SAs come later', async () => {
    const ends = await begin('initiate', { ours: { start: 'none' } })
    await until('an IKE SA', 10_000, async () => (/: #1, ESTABLISHED/.test(await ends.peer.sas()) ? true : undefined))
    expect(parseSas(await ends.peer.sas())[0]?.children).toEqual([])
    expect(conversation(ends.us)).toMatch(noChild)
    await ends.us.ask({ do: 'initiate', child: 'child' })
    await agreement(ends)
    await expectTraffic(ends)
  })

  test('is what it starts with', async () => {
    const ends = await up('respond', { theirs: { connection: { childless: 'force' } } })
    await agreement(ends)
    expect(conversation(ends.us)).toMatch(noChild)
    expect(conversation(ends.us)).toMatch(childInOneOfItsOwn)
    await expectTraffic(ends)
  })

  test('is not to be had of it: we do without when we `prefer` it, and give up when we are told to `force` it', async () => {
    const never = { theirs: { connection: { childless: 'never' } } }
    const ends = await up('initiate', { ours: { connection: { childless: 'prefer' } }, ...never })
    await agreement(ends)
    expect(conversation(ends.us)).not.toMatch(noChild)
    ends.us.kill()
    const us = startUs(hosts, { role: 'initiate', connection: { childless: 'force' } })
    embedded = us
    await until('a failure', 10_000, () => (us.events('ike-sa-failed').length > 0 ? true : undefined))
    expect(conversation(us)).not.toContain('exchange 35')
  })
})

test('another Child SA of the same connection comes in the same IKE SA', async () => {
  const ends = await up('initiate', {})
  await agreement(ends)
  await ends.us.ask({ do: 'initiate', child: 'other' })
  const [ikeSa, ...more] = await until('two Child SAs', 10_000, async () => {
    const sas = parseSas(await ends.peer.sas())
    return sas[0]?.children.length === 2 ? sas : undefined
  })
  expect(more).toEqual([])
  const { ikeSas } = await ends.us.ask({ do: 'status' })
  expect(ikeSas.map(({ children }) => children.map(({ outbound }) => outbound))).toEqual([ikeSa?.children.map(({ inbound }) => inbound)])
  expect(conversation(ends.us)).toMatch(childInOneOfItsOwn)
  await expectTraffic(ends)
})

describe('lifetimes of ours (RFC 7296 §2.8)', () => {
  test.each([
    ['a Child SA is rekeyed as time passes', 'child', { child: { soft: { time: 1_000 }, hard: { time: 3_000 } } }],
    ['a Child SA is rekeyed as packets pass', 'child', { child: { soft: { packets: 50 }, hard: { packets: 5_000 } } }],
    ['the IKE SA is rekeyed', 'ike', { connection: { lifetime: { rekey: 1_000, hard: 3_000 } } }],
  ] as const)('%s, again and again, and no packet is lost', async (_, what, ours) => {
    const ends = await up('initiate', { ours })
    let since = await agreement(ends)
    await expectNoneLost(ends, 100, async () => {
      for (let i = 0; i < 3; i++) since = await agreement(ends, { renewed: { what, since } })
    })
    expect(ends.us.events('rekey-failed')).toEqual([])
  })

  test.each([
    ['time', { hard: { time: 700 } }],
    ['packets', { hard: { packets: 5 } }],
  ] as const)('a Child SA that is not rekeyed is closed at its limit of %s; the next packet brings another', async (_, child) => {
    const ends = await up('initiate', { ours: { child } })
    await ends.us.ask({ do: 'ping', count: 5 })
    await ends.peer.logs(/received DELETE for ESP CHILD_SA/)
    expect((await ends.us.ask({ do: 'ping', count: 1 })).count).toBe(1)
    expect(ends.us.events('child-sa-established').length).toBeGreaterThanOrEqual(2)
    expect(ends.us.events('ike-sa-established')).toHaveLength(1)
    expect(parseSas(await ends.peer.sas())).toHaveLength(1)
  })

  test('an IKE SA that is not rekeyed is closed', async () => {
    const ends = await up('initiate', { ours: { connection: { lifetime: { hard: 1_000 } } } })
    await ends.peer.forgets()
    expect(await ends.peer.log()).toMatch(/received DELETE for IKE_SA c/)
  })
})

describe('lifetimes of its', () => {
  test.each([
    ['a Child SA', 'child', { child: { rekey_time: '1s', life_time: '10s', rand_time: 0 } }],
    ['the IKE SA', 'ike', { connection: { rekey_time: '1s', over_time: '9s', rand_time: 0 } }],
  ] as const)('%s is rekeyed, again and again, and no packet is lost', async (_, what, theirs) => {
    const ends = await up('respond', { theirs })
    let since = await agreement(ends)
    await expectNoneLost(ends, 100, async () => {
      for (let i = 0; i < 3; i++) since = await agreement(ends, { renewed: { what, since } })
    })
  })

  test('a Child SA that is not rekeyed is closed, and another made in the same IKE SA', async () => {
    const ends = await up('respond', { theirs: { child: { rekey_time: 0, life_time: '1s' } } })
    await ends.peer.logs(/scheduling CHILD_SA recreate after hard expire[^]*CHILD_SA k\{2\} established/)
    expect(ends.us.events('child-sa-closed')[0]).toMatchObject({ by: 'peer' })
    expect(conversation(ends.us)).toMatch(childInOneOfItsOwn)
    expect(ends.us.events('ike-sa-established')).toHaveLength(1)
  })
})

describe('an end was killed, and starts anew: INITIAL_CONTACT (RFC 7296 §2.4)', () => {
  test('we were, and it drops the old IKE SA', async () => {
    const ends = await up('initiate', {})
    const since = await agreement(ends)
    ends.us.kill()
    const us = startUs(hosts, { role: 'initiate' })
    embedded = us
    await us.established()
    await agreement({ us, peer: ends.peer }, { renewed: { what: 'ike', since } })
    await expectTraffic({ us, peer: ends.peer })
  })

  test('it was, and we drop the old IKE SA', async () => {
    // Without both it sends no INITIAL_CONTACT.
    const theirs = { remoteId: 'us.example', connection: { unique: 'replace' } }
    const ends = await up('respond', { theirs })
    const since = await agreement(ends)
    await ends.peer.stop()
    const peer = await startPeer(hosts, theirs)
    charon = peer
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated)).toBe(0)
    await agreement({ us: ends.us, peer }, { renewed: { what: 'ike', since } })
    await expectTraffic({ us: ends.us, peer })
    expect(ends.us.events('ike-sa-closed')).toMatchObject([{ by: 'peer' }])
  })
})

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
