// Rekeys with strongSwan, started by either end and by both at once, and what they lose of packets that go on meanwhile.
// RFC 7296 §1.3.2, §1.3.3, §2.8.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { agreement, type Agreed, conversation, type Ends, rekey } from './harness/agreement.ts'
import { report } from './harness/command.ts'
import type { Embedded, Scenario } from './harness/embedded.ts'
import { Lab } from './harness/lab.ts'
import { inAll, noLosses, pingBothWays, type Wire } from './harness/pings.ts'
import type { Charon, Section } from './harness/strongswan.ts'
import { startPeer, startUs, tunnelWire } from './harness/tunnel-ends.ts'
import { type TwoHosts, twoHosts } from './harness/two-hosts.ts'

const withoutKe = 'aes128gcm16'
const withKe = 'aes128gcm16-ecp256'
const kinds = ['child', 'ike'] as const
const enders = ['us', 'charon'] as const

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

/** Both with one IKE SA and one Child SA. */
async function up(role: Scenario['role'], esp: { readonly ours: string; readonly theirs: string }, settings: Section = {}): Promise<Ends> {
  const peer = await startPeer(hosts, { esp: esp.theirs }, settings)
  charon = peer
  const us = startUs(hosts, { role, esp: esp.ours })
  embedded = us
  await us.listening()
  if (role === 'respond') {
    const initiated = await peer.initiate('k')
    expect(initiated.code, report(initiated) + us.said()).toBe(0)
  }
  await us.established()
  return { us, peer }
}

async function expectTraffic(ends: Ends): Promise<void> {
  // What it lists of SAs that it has deleted goes after five seconds.
  expect(inAll(await pingBothWays(ends, wire, 3))).toEqual(inAll(noLosses))
}

describe.each(['initiate', 'respond'] as const)('an IKE SA in which we %s', (role) => {
  test.each([
    ['without a key exchange of their own', withoutKe],
    ['with one', withKe],
  ])('Child SAs %s are rekeyed by us and by it, and so is the IKE SA', async (_, suite) => {
    const ends = await up(role, { ours: suite, theirs: suite })
    let since = await agreement(ends)
    for (const what of kinds) {
      for (const by of enders) {
        await rekey[by](ends, what)
        const agreed = await agreement(ends, { renewed: { what, since } })
        if (what === 'ike') expect(agreed.child.inbound).toBe(since.child.inbound)
        expect(agreed.child.suite.endsWith('/ECP_256')).toBe(suite === withKe)
        since = agreed
        await expectTraffic(ends)
      }
    }
    expect(ends.us.events('rekey-failed')).toEqual([])
  })

  test.each([
    ['it', 'us', '<--', { ours: 'aes128gcm16-x25519-ecp256', theirs: withKe }],
    ['us', 'charon', '-->', { ours: withKe, theirs: 'aes128gcm16-x25519-ecp256' }],
  ] as const)(
    'a group that is not wanted: INVALID_KE_PAYLOAD by %s, and then the right one (RFC 7296 §1.3)',
    async (_, by, arrow, suites) => {
      const ends = await up(role, suites)
      const since = await agreement(ends)
      await rekey[by](ends, 'child')
      expect((await agreement(ends, { renewed: { what: 'child', since } })).child.suite).toMatch(/ECP_256$/)
      expect(conversation(ends.us)).toContain('N(INVALID_KE_PAYLOAD)')
      expect(conversation(ends.us)).toMatch(new RegExp(`^${arrow} .*N\\(INVALID_KE_PAYLOAD\\)$`, 'm'))
      await expectTraffic(ends)
      expect(ends.us.events('rekey-failed')).toEqual([])
    },
  )
})

describe('both rekey at once, fifty times, and one of the two new ones is left each time', () => {
  const times = 50

  test.each([
    ['a Child SA (RFC 7296 §2.8.1)', 'child', withoutKe],
    ['a Child SA with a key exchange of its own', 'child', withKe],
    ['the IKE SA (RFC 7296 §2.8.2)', 'ike', withoutKe],
  ] as const)('%s', async (_, what, suite) => {
    // It takes an answer of ours for a repetition of our request, where their Message IDs are the same, and drops it: docs/interoperability.md.
    const ends = await up('initiate', { ours: suite, theirs: suite }, { retransmit_timeout: '0.3' })
    let since = await agreement(ends)
    for (let i = 0; i < times; i++) {
      await rekey.both(ends, what)
      since = await agreement(ends, { renewed: { what, since }, emptied: 'may-stay' })
    }
    await expectTraffic(ends)
    // Where it has read our answer before our request, which was sent first, it has nothing left to rekey, and says so.
    const failed = ends.us.events('rekey-failed')
    expect(failed.filter(({ next }) => next !== 'superseded')).toEqual([])
    const noticed = (await ends.peer.log()).match(/detected (?:CHILD|IKE)_REKEY collision with (?:CHILD|IKE)_REKEY/g) ?? []
    expect(noticed.length + failed.length).toBe(times)
  })
})

describe('pings at 100 packets a second both ways, through ten rekeys', () => {
  // So that it lists those that it has deleted, with what has gone through them.
  const settings: Section = { delete_rekeyed_delay: 120 }

  test.each(kinds.flatMap((what) => enders.map((by) => [what, by] as const)))('of the %s by %s: none is lost', async (what, by) => {
    const ends = await up('initiate', { ours: withKe, theirs: withKe }, settings)
    let since: Agreed = await agreement(ends)
    const losses = await pingBothWays(ends, wire, 300, async () => {
      for (let i = 0; i < 10; i++) {
        await rekey[by](ends, what)
        since = await agreement(ends, { renewed: { what, since } })
      }
    })
    expect(losses).toEqual(noLosses)
  })
})

test('nothing is left behind', () => {
  lab.close()
  expect(Lab.remains()).toEqual([])
})
